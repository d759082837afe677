"""Digests of Arrow's columns; equal to those of the same content in pandas or polars.

Dates are `date`, times `time`; numbers with missing values are as pandas' nullable ones; dictionaries are categories;
what pandas has only as Python objects (decimals, lists, structs, bytes) is hashed as those: a list of numbers without
missing ones as the NumPy array that `to_pandas` makes of it. Chunks do not count, nor does what lies under a null.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from celltrail.analysis import canonical, canonical_objects
from celltrail.analysis.canonical import BLOCK_ROWS, column_head
from celltrail.analysis.canonical_categories import feed_categories
from celltrail.analysis.pandas_types import arrow_type_name


def feed(hasher: Any, column: Any) -> None:
    """Feed one Arrow column in canonical form.

    Parameters
    ----------
    hasher : blake3
        Takes the bytes.
    column : pyarrow.Array or pyarrow.ChunkedArray
        Of any type.
    """
    import pyarrow as pa

    if isinstance(column.type, pa.BaseExtensionType):
        column = _storage(column)
    logical = arrow_type_name(column.type)
    kind = column.type
    if logical == "string":
        _feed_text(hasher, column)
    elif pa.types.is_dictionary(kind):
        _feed_dictionary(hasher, column)
    elif logical == "object":
        _feed_objects(hasher, column)
    elif pa.types.is_temporal(kind):
        _feed_times(hasher, column, logical)
    else:
        _feed_numbers(hasher, column, logical)


def buffers_of(column: Any) -> tuple[list[Any], object]:
    """Return the buffers of a column as arrays of bytes, and what else decides its digest.

    Parameters
    ----------
    column : pyarrow.Array or pyarrow.ChunkedArray
        Of any type.

    Returns
    -------
    buffers : list of ndarray
        Empty where it has more than those: a dictionary lies apart.
    extra : hashable
        Type, and where each chunk begins and ends in its buffers.
    """
    import numpy as np
    import pyarrow as pa

    if "dictionary" in str(column.type):
        return [], None
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    buffers = [np.frombuffer(one, "u1") for chunk in chunks for one in chunk.buffers() if one is not None]
    return buffers, (str(column.type), tuple((chunk.offset, len(chunk)) for chunk in chunks))


def _storage(column: Any) -> Any:
    import pyarrow as pa

    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    return pa.chunked_array([chunk.storage for chunk in chunks], column.type.storage_type)


def _pieces(column: Any, rows: int = BLOCK_ROWS) -> Iterator[Any]:
    """Yield the column as arrays of so many rows, wherever its chunks end."""
    import pyarrow as pa

    for start in range(0, len(column), rows):
        piece = column.slice(start, rows)
        if isinstance(piece, pa.ChunkedArray):
            piece = piece.chunk(0) if piece.num_chunks == 1 else piece.combine_chunks()
            piece = piece.chunk(0) if isinstance(piece, pa.ChunkedArray) else piece
        yield piece


def _feed_validity(hasher: Any, column: Any) -> None:
    if not column.null_count:
        hasher.update(b"\0")
        return
    hasher.update(b"\1")
    for piece in _pieces(column):
        canonical.feed_validity_bits(hasher, _missing(piece))


def _missing(piece: Any) -> Any:
    return piece.is_null().to_numpy(zero_copy_only=False)


def _feed_numbers(hasher: Any, column: Any, logical: str) -> None:
    import numpy as np
    import pyarrow as pa

    is_real = pa.types.is_floating(column.type)
    hasher.update(column_head(logical, len(column)))
    if not is_real:
        _feed_validity(hasher, column)
    for piece in _pieces(column):
        filler: Any = np.nan if is_real else False if logical == "bool" else 0
        values = piece.to_numpy(zero_copy_only=False) if not piece.null_count else _filled(piece, filler)
        canonical.feed_block(hasher, values)


def _filled(piece: Any, filler: Any) -> Any:
    """Return the values of a piece as NumPy's, with the filler where one is missing."""
    import numpy as np
    import pyarrow as pa

    if pa.types.is_boolean(piece.type):
        return piece.fill_null(filler).to_numpy(zero_copy_only=False)
    dtype = np.dtype(piece.type.to_pandas_dtype())
    data = np.frombuffer(piece.buffers()[1], dtype, len(piece), piece.offset * dtype.itemsize).copy()
    data[_missing(piece)] = filler
    return data


