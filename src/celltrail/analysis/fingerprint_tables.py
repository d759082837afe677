"""Digests of tables of polars and Arrow: those of a pandas frame with the same columns and a plain count as index.

So a frame keeps its digest through `pl.from_pandas`, `to_pandas` and Parquet wherever the types of its columns do. A
series or an array is a pandas series, without name where it has none.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any

from celltrail.analysis import canonical
from celltrail.analysis.buffers import BufferBook
from celltrail.analysis.canonical import NoCanonicalFormError
from celltrail.analysis.fingerprint_pandas import frame_digest
from celltrail.analysis.pandas_index import count_digest
from celltrail.analysis.pandas_types import arrow_type_name
from celltrail.analysis.sampling import places
from celltrail.domain.ids import Digest

_SAMPLED_COLUMNS = 64
_TABLES = {"Table", "RecordBatch", "DataFrame"}
_COLUMNS = {"ChunkedArray", "Series"}


def is_known(obj: Any) -> bool:
    """Say whether this is a table, a series or an array of polars or Arrow; none of them lazy."""
    kind = type(obj)
    if kind.__name__ in _TABLES | _COLUMNS:
        return True
    return kind.__module__ == "pyarrow.lib" and any(base.__name__ == "Array" for base in kind.__mro__)


def schema(obj: Any) -> tuple[int, list[list[str]] | None, int | None]:
    """Return rows, columns with logical types, and size in bytes."""
    names, columns = _columns(obj)
    name_of = _name_of_type(obj)
    # polars stores strings in a form whose true size has to be counted; an estimate is what it offers.
    size = obj.estimated_size() if _is_polars(obj) else obj.nbytes
    types = [name_of(column) for column in columns]
    return _rows(obj), [list(pair) for pair in zip(names, types, strict=True)], int(size)


def full_digest(obj: Any, book: BufferBook | None = None) -> tuple[Digest, dict[str, str] | None]:
    """Return the digest of everything, and those of the columns by name."""
    names, columns = _columns(obj)
    found = _digests(obj, names, columns, book)
    rows = _rows(obj)
    named = dict(zip(names, (one.hex() for one in found), strict=True)) if len(set(names)) == len(names) else None
    return _joined(obj, names, count_digest(0, 1, rows), found), named


def sampled_digest(obj: Any, rows: int) -> Digest:
    """Return the digest of at most so many rows, of 64 columns where there are more."""
    from celltrail.analysis.pandas_index import sampled_count_digest

    names, columns = _columns(obj)
    picked = places(_rows(obj), rows)
    index = sampled_count_digest(picked)
    shown = places(len(columns), _SAMPLED_COLUMNS)
    few = _taken([columns[place] for place in shown], picked, is_polars=_is_polars(obj))
    found = _digests(obj, [names[place] for place in shown], few)
    if _is_table(obj):
        name_of = _name_of_type(obj)
        found = [json.dumps([name_of(column) for column in columns]).encode(), *found]
    return _joined(obj, names, index, found)


def _joined(obj: Any, names: list[str], index: bytes, found: list[bytes]) -> Digest:
    rows = _rows(obj)
    if _is_table(obj):
        return frame_digest(rows, [None], list(names), index, found)
    head = f"celltrail.series/1\n{json.dumps([rows, names[0] or None])}\n"
    return Digest(canonical.joined(head.encode("utf-8", "surrogatepass"), [index, *found]).hex())


def _columns(obj: Any) -> tuple[list[str], list[Any]]:
    if not _is_table(obj):
        return [obj.name if _is_polars(obj) else ""], [obj]
    if _is_polars(obj):
        return list(obj.columns), obj.get_columns()
    return list(obj.schema.names), [obj.column(place) for place in range(obj.num_columns)]


def _digests(obj: Any, names: list[str], columns: list[Any], book: BufferBook | None = None) -> list[bytes]:
    from celltrail.analysis import arrow_columns, polars_columns

    feed: Callable[[Any, Any], None] = polars_columns.feed if _is_polars(obj) else arrow_columns.feed

    def digest(column: Any) -> bytes:
        hasher = canonical.new_hasher()
        feed(hasher, column)
        return bytes(hasher.digest())

    found = []
    for name, column in zip(names, columns, strict=True):
        buffers, extra = ([], None) if book is None or _is_polars(obj) else arrow_columns.buffers_of(column)
        try:
            if book is not None and buffers:
                found.append(book.once(buffers, functools.partial(digest, column), extra=("arrow", extra)))
            else:
                found.append(digest(column))
        except NoCanonicalFormError as error:
            raise NoCanonicalFormError(f"column {name!r} {error}") from None
    return found


def _taken(columns: list[Any], picked: list[int], *, is_polars: bool) -> list[Any]:
    if is_polars:
        return [column.gather(picked) for column in columns]
    return [column.take(picked) for column in columns]


def _name_of_type(obj: Any) -> Callable[[Any], str]:
    from celltrail.analysis import polars_columns

    if _is_polars(obj):
        return lambda column: polars_columns.logical_type(column.dtype)
    return lambda column: arrow_type_name(column.type)


def _rows(obj: Any) -> int:
    return int(obj.height) if type(obj).__name__ == "DataFrame" else int(getattr(obj, "num_rows", len(obj)))


def _is_table(obj: Any) -> bool:
    return type(obj).__name__ in _TABLES


def _is_polars(obj: Any) -> bool:
    return str(type(obj).__module__).partition(".")[0] == "polars"
