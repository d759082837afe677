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
# From one value to the next by the index of values; then which kinds of it there are. Numbers that are equal, 5 and
# 5.0, stand side by side.
VALUES = """
WITH RECURSIVE v (x) AS (
  SELECT min(value) FROM params WHERE name_id = :name
  UNION ALL
  SELECT (SELECT min(p.value) FROM params AS p WHERE p.name_id = :name AND p.value > v.x) FROM v WHERE v.x IS NOT NULL
  LIMIT :most)
SELECT v.x, k.column1, k.column2 FROM v
JOIN (VALUES (NULL, 'text'), (NULL, 'integer'), (NULL, 'real'), ('bool', 'integer'), ('json', 'text'),
  ('int', 'text'), ('blob', 'integer')) AS k
WHERE v.x IS NOT NULL AND EXISTS (
  SELECT 1 FROM params AS p
  WHERE p.name_id = :name AND p.value = v.x AND p.special IS k.column1 AND typeof(p.value) = k.column2)
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
        if len(rows) > MOST_VALUES or any(special == "blob" for _, special, _ in rows):
            return None
        rows += [(None, special, "null") for (special,) in store.rows(WITHOUT_VALUE, {"name": name})]
        for value, special, kind in rows:
            typed = float(value) if kind == "real" else int(value) if kind == "integer" else value
            if _SIGNS[sign](shown(param_out(typed, special)), text):
                matching.setdefault((special, kind), []).append(typed)
    return [_test(special, kind, values) for (special, kind), values in matching.items()]


def _test(special: str | None, kind: str, values: Sequence[Any]) -> Condition:
    if kind == "null":
        return Condition("p.value IS NULL AND p.special IS ?", (special,))
    marks = ", ".join("?" * len(values))
    return Condition(f"p.value IN ({marks}) AND p.special IS ? AND typeof(p.value) = '{kind}'", (*values, special))
