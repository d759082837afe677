"""Comparisons of one column with one value, as SQL: numbers, texts, times and parameters of any type."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from celltrail.store.blobs import digest_of
from celltrail.store.filter_tree import Moment, Value
from celltrail.store.values import ESCAPED, json_in, text_in, time_in

_PYTHON: dict[str, Callable[[float, float], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_LARGEST = 2**63
# SQLite refuses patterns of more than 50,000 bytes.
_LONGEST_PATTERN = 10_000
_GLOB = str.maketrans({"%": "*", "_": "?", "*": "[*]", "?": "[?]", "[": "[[]"})
# What is typed shorter than this stands in the column itself, however JSON may escape it.
_SHORTER_THAN_A_BLOB = 100


@dataclass(frozen=True, slots=True)
class Few:
    """A query for the rows of few runs, among which are all that fulfil a condition.

    Attributes
    ----------
    sql : str
        One or several SELECTs of `runs.id`.
    values : tuple
        What its question marks stand for.
    at_most : int
        So many rows, or fewer.
    rest : Condition or None, optional
        What of the condition is still to be tested of them; None: all of it.
    """

    sql: str
    values: tuple[Any, ...]
    at_most: int
    rest: Condition | None = None

    @classmethod
    def exactly(cls, sql: str, values: tuple[Any, ...], count: int) -> Few:
        """Return the query for just those that fulfil a condition."""
        return cls(sql, values, count, ALWAYS)


@dataclass(frozen=True, slots=True)
class Condition:
    """An SQL expression that is 0 or 1, never NULL, and what its question marks stand for.

    `few`, where it is known, leads to the runs that fulfil it, for a search to begin with.
    """

    sql: str
    values: tuple[Any, ...] = ()
    few: Few | None = None


ALWAYS = Condition("1")
NEVER = Condition("0", (), Few.exactly("SELECT 0 WHERE 0", (), 0))
# SQLite joins at most 500 SELECTs, and a search that begins in so many places begins nowhere.
_MOST_SELECTS = 100


def number_test(column: str, special: str, sign: str, value: float) -> list[Condition]:
    """Compare a column of numbers, beside which stands a word for what is not finite.

    Parameters
    ----------
    column, special : str
        SQL of the number and of the word.
    sign : str
        One of `=`, `<`, `<=`, `>`, `>=`.
    value : float
        NaN equals NaN here and is neither more nor less than anything.

    Returns
    -------
    list of Condition
        Any of them suffices; apart, so that each can use an index.
    """
    if math.isnan(value):
        return [Condition(f"{column} IS NULL AND {special} = 'nan'")] if "=" in sign else []
    compares = _PYTHON[sign]
    words = [word for word in ("inf", "-inf") if compares(float(word), value)]
    tests = [Condition(f"{column} IS NULL AND {special} = '{word}'") for word in words]
    if math.isfinite(value):
        tests.append(Condition(f"{column} {sign} ?", (_bindable(value),)))
    elif compares(0.0, value):
        tests.append(Condition(f"{column} IS NOT NULL"))
    return tests


def text_test(column: str, sign: str, text: str) -> Condition:
    """Compare a column of texts."""
    if sign not in {"like", "ilike"}:
        return Condition(f"{column} {sign} ?", (text_in(text),))
    exact = Condition(f"text_like(?, {column}, {int(sign == 'ilike')})", (text,))
    rough = _rough_pattern(text, ignores_case=sign == "ilike")
    if rough is None:
        return exact
    # SQLite's own test is fifty times as fast, but not quite ours: it stands before. Escaped text passes it.
    word, pattern = rough
    return Condition(
        f"(({column} {word} ? OR substr({column}, 1, 1) = ?) AND {exact.sql})", (pattern, ESCAPED, *exact.values)
    )


def _rough_pattern(pattern: str, *, ignores_case: bool) -> tuple[str, str] | None:
    """Return SQLite's operator and pattern for one of ours without escapes; None where it has no such."""
    if "\\" in pattern or "\0" in pattern or len(pattern) > _LONGEST_PATTERN or text_in(pattern) != pattern:
        return None
    if ignores_case:
        # LIKE knows the case of ASCII only; ı, ſ and K fold into it too, and are left to the exact test.
        return ("LIKE", re.sub("[iks]", "_", pattern, flags=re.IGNORECASE)) if pattern.isascii() else None
    return "GLOB", pattern.translate(_GLOB)


def time_test(column: str, sign: str, moment: Moment) -> Condition:
    """Compare with a stretch of time: `=` is inside it, `<=` up to its end, `>` and `>=` from its beginning."""
    start, end = time_in(moment.start), time_in(moment.end)
    match sign:
        case "=":
            return Condition(f"({column} >= ? AND {column} < ?)", (start, end))
        case "<":
            return Condition(f"{column} < ?", (start,))
        case "<=":
            return Condition(f"{column} < ?", (end,))
        case ">" if moment.is_instant:
            return Condition(f"{column} >= ?", (end,))
    return Condition(f"{column} >= ?", (start,))


