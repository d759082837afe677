"""Which branches of a cell were not taken, by the lines that were seen to run; and the cell without them. Pure.

Only an `if` at the top level of a cell, or in its loops, counts, and only if it asks about values of the notebook:
what a file, a clock, a machine or a library answers may be another answer when the cell is replayed. Functions and
classes stay whole; so does all that an exception may or may not reach.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Collection, Iterator, Sequence

from celltrail.analysis.touching.vocabulary import words

_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
_WHOLE = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
# Of Python: they tell of a value what it is, and nothing of the world.
_TELLING = words(
    "len isinstance issubclass hasattr callable type bool int float str abs min max sum any all sorted set list tuple"
)
_ELSEWHERE = (ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr, ast.Lambda)


def may_skip(tree: ast.Module) -> bool:
    """Say whether a cell has branches that it may not take."""
    return any(isinstance(node, ast.If) for top in tree.body for node in _running(top))


def idle_lines(
    nodes: Sequence[ast.stmt],
    firsts: Sequence[int],
    ran: Collection[int],
    known: Collection[int],
    modules: Collection[str] = (),
) -> tuple[int, ...] | None:
    """Return the lines of the branches that were not taken.

    Parameters
    ----------
    nodes : sequence of ast.stmt
        The statements of a cell, as its source has them.
    firsts : sequence of int
        The first line of each piece of code that ran, in order: IPython compiles statement by statement.
    ran : collection of int
        Every line that ran, counted as in `firsts`.
    known : collection of int
        Every line of these pieces: a magic may have run the statements as code of its own.
    modules : collection of str
        Names that are bound to modules, or to what asks the machine when it is asked.

    Returns
    -------
    tuple of int or None
        As the source counts them; None where the pieces are not these statements.

    Examples
    --------
    >>> cell = "if is_large:\\n    b = large\\nelse:\\n    b = small"
    >>> idle_lines(ast.parse(cell).body, [1], {1, 4}, {1, 2, 4})
    (2,)
    """
    if not nodes or len(nodes) != len(firsts):
        return None
    # Lines before the first one, empty ones or a header, are no part of what runs.
    shift = _first(nodes[0]) - firsts[0]
    if [_first(node) - shift for node in nodes] != list(firsts):
        return None
    seen, there = {line + shift for line in ran}, {line + shift for line in known}
    if any(seen.isdisjoint(_lines(node)) for node in nodes):
        return None
    idle: set[int] = set()
    for node in (inner for top in nodes for inner in _running(top) if isinstance(inner, ast.If)):
        if seen.isdisjoint(_lines(node.test)) or not _is_of_values(node.test, modules):
            continue
        for block in (node.body, node.orelse):
            lines = {line for one in block for line in _lines(one)}
            if seen.isdisjoint(lines) and not there.isdisjoint(lines):
                idle |= lines
    return tuple(sorted(idle))


def _is_of_values(test: ast.expr, modules: Collection[str]) -> bool:
    """Say whether the answer to a question follows from values of the notebook alone."""
    for node in ast.walk(test):
        if isinstance(node, _ELSEWHERE) or (isinstance(node, ast.Name) and node.id in modules):
            return False
        if isinstance(node, ast.Call) and not (isinstance(node.func, ast.Name) and node.func.id in _TELLING):
            return False
    return True


def without_idle(tree: ast.Module, idle: Collection[int]) -> ast.Module:
    """Return a cell without the statements that did not run; what is left keeps its place.

    Parameters
    ----------
    tree : ast.Module
        Of the cell; stays as it is.
    idle : collection of int
        Their lines.

    Returns
    -------
    ast.Module
        The same where all ran.

    Examples
    --------
    >>> cell = ast.parse("if is_large:\\n    b = large\\nelse:\\n    b = small")
    >>> print(ast.unparse(without_idle(cell, {2})))
    if is_large:
        pass
    else:
        b = small
    """
    if not idle:
        return tree
    lines = set(idle)
    tree = copy.deepcopy(tree)
    for node in [inner for top in tree.body for inner in _running(top) if isinstance(inner, ast.If)]:
        node.body = _kept(node.body, lines)
        node.orelse = _kept(node.orelse, lines)
    return tree


def _kept(block: list[ast.stmt], idle: set[int]) -> list[ast.stmt]:
    if not block or not all(idle.issuperset(_lines(one)) for one in block):
        return block
    return [ast.copy_location(ast.Pass(), block[0])]


def _running(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what runs with a statement, itself among it: not what is in functions and classes."""
    yield node
    if isinstance(node, _WHOLE):
        return
    for name in _BLOCKS:
        block = getattr(node, name, None)
        for one in block if isinstance(block, list) else ():
            yield from _running(one)


def _first(node: ast.stmt) -> int:
    above: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(one.lineno for one in above)])


def _lines(node: ast.stmt | ast.expr) -> range:
    first = _first(node) if isinstance(node, ast.stmt) else node.lineno
    return range(first, (node.end_lineno or node.lineno) + 1)
