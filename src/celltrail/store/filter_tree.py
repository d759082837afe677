"""What a filter says, as a tree, and how a mistake in one is shown.

The text becomes a tree in `filter_grammar`, the tree becomes SQL in `filter_sql`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from celltrail.errors import FilterError

Kind = Literal["metric", "param", "tag", "attribute", "any"]
Operator = Literal["=", "!=", "<", "<=", ">", ">=", "like", "ilike"]


@dataclass(frozen=True, slots=True)
class Key:
    """The left side of a comparison.

    Attributes
    ----------
    kind : str
        Where to look; "any" for a bare word that is no attribute: a metric, a parameter or a tag.
    name : str
        The name without its prefix; attributes by the one word that celltrail uses for them.
    position : int
        Where it stands in the filter, for the caret.
    """

    kind: Kind
    name: str
    position: int


@dataclass(frozen=True, slots=True)
class Moment:
    """A point or a stretch of time: `'2026-11-01'` is the whole day. The end is not part of it."""

    start: datetime
    end: datetime

    @property
    def is_instant(self) -> bool:
        """Whether it is a time rather than a day or a month; a store counts microseconds."""
        return self.end - self.start <= timedelta(microseconds=1)


Value = str | float | bool | Moment


@dataclass(frozen=True, slots=True)
class Compare:
    """`key operator value`. False where the run has no such key, whatever the operator.

    Where several fits of a run have the key, one that compares is enough; `!=` is the contrary of `=`, so
    that none may be equal.
    """

    key: Key
    operator: Operator
    value: Value


@dataclass(frozen=True, slots=True)
class In:
    """`key in (value, …)`: `key` equals one of them."""

    key: Key
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class IsNull:
    """`key is null`: the run has no such key, or its value is None."""

    key: Key


@dataclass(frozen=True, slots=True)
class Present:
    """The run has such a key, whatever its value."""

    key: Key


@dataclass(frozen=True, slots=True)
class Not:
    """True where its part is false."""

    part: Node


@dataclass(frozen=True, slots=True)
class And:
    """True where all parts are; with no part, always."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """True where at least one part is."""

    parts: tuple[Node, ...]


Node = Compare | In | IsNull | Present | Not | And | Or


@dataclass(frozen=True, slots=True)
class Order:
    """One term of `order_by`."""

    key: Key
    is_descending: bool


def filter_error(text: str, position: int, problem: str, *, near: Iterable[str] = ()) -> FilterError:
    """Make the error that points at one character of a filter.

    Parameters
    ----------
    text : str
        The filter as it was typed.
    position : int
        Index of the character at fault, in [0, len(text)].
    problem : str
        What is wrong there and what to type instead.
    near : iterable of str, optional
        Names that may have been meant, best first.

    Returns
    -------
    FilterError
        Its message is the problem, the line, and a caret below the character.
    """
    names = ", ".join(near)
    said = f"{problem} Near: {names}." if names else problem
    start = text.rfind("\n", 0, position) + 1
    line = text[start:].split("\n", 1)[0].replace("\t", " ")
    return FilterError(f"{said}\n  {line}\n  {' ' * (position - start)}^")


def near_names(name: str, known: Iterable[str], *, limit: int = 4) -> list[str]:
    """Return the known names that look like the one typed, best first.

    Parameters
    ----------
    name : str
        As it was typed.
    known : iterable of str
        All that exist.
    limit : int, default=4
        At most so many.

    Returns
    -------
    list of str
        Names that hold the typed one, or that it holds, before those that are spelled alike.
    """
    typed = name.lower()
    names = sorted(set(known))
    holding = [one for one in names if typed and (typed in one.lower() or one.lower() in typed)]
    alike = difflib.get_close_matches(typed, [one.lower() for one in names], n=limit, cutoff=0.5)
    # A dotted name is also like the typed one by one of its parts: `acuracy` and `accuracy_score.y_test`.
    by_part = [one for one in names if difflib.get_close_matches(typed, one.lower().split("."), n=1, cutoff=0.7)]
    ordered = dict.fromkeys([*holding, *[one for one in names if one.lower() in alike], *by_part])
    return list(ordered)[:limit]
