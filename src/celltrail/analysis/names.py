"""Which names a cell reads and binds, and which of them may be scores computed by hand. The source is only parsed."""

from __future__ import annotations

import ast
import builtins
from dataclasses import dataclass, field

from celltrail.analysis.source import parse_cell

_BUILTINS = frozenset(dir(builtins))


@dataclass(frozen=True, slots=True)
class CellNames:
    """Names at the outermost level of a cell, in order of first use.

    Attributes
    ----------
    read : list of str
        Read before the cell binds them itself; what functions of the cell read from outside is among them.
    bound : list of str
        Assigned, imported, defined, or the variable of a loop.
    """

    read: list[str]
    bound: list[str]


def cell_names(source: str) -> CellNames:
    """Return the names that a cell takes from the notebook and gives to it.

    Parameters
    ----------
    source : str
        Source of the cell.

    Returns
    -------
    CellNames
        Empty where the cell is not Python. Built-in functions are not counted.

    Examples
    --------
    >>> cell_names("total = price * 2\\nprint(total)")
    CellNames(read=['price'], bound=['total'])
    """
    tree = parse_cell(source)
    walk = _Walk()
    if tree is not None:
        for statement in tree.body:
            walk.visit(statement)
    return CellNames(list(walk.read), list(walk.bound))


def scalar_candidates(source: str) -> list[tuple[str, list[str]]]:
    """Return variables that the cell computes by an expression, and the names they are computed from.

    Parameters
    ----------
    source : str
        Source of the cell.

    Returns
    -------
    list of (str, list of str)
        `acc = (pred == y_test).mean()` gives `("acc", ["pred", "y_test"])`. Plain values, names and calls of
        constructors are left out; so is what a loop or a function binds. The last assignment of a name counts.

    Examples
    --------
    >>> scalar_candidates("n = 3\\nacc = (pred == y_test).mean()")
    [('acc', ['pred', 'y_test'])]
    """
    tree = parse_cell(source) if "=" in source else None
    found: dict[str, list[str]] = {}
    for statement in tree.body if tree is not None else ():
        if not isinstance(statement, ast.Assign | ast.AnnAssign) or statement.value is None:
            continue
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        reads = _reads_of(statement.value) if _computes(statement.value) else []
        for target in targets:
            if isinstance(target, ast.Name):
                found.pop(target.id, None)
                if reads:
                    found[target.id] = reads
    return list(found.items())


def names_in(expression: str) -> list[str]:
    """Return the names that an expression reads.

    Parameters
    ----------
    expression : str
        Source of one expression.

    Returns
    -------
    list of str
        Each once, in order; empty where it can't be parsed.
    """
    tree = parse_cell(expression)
    found = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)] if tree is not None else []
    return list(dict.fromkeys(found))


def is_only_definitions(source: str) -> bool:
    """Say whether a cell only imports and defines, so that running it computes nothing.

    Parameters
    ----------
    source : str
        Source of the cell.

    Returns
    -------
    bool
        False for an empty cell and where it is not Python.
    """
    tree = parse_cell(source)
    if tree is None or not tree.body:
        return False
    plain = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Pass)
    return all(isinstance(statement, plain) or _is_text(statement) for statement in tree.body)


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _computes(value: ast.expr) -> bool:
    if isinstance(value, ast.Call):
        function = value.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        return not name[:1].isupper()  # by custom a class, so a constructor
    return isinstance(value, ast.BinOp | ast.UnaryOp | ast.Compare | ast.Subscript | ast.IfExp)


def _reads_of(value: ast.expr) -> list[str]:
    walk = _Walk()
    walk.visit(value)
    return list(walk.read)


@dataclass(slots=True)
class _Scope:
    """One function or comprehension: what it binds is nobody else's."""

    local: set[str] = field(default_factory=set)


class _Walk(ast.NodeVisitor):
    """Goes through statements in the order in which they run."""

    def __init__(self) -> None:
        self.read: dict[str, None] = {}
        self.bound: dict[str, None] = {}
        self._scopes: list[_Scope] = []

    def visit_Name(self, node: ast.Name) -> None:
        """Take note of one use of a name."""
        if isinstance(node.ctx, ast.Load):
            self._reads(node.id)
        else:
            self._binds(node.id)

    def visit_Assign(self, node: ast.Assign) -> None:
        """Read the value before the target is bound."""
        self.visit(node.value)
        for target in node.targets:
            self.visit(target)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """Read the value before the target is bound."""
        if node.value is not None:
            self.visit(node.value)
            self.visit(node.target)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        """Read the target too: `n += 1` needs the old one."""
        if isinstance(node.target, ast.Name):
            self._reads(node.target.id)
        self.visit(node.value)
        self.visit(node.target)

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        """Read what is gone through before the variable is bound."""
        self.visit(node.iter)
        self.visit(node.target)
        for statement in (*node.body, *node.orelse):
            self.visit(statement)

    visit_AsyncFor = visit_For  # noqa: N815  names that `ast` calls

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        """Bind what is imported."""
        for alias in node.names:
            if alias.name != "*":
                self._binds(alias.asname or alias.name.partition(".")[0])

    visit_ImportFrom = visit_Import  # noqa: N815

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        """Bind the error, which Python deletes again."""
        self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """Bind the class; its body has names of its own."""
        for outside in (*node.decorator_list, *node.bases, *(word.value for word in node.keywords)):
            self.visit(outside)
        self._inside(_Scope(), node.body)
        self._binds(node.name)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Bind the function; what its body reads from outside is read by the cell."""
        for outside in (*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)):
            self.visit(outside)
        self._binds(node.name)
        self._inside(_Scope(_arguments(node.args) | _bound_in(node.body)), node.body)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_Lambda(self, node: ast.Lambda) -> None:
        """Arguments of a lambda are its own."""
        for default in (*node.args.defaults, *filter(None, node.args.kw_defaults)):
            self.visit(default)
        self._inside(_Scope(_arguments(node.args)), [node.body])

    def visit_ListComp(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> None:
        """Variables of a comprehension are its own."""
        self.visit(node.generators[0].iter)
        names = {name.id for one in node.generators for name in ast.walk(one.target) if isinstance(name, ast.Name)}
        parts: list[ast.AST] = [one.iter for one in node.generators[1:]]
        parts += [test for one in node.generators for test in one.ifs]
        parts += [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        self._inside(_Scope(names), parts)

    visit_SetComp = visit_GeneratorExp = visit_DictComp = visit_ListComp  # noqa: N815

    def _inside(self, scope: _Scope, parts: list[ast.stmt] | list[ast.AST] | list[ast.expr]) -> None:
        self._scopes.append(scope)
        for part in parts:
            self.visit(part)
        self._scopes.pop()

    def _reads(self, name: str) -> None:
        if name in self.bound or name in _BUILTINS or any(name in scope.local for scope in self._scopes):
            return
        self.read.setdefault(name)

    def _binds(self, name: str) -> None:
        if self._scopes:
            self._scopes[-1].local.add(name)
        else:
            self.bound.setdefault(name)


def _arguments(arguments: ast.arguments) -> set[str]:
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    return {one.arg for one in every if one is not None}


def _bound_in(body: list[ast.stmt]) -> set[str]:
    """Return what a function binds anywhere: Python takes such a name as local in all of it."""
    nodes = [node for statement in body for node in ast.walk(statement)]
    outside = {name for node in nodes if isinstance(node, ast.Global | ast.Nonlocal) for name in node.names}
    bound = {node.id for node in nodes if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    return bound - outside
