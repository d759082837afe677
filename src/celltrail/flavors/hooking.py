"""Putting recordings in the place of methods and functions, and everything back as it was.

What a name means stays the same object: `Mine.fit is original`, `accuracy_score is sklearn.metrics.accuracy_score`.
Which classes and functions are hooked is said by the probes; what a recording is, in `recorded`.
"""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable, Iterable
from types import CellType, CodeType, FunctionType
from typing import Any

from celltrail.flavors.recorded import UNCOUNTED_FILE, RecordedMethod


class Hooks:
    """What is hooked at present, and how to put it back."""

    def __init__(self) -> None:
        # Weak: a class that the user defines anew by running a cell again may go, and another take its id.
        self._methods: dict[tuple[int, str], tuple[weakref.ref[type], RecordedMethod]] = {}
        self._cells: list[tuple[CellType, Any, Any]] = []
        self._codes: list[tuple[FunctionType, CodeType, CodeType]] = []

    def hook_methods(
        self,
        cls: type,
        names: Iterable[str],
        make: Callable[[str, FunctionType], Any],
        unbound: Callable[[str, FunctionType], Callable[[], None] | None] | None = None,
    ) -> None:
        """Hook the methods that a class defines itself; what can't be hooked is left alone.

        Parameters
        ----------
        cls : type
            A class. Built-in and extension types are skipped.
        names : iterable of str
            Names of methods.
        make : callable
            Given the name and the original function, returns the recording function.
        unbound : callable, optional
            Given the same, returns what makes calls through the class seen too, or None; it is called when the
            function is first taken from the class, which few ever are.
        """
        for name in names:
            original = cls.__dict__.get(name)
            function = function_of(original)
            if function is None:
                continue
            on_access = unbound(name, function) if unbound is not None else None
            recorded = RecordedMethod(
                original,
                make(name, function),
                on_access,
                make=functools.partial(make, name),
                hook=lambda other, name=name: self.hook_methods(other, [name], make, unbound),  # type: ignore[misc]
            )
            try:
                setattr(cls, name, recorded)
            except (TypeError, AttributeError):  # an extension type, or a metaclass that refuses
                continue
            self._methods[id(cls), name] = (weakref.ref(cls), recorded)

    def hook_cell(self, cell: CellType, make: Callable[[FunctionType], Any]) -> bool:
        """Replace the function in a closure cell; return whether it held one."""
        original = cell.cell_contents
        if type(original) is not FunctionType:
            return False
        recorded = make(original)
        cell.cell_contents = recorded
        self._cells.append((cell, original, recorded))
        return True

    def hook_code(self, function: FunctionType, make: Callable[[FunctionType], Any]) -> bool:
        """Give a plain function other code, which calls what records it; return whether that could be done.

        The function object stays: whoever has imported it, wherever, calls the recording.
        """
        code = function.__code__
        if function.__closure__ is not None or hasattr(function, "__wrapped__"):
            return False
        original = FunctionType(code, function.__globals__, function.__name__, function.__defaults__)
        original.__kwdefaults__ = function.__kwdefaults__
        functools.update_wrapper(original, function)
        del vars(original)["__wrapped__"]
        constants = tuple((make(original),) if one == _PLACEHOLDER else one for one in _template.__code__.co_consts)
        new = _template.__code__.replace(
            co_consts=constants, co_filename=UNCOUNTED_FILE, co_name=code.co_name, co_qualname=code.co_qualname
        )
        vars(function)["__wrapped__"] = original  # signature and source are read from it
        function.__code__ = new
        self._codes.append((function, code, new))
        return True

    def unhook(self) -> None:
        """Put everything back that is still ours; what somebody else replaced meanwhile is left alone."""
        while self._methods:
            (_, name), (reference, recorded) = self._methods.popitem()
            cls = reference()
            if cls is not None and cls.__dict__.get(name) is recorded:
                setattr(cls, name, recorded.original)
        while self._cells:
            cell, original, now = self._cells.pop()
            if cell.cell_contents is now:
                cell.cell_contents = original
        while self._codes:
            function, code, new = self._codes.pop()
            if function.__code__ is new:
                function.__code__ = code
                del vars(function)["__wrapped__"]


def function_of(attribute: Any) -> FunctionType | None:
    """Return the function behind a class attribute that can be hooked, else None.

    Parameters
    ----------
    attribute : object
        What stands in the `__dict__` of a class.

    Returns
    -------
    function or None
        None for properties, static and class methods, abstract methods, and what is hooked already.
    """
    if type(attribute).__name__ in ("_AvailableIfDescriptor", "_IffHasAttrDescriptor"):
        attribute = getattr(attribute, "fn", None)
    if type(attribute) is not FunctionType or getattr(attribute, "__isabstractmethod__", False):
        return None
    return attribute


_PLACEHOLDER = ("celltrail: what records it",)


def _template(*args: Any, **kwargs: Any) -> Any:
    held: Any = ("celltrail: what records it",)
    try:
        return held[0](*args, **kwargs)
    except BaseException as error:
        if error.__traceback__ is not None:
            error.__traceback__ = error.__traceback__.tb_next
        raise
