"""The source of a cell as a script runs it, and wrapped as it failed: text for text, nothing is run."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from dataclasses import dataclass

from celltrail.analysis.touching.vocabulary import words

# What opens, closes or hides something on a line of Python.
_TOKEN = re.compile(r"""(?P<triple>\"{3}|'{3})|(?P<quote>["'])|(?P<comment>\#)|(?P<open>[(\[{])|(?P<close>[)\]}])""")
_MAGIC = re.compile(r"^(?P<indent>\s*)(?P<target>[\w.,*\s\[\]'\"()]+?=\s*)?(?P<sign>%|!!?)(?P<rest>(?!=).+)$")
_HELP = re.compile(r"^\s*(\?{1,2}[%\w.*]+|[%\w.*\[\]'\"]+\?{1,2})\s*$")
_PUT_IN = re.compile(r"\{[^{}]*\}|\$\w")
# Cell magics that run their body as the notebook would, and have no say in what it makes.
_RUNS_BODY = frozenset({"time", "capture", "prun", "track"})
# Line magics that change nothing that a script would miss.
QUIET_MAGICS = words(
    """
    matplotlib load_ext reload_ext unload_ext autoreload config history pdb pip conda who who_ls whos xmode colors
    precision timeit track trail runs compare restore recipe lineage replay pinfo notebook
    """
)


@dataclass(frozen=True, slots=True)
class Script:
    """A cell as a part of a script.

    Attributes
    ----------
    text : str
        Python that compiles, if the cell did.
    needs : tuple of str
        Magics that only IPython can run.
    awaits : bool
        Whether it awaits outside of a function, which a script can't.
    """

    text: str
    needs: tuple[str, ...] = ()
    awaits: bool = False


def as_script(source: str) -> Script:
    """Write a cell as Python that does the same in a script.

    Parameters
    ----------
    source : str
        Of the cell.

    Returns
    -------
    Script
        What can be said in Python is; other magics call IPython.

    Examples
    --------
    >>> as_script("%cd data\\nx = 1").text
    "import os; os.chdir('data')\\nx = 1"
    """
    needs: list[str] = []
    text = source.lstrip("\n")
    while text.startswith("%%"):
        head, _, body = text.partition("\n")
        name, _, told = head[2:].partition(" ")
        if name not in _RUNS_BODY:
            return Script(_cell_magic(name, told, body), (f"%%{name}",))
        if name == "capture" and told.split()[:1] and told.split()[0].isidentifier():
            return Script(_cell_magic(name, told, body), (f"%%{name}",))
        text = body.lstrip("\n")
    if parses(text):
        return Script(text, awaits=_awaits(text))
    lines = [_as_python(line, needs) if state == "new" else line for line, state in lines_of(text)]
    python = "\n".join(lines)
    return Script(python, tuple(dict.fromkeys(needs)), awaits=parses(python) and _awaits(python))


def as_failed(source: str, error_name: str | None) -> str:
    """Wrap a cell so that the error in which it ended does not end the recipe, and any other does.

    Parameters
    ----------
    source : str
        Of the cell.
    error_name : str or None
        Class of the error, without its module.

    Returns
    -------
    str
        Cell magics stay above.
    """
    if source.lstrip().startswith("%%") and not _is_transparent(source):
        source = as_script(source).text
    lines = source.split("\n")
    start = 0
    while start < len(lines) and (lines[start].startswith("%%") or not lines[start].strip()):
        start += 1
    first, body = futures_apart("\n".join(lines[start:]))
    head = [*lines[:start], *first]
    inside = [line if state == "text" or not line else f"    {line}" for line, state in lines_of(body)]
    kind = getattr(builtins, error_name or "", None)
    if isinstance(kind, type) and issubclass(kind, BaseException):
        end = [f"except {error_name}:", "    pass  # as it failed"]
    else:
        end = [
            "except Exception as error_as_recorded:",
            f"    if type(error_as_recorded).__name__ != {error_name or ''!r}:",
            "        raise  # it failed otherwise",
        ]
    return "\n".join([*head, "try:", *inside, *end])


def futures_apart(text: str) -> tuple[list[str], str]:
    """Return the lines of `from __future__ import …`, which Python wants first, and the rest.

    Examples
    --------
    >>> futures_apart("# 1\\nfrom __future__ import annotations\\nx = 1")
    (['from __future__ import annotations'], '# 1\\nx = 1')
    """
    first: list[str] = []
    rest: list[str] = []
    if "__future__" not in text:
        return first, text
    into = rest
    for line, state in lines_of(text):
        if state == "new":
            into = first if line.startswith("from __future__ import") else rest
        into.append(line)
    return first, "\n".join(rest)


def _is_transparent(source: str) -> bool:
    heads = [line for line in source.split("\n") if line.startswith("%%")]
    return all(head[2:].partition(" ")[0] in _RUNS_BODY for head in heads)


def lines_of(text: str) -> Iterator[tuple[str, str]]:
    """Yield each line with how it begins: "new", "text" inside a string of several lines, "inside" brackets.

    A line behind a backslash counts as inside brackets.
    """
    quote, depth, goes_on = "", 0, False
    for line in text.split("\n"):
        yield line, "text" if quote else "inside" if depth or goes_on else "new"
        place = 0
        if not quote and not depth and not goes_on and _MAGIC.match(line) and not line.lstrip().startswith("%("):
            goes_on = line.endswith("\\")
            continue
        while place < len(line):
            if quote:
                place, quote = _end_of(line, place, quote)
                continue
            found = _TOKEN.search(line, place)
            if found is None or found["comment"]:
                break
            place = found.end()
            quote = found["triple"] or found["quote"] or ""
            depth = max(0, depth + bool(found["open"]) - bool(found["close"]))
        if len(quote) == 1 and not line.endswith("\\"):
            quote = ""
        goes_on = not quote and line.endswith("\\")


def _end_of(line: str, place: int, quote: str) -> tuple[int, str]:
    while place < len(line):
        if line[place] == "\\":
            place += 2
        elif line.startswith(quote, place):
            return place + len(quote), ""
        else:
            place += 1
    return place, quote


def parses(text: str) -> bool:
    """Say whether a text is Python."""
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _awaits(text: str) -> bool:
    """Say whether something is awaited outside of a function."""
    todo: list[ast.AST] = [ast.parse(text)]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith):
            return True
        if isinstance(node, ast.comprehension) and node.is_async:
            return True
        todo += [
            child
            for child in ast.iter_child_nodes(node)
            if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        ]
    return False


