"""The functions that filters add to SQLite: what a parameter looks like as text, and `like` as people expect it."""

from __future__ import annotations

import functools
import re
from typing import Any

from celltrail.store import blobs
from celltrail.store.store import Store
from celltrail.store.values import json_out, param_out, text_out

IS_THERE = "SELECT 1 FROM pragma_function_list WHERE name = 'text_like' LIMIT 1"


def add_text_functions(trail: Store) -> None:
    """Make `param_text(value, special)` and `text_like(pattern, text, ignores_case)` known to the connection."""
    if trail.db.row(IS_THERE):
        return

    def param_text(value: Any, special: str | None) -> str:
        if special == "blob":
            return shown(json_out(blobs.read_row(trail.db, trail.path, value)))
        return shown(param_out(value, special))

    trail.db.raw.create_function("param_text", 2, param_text)
    trail.db.raw.create_function("text_like", 3, text_like, deterministic=True)


def shown(value: Any) -> str:
    """Return a parameter as text, as Python prints it; an object that JSON can't hold by its repr."""
    if isinstance(value, dict) and value.keys() == {"repr"}:
        return str(value["repr"])
    return str(value)


def text_like(pattern: str, text: str | None, ignores_case: int) -> int:
    """Say whether a text matches an SQL pattern.

    Parameters
    ----------
    pattern : str
        `%` stands for any text, `_` for one character; a backslash before them takes them as they are.
    text : str or None
        None matches nothing.
    ignores_case : int
        1 for `ilike`.

    Returns
    -------
    int
        1 or 0.
    """
    return int(text is not None and _compiled(pattern, bool(ignores_case)).fullmatch(text_out(text)) is not None)


@functools.lru_cache(maxsize=64)
def _compiled(pattern: str, ignores_case: bool) -> re.Pattern[str]:
    parts = []
    letters = iter(pattern)
    for letter in letters:
        if letter == "\\":
            parts.append(re.escape(next(letters, "\\")))
        else:
            parts.append({"%": ".*", "_": "."}.get(letter, re.escape(letter)))
    return re.compile("".join(parts), re.DOTALL | (re.IGNORECASE if ignores_case else 0))
