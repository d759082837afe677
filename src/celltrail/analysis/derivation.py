"""From what a variable was computed, as far as source text tells: `flags` from `proba`, `proba` from `model`.

Only names and where they are bound are looked at; nothing is evaluated. What the names hold is for the caller to ask.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from celltrail.analysis.source import parse_cell

# Methods by which a list, a dict or a set takes something in.
_TAKES_IN = frozenset({"append", "extend", "insert", "add", "update", "setdefault", "appendleft"})
_BRANCHES = (ast.If, ast.Try, ast.While, ast.Match)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)

Place = tuple[int, int]
"""Number of the source, line in it: sources are in the order in which they ran."""


@dataclass(frozen=True, slots=True)
class Binding:
    """One place where a name gets its value, or a part of it.

    Attributes
    ----------
    line : int
        From 1.
    reads : tuple of str
        Names that the value is computed from.
    replaces : bool
        False where the value only goes into what the name held before (`parts.append(x)`, `out[rows] = x`), or where
        this may not have run (in an `if`).
    """

    line: int
    reads: tuple[str, ...]
    replaces: bool


Bindings = Mapping[str, Sequence[Binding]]


@functools.lru_cache(maxsize=256)
def bindings_of(source: str, function_line: int = 0) -> Bindings:
    """Return where the names of one scope are bound.

    Parameters
    ----------
    source : str
        Of a cell or a file.
    function_line : int, default 0
        First line of a function, its decorators included (`co_firstlineno`); 0 for the outermost level.

    Returns
    -------
    mapping of str to sequence of Binding
        In the order of the source; empty where it can't be read.

    Examples
    --------
    >>> bindings_of("proba = model.predict_proba(X)")["proba"]
    [Binding(line=1, reads=('model', 'X'), replaces=True)]
    """
    tree = parse_cell(source)
    body = None if tree is None else tree.body if function_line == 0 else _function_body(tree, function_line)
    found: dict[str, list[Binding]] = {}
    for name, binding in _of_body(body or [], may_not_run=False):
        found.setdefault(name, []).append(binding)
    return found


def reads_behind(name: str, before: Place, scopes: Sequence[Bindings]) -> list[tuple[str, Place]] | None:
    """Return what the value that a name had at some place was computed from.

    Parameters
    ----------
    name : str
        The variable.
    before : (int, int)
        The place at which it is read.
    scopes : sequence of mapping
        The bindings of each source, in the order in which they ran.

    Returns
    -------
    list of (str, (int, int)) or None
        Names, each with the place at which it was read. None where no source binds the name before that place.
    """
    found: list[tuple[str, Place]] = []
    is_bound = False
    for place, binding in _backwards(name, before, scopes):
        is_bound = True
        found += [(read, place) for read in binding.reads]
        if binding.replaces:
            break
    return found if is_bound else None


def is_rebound(name: str, after: Place, before: Place, scopes: Sequence[Bindings]) -> bool:
    """Say whether a name may hold something else at `before` than what was read from it at `after`."""
    newest = next(_backwards(name, before, scopes), None)
    return newest is not None and newest[0] >= after


def _backwards(name: str, before: Place, scopes: Sequence[Bindings]) -> Iterator[tuple[Place, Binding]]:
    for number in range(min(before[0], len(scopes) - 1), -1, -1):
        for binding in reversed(scopes[number].get(name, ())):
            if (number, binding.line) < before:
                yield (number, binding.line), binding


def _function_body(tree: ast.Module, line: int) -> list[ast.stmt] | None:
    for node in ast.walk(tree):
        if isinstance(node, _FUNCTIONS) and line == min([node.lineno, *(one.lineno for one in node.decorator_list)]):
            return node.body
    return None


def _of_body(body: Sequence[ast.stmt], *, may_not_run: bool) -> Iterator[tuple[str, Binding]]:
    for statement in body:
        yield from _of_statement(statement, may_not_run=may_not_run)


def _of_statement(node: ast.stmt, *, may_not_run: bool) -> Iterator[tuple[str, Binding]]:
    for target, reads, adds in _targets(node):
        for name, is_part in _bound(target):
            yield name, Binding(node.lineno, reads, replaces=not (adds or is_part or may_not_run))
    for block in _blocks(node):
        yield from _of_body(block, may_not_run=may_not_run or isinstance(node, _BRANCHES))


def _targets(node: ast.stmt) -> Iterator[tuple[ast.expr | str, tuple[str, ...], bool]]:
    """Yield what a statement binds, the names of its value, and whether the value only goes into what was there."""
    for inner in _walrus(node):
        yield inner.target, _names(inner.value), False
    match node:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                yield from _paired(target, value)
        case ast.AnnAssign(target=target, value=value) if value is not None:
            yield target, _names(value), False
        case ast.AugAssign(target=target, value=value):
            yield target, _names(value), True
        case ast.Expr(value=value) if (taken := _taken_in(value)) is not None:
            yield *taken, True
        case ast.For(target=target, iter=value) | ast.AsyncFor(target=target, iter=value):
            yield target, _names(value), False
        case ast.With(items=items) | ast.AsyncWith(items=items):
            for item in items:
                if item.optional_vars is not None:
                    yield item.optional_vars, _names(item.context_expr), False
        case _:
            for name in _defined(node):
                yield name, _names(node) if isinstance(node, _FUNCTIONS) else (), False


def _defined(node: ast.stmt) -> list[str]:
    """Return the names that a definition or an import binds."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name.partition(".")[0] for alias in node.names]
    return [node.name] if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) else []


