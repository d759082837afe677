"""Names that are bound to the same thing however often their cell runs: modules, functions, constants."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from celltrail.analysis.touching.free_names import bound_by, free_names
from celltrail.analysis.touching.magic_lines import readable

# What a name is imported from: of each statement the module with its leading dots, and what of it.
Origin = tuple[tuple[str, str], ...]


@lru_cache(maxsize=2048)
def imported_by(source: str) -> Mapping[str, Origin]:
    """Return the names that a cell binds by import statements alone, each with what it is imported from.

    Parameters
    ----------
    source : str
        Of the cell.

    Returns
    -------
    mapping of str to tuple
        Only of statements that run whenever the cell does: what a branch imports depends on what the cell is given.
    """
    tree = readable(source).tree
    found: dict[str, Origin] = {}
    others: set[str] = set()
    for statement in tree.body if tree is not None else ():
        if isinstance(statement, ast.Import | ast.ImportFrom):
            if statement.names[0].name == "*":
                return MappingProxyType({})  # it may bind any name
            for name, origin in _origins(statement):
                found[name] = (*found.get(name, ()), origin)
        else:
            others |= bound_by(statement)
    return MappingProxyType({name: origin for name, origin in found.items() if name not in others})


@lru_cache(maxsize=2048)
def unchangeable_in(source: str) -> frozenset[str]:
    """Return the names that a cell binds to nothing that could be changed in place, or to a module.

    Parameters
    ----------
    source : str
        Of the cell.

    Returns
    -------
    frozenset of str
        Modules, functions, constants.
    """
    tree = readable(source).tree
    found, others = set(imported_by(source)), set[str]()
    for statement in tree.body if tree is not None else ():
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(statement.name)
            others |= free_names(statement).stores
        elif isinstance(statement, ast.Assign) and _is_constant(statement):
            found |= bound_by(statement)
        elif not isinstance(statement, ast.Import | ast.ImportFrom):
            others |= bound_by(statement)
    return frozenset(found - others)


def _is_constant(statement: ast.Assign) -> bool:
    """Say whether names are bound to numbers, text, or tuples of them."""
    value: tuple[type, ...] = (ast.Constant, ast.Tuple, ast.UnaryOp, ast.BinOp, ast.unaryop, ast.operator)
    target = (ast.Name, ast.Tuple, ast.expr_context)
    is_named = all(isinstance(one, target) for each in statement.targets for one in ast.walk(each))
    return is_named and all(isinstance(one, (*value, ast.expr_context)) for one in ast.walk(statement.value))


def root_of(origin: Origin) -> Origin:
    """Return what a name is bound to: `import a.b` binds `a`, and that `a` has its `b` then is a matter apart."""
    return tuple((module if of else module.partition(".")[0], of) for module, of in origin)


def _origins(statement: ast.Import | ast.ImportFrom) -> list[tuple[str, tuple[str, str]]]:
    """Return name and origin; an origin without a second part is a package that is bound by its first name."""
    if isinstance(statement, ast.ImportFrom):
        module = "." * statement.level + (statement.module or "")
        return [(one.asname or one.name, (module, one.name)) for one in statement.names]
    return [
        (one.asname, (one.name, ".")) if one.asname else (one.name.partition(".")[0], (one.name, ""))
        for one in statement.names
    ]
