"""IPython's own lines as Python that reads and binds the same names, so that one pass reads all of a cell.

`%time x = f()` stands for what it runs; any other magic becomes a call of `MAGIC` with its name, its words, and the
variables that IPython puts into them (`{x}`, `$x`). Line numbers stay.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

MAGIC = "__celltrail_magic__"
TIMED = "__celltrail_timed__"

# Cell magics whose body runs in the notebook, and those whose body is no Python.
_TRANSPARENT = frozenset({"time", "capture", "prun", "track", "timeit", "memit", "mprun", "lprun"})
_FOREIGN = frozenset(
    {"bash", "sh", "script", "system", "sx", "!", "perl", "ruby", "cmd", "html", "HTML", "javascript", "js", "latex"}
    | {"markdown", "svg", "SVG", "writefile", "file"}
)
_LINE = re.compile(r"^(?P<indent>\s*)(?P<sign>%|!!?)(?P<rest>.*)$")
_ASSIGNED = re.compile(r"^(?P<target>\s*[\w.,*\s\[\]'\"()]+=\s*)(?P<sign>[%!])(?P<rest>(?!=).*)$")
_HELP = re.compile(r"^\s*(\?.*|[%\w.*\[\]'\"]+\?{1,2})\s*$")
_WORD = re.compile(r"[^\W\d]\w*")
_BRACES = re.compile(r"\{([^{}]+)\}|\$\$?([^\W\d]\w*)")
_OPTIONS = re.compile(r"^(?:-\w+(?:\s*\d+)?\s+|--\s+)*")


@dataclass(frozen=True, slots=True)
class Readable:
    """A cell that `ast` can read.

    Attributes
    ----------
    tree : ast.Module or None
        None where the cell is no Python: then nothing of it ran, or another program ran it.
    binds_nothing : bool
        Whether what it assigns stays inside (`%%timeit`).
    is_foreign : bool
        Whether another program runs it (`%%bash`).
    """

    tree: ast.Module | None
    binds_nothing: bool = False
    is_foreign: bool = False


def readable(source: str) -> Readable:
    """Return a cell as Python.

    Parameters
    ----------
    source : str
        As it was run.

    Returns
    -------
    Readable
        Never raises.
    """
    text, binds_nothing = source, False
    while text.lstrip().startswith("%%"):
        blank = len(text) - len(text.lstrip())
        first, _, body = text.lstrip().partition("\n")
        name, _, words = first[2:].partition(" ")
        before = "\n" * text[:blank].count("\n")
        if name in _FOREIGN:
            return Readable(_parse(before + _call(name, f"{words}\n{body}")), is_foreign=True)
        if name not in _TRANSPARENT:
            return Readable(_parse(before + _call(f"%{name}", f"{words}\n{body}")))
        binds_nothing |= name == "timeit"
        head = before + _head(name, words.strip())
        text = f"{head}\n{body}"
    tree = _parse(text)
    if tree is None and any(sign in text for sign in "%!?"):
        tree = _parse("\n".join(map(_as_python, text.split("\n"))))
    if tree is None and "\n" not in text.strip():
        name, _, words = text.strip().partition(" ")
        if name.isidentifier():
            tree = _parse(_call(name, words))  # `cd data`: automagic
    return Readable(tree, binds_nothing)


def _head(name: str, words: str) -> str:
    if name == "capture":
        bound = [word for word in words.split() if word.isidentifier()]
        return f"{bound[0]} = None" if bound else "pass"
    if name == "timeit":
        code = _OPTIONS.sub("", words)
        return code if code and _parse(code) is not None else "pass"
    return "pass"


def _as_python(line: str) -> str:
    if _HELP.match(line):
        return re.match(r"\s*", line)[0] + "pass"  # type: ignore[index]
    if found := _LINE.match(line):
        indent, rest = found["indent"], found["rest"].strip()
        if found["sign"] != "%":
            return indent + _call("!", rest)
        name, _, words = rest.lstrip("%").partition(" ")
        code = _OPTIONS.sub("", words.strip())
        if name == "time" and code:
            return indent + code
        if name in ("timeit", "memit", "prun") and code:
            return f"{indent}def {TIMED}(): {code}" if name == "timeit" else indent + code
        return indent + _call(name, words)
    if found := _ASSIGNED.match(line):
        if found["sign"] == "!":
            return found["target"] + _call("!", found["rest"])
        name, _, words = found["rest"].partition(" ")
        return found["target"] + (words if name == "time" else _call(name, words))
    return line


def _call(name: str, words: str) -> str:
    """Return a call that says which magic it is, and reads the variables that are put into its words."""
    read = [name for braces, dollar in _BRACES.findall(words) for name in (_WORD.findall(braces) or [dollar]) if name]
    return f"{MAGIC}({', '.join([repr(name), repr(words.strip()), *dict.fromkeys(read)])})"


def _parse(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