def _bound(target: ast.expr | str) -> Iterator[tuple[str, bool]]:
    """Yield the names that a target binds, and whether it binds only a part of what the name holds."""
    match target:
        case str():
            yield target, False
        case ast.Name(id=name):
            yield name, False
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            for part in parts:
                yield from _bound(part)
        case ast.Starred(value=value):
            yield from _bound(value)
        case ast.Subscript(value=value) | ast.Attribute(value=value):
            for name, _ in _bound(value):
                yield name, True


def _paired(target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, tuple[str, ...], bool]]:
    """Go through `a, b = x, y` pair by pair, through everything else as a whole."""
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        for one, its_value in zip(target.elts, value.elts, strict=True):
            yield from _paired(one, its_value)
    else:
        yield target, _names(value), False


def _walrus(node: ast.stmt) -> Iterator[ast.NamedExpr]:
    inside = [value for _, value in ast.iter_fields(node) if isinstance(value, ast.expr)]
    for expression in inside:
        yield from (one for one in ast.walk(expression) if isinstance(one, ast.NamedExpr))


def _taken_in(call: ast.expr) -> tuple[ast.expr, tuple[str, ...]] | None:
    """Return what takes something in and the names of that: `parts.append(model.predict(X))`."""
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or call.func.attr not in _TAKES_IN:
        return None
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    return call.func.value, tuple(dict.fromkeys(name for one in given for name in _names(one)))


def _blocks(node: ast.stmt) -> list[list[ast.stmt]]:
    match node:
        case ast.Match(cases=cases):
            return [case.body for case in cases]
        case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=last):
            return [body, *(handler.body for handler in handlers), orelse, last]
        case ast.If(body=body, orelse=orelse) | ast.While(body=body, orelse=orelse):
            return [body, orelse]
        case ast.For(body=body, orelse=orelse) | ast.AsyncFor(body=body, orelse=orelse):
            return [body, orelse]
        case ast.With(body=body) | ast.AsyncWith(body=body):
            return [body]
    return []


def _names(node: ast.AST) -> tuple[str, ...]:
    """Return the names that are read anywhere in an expression or a function, each once."""
    read = (one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load))
    return tuple(dict.fromkeys(read))
