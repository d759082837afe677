"""What a statement of a cell reads, binds, and may change: more than it does, never less."""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from celltrail.analysis.touching.free_names import FUNCTIONS, base_of, free_names, outside_of, stored_names
from celltrail.analysis.touching.magic_lines import readable
from celltrail.analysis.touching.uses import uses_of
from celltrail.analysis.touching.vocabulary import CHANGING_METHODS, words
from celltrail.domain.touches import Touches

PAST = "<past>"  # every object that was there before the cell: which of them share parts is not known
# Of Python: they change nothing, and what they return holds no part of what they were given.
_FRESH = words(
    "len str repr int float bool abs round type isinstance issubclass hash id callable format ord chr print"
)
# They change nothing, unless what they go through is an iterator.
_PLAIN = _FRESH | words(
    "list tuple set dict frozenset sorted sum min max any all range enumerate zip reversed display"
)
# Methods of the libraries' tables, arrays and texts that change nothing.
_LOOKING = words(
    """
    head tail describe info value_counts nunique count keys values items copy get index startswith endswith split
    strip lower upper join replace format isna notna isnull mean median std var quantile tolist corr
    """
)
_PROPERTIES = ("property", "setter", "getter", "deleter")
_WRONG_TO_GUESS = (ast.Await, ast.Yield, ast.YieldFrom, ast.AsyncFor, ast.AsyncWith, ast.With, ast.Global, ast.Match)


@dataclass(slots=True)
class Surroundings:
    """What the sources of a session say about names.

    Attributes
    ----------
    own : set of str
        Bound anywhere, functions and methods included: no word of Python's is trusted that stands here.
    shared : set of str
        Read or bound inside functions: whoever calls may reach them.
    modules, assigned : set of str
        Bound by `import`; by anything else.
    is_known : bool
        Whether all code of the session is known, and none of it runs where no call is written.
    """

    own: set[str] = field(default_factory=set)
    shared: set[str] = field(default_factory=set)
    modules: set[str] = field(default_factory=set)
    assigned: set[str] = field(default_factory=set)
    is_known: bool = True

    def add(self, source: str, touches: Touches | None) -> None:
        """Take in an execution."""
        uses, tree = uses_of(source), readable(source).tree
        if touches is not None:
            self.own |= {*touches.binds}
        self.is_known &= not uses.is_dynamic and (touches is None or not touches.is_dynamic)
        if tree is None:
            return
        for node in ast.walk(tree):
            bound = set(stored_names(node))
            self.own |= bound
            if isinstance(node, ast.ImportFrom):
                self.is_known &= all(one.name != "*" for one in node.names)
            if isinstance(node, ast.Import):
                self.modules |= bound
                continue
            self.assigned |= bound
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                runs_unseen = node.name.startswith("__") and node.name != "__init__"
                hides = any(ast.unparse(one).endswith(_PROPERTIES) for one in node.decorator_list)
                self.is_known &= not (runs_unseen or hides)
            if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
                free = free_names(node)
                self.shared |= {*free.loads, *free.stores}


@dataclass(slots=True)
class Statement:
    """What a statement, or several on the same lines, may do.

    Attributes
    ----------
    stays : bool
        Whether it may do something that can't be told.
    touches : set of str
        Names whose objects it may change.
    linked : set of str
        Names whose objects may share parts after it.
    """

    loads: set[str] = field(default_factory=set)
    stores: set[str] = field(default_factory=set)
    touches: set[str] = field(default_factory=set)
    linked: set[str] = field(default_factory=set)
    stays: bool = False


def statements_of(
    nodes: Sequence[ast.stmt], around: Surroundings, changed: set[str], new: set[str], exposed: set[str]
) -> Statement:
    """Return what statements that share lines may do.

    Parameters
    ----------
    nodes : sequence of ast.stmt
        Of one cell.
    around : Surroundings
        What the sources of the session say.
    changed : set of str
        Names that the cell was seen to change, or maybe changed.
    new, exposed : set of str
        Names that the cell binds; those of them that it may read before.

    Returns
    -------
    Statement
        For all of them.
    """
    told = Statement()
    for node in nodes:
        _look(node, told, around)
    called = {id(one) for node in nodes for one in _modules_called(node, around)}
    names = [one for node in nodes for one in ast.walk(node) if isinstance(one, ast.Name) and id(one) not in called]
    objects = {one.id for one in names if one.id in told.loads and not _is_word(one.id, around, new)}
    told.stays |= any(name in exposed or name not in new for name in told.touches)
    # What was there before and is as it was: reading it changed nothing, unless a call did, which stays.
    shown = {id(one) for node in nodes for one in _only_shown(node, around)}
    used = {one.id for one in names if id(one) not in shown} & objects
    told.touches |= {name for name in used if name in new or name in changed}
    told.linked |= objects | told.touches | told.stores
    past = exposed | (told.linked - new)
    if told.linked & past:
        told.linked = (told.linked & new) | {PAST}
    if objects & past:
        told.loads.add(PAST)
    if told.touches & past:
        told.touches.add(PAST)
    if all(isinstance(node, ast.Assign | ast.Expr) and _is_fresh(node.value, around) for node in nodes):
        told.linked = set()
    return told