def _cell_magic(name: str, told: str, body: str) -> str:
    return f"get_ipython().run_cell_magic({name!r}, {told!r}, {body!r})"


def _as_python(line: str, needs: list[str]) -> str:
    if _HELP.match(line):
        return f"{line[: len(line) - len(line.lstrip())]}pass  # {line.strip()}"
    found = _MAGIC.match(line)
    if found is None:
        return line
    rest, target = found["rest"].strip(), (found["target"] or "").lstrip()
    before = found["indent"] + target
    if found["sign"] != "%":
        return before + _of_shell(rest.lstrip("!"), is_kept=bool(target), needs=needs)
    name, _, told = rest.lstrip("%").partition(" ")
    return before + _of_magic(name, told.strip(), is_kept=bool(target), needs=needs)


def _of_shell(command: str, *, is_kept: bool, needs: list[str]) -> str:
    if _PUT_IN.search(command):
        needs.append(f"!{command.split(maxsplit=1)[0]}")
        return f"get_ipython().{'getoutput' if is_kept else 'system'}({command!r})"
    if is_kept:
        run = f'subprocess.run({command!r}, shell=True, capture_output=True, text=True, encoding="utf-8")'
        return f'__import__("subprocess").{run.removeprefix("subprocess.")}.stdout.splitlines()'
    return f"import subprocess; subprocess.run({command!r}, shell=True)"


def _of_magic(name: str, told: str, *, is_kept: bool, needs: list[str]) -> str:
    if name == "time" and told:
        return told
    if name in QUIET_MAGICS and not is_kept:
        return f"pass  # %{name} {told}".rstrip()
    if not is_kept and not _PUT_IN.search(told):
        if name == "cd" and told and not told.startswith(("-", "~")) and told[0] not in "'\"":
            return f"import os; os.chdir({told!r})"
        key, equals, value = told.partition("=")
        if name == "env" and equals and key.strip().isidentifier():
            return f"import os; os.environ[{key.strip()!r}] = {value.strip()!r}"
        if name == "set_env" and len(told.split(None, 1)) == 2:
            key, value = told.split(None, 1)
            return f"import os; os.environ[{key!r}] = {value!r}"
    needs.append(f"%{name}")
    return f"get_ipython().run_line_magic({name!r}, {told!r})"
