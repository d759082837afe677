"""Rows that were picked out of an array, as the source says it: `y[train]`, `y_train.iloc[rows]`.

NumPy copies what is picked by number or by mask, so the copy itself does not tell where its rows come from.
"""

from __future__ import annotations

import ast
import linecache
import re
import sys
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING, Any

from celltrail.analysis.source import parse_cell

if TYPE_CHECKING:
    from celltrail.flavors.protocol import Call

_BY_ROWS = ("iloc", "loc", "values")
# More rows than that are not compared one by one (about 20 ms a million).
_MOST_ROWS = 1_000_000


@dataclass(frozen=True, slots=True)
class Subset:
    """Some rows of an array; neither the array nor the row numbers are kept alive."""

    whole: weakref.ref[Any]
    rows: weakref.ref[Any]

    def shares_rows(self, other: Subset) -> bool | None:
        """Say whether two subsets have rows in common; None where they are not of one array, or that is not known."""
        numpy, whole = sys.modules.get("numpy"), self.whole()
        mine, theirs = self.rows(), other.rows()
        if numpy is None or whole is None or whole is not other.whole() or mine is None or theirs is None:
            return None
        if mine.dtype.kind == theirs.dtype.kind == "b" and mine.shape == theirs.shape:
            return bool((mine & theirs).any())
        if mine.dtype.kind in "iu" and theirs.dtype.kind in "iu" and mine.size + theirs.size <= _MOST_ROWS:
            return bool(numpy.isin(theirs, mine).any())
        return None


def subset_of(call: Call, parameter: str) -> tuple[Any, Subset | None]:
    """Return of what array an argument is a part, as the call's source says it.

    Parameters
    ----------
    call : Call
        Its site was found when it opened, and its frame is there still.
    parameter : str
        The argument's name.

    Returns
    -------
    whole : object or None
        The array from which rows were picked; None where the source does not say so.
    subset : Subset or None
        Which rows, where they are an array that can be compared.
    """
    site, frame = call.notes.get("site"), call.frame
    if site is None or frame is None or parameter not in call.arguments:
        return None, None
    text = site.argument(list(call.arguments).index(parameter), parameter)
    names = _picked(text) or _picked_before(text, frame)
    if names is None:
        return None, None
    held: Mapping[str, Any] = {**frame.f_globals, **frame.f_locals}
    whole, rows = held.get(names[0]), held.get(names[1])
    if type(whole).__module__.partition(".")[0] not in ("numpy", "pandas"):
        return None, None
    is_array = type(rows).__module__ == "numpy" and type(rows).__name__ == "ndarray"
    return whole, Subset(weakref.ref(whole), weakref.ref(rows)) if is_array else None


def _picked(text: str | None) -> tuple[str, str] | None:
    """Return the names of an array and of the rows that are picked from it; the second is empty for no plain name."""
    tree = parse_cell(text) if text is not None and "[" in text else None
    statement = tree.body[0] if tree is not None and len(tree.body) == 1 else None
    return _names_of(statement.value) if isinstance(statement, ast.Expr) else None


def _picked_before(text: str | None, frame: FrameType) -> tuple[str, str] | None:
    """Look for `part = whole[rows]` in the cell, where an argument is a plain name."""
    if text is None or not text.isidentifier():
        return None
    source = "".join(linecache.getlines(frame.f_code.co_filename, frame.f_globals))
    # Parsing costs every fit up to a millisecond: only where the name may be bound to such a thing.
    if re.search(rf"\b{text}\b[^=\n]*=[^=\n]*\[", source) is None or (tree := parse_cell(source)) is None:
        return None
    found = None
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and node.lineno < frame.f_lineno:
            for target, value in _pairs(node):
                if isinstance(target, ast.Name) and target.id == text:
                    found = _names_of(value)
    return found


def _pairs(node: ast.Assign) -> list[tuple[ast.expr, ast.expr]]:
    (target, *_), value = node.targets, node.value
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        return list(zip(target.elts, value.elts, strict=True))
    return [(one, value) for one in node.targets]


def _names_of(value: ast.expr) -> tuple[str, str] | None:
    if not isinstance(value, ast.Subscript):
        return None
    whole = value.value
    if isinstance(whole, ast.Attribute) and whole.attr in _BY_ROWS:
        whole = whole.value
    rows = value.slice.id if isinstance(value.slice, ast.Name) else ""
    return (whole.id, rows) if isinstance(whole, ast.Name) else None
