"""The source text of a call that is being made, found from the caller's frame.

CPython 3.11 and later keep for every instruction where in the source it stands. The end of a call (its closing
parenthesis) belongs to one call only, so it is found in the parsed source by that. Nothing is evaluated.
"""

from __future__ import annotations

import ast
import inspect
import linecache
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from types import CodeType, FrameType
from typing import Any

from celltrail.analysis.source import parse_cell
from celltrail.analysis.trees import children_of
from celltrail.domain.header import strip_header

# Before Python 3.12 a comprehension is a function of its own; to the user it is a line of the cell.
_COMPREHENSIONS = {"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"}

# A module longer than this is parsed for longer than a cell may wait (about 10 ms per 100 kB).
_LONGEST_SOURCE = 200_000

_MOST_CACHED = 1024


@dataclass(frozen=True, slots=True)
class CallSite:
    """One call as the source says it.

    Attributes
    ----------
    text : str
        The whole call: `accuracy_score(y_test, pred)`.
    function : str
        What is called: `clf.fit`, `accuracy_score`.
    owner : str or None
        What stands before the last dot of `function`: `clf`, `RandomForestClassifier(max_depth=3)`.
    arguments : list of str
        Positional arguments; one with a star keeps it: `*parts`.
    keywords : dict of str to str
        Keyword arguments in order; a mapping that is unpacked is under `**`.
    is_top_level : bool
        The call stands in a cell itself, not in a function that the cell calls.
    assigned_to : str or None
        The variable that gets this call's result: `acc = accuracy_score(…)`.
    in_loop : bool
        The call stands in a loop or a comprehension.
    line : int
        First line of the call, from 1.
    """

    text: str
    function: str
    owner: str | None
    arguments: list[str]
    keywords: dict[str, str]
    is_top_level: bool
    assigned_to: str | None
    in_loop: bool
    line: int

    def argument(self, position: int, name: str) -> str | None:
        """Return the source text of one argument.

        Parameters
        ----------
        position : int
            Its place in the signature, from 0, without `self`.
        name : str
            Its name in the signature.

        Returns
        -------
        str or None
            None where it is left out, or hidden in `*args` or `**kwargs`.
        """
        if name in self.keywords:
            return self.keywords[name]
        before = self.arguments[: position + 1]
        if len(before) <= position or any(text.startswith("*") for text in before):
            return None
        return before[position]


@dataclass(slots=True)
class _Source:
    """A parsed file or cell: its calls by where they end."""

    lines: list[str]  # the very list that linecache holds: another list means another source
    encoded: list[bytes]
    calls: dict[tuple[int, int], _Found] = field(default_factory=dict)


@dataclass(slots=True)
class _Found:
    call: ast.Call
    assigned_to: str | None
    in_loop: bool


_TIMED = ("<timed exec>", "<timed eval>")
_bodies: dict[str, list[str]] = {}
_sources: dict[str, _Source] = {}
_sites: dict[tuple[int, int], tuple[CodeType, CallSite | None]] = {}


def call_site(frame: FrameType) -> CallSite | None:
    """Return the call that the frame is making right now, as its source says it.

    Parameters
    ----------
    frame : frame
        The caller's: the frame whose current instruction is the call.

    Returns
    -------
    CallSite or None
        None where there is no source, where it belongs to an installed library, or where Python was told to
        keep no positions (`-X no_debug_ranges`).
    """
    code, offset = frame.f_code, frame.f_lasti
    known = _sites.get((id(code), offset))
    if known is not None:
        return known[1]
    site = _find(frame)
    if len(_sites) >= _MOST_CACHED:
        _sites.clear()
    _sites[(id(code), offset)] = (code, site)  # holding the code keeps its id from being used again
    return site


def remember_body(cell: str) -> None:
    """Take note of the body of a cell under `%%time`, which IPython runs under a name without a source.

    Parameters
    ----------
    cell : str
        The cell as it was written. Python's own store of sources is left alone: tracebacks read it.
    """
    lines = strip_header(cell.splitlines(keepends=True))
    while lines and (not lines[0].strip() or lines[0].lstrip().startswith("%%")):
        lines = lines[1:]
    _bodies.update(dict.fromkeys(_TIMED, lines))


def name_of(value: Any, namespace: Mapping[str, Any]) -> str | None:
    """Return the name under which a namespace holds this very object.

    Parameters
    ----------
    value : object
        Compared by identity; nothing of it is called.
    namespace : mapping of str to object
        Of the notebook, or the locals of a function.

    Returns
    -------
    str or None
        The first that does not start with an underscore, as IPython's own names do.
    """
    for name, held in list(namespace.items()):
        if held is value and not name.startswith("_"):
            return name
    return None


