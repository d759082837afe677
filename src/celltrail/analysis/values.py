"""Values of expressions without running them: literals, arithmetic of numbers, names that hold plain values."""

from __future__ import annotations

import ast
import inspect
import operator
import sys
from collections.abc import Callable, Mapping
from types import FunctionType, ModuleType
from typing import Any

from celltrail.domain.record import ParamValue

_SCALARS = (bool, int, float, str, type(None))
_MOST_ITEMS = 1_000
_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}


def value_of(node: ast.expr, namespace: Mapping[str, Any]) -> tuple[bool, ParamValue]:
    """Return the value of an expression, if it can be known without running anything.

    Parameters
    ----------
    node : ast.expr
        Of the source.
    namespace : mapping of str to object
        Of the notebook.

    Returns
    -------
    is_known : bool
        False where the expression calls something, or reads what is not plain.
    value : ParamValue
        As JSON can hold it; a tuple becomes a list.
    """
    try:
        return True, _value(node, namespace)
    except (ValueError, TypeError, KeyError, IndexError, ArithmeticError):
        return False, None


def plain_value(value: Any, depth: int = 4) -> ParamValue:
    """Return a value of the user's as JSON can hold it.

    Parameters
    ----------
    value : object
        Only exact built-in types and NumPy's numbers are read.
    depth : int
        How deep lists and dicts may nest.

    Returns
    -------
    ParamValue
        A copy.

    Raises
    ------
    ValueError
        If it is anything else, or holds more than 1,000 items.
    """
    kind = type(value)
    if kind in _SCALARS:
        return value
    if kind.__module__ == "numpy" and (numpy := sys.modules.get("numpy")) is not None:
        if isinstance(value, numpy.bool_ | numpy.integer | numpy.floating) and type(value.item()) in _SCALARS:
            return value.item()
    elif depth and kind in (list, tuple, set, frozenset, range) and len(value) <= _MOST_ITEMS:
        items = [plain_value(item, depth - 1) for item in value]
        return sorted(items, key=repr) if kind in (set, frozenset) else items
    elif depth and kind is dict and len(value) <= _MOST_ITEMS:
        return {_key(key): plain_value(item, depth - 1) for key, item in value.items()}
    raise ValueError(f"{kind.__name__} is not a plain value")


def class_of(function: ast.expr, namespace: Mapping[str, Any]) -> type | None:
    """Return the class that an expression such as `Ridge` or `linear_model.Ridge` names.

    Parameters
    ----------
    function : ast.expr
        What is called.
    namespace : mapping of str to object
        Of the notebook.

    Returns
    -------
    type or None
        Modules are read by their dictionary: a lazy one is not woken.
    """
    found = _held(function, namespace)
    return found if isinstance(found, type) else None


def positional_names(kind: type | None, count: int) -> list[str] | None:
    """Return the names of the first positional parameters of a class's constructor.

    Parameters
    ----------
    kind : type or None
        None where the class is not known.
    count : int
        How many are given.

    Returns
    -------
    list of str or None
        None where they can't be known. `__init__` is looked up in the classes' dictionaries, not called.
    """
    if kind is None:
        return None
    for one in type.__dict__["__mro__"].__get__(kind):
        init = type.__dict__["__dict__"].__get__(one).get("__init__")
        if init is None:
            continue
        init = inspect.unwrap(init) if isinstance(init, FunctionType) else init
        if not isinstance(init, FunctionType):
            return None
        names = init.__code__.co_varnames[1 : init.__code__.co_argcount]
        return list(names[:count]) if len(names) >= count else None
    return None


def _value(node: ast.expr, namespace: Mapping[str, Any]) -> ParamValue:
    if isinstance(node, ast.Constant):
        return plain_value(node.value)
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return [_value(item, namespace) for item in node.elts]
    if isinstance(node, ast.Dict):
        return _dict(node, namespace)
    if isinstance(node, ast.UnaryOp | ast.BinOp):
        return _arithmetic(node, namespace)
    if isinstance(node, ast.Call):
        return _call(node, namespace)
    return plain_value(_item(node, namespace) if isinstance(node, ast.Subscript) else _held(node, namespace))


def _item(node: ast.Subscript, namespace: Mapping[str, Any]) -> Any:
    """Return `config["depth"]`, where the container is a plain one."""
    container = _held(node.value, namespace)
    if type(container) not in (dict, list, tuple):
        raise ValueError("not a plain container")
    return container[_value(node.slice, namespace)]


def _dict(node: ast.Dict, namespace: Mapping[str, Any]) -> ParamValue:
    found: dict[str, ParamValue] = {}
    for key, item in zip(node.keys, node.values, strict=True):
        if key is None:  # `{**defaults, "alpha": 1}`
            unpacked = _value(item, namespace)
            if not isinstance(unpacked, dict):
                raise ValueError("not a dict")
            found |= unpacked
        else:
            is_known, value = value_of(item, namespace)
            found[_key(_value(key, namespace))] = value if is_known else {"repr": ast.unparse(item)}
    return found


def _key(key: Any) -> str:
    return key if type(key) is str else repr(plain_value(key))


def _arithmetic(node: ast.UnaryOp | ast.BinOp, namespace: Mapping[str, Any]) -> ParamValue:
    if isinstance(node, ast.UnaryOp):
        inner = _value(node.operand, namespace)
        if isinstance(node.op, ast.USub) and isinstance(inner, int | float):
            return -inner
        raise ValueError("not a number")
    left, right = _value(node.left, namespace), _value(node.right, namespace)
    if not isinstance(left, int | float) or not isinstance(right, int | float):
        raise ValueError("not numbers")
    if isinstance(node.op, ast.Pow) and abs(right) > 100:
        raise ValueError("would take long")
    return plain_value(_ARITHMETIC[type(node.op)](left, right))


def _call(node: ast.Call, namespace: Mapping[str, Any]) -> ParamValue:
    """Return the value of the few calls that only write a number down: `float("inf")`, `range(3)`, `dict(a=1)`."""
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name in namespace:
        raise ValueError("the user's own")
    if name == "dict" and not node.args:
        keys = [None if one.arg is None else ast.Constant(one.arg) for one in node.keywords]
        return _dict(ast.Dict(list[ast.expr | None](keys), [one.value for one in node.keywords]), namespace)
    arguments = [_value(argument, namespace) for argument in node.args]
    if node.keywords:
        raise ValueError("not plain")
    if name == "float" and len(arguments) == 1 and isinstance(arguments[0], str | int | float):
        return float(arguments[0])
    if name == "range" and all(type(argument) is int for argument in arguments):
        return plain_value(range(*arguments))
    raise ValueError("not plain")


def _held(node: ast.expr, namespace: Mapping[str, Any]) -> Any:
    """Return the object that a name, or an attribute of a module, stands for."""
    if isinstance(node, ast.Name):
        return namespace[node.id]
    if isinstance(node, ast.Attribute):
        owner = _held(node.value, namespace)
        if isinstance(owner, ModuleType):
            return object.__getattribute__(owner, "__dict__")[node.attr]
    raise ValueError("neither a name nor an attribute of a module")
