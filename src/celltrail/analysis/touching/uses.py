"""Which names a cell may read, bind and change, in the order in which it runs: one pass over its source, none run.

"Definitely" bound means: on every way through the cell that ends without an error.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import lru_cache

from celltrail.analysis.touching.free_names import outside_of, stored_names
from celltrail.analysis.touching.magic_lines import readable
from celltrail.analysis.touching.mentions import Expressions, Uses, called
from celltrail.analysis.touching.vocabulary import PASSES_ERRORS, SWALLOWS


@lru_cache(maxsize=512)
def uses_of(source: str) -> Uses:
    """Return what the source of a cell says; the same object for the same source, never to be changed.

    Examples
    --------
    >>> list(uses_of("total = price * 2\\nprint(total)").reads)
    ['price', 'print']
    """
    cell = readable(source)
    uses = uses_of_tree(cell.tree)
    if cell.binds_nothing:
        uses.may_store |= uses.stores
        uses.stores = set()
    return uses


def uses_of_tree(tree: ast.Module | None) -> Uses:
    """Return what a cell that was read already says; None: it is no Python."""
    walk = _Statements()
    if tree is not None:
        walk.block(tree.body)
        walk.activate_rest()
    uses = walk.uses
    uses.is_python = tree is not None
    uses.tree = tree
    uses.stores = (walk.state or set()) & walk.stored
    uses.may_store |= walk.stored - uses.stores
    uses.after_loop -= walk.otherwise
    uses.strings = tuple(walk.strings)
    return uses


class _Statements(Expressions, ast.NodeVisitor):
    """Goes through statements in the order in which they run."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0

    def visit_Assign(self, node: ast.Assign) -> None:
        bases = [target.id for target in node.targets if isinstance(target, ast.Name)]
        if isinstance(node.value, ast.Lambda) and len(bases) == len(node.targets):
            self.block(outside_of(node.value))
            self._defer(bases, node.value)
        elif isinstance(node.value, ast.Lambda) and (owner := _owner(node.targets)) is not None:
            # `M.score = lambda self: …` runs with whoever uses M.
            self.block([*outside_of(node.value), *node.targets])
            self._defer([owner], node.value)
            return
        else:
            self.visit(node.value)
        self.block(node.targets)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.visit(node.annotation)
        if node.value is not None:
            self.visit(node.value)
            self.visit(node.target)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self.load(node.target.id)
        self.visit(node.value)
        self.visit(node.target)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        self.visit(node.target)

    def visit_If(self, node: ast.If) -> None:
        self.visit(node.test)
        before = self._copy()
        self.block(node.body)
        after, self.state = self.state, before
        self.block(node.orelse)
        self.state = _meet(after, self.state)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self.visit(node.test)
        before = self._copy()
        self.visit(node.body)
        after, self.state = self.state, before
        self.visit(node.orelse)
        self.state = _meet(after, self.state)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        self.visit(node.values[0])
        before = self._copy()
        self.block(node.values[1:])
        self.state = before

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit(node.iter)
        before = self._copy()
        self._round([node.target, *node.body])
        if not (_runs(node.iter) and not _jumps(node.body)):
            if _runs(node.iter) and before is not None:
                before |= {name for one in ast.walk(node.target) for name in stored_names(one)}
            self.state = before
        after = self._copy()
        self.block(node.orelse)
        self.state = after

    visit_AsyncFor = visit_For  # noqa: N815  names that `ast` gives

    def visit_While(self, node: ast.While) -> None:
        self.visit(node.test)
        before = self._copy()
        self._round(node.body)
        self.state = before
        after = self._copy()
        self.block(node.orelse)
        self.state = after

    def _round(self, body: Iterable[ast.AST]) -> None:
        """Go through a loop once; what a loop in a loop binds it may bind first in a later round of the outer one."""
        before, looped = self._copy() or set(), set(self.looped)
        self._depth += 1
        self.block(body)
        self._depth -= 1
        self.looped = self.looped & looped if self._depth else self.looped | ((self.state or set()) - before)

    def visit_Try(self, node: ast.Try | ast.TryStar) -> None:
        before = self._copy()
        self.block([*node.body, *node.orelse])
        after = self.state
        for handler in node.handlers:
            self.state = set(before) if before is not None else None
            if handler.type is not None:
                self.visit(handler.type)
            if handler.name:
                self.store(handler.name)
            self.block(handler.body)
            if handler.name and self.state is not None:
                self.state.discard(handler.name)
            after = _meet(after, self.state)
        bound = self.stored - (before or set())
        self.state = after if not node.finalbody else (before if after is None else after)
        if node.finalbody:
            # It also runs where the body broke off: what that bound is not sure in it.
            sure, self.state = self.state, set(before) if before is not None else set()
            self.block(node.finalbody)
            new = (self.state or set()) - bound
            self.state = None if after is None else (sure or set()) | new | (self.state or set())

    visit_TryStar = visit_Try  # noqa: N815

    def visit_With(self, node: ast.With | ast.AsyncWith) -> None:
        before: set[str] | None = None
        is_safe = all(_lets_through(item.context_expr) for item in node.items)
        for item in node.items:
            self.visit(item.context_expr)
            if item.optional_vars is not None:
                self.visit(item.optional_vars)
            before = self._copy()
        self.block(node.body)
        if not is_safe:
            self.state = _meet(before, self.state) if before is not None else self.state

    visit_AsyncWith = visit_With  # noqa: N815

    def visit_Match(self, node: ast.Match) -> None:
        self.visit(node.subject)
        before = self._copy()
        after = before
        for case in node.cases:
            self.state = set(before) if before is not None else None
            for one in ast.walk(case.pattern):
                for name in stored_names(one):
                    self.store(name)
            self.visit(case.pattern)
            if case.guard is not None:
                self.visit(case.guard)
            self.block(case.body)
            after = _meet(after, self.state)
        self.state = after

    def visit_Raise(self, node: ast.Raise | ast.Return | ast.Break | ast.Continue) -> None:
        self.block(ast.iter_child_nodes(node))
        self.state = None

    visit_Return = visit_Break = visit_Continue = visit_Raise  # noqa: N815

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        for name in stored_names(node):
            self.store(name)
        self._imports(node)

    visit_ImportFrom = visit_Import  # noqa: N815