def _find(frame: FrameType) -> CallSite | None:
    code = frame.f_code
    if _is_library(code.co_filename):
        return None
    position = next(islice(code.co_positions(), frame.f_lasti // 2, None), None)
    if position is None or position[1] is None or position[3] is None:
        return None
    source = _source_of(code.co_filename, frame)
    if source is None:
        return None
    found = source.calls.get((position[1], position[3]))
    if found is None:
        return None
    return _describe(found, source.encoded, is_top_level=_is_top_level(frame))


def _is_library(filename: str) -> bool:
    return filename.startswith(_LIBRARIES) or "site-packages" in filename or "dist-packages" in filename


_LIBRARIES = (sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"), "<frozen ")


def _is_top_level(frame: FrameType) -> bool:
    here: FrameType | None = frame
    while here is not None and here.f_code.co_name in _COMPREHENSIONS:
        here = here.f_back
    if here is None or here.f_code.co_flags & inspect.CO_OPTIMIZED:
        return False
    # Neither a function nor the body of a class, which bears the name of the class. (Whether locals are globals does
    # not tell: since Python 3.12 a comprehension runs in the cell's own frame, with locals apart.)
    return here.f_code.co_name.startswith("<") and here.f_globals.get("__name__") == "__main__"


def _source_of(filename: str, frame: FrameType) -> _Source | None:
    lines = linecache.getlines(filename, frame.f_globals) or _bodies.get(filename, [])
    known = _sources.get(filename)
    if known is not None and known.lines is lines:
        return known
    if not lines or sum(map(len, lines)) > _LONGEST_SOURCE:
        return None
    text = "".join(lines)
    tree = parse_cell(text)
    if tree is None:
        return None
    source = _Source(lines, [line.encode() for line in text.split("\n")])
    _collect(tree, source.calls, assigned_to=None, in_loop=False)
    if len(_sources) >= _MOST_CACHED:
        _sources.clear()
    _sources[filename] = source
    return source


def _collect(node: ast.AST, calls: dict[tuple[int, int], _Found], *, assigned_to: str | None, in_loop: bool) -> None:
    if isinstance(node, ast.Call) and node.end_lineno is not None and node.end_col_offset is not None:
        calls[(node.end_lineno, node.end_col_offset)] = _Found(node, assigned_to, in_loop)
    names = _assignments(node)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
        in_loop = False
    elif isinstance(
        node, ast.For | ast.AsyncFor | ast.While | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
    ):
        in_loop = True
    for child in children_of(node):
        # `await f(x)` hands on what `f(x)` gives.
        name = assigned_to if isinstance(node, ast.Await) else names.get(id(child))
        _collect(child, calls, assigned_to=name, in_loop=in_loop)
        if isinstance(child, ast.Tuple):  # `a, b = f(x), f(y)`
            for part in child.elts:
                if isinstance(part, ast.Call) and id(part) in names:
                    _collect(part, calls, assigned_to=names[id(part)], in_loop=in_loop)


def _assignments(node: ast.AST) -> dict[int, str]:
    """Return, by identity of the value's node, the name that a statement gives it."""
    pairs: list[tuple[ast.expr, ast.expr]] = []
    if isinstance(node, ast.Assign):
        pairs = [(target, node.value) for target in node.targets]
    elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None:
        pairs = [(node.target, node.value)]
    names: dict[int, str] = {}
    for target, value in pairs:
        if isinstance(target, ast.Name):
            names.setdefault(id(value), target.id)
        elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
            for one, its_value in zip(target.elts, value.elts, strict=True):
                if isinstance(one, ast.Name):
                    names.setdefault(id(its_value), one.id)
    return names


def _describe(found: _Found, lines: list[bytes], *, is_top_level: bool) -> CallSite:
    call = found.call
    keywords = {}
    for keyword in call.keywords:
        keywords["**" if keyword.arg is None else keyword.arg] = _text(keyword.value, lines)
    return CallSite(
        text=_text(call, lines),
        function=_text(call.func, lines),
        owner=_text(call.func.value, lines) if isinstance(call.func, ast.Attribute) else None,
        arguments=[_text(argument, lines) for argument in call.args],
        keywords=keywords,
        is_top_level=is_top_level,
        assigned_to=found.assigned_to,
        in_loop=found.in_loop,
        line=call.lineno,
    )


def _text(node: ast.expr, lines: list[bytes]) -> str:
    first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
    if first == last:
        return lines[first][node.col_offset : node.end_col_offset].decode()
    parts = [lines[first][node.col_offset :], *lines[first + 1 : last], lines[last][: node.end_col_offset]]
    return b"\n".join(parts).decode()