def param_tests(sign: str, value: Value) -> list[Condition]:
    """Compare a parameter, a row `p` of params, typed: a number with numbers, a text with what each value looks like.

    Parameters
    ----------
    sign : str
        Any but `!=`.
    value : str, float, bool or Moment
        `'5'` is found where the parameter is the text 5 or the integer 5, `5` only where it is a number.

    Returns
    -------
    list of Condition
        Any of them suffices.
    """
    if isinstance(value, bool):
        return [Condition("p.special = 'bool' AND p.value = ?", (int(value),))] if sign == "=" else []
    if isinstance(value, (int, float)):
        return _param_number_tests(sign, value)
    text = as_text(value)
    if sign == "=":
        return _param_equals_text(text)
    return [text_test("param_text(p.value, p.special)", sign, text)]


def _param_number_tests(sign: str, value: float) -> list[Condition]:
    plain = "p.special IS NULL AND typeof(p.value) IN ('integer', 'real')"
    # A text sorts after every number: the bound keeps the search in the part of the index that holds numbers.
    plain += "" if sign == "=" else " AND p.value < ''"
    tests = []
    for test in number_test("p.value", "p.special", sign, value):
        is_word = "p.special" in test.sql
        tests.append(test if is_word else Condition(f"{test.sql} AND {plain}", test.values))
    if math.isfinite(value):
        # Kept as text: a minus or a digit, up to the colon that follows 9.
        huge = f"p.value >= '-' AND p.value < ':' AND p.special = 'int' AND CAST(p.value AS REAL) {sign} ?"
        tests.append(Condition(huge, (float(value),)))
    return tests


def _param_equals_text(text: str) -> list[Condition]:
    """Find what looks like a text, each type by the index rather than by looking at every value."""
    kept = [text_in(text), json_in({"repr": text})]
    literal = _literal(text)
    if isinstance(literal, (list, tuple, dict)):
        kept.append(json_in(literal))  # a tuple is kept as JSON's list
    tests = [Condition("p.value = ? AND (p.special IS NULL OR p.special IN ('json', 'int'))", (one,)) for one in kept]
    if isinstance(literal, bool):
        tests.append(Condition("p.special = 'bool' AND p.value = ?", (int(literal),)))
    elif isinstance(literal, (int, float)) and repr(literal) == text and abs(literal) < _LARGEST:
        kind = "integer" if isinstance(literal, int) else "real"
        tests.append(Condition(f"p.value = ? AND p.special IS NULL AND typeof(p.value) = '{kind}'", (literal,)))
    elif text in {"nan", "inf", "-inf"}:
        tests.append(Condition("p.value IS NULL AND p.special = ?", (text,)))
    elif text == "None":
        tests.append(Condition("p.value IS NULL AND p.special IS NULL"))
    if len(text) < _SHORTER_THAN_A_BLOB:
        return tests
    is_blob = "p.special = 'blob' AND p.value = (SELECT b.id FROM blobs AS b WHERE b.digest = ?)"
    longs = [text, {"repr": text}, *([literal] if isinstance(literal, (list, tuple, dict)) else [])]
    digests = [bytes.fromhex(digest_of(json_in(one).encode("utf-8", "surrogatepass"))) for one in longs]
    return [*tests, *(Condition(is_blob, (digest,)) for digest in digests)]


def _literal(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None


def as_text(value: Value) -> str:
    """Return a value as a text column is compared with it."""
    return value if isinstance(value, str) else str(value)


def negated(condition: Condition) -> Condition:
    """Return the contrary."""
    return Condition(f"NOT ({condition.sql})", condition.values)


def any_of(conditions: Sequence[Condition]) -> Condition:
    """Return what is true where one of them is; never, where there is none."""
    return joined("OR", conditions) if conditions else NEVER


def joined(word: str, conditions: Sequence[Condition]) -> Condition:
    """Join in halves: SQLite refuses expressions nested deeper than 1,000, and a chain of ORs is nested."""
    if len(conditions) == 1:
        return conditions[0]
    middle = len(conditions) // 2
    left, right = joined(word, conditions[:middle]), joined(word, conditions[middle:])
    few = _fewer(left, right) if word == "AND" else _both(left.few, right.few)
    return Condition(f"({left.sql} {word} {right.sql})", left.values + right.values, few)


def _fewer(left: Condition, right: Condition) -> Few | None:
    few, one, other = left.few, left, right
    if few is None or (right.few is not None and right.few.at_most < few.at_most):
        few, one, other = right.few, right, left
    if few is None:
        return None
    of_one = one if few.rest is None else few.rest
    rest = Condition(f"({of_one.sql} AND {other.sql})", of_one.values + other.values)
    return replace(few, rest=rest)


def _both(left: Few | None, right: Few | None) -> Few | None:
    if left is None or right is None:
        return None
    sql = f"{left.sql} UNION ALL {right.sql}"
    if sql.count("UNION ALL") >= _MOST_SELECTS:
        return None
    is_exact = left.rest is ALWAYS and right.rest is ALWAYS
    return Few(sql, left.values + right.values, left.at_most + right.at_most, ALWAYS if is_exact else None)


def _bindable(value: float) -> float:
    return float(value) if isinstance(value, int) and not -_LARGEST <= value < _LARGEST else value
