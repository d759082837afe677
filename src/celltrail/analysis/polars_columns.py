"""Digests of polars' columns; equal to those of the same content in pandas or Arrow, and taken without pyarrow.

What `arrow_columns` says holds here too; an `Enum` is an ordered category, a `Categorical` one without order.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from celltrail.analysis import canonical, canonical_objects
from celltrail.analysis.canonical import BLOCK_ROWS, column_head
from celltrail.analysis.canonical_categories import feed_categories

_UNSIGNED_AND_SIGNED = {f"{sign}Int{bits}" for sign in ("", "U") for bits in (8, 16, 32, 64)}
_FLOATS = {"Float32", "Float64"}


def logical_type(dtype: Any) -> str:
    """Return the logical type of a polars type: as `pandas_types.arrow_type_name` names it."""
    name = type(dtype).__name__ if not isinstance(dtype, type) else dtype.__name__
    if name in _UNSIGNED_AND_SIGNED | _FLOATS:
        return name.lower()
    if name == "Datetime":
        return f"datetime[{dtype.time_zone}]" if dtype.time_zone else "datetime"
    named = {"Boolean": "bool", "String": "string", "Utf8": "string", "Null": "string", "Duration": "timedelta"}
    named |= {"Date": "date", "Time": "time", "Categorical": "category[string]", "Enum": "ordered-category[string]"}
    return named.get(name, "object")


def feed(hasher: Any, column: Any) -> None:
    """Feed one column in canonical form.

    Parameters
    ----------
    hasher : blake3
        Takes the bytes.
    column : polars.Series
        Of any type.
    """
    logical = logical_type(column.dtype)
    if logical == "string":
        _feed_text(hasher, column)
    elif logical.endswith("category[string]"):
        _feed_categories(hasher, column, is_ordered=logical.startswith("ordered"))
    elif logical.startswith(("datetime", "timedelta")):
        _feed_times(hasher, column, logical)
    elif logical == "object":
        canonical_objects.hash_objects(hasher, _Objects(column), "object")
    else:
        _feed_numbers(hasher, column, logical)


def _pieces(column: Any) -> Iterator[Any]:
    for start in range(0, len(column), BLOCK_ROWS):
        yield column.slice(start, BLOCK_ROWS)


def _feed_validity(hasher: Any, column: Any) -> None:
    if not column.null_count():
        hasher.update(b"\0")
        return
    hasher.update(b"\1")
    for piece in _pieces(column):
        canonical.feed_validity_bits(hasher, piece.is_null().to_numpy())


def _feed_numbers(hasher: Any, column: Any, logical: str) -> None:
    """Feed numbers; dates as days and times as nanoseconds, which is how polars stores them."""
    is_real = logical.startswith("float")
    hasher.update(column_head(logical, len(column)))
    if not is_real:
        _feed_validity(hasher, column)
    filler: Any = float("nan") if is_real else False if logical == "bool" else 0
    for piece in _pieces(column.to_physical()):
        values = (piece.fill_null(filler) if piece.null_count() else piece).to_numpy()
        canonical.feed_block(hasher, values.astype("i8") if logical in ("date", "time") else values)


def _feed_times(hasher: Any, column: Any, logical: str) -> None:
    import numpy as np

    letter = "M" if logical.startswith("datetime") else "m"
    values = np.empty(len(column), f"{letter}8[{column.dtype.time_unit}]")
    missing = np.zeros(len(column), bool)
    for place, piece in enumerate(_pieces(column.to_physical())):
        here = slice(place * BLOCK_ROWS, place * BLOCK_ROWS + len(piece))
        values[here] = piece.fill_null(0).to_numpy().view(values.dtype)
        missing[here] = piece.is_null().to_numpy()
    canonical.hash_masked(hasher, values, missing, logical)


def _feed_text(hasher: Any, column: Any) -> None:
    import polars as pl

    canonical_objects.feed_objects_head(hasher, "string", len(column))
    _feed_validity(hasher, column)
    for piece in _pieces(column):
        texts = piece.cast(pl.String).fill_null("") if piece.null_count() else piece
        lengths = texts.str.len_bytes().to_numpy().astype("i8")
        canonical_objects.feed_text_block(hasher, lengths, texts.str.join("")[0].encode())


def _feed_categories(hasher: Any, column: Any, *, is_ordered: bool) -> None:
    import polars as pl

    # Numbers of categories belong to the process, so they are numbered here, in order of appearance.
    seen = column.drop_nulls().unique(maintain_order=True).cast(pl.String)
    words = column.dtype.categories if is_ordered else seen
    numbered = column.cast(pl.String).cast(pl.Enum(words)).to_physical()
    codes = [piece.cast(pl.Int32).fill_null(-1).to_numpy() for piece in _pieces(numbered)]
    feed_categories(hasher, codes, _Words(words), lambda one, taken: feed(one, taken.words), is_ordered=is_ordered)


class _Words:
    """Categories as `feed_categories` takes them."""

    def __init__(self, words: Any) -> None:
        self.words = words

    def __len__(self) -> int:
        return len(self.words)

    def take(self, places: Any) -> _Words:
        """Return the categories at these places."""
        return _Words(self.words.gather(places))


class _Objects:
    """A column as a sequence of Python objects that is made piece by piece."""

    def __init__(self, column: Any) -> None:
        self._column = column

    def __len__(self) -> int:
        return len(self._column)

    def __getitem__(self, rows: slice) -> list[Any]:
        piece = self._column.slice(rows.start, rows.stop - rows.start)
        inner = getattr(piece.dtype, "inner", None)
        if inner is None or logical_type(inner) not in {name.lower() for name in _UNSIGNED_AND_SIGNED | _FLOATS}:
            return list(piece.to_list())
        return [None if one is None else one.to_list() if one.null_count() else one.to_numpy() for one in piece]
