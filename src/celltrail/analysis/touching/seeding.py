"""Random streams that a cell surely seeds before it draws from them: what they were before does not count."""

from __future__ import annotations

import ast
import sys
from collections.abc import Mapping
from typing import Any

from celltrail.analysis.touching.ambient import NUMPY, RANDOM, TORCH

_SEEDS = {
    ("random", "seed"): RANDOM,
    ("numpy.random", "seed"): NUMPY,
    ("torch", "manual_seed"): TORCH,
    ("torch.random", "manual_seed"): TORCH,
}


def seeded(tree: ast.Module | None, namespace: Mapping[str, Any]) -> set[str]:
    """Return the streams that are seeded before anything of the cell could draw.

    Parameters
    ----------
    tree : ast.Module or None
        Of the cell.
    namespace : mapping
        The notebook's, after the cell.

    Returns
    -------
    set of str
        Names of ambient state. A call in a branch, or behind one that may draw, is left out.
    """
    found: set[str] = set()
    for statement in tree.body if tree is not None else ():
        stream = _seed(statement, namespace)
        if stream is not None:
            found.add(stream)
        elif not _is_quiet(statement):
            break
    return found


def _seed(statement: ast.stmt, namespace: Mapping[str, Any]) -> str | None:
    if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):
        call: ast.expr = statement.value  # `generator = torch.manual_seed(0)`
    elif isinstance(statement, ast.Expr):
        call = statement.value
    else:
        return None
    if not isinstance(call, ast.Call) or not (call.args or call.keywords):
        return None
    values = [*call.args, *(word.value for word in call.keywords)]
    if any(not isinstance(one, ast.Constant | ast.Name) or _is_none(one) for one in values):
        return None
    for (module, name), stream in _SEEDS.items():
        known = sys.modules.get(module)
        if known is not None and _names(call.func, known, name, namespace):
            return stream
    return None


def _names(function: ast.expr, module: Any, name: str, namespace: Mapping[str, Any]) -> bool:
    """Say whether an expression is this function of this module."""
    if isinstance(function, ast.Name):
        held = namespace.get(function.id)
        # A method of the module's hidden generator is made anew each time it is asked for, but here it is bound once.
        return held is not None and held is vars(module).get(name)
    if not isinstance(function, ast.Attribute) or function.attr != name:
        return False
    owner = function.value
    if isinstance(owner, ast.Name):
        return namespace.get(owner.id) is module
    if isinstance(owner, ast.Attribute) and isinstance(owner.value, ast.Name):
        above = namespace.get(owner.value.id)
        return isinstance(above, type(sys)) and vars(above).get(owner.attr) is module
    return False


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_quiet(statement: ast.stmt) -> bool:
    """Say whether a statement can't draw: it imports, defines, or binds what calls nothing."""
    if isinstance(statement, ast.Import | ast.ImportFrom | ast.Pass):
        return True
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        return not statement.decorator_list
    if isinstance(statement, ast.Assign | ast.AnnAssign | ast.Expr):
        return not any(isinstance(one, ast.Call | ast.Await | ast.Subscript) for one in ast.walk(statement))
    return False