def _feed_times(hasher: Any, column: Any, logical: str) -> None:
    import numpy as np
    import pyarrow as pa

    kind = column.type
    if logical in ("date", "time"):
        counts = {"date32[day]": (1, 1), "date64[ms]": (1, 86_400_000), "time32[s]": (10**9, 1)}
        counts |= {"time32[ms]": (10**6, 1), "time64[us]": (10**3, 1), "time64[ns]": (1, 1)}
        times, by = counts[str(kind)]
        hasher.update(column_head(logical, len(column)))
        _feed_validity(hasher, column)
        width = pa.int32() if kind.bit_width == 32 else pa.int64()
        for piece in _pieces(column):
            canonical.feed_block(hasher, _filled(piece.view(width), 0).astype("i8") * times // by)
        return
    letter = "M" if pa.types.is_timestamp(kind) else "m"
    values = np.empty(len(column), f"{letter}8[{kind.unit}]")
    missing = np.zeros(len(column), bool)
    for place, piece in enumerate(_pieces(column)):
        here = slice(place * BLOCK_ROWS, place * BLOCK_ROWS + len(piece))
        values[here] = _filled(piece.view(pa.int64()), 0).view(values.dtype)
        missing[here] = _missing(piece)
    canonical.hash_masked(hasher, values, missing, logical)


def _feed_text(hasher: Any, column: Any) -> None:
    import numpy as np
    import pyarrow as pa

    canonical_objects.feed_objects_head(hasher, "string", len(column))
    _feed_validity(hasher, column)
    for piece in _pieces(column):
        if pa.types.is_null(piece.type):
            canonical_objects.feed_text_block(hasher, np.zeros(len(piece), "i8"), b"")
            continue
        if piece.null_count:
            piece = piece.fill_null("")  # noqa: PLW2901
        if str(piece.type) not in ("string", "large_string"):
            piece = piece.cast(pa.large_string())  # noqa: PLW2901
        offset_type = "i4" if pa.types.is_string(piece.type) else "i8"
        _, offsets, data = piece.buffers()
        ends = np.frombuffer(offsets, offset_type)[piece.offset : piece.offset + len(piece) + 1].astype("i8")
        text = memoryview(data)[ends[0] : ends[-1]] if data is not None else b""
        canonical_objects.feed_text_block(hasher, np.diff(ends), text)


def _feed_dictionary(hasher: Any, column: Any) -> None:
    import pyarrow as pa

    if isinstance(column, pa.ChunkedArray):
        column = column.unify_dictionaries()
        chunks = column.chunks
    else:
        chunks = [column]
    categories = chunks[0].dictionary if chunks else pa.array([], column.type.value_type)
    codes = [chunk.indices.cast(pa.int32()).fill_null(-1).to_numpy(zero_copy_only=False) for chunk in chunks]
    feed_categories(hasher, codes, categories, feed, is_ordered=column.type.ordered)


def _feed_objects(hasher: Any, column: Any) -> None:
    canonical_objects.hash_objects(hasher, _Objects(column), "object")


class _Objects:
    """A column as a sequence of Python objects that is made piece by piece."""

    def __init__(self, column: Any) -> None:
        self._column = column

    def __len__(self) -> int:
        return len(self._column)

    def __getitem__(self, rows: slice) -> list[Any]:
        import pyarrow as pa

        kind = self._column.type
        is_numbers = pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
        inner = kind.value_type if is_numbers else None
        found: list[Any] = []
        for piece in _pieces(self._column.slice(rows.start, rows.stop - rows.start)):
            if inner is not None and (pa.types.is_integer(inner) or pa.types.is_floating(inner)):
                found += [_numbers(one) for one in piece]
            else:
                found += piece.to_pylist()
        return found


def _numbers(scalar: Any) -> Any:
    if not scalar.is_valid:
        return None
    values = scalar.values
    return values.to_numpy() if not values.null_count else values.to_pylist()