def _is_word(name: str, around: Surroundings, new: set[str]) -> bool:
    """Say whether a name is a word of Python's, in all of the session."""
    return name in _BUILTINS and name not in around.own and name not in new


def _modules_called(node: ast.AST, around: Surroundings) -> Iterator[ast.Name]:
    """Yield names of modules that stand for nothing but the function that is called: the call stays."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call):
            function: ast.AST = call.func
            while isinstance(function, ast.Attribute):
                function = function.value
            if isinstance(function, ast.Name) and function.id in around.modules - around.assigned:
                yield function


def _only_shown(node: ast.AST, around: Surroundings) -> Iterator[ast.Name]:
    """Yield names of which a statement only shows or counts what they hold."""
    shown = [node.value] if isinstance(node, ast.Expr) else []
    for one in ast.walk(node):
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Name):
            shown += one.args if one.func.id in _FRESH - around.own else []
    yield from (one for one in shown if isinstance(one, ast.Name))


def _running(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what runs with a statement: not the bodies of functions, which run with who calls them."""
    todo: list[ast.AST] = [node]
    while todo:
        one = todo.pop()
        yield one
        inside = outside_of(one) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) else None
        todo += ast.iter_child_nodes(one) if inside is None else inside


def _look(node: ast.stmt, told: Statement, around: Surroundings) -> None:
    """Take in one statement, whatever is inside it."""
    for one in ast.walk(node):
        told.stores.update(stored_names(one))
        if isinstance(one, ast.Name) and not isinstance(one.ctx, ast.Store):
            told.loads.add(one.id)
    for one in _running(node):
        if isinstance(one, ast.AugAssign):
            target = base_of(one.target)
            told.loads.update(target)
            told.touches.update(target)
        elif isinstance(one, ast.Attribute | ast.Subscript) and not isinstance(one.ctx, ast.Load):
            base = base_of(one)
            told.touches.update(base)
            told.stays |= not base or bool(base & around.modules)
        elif isinstance(one, ast.Import | ast.ImportFrom):
            told.stays |= not _is_of_python(one)
        elif isinstance(one, ast.Call):
            _call(one, told, around)
        elif isinstance(one, ast.ClassDef):
            told.stays |= bool(one.bases or one.keywords or one.decorator_list)
        elif isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
            told.stays |= bool(one.decorator_list)
        elif isinstance(one, _WRONG_TO_GUESS):
            told.stays = True


def _call(node: ast.Call, told: Statement, around: Surroundings) -> None:
    """Take in a call: one whose effect is not known stays."""
    function = node.func
    told.stays |= any(word.arg in ("key", "file", None) for word in node.keywords)
    if isinstance(function, ast.Name):
        told.stays |= function.id not in _PLAIN or function.id in around.own
    elif isinstance(function, ast.Attribute) and function.attr not in around.own:
        if function.attr in CHANGING_METHODS:
            base = base_of(function.value)
            told.touches.update(base)
            told.stays |= not base or bool(base & around.modules)
        else:
            told.stays |= function.attr not in _LOOKING or bool(base_of(function.value) & around.modules)
    else:
        told.stays = True


def _is_fresh(node: ast.AST, around: Surroundings) -> bool:
    """Say whether an expression makes something that shares no part with what it is made from."""
    if isinstance(node, ast.Constant | ast.JoinedStr):
        return True
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id not in around.own:
        return node.func.id in _FRESH
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return all(_is_fresh(one, around) for one in node.elts)
    if isinstance(node, ast.BinOp):
        return _is_fresh(node.left, around) and _is_fresh(node.right, around)
    return False


def _is_of_python(node: ast.Import | ast.ImportFrom) -> bool:
    """Say whether an import is of the standard library, by name: then it does nothing but bind it."""
    if isinstance(node, ast.ImportFrom):
        return not node.level and _root(node.module or "") in _STANDARD and all(one.name != "*" for one in node.names)
    return all(_root(one.name) in _STANDARD for one in node.names)


def _root(module: str) -> str:
    return module.partition(".")[0]


_BUILTINS = frozenset(dir(builtins))
_STANDARD = sys.stdlib_module_names - {
    "antigravity",
    "this",
    "__future__",
    "readline",
    "rlcompleter",
    "site",
    "turtle",
}
