"""Parameters compared as text: each different value is looked at once, however many runs have it."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

from celltrail.store.column_tests import Condition
from celltrail.store.key_book import Reader
from celltrail.store.text_functions import shown, text_like
from celltrail.store.values import param_out

# A parameter with more values than this (a strength drawn at random) is looked at row by row: reading so many values
# takes 10 ms.
MOST_VALUES = 2000
# From one value to the next by the index of values, and which words stand beside it. Numbers that are equal, 5 and
# 5.0, stand as one.
VALUES = """
WITH RECURSIVE v (x) AS (
  SELECT min(value) FROM params WHERE name_id = :name
  UNION ALL
  SELECT (SELECT min(p.value) FROM params AS p WHERE p.name_id = :name AND p.value > v.x) FROM v WHERE v.x IS NOT NULL
  LIMIT :most)
SELECT v.x, k.column1 FROM v JOIN (VALUES (NULL), ('bool'), ('json'), ('int'), ('blob')) AS k
WHERE v.x IS NOT NULL AND EXISTS (
  SELECT 1 FROM params AS p WHERE p.name_id = :name AND p.value = v.x AND p.special IS k.column1)
"""
WITHOUT_VALUE = """
SELECT k.column1 FROM (VALUES (NULL), ('nan'), ('inf'), ('-inf')) AS k
WHERE EXISTS (SELECT 1 FROM params AS p WHERE p.name_id = :name AND p.value IS NULL AND p.special IS k.column1)
"""
_SIGNS: dict[str, Callable[[str, str], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "like": lambda text, pattern: bool(text_like(pattern, text, 0)),
    "ilike": lambda text, pattern: bool(text_like(pattern, text, 1)),
}


def text_tests(store: Reader, names: Sequence[int], sign: str, text: str) -> list[Condition] | None:
    """Return tests on a row `p` of params that together say what a comparison as text says.

    Parameters
    ----------
    store : Reader
        Asked for the values that there are.
    names : sequence of int
        Under which names the parameter stands.
    sign : str
        Any but `=` and `!=`.
    text : str
        What the value, as Python prints it, is compared with.

    Returns
    -------
    list of Condition or None
        Any of them suffices. None where there are too many values, or some stand in blobs: then each row is looked
        at.
    """
    matching: dict[tuple[str | None, str], list[Any]] = {}
    for name in names:
        rows = store.rows(VALUES, {"name": name, "most": MOST_VALUES + 1})
        if len(rows) > MOST_VALUES or any(special == "blob" for _, special in rows):
            return None
        rows += [(None, special) for (special,) in store.rows(WITHOUT_VALUE, {"name": name})]
        for value, special in rows:
            for kind, typed in _kinds(value, special):
                if _SIGNS[sign](shown(param_out(typed, special)), text):
                    matching.setdefault((special, kind), []).append(typed)
    return [_test(special, kind, values) for (special, kind), values in matching.items()]


def _kinds(value: Any, special: str | None) -> list[tuple[str, Any]]:
    """Return the types, as SQLite names them, in which a value may stand: a whole number as integer and as real."""
    if value is None:
        return [("null", None)]
    if isinstance(value, str):
        return [("text", value)]
    kinds: list[tuple[str, Any]] = [("integer", int(value))] if value == int(value) else []
    return kinds if special is not None else [*kinds, ("real", float(value))]


def _test(special: str | None, kind: str, values: Sequence[Any]) -> Condition:
    if kind == "null":
        return Condition("p.value IS NULL AND p.special IS ?", (special,))
    marks = ", ".join("?" * len(values))
    return Condition(f"p.value IN ({marks}) AND p.special IS ? AND typeof(p.value) = '{kind}'", (*values, special))
