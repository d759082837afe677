"""What the source of a cell says, and how its expressions and scopes are gone through."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field

from celltrail.analysis.touching.free_names import Free, free_names, outside_of
from celltrail.analysis.touching.magic_lines import MAGIC, TIMED
from celltrail.analysis.touching.vocabulary import DYNAMIC, PLAIN_MAGICS, QUIET, READS_TEXT

_LONGEST_STRING = 400


@dataclass(slots=True)
class Uses:
    """What the source of a cell says.

    Attributes
    ----------
    reads : dict of str to None
        Read before they are definitely bound, in order; what functions read that the cell defines and uses too.
    spoken : set of str
        Words in texts that a library may look up as variables.
    stores, may_store, deletes : set of str
        Bound on every way; bound on some way, or by a function of the cell; deleted somewhere.
    bases : set of str
        Names whose attribute or item is assigned or deleted.
    after_loop : set of str
        Of `reads`: only behind a loop that binds them, so from outside only where that loop finds nothing.
    strings : tuple of str
        Short texts in it.
    attributes : set of str
        Names of attributes and of what is called.
    magics : list of (str, str)
        Name and words of each magic.
    is_dynamic : bool
        Whether it may read and bind any variable.
    """

    reads: dict[str, None] = field(default_factory=dict)
    spoken: set[str] = field(default_factory=set)
    stores: set[str] = field(default_factory=set)
    may_store: set[str] = field(default_factory=set)
    deletes: set[str] = field(default_factory=set)
    bases: set[str] = field(default_factory=set)
    after_loop: set[str] = field(default_factory=set)
    strings: tuple[str, ...] = ()
    attributes: set[str] = field(default_factory=set)
    magics: list[tuple[str, str]] = field(default_factory=list)
    imports: set[str] = field(default_factory=set)
    is_dynamic: bool = False
    is_python: bool = True
    tree: ast.Module | None = None


class Expressions(ast.NodeVisitor):
    """Goes through expressions and scopes in the order in which they run.

    `state` holds what is definitely bound here; None where the cell never comes.
    """

    def __init__(self) -> None:
        self.uses = Uses()
        self.state: set[str] | None = set()
        self.stored: set[str] = set()
        self.strings: dict[str, None] = {}
        self._waiting: dict[str, list[Free]] = {}
        self._loaded: set[str] = set()
        # Bound in each round of a loop that is over; and read, or bound otherwise, where that does not count.
        self.looped: set[str] = set()
        self.otherwise: set[str] = set()

    def block(self, statements: Iterable[ast.AST]) -> None:
        """Go through statements."""
        for statement in statements:
            self.visit(statement)

    # What reads and binds.

    def load(self, name: str) -> None:
        """Take note that a name is read here."""
        self._loaded.add(name)
        if name in DYNAMIC and name not in self.stored:
            self.uses.is_dynamic |= name not in ("dir", "get_ipython", "vars")
        if self.state is None or name not in self.state:
            self.uses.reads.setdefault(name)
            (self.uses.after_loop if name in self.looped else self.otherwise).add(name)
        for free in self._waiting.pop(name, ()):
            self.take(free)

    def store(self, name: str) -> None:
        """Take note that a name is bound here."""
        self.stored.add(name)
        if self.state is not None:
            self.state.add(name)
        self.looped.discard(name)
        if name in self.uses.reads:
            self.otherwise.add(name)  # what stands in it at the end tells nothing of what was read

    def take(self, free: Free) -> None:
        """Take note that a function of the cell runs, or may run, here."""
        for name in free.loads:
            self.load(name)
        self.uses.may_store |= free.stores
        self.otherwise |= free.stores

    def activate_rest(self) -> None:
        """Take functions in that are bound behind the place where their name is read: in a loop it comes again."""
        for name in [name for name in self._waiting if name in self._loaded]:
            for free in self._waiting.pop(name, ()):
                self.take(free)

    def _defer(self, names: Iterable[str], node: ast.AST) -> None:
        free = free_names(node)
        self._note_inside(node)
        for name in names:
            self._waiting.setdefault(name, []).append(free)

    def _note_inside(self, node: ast.AST) -> None:
        """Take in the texts and attributes inside a function."""
        for one in ast.walk(node):
            if isinstance(one, ast.Attribute):
                self.uses.attributes.add(one.attr)
            elif isinstance(one, ast.Constant):
                self.visit_Constant(one)
            elif isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load):
                self.uses.attributes.add(one.id)
            elif isinstance(one, ast.Import | ast.ImportFrom):
                self._imports(one)

    # Names and what they stand in.

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self.load(node.id)
        elif isinstance(node.ctx, ast.Store):
            self.store(node.id)
        else:
            self.uses.deletes.add(node.id)
            self.otherwise.add(node.id)
            if self.state is not None:
                self.state.discard(node.id)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str) and 0 < len(node.value) <= _LONGEST_STRING and "\n" not in node.value:
            self.strings.setdefault(node.value)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self.visit(node.value)
        self.uses.attributes.add(node.attr)
        if not isinstance(node.ctx, ast.Load):
            self._base(node.value)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self.visit(node.value)
        self.visit(node.slice)
        if isinstance(node.value, ast.Name) and node.value.id in ("Out", "_oh"):
            place = node.slice.value if isinstance(node.slice, ast.Constant) else None
            self.load(f"_{place}" if type(place) is int else "Out")
        if not isinstance(node.ctx, ast.Load):
            self._base(node.value)

    def _base(self, node: ast.AST) -> None:
        while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
            node = node.func if isinstance(node, ast.Call) else node.value
        if isinstance(node, ast.Name):
            self.uses.bases.add(node.id)

    def visit_Call(self, node: ast.Call) -> None:
        name = called(node)
        self.uses.attributes.add(name)
        if name == MAGIC:
            self._magic(node)
            return
        if name in ("vars", "dir") and not node.args:
            self.uses.is_dynamic = True
        if name in ("eval", "exec") and isinstance(node.func, ast.Name) and self._written_out(node):
            return
        self.block([node.func, *node.args, *(word.value for word in node.keywords)])
        if name in READS_TEXT:
            texts = [one.value for part in node.args for one in ast.walk(part) if isinstance(one, ast.Constant)]
            texts += [word.value.value for word in node.keywords if isinstance(word.value, ast.Constant)]
            self.uses.spoken.update(w for text in texts if isinstance(text, str) for w in _words(text))
        if _of_shell(node) and name not in ("system", "getoutput", "run_line_magic", "run_cell_magic"):
            self.uses.is_dynamic = True
        if name in ("run_line_magic", "run_cell_magic", "system", "getoutput"):
            self._magic_called(node, name)

    def _written_out(self, node: ast.Call) -> bool:
        """Read `eval("a + b")` as the code it is."""
        if len(node.args) != 1 or node.keywords or not isinstance(text := node.args[0], ast.Constant):
            return False
        try:
            tree = ast.parse(str(text.value).strip())
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
        self.block(tree.body)
        return True

    def _magic(self, node: ast.Call) -> None:
        name, words = (one.value for one in node.args[:2] if isinstance(one, ast.Constant))
        self.block(node.args[2:])
        self._know_magic(str(name), str(words))

    def _magic_called(self, node: ast.Call, how: str) -> None:
        texts = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        if how in ("system", "getoutput"):
            self._know_magic("!", " ".join(texts))
        elif texts:
            self._know_magic(("%" if how == "run_cell_magic" else "") + texts[0], " ".join(texts[1:]))

    def _know_magic(self, name: str, words: str) -> None:
        self.uses.magics.append((name, words))
        for word in words.split()[:40]:
            self.strings.setdefault(word.strip("'\""))
        if name == "run":
            self.uses.is_dynamic |= "-i" in words.split() or ".ipynb" in words
        elif name.startswith("%") or name not in PLAIN_MAGICS:
            self.uses.is_dynamic = True

    def _imports(self, node: ast.Import | ast.ImportFrom) -> None:
        modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
        self.uses.imports.update(modules)
        self.uses.is_dynamic |= "__main__" in modules

    # Scopes.

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
        self.block(outside_of(node))
        if isinstance(node, ast.ClassDef):
            self._class_body(node)
        self._defer([node.name], node)
        if not all(_is_quiet(one) for one in node.decorator_list):
            self.load_deferred(node.name)  # the decorator may call it
        if node.name == TIMED:
            self.load_deferred(node.name)
            return
        self.store(node.name)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.visit_FunctionDef(node)

    def _class_body(self, node: ast.ClassDef) -> None:
        """Go through the body of a class, which runs at once; its functions do not."""
        stored, state, looped = set(self.stored), self._copy(), set(self.looped)
        for statement in node.body:
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                self.block(outside_of(statement))
                self.store(statement.name)
            else:
                self.visit(statement)
        self.stored, self.state, self.looped = stored, state, looped

    def load_deferred(self, name: str) -> None:
        """Let what a function takes from outside count from here on."""
        for free in self._waiting.pop(name, ()):
            self.take(free)

    def visit_ListComp(self, node: ast.AST) -> None:
        """Go through a comprehension, which runs at once; so may a generator's body."""
        self._comprehension(node)

    visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_ListComp  # noqa: N815  names that `ast` gives

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self.block(outside_of(node))
        self._note_inside(node)
        self.take(free_names(node))

    def _comprehension(self, node: ast.AST) -> None:
        self.block(outside_of(node))
        self._note_inside(node)
        free = free_names(node)
        for inner in ast.walk(node):
            if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name) and inner.func.id in ("eval", "exec"):
                self.uses.is_dynamic = True
        self.take(free)
        for name in free.stores:
            self.stored.add(name)

    def _copy(self) -> set[str] | None:
        return set(self.state) if self.state is not None else None


def called(node: ast.Call) -> str:
    """Return the last name of what is called: "fit" for `model.fit(X)`."""
    function = node.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _of_shell(node: ast.Call) -> bool:
    """Say whether this is `get_ipython().run_cell(…)` or its like."""
    inner = node.func.value if isinstance(node.func, ast.Attribute) else None
    return isinstance(inner, ast.Call) and called(inner) == "get_ipython"


def _words(text: str) -> set[str]:
    return {
        word for word in "".join(c if c.isalnum() or c == "_" else " " for c in text).split() if word.isidentifier()
    }


def _is_quiet(decorator: ast.expr) -> bool:
    name = called(decorator) if isinstance(decorator, ast.Call) else getattr(decorator, "attr", "")
    name = name or (decorator.id if isinstance(decorator, ast.Name) else "")
    return name in QUIET or name in ("setter", "getter", "deleter", "register")