def _owner(targets: list[ast.expr]) -> str | None:
    node: ast.AST = targets[0]
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if len(targets) == 1 and isinstance(node, ast.Name) else None


def _meet(one: set[str] | None, other: set[str] | None) -> set[str] | None:
    if one is None:
        return other
    return one if other is None else one & other


def _runs(iterable: ast.expr) -> bool:
    """Say whether a loop over this surely runs at least once."""
    if isinstance(iterable, ast.List | ast.Tuple | ast.Set):
        return bool(iterable.elts) and not any(isinstance(one, ast.Starred) for one in iterable.elts)
    if isinstance(iterable, ast.Constant):
        return isinstance(iterable.value, str | bytes) and bool(iterable.value)
    if isinstance(iterable, ast.Call) and isinstance(iterable.func, ast.Name) and len(iterable.args) == 1:
        (first,) = iterable.args
        if iterable.func.id == "range":
            return isinstance(first, ast.Constant) and isinstance(first.value, int) and first.value > 0
        return iterable.func.id in ("enumerate", "tqdm", "reversed", "sorted") and _runs(first)
    return False


def _jumps(body: list[ast.stmt]) -> bool:
    waiting: list[ast.AST] = list(body)
    for one in waiting:
        if isinstance(one, ast.Break | ast.Continue | ast.Return):
            return True
        # No expression jumps, and most of what a loop holds are expressions.
        waiting += [part for part in ast.iter_child_nodes(one) if not isinstance(part, ast.expr)]
    return False


def _lets_through(context: ast.expr) -> bool:
    name = called(context) if isinstance(context, ast.Call) else getattr(context, "attr", getattr(context, "id", ""))
    return name in PASSES_ERRORS and not any(word in name for word in SWALLOWS)
