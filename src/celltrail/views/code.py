"""How the source of two cells differs: as a diff, and as one short phrase once known changes are set aside."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterable
from functools import lru_cache

from celltrail.analysis.trees import walk


def code_diff(before: str, after: str, *, left: str = "before", right: str = "after") -> str:
    """Return a unified diff of two cells, empty where they are equal.

    Parameters
    ----------
    before, after : str
        The sources.
    left, right : str
        What the two are called in the head of the diff: `forest#6`.

    Returns
    -------
    str
        With three lines of context, without a trailing newline.
    """
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), left, right, lineterm="")
    return "\n".join(lines)


def unexplained(before: str, after: str, parameters: Iterable[str]) -> str:
    """Say how two cells differ beyond parameters that are named as changed anyway.

    Parameters
    ----------
    before, after : str
        The sources.
    parameters : iterable of str
        Names of keywords and variables whose change is already shown.

    Returns
    -------
    str
        `+3 −1 lines`, or empty where comments, layout, the header and those parameters are all that differs.
    """
    if _is_same_but_for_comments(before, after):
        return ""
    names = frozenset(parameters)
    left, right = _essence(before, names), _essence(after, names)
    if left == right:
        return ""
    matcher = difflib.SequenceMatcher(None, left.splitlines(), right.splitlines())
    moved = [codes for codes in matcher.get_opcodes() if codes[0] != "equal"]
    added = sum(end - start for _, _, _, start, end in moved)
    removed = sum(end - start for _, start, end, _, _ in moved)
    parts = [f"+{added}"] if added else []
    parts += [f"−{removed}"] if removed else []
    return f"{' '.join(parts)} line{'' if added + removed == 1 else 's'}"


# Where one of these stands, a line that begins with "#" may be text: a long string, a continued line, another magic.
_MAY_HIDE_TEXT = ('"""', "'''", "\\\n", "\r", "%%")


def _is_same_but_for_comments(before: str, after: str) -> bool:
    """Say whether two sources surely differ in comments and blank lines alone: to parse them takes long."""
    if any(mark in source for mark in _MAY_HIDE_TEXT for source in (before, after)):
        return False
    return _bare_lines(before) == _bare_lines(after)


def _bare_lines(source: str) -> list[str]:
    return [line for line in source.split("\n") if (bare := line.lstrip()) and bare[0] != "#"]


@lru_cache(maxsize=64)
def _essence(source: str, parameters: frozenset[str]) -> str:
    """Return the code without comments, layout, header and the given parameters; the text where it is no Python."""
    body = "\n".join(line for line in source.splitlines() if not line.startswith("%%"))  # comments go with the tree
    try:
        tree = ast.parse(body)
    except (SyntaxError, ValueError):  # magics, shell lines, null bytes
        return "\n".join(line.rstrip() for line in body.splitlines() if line.strip())
    for node in walk(tree):
        if isinstance(node, ast.Call):
            node.keywords = [one for one in node.keywords if one.arg not in parameters]
        elif isinstance(node, ast.Assign) and all(_is_named(target, parameters) for target in node.targets):
            node.value = ast.Constant(None)
    return ast.unparse(tree)


def _is_named(target: ast.expr, names: frozenset[str]) -> bool:
    return isinstance(target, ast.Name) and target.id in names
