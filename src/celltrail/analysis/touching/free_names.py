"""Which names a function, class, lambda or comprehension takes from outside, as CPython resolves them.

The standard library's `symtable` says the same (a test holds both together) but can't read a cell that awaits at its
outermost level, and knows no order.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(slots=True)
class Free:
    """What a scope takes from outside.

    Attributes
    ----------
    loads : dict of str to None
        Read, in order.
    stores : set of str
        Bound in the notebook itself by `global`, or by `:=` in a comprehension.
    """

    loads: dict[str, None] = field(default_factory=dict)
    stores: set[str] = field(default_factory=set)
    _global_loads: dict[str, None] = field(default_factory=dict)

    def take(self, inner: Free, bound: set[str]) -> None:
        """Take in what an inner scope needs and this one does not have."""
        for name in inner.loads:
            if name not in bound:
                self.loads.setdefault(name)
        self._global_loads.update(inner._global_loads)
        self.stores |= inner.stores


def free_names(node: ast.AST) -> Free:
    """Return what a scope takes from outside.

    Parameters
    ----------
    node : ast.AST
        A function, lambda, class or comprehension. What is evaluated around it (decorators, defaults, bases, the
        first iterable) is left out.

    Returns
    -------
    Free
        Names of the enclosing scope or the notebook.
    """
    found = _free(node)
    found.loads.update(found._global_loads)
    return found


def _free(node: ast.AST) -> Free:
    here, inner, is_class = list(_own_nodes(node)), [], isinstance(node, ast.ClassDef)
    declared = {name for one in here if isinstance(one, ast.Global) for name in one.names}
    outer = {name for one in here if isinstance(one, ast.Nonlocal) for name in one.names}
    bound: set[str] = set(_arguments(node))
    found = Free()
    walrus: set[str] = set()
    for one in here:
        bound.update(stored_names(one))
        if isinstance(one, ast.NamedExpr) and isinstance(node, COMPREHENSIONS):
            walrus.add(one.target.id)
        if one is not node and is_scope(one):
            inner.append(one)
    found.stores |= bound & declared
    bound -= declared | outer | walrus
    if walrus:
        found.stores |= walrus
    for one in here:
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load | ast.Del):
            if one.id in declared:
                found._global_loads.setdefault(one.id)
            elif one.id not in bound or is_class:
                found.loads.setdefault(one.id)
    for scope in inner:
        # A function inside a class does not see the class's own names.
        found.take(_free(scope), set() if is_class and not isinstance(scope, COMPREHENSIONS) else bound)
    if not isinstance(node, COMPREHENSIONS):
        # `:=` in a comprehension binds in the function around it.
        found.stores -= {name for name in found.stores if name in bound and name not in declared}
    return found


def is_scope(node: ast.AST) -> bool:
    """Say whether a node has names of its own."""
    return isinstance(node, (*FUNCTIONS, ast.ClassDef, *COMPREHENSIONS))


def outside_of(node: ast.AST) -> Iterable[ast.AST]:
    """Return the parts of a scope that are evaluated around it, when it is made."""
    if isinstance(node, ast.ClassDef):
        return [*node.decorator_list, *node.bases, *(word.value for word in node.keywords)]
    if isinstance(node, FUNCTIONS):
        arguments = node.args
        parts: list[ast.AST] = [*arguments.defaults, *(one for one in arguments.kw_defaults if one is not None)]
        if not isinstance(node, ast.Lambda):
            every = [
                *arguments.posonlyargs,
                *arguments.args,
                *arguments.kwonlyargs,
                arguments.vararg,
                arguments.kwarg,
            ]
            parts = [*node.decorator_list, *parts]
            parts += [one.annotation for one in every if one is not None and one.annotation is not None]
            parts += [node.returns] if node.returns is not None else []
        return parts
    if isinstance(node, COMPREHENSIONS):
        return [node.generators[0].iter]
    return []


def _own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a scope, inner scopes themselves among them but not what is in those."""
    outside = {id(one) for one in outside_of(node)}
    todo = [child for child in ast.iter_child_nodes(node) if id(child) not in outside]
    if isinstance(node, FUNCTIONS):
        body = node.body if isinstance(node.body, list) else [node.body]
        todo = list(body)
    elif isinstance(node, ast.ClassDef):
        todo = list(node.body)
    while todo:
        one = todo.pop(0)
        if id(one) in outside:
            continue
        yield one
        if is_scope(one):
            todo[:0] = list(outside_of(one))
        else:
            todo[:0] = list(ast.iter_child_nodes(one))


def stored_names(node: ast.AST) -> Iterator[str]:
    """Yield the names that one node binds, whatever is below it."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
        yield node.id
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Import | ast.ImportFrom):
        yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names if alias.name != "*")
    elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name is not None:
        yield node.name
    elif isinstance(node, ast.MatchMapping) and node.rest is not None:
        yield node.rest


def bound_by(statement: ast.AST) -> set[str]:
    """Return the names that a statement may bind in the notebook's namespace."""
    found: set[str] = set()
    for one in outside_scopes(statement):
        found.update(stored_names(one))
        if is_scope(one):
            found |= free_names(one).stores
    return found


def outside_scopes(statement: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a statement that work on the notebook's names: scopes themselves, not what is in them."""
    todo: list[ast.AST] = [statement]
    while todo:
        one = todo.pop()
        yield one
        todo += outside_of(one) if is_scope(one) else ast.iter_child_nodes(one)


def base_of(node: ast.AST) -> set[str]:
    """Return the name that an expression of attributes and items begins with; nothing where it begins with none."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
        node = node.value
    return {node.id} if isinstance(node, ast.Name) else set()


def _arguments(node: ast.AST) -> Iterator[str]:
    if isinstance(node, FUNCTIONS):
        every = node.args
        for one in (*every.posonlyargs, *every.args, *every.kwonlyargs, every.vararg, every.kwarg):
            if one is not None:
                yield one.arg
