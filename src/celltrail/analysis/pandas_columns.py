"""Digests of the columns of a frame: those that lie together in memory are read together."""

from __future__ import annotations

import struct
import sys
from typing import Any

from celltrail.analysis import canonical, canonical_categories, canonical_objects
from celltrail.analysis.buffers import BufferBook
from celltrail.analysis.canonical import NoCanonicalFormError, column_head, new_hasher, plain_numbers
from celltrail.analysis.pandas_parts import Parts, index_array
from celltrail.analysis.pandas_types import type_name

_TOGETHER_BYTES = 1 << 20
_LOCKSTEP_ROWS = 4_096
_NUMPY_IN_PANDAS = {"NumpyEADtype", "PandasDtype"}  # pandas 2.1 and later; before
_NO_BOOK = BufferBook()


class ColumnError(NoCanonicalFormError):
    """Raised where a column has no canonical form; says which, by its place."""

    def __init__(self, place: int, reason: str) -> None:
        super().__init__(reason)
        self.place, self.reason = place, reason


def digest(array: Any, book: BufferBook | None = None) -> bytes:
    """Return the digest of one column, index or array of any type."""
    buffers, extra = _buffers(array)
    if book is None or not buffers:
        return _made(array)
    return book.once(buffers, lambda: _made(array), extra=("column", extra))


def digests(parts: Parts, book: BufferBook | None = None) -> list[bytes]:
    """Return the digests of all columns of a frame.

    Parameters
    ----------
    parts : Parts
        Of the frame.
    book : BufferBook, optional
        Remembers what was read before.

    Returns
    -------
    list of bytes
        In the order of the columns.

    Raises
    ------
    ColumnError
        If a column has no canonical form.
    """
    found: dict[int, bytes] = {}
    for places, values in parts.groups:
        if values.ndim == 2 and values.dtype.kind in "biufc":
            found |= zip(places, _of_block(values, book or _NO_BOOK), strict=True)
            continue
        for inner, place in enumerate(places):
            found[place] = _named(place, values[inner] if values.ndim == 2 else values, book)
    return [found[place] for place in range(len(found))]


def sampled_digests(parts: Parts, shown: list[int], picked: Any) -> list[bytes]:
    """Return the digests of some columns with only the rows at the picked places."""
    wanted = set(shown)
    found: dict[int, bytes] = {}
    for places, values in parts.groups:
        mine = [inner for inner, place in enumerate(places) if place in wanted]
        if values.ndim == 2 and values.dtype.kind in "biufc" and mine:
            block = values if len(mine) == len(places) else values[mine]
            found |= zip((places[inner] for inner in mine), _together(block[:, picked]), strict=True)
            continue
        for inner in mine:
            column = values[inner] if values.ndim == 2 else values
            found[places[inner]] = _named(places[inner], column.take(picked), None)
    return [found[place] for place in shown]


def _named(place: int, column: Any, book: BufferBook | None) -> bytes:
    try:
        return digest(column, book)
    except NoCanonicalFormError as error:
        raise ColumnError(place, str(error)) from None


def _of_block(block: Any, book: BufferBook) -> list[bytes]:
    """Return the digests of columns of numbers that are the rows of one array."""
    if block.nbytes <= _TOGETHER_BYTES:
        return book.once([block], lambda: _together(block), extra="block")
    if block.flags.c_contiguous:
        return [digest(column, book) for column in block]
    return book.once([block], lambda: _in_lockstep(block), extra="block")


def _together(block: Any) -> list[bytes]:
    """Return the digests of the rows of a small array, made canonical in one go."""
    import numpy as np

    head = column_head(type_name(block.dtype), block.shape[1], block.dtype.kind)
    plain = plain_numbers(block)
    data, width = memoryview(plain.reshape(-1).view(np.uint8)), plain.nbytes // len(block)
    found = []
    for start in range(0, len(data), width) if width else [0] * len(block):
        hasher = new_hasher()
        hasher.update(head)
        hasher.update(data[start : start + width])
        found.append(hasher.digest())
    return found


def _in_lockstep(block: Any) -> list[bytes]:
    """Return the digests of columns that lie row by row in memory: each piece of it is read once for all."""
    import numpy as np

    head = column_head(type_name(block.dtype), block.shape[1], block.dtype.kind)
    hashers = []
    for _ in range(len(block)):
        hasher = new_hasher()
        hasher.update(head)
        hashers.append(hasher)
    rows = max(64, min(_LOCKSTEP_ROWS, _TOGETHER_BYTES // (len(block) * block.itemsize)))
    for start in range(0, block.shape[1], rows):
        piece = plain_numbers(block[:, start : start + rows])
        data, width = memoryview(piece.reshape(-1).view(np.uint8)), piece.nbytes // len(block)
        for place, hasher in enumerate(hashers):
            hasher.update(data[place * width : (place + 1) * width])
    return [hasher.digest() for hasher in hashers]


def _buffers(array: Any) -> tuple[list[Any], object]:
    """Return the arrays of bytes that an array of some type is made of, and what else decides its digest."""
    import numpy as np
    import pandas as pd

    if type(array) is np.ndarray:
        return [array], None
    if isinstance(array.dtype, pd.CategoricalDtype):
        codes = np.asarray(array.codes)
        # The categories are few where it pays to remember: their digest costs less than that of the codes.
        return (
            ([codes], (array.ordered, _made(index_array(array.categories)))) if len(codes) > 1 << 16 else ([], None)
        )
    if "pyarrow" in sys.modules and _is_arrow(array.dtype):
        from celltrail.analysis import arrow_columns

        return arrow_columns.buffers_of(array.__arrow_array__())
    if (data := getattr(array, "_data", None)) is not None and type(data) is np.ndarray:
        mask = getattr(array, "_mask", None)
        return ([data, mask] if type(mask) is np.ndarray else []), str(array.dtype)
    return [], None


def _made(array: Any) -> bytes:
    hasher = new_hasher(array.nbytes if type(array.dtype).__module__ == "numpy" else 0)
    _feed(hasher, array)
    return bytes(hasher.digest())


def _feed(hasher: Any, array: Any) -> None:
    """Feed one column of any type."""
    import numpy as np
    import pandas as pd

    dtype = array.dtype
    if isinstance(dtype, np.dtype) or type(dtype).__name__ in _NUMPY_IN_PANDAS:
        feed_numpy(hasher, np.asarray(array))
    elif isinstance(dtype, pd.CategoricalDtype):
        _feed_category(hasher, array)
    elif isinstance(dtype, pd.DatetimeTZDtype):
        canonical.hash_column(hasher, np.asarray(array.tz_convert(None)), type_name(dtype))
    elif hasattr(array, "__arrow_array__") and "pyarrow" in sys.modules and _is_arrow(dtype):
        from celltrail.analysis import arrow_columns

        arrow_columns.feed(hasher, array.__arrow_array__())
    elif isinstance(dtype, pd.StringDtype):
        canonical_objects.hash_objects(hasher, np.asarray(array, dtype=object))
    elif isinstance(dtype, pd.SparseDtype):
        _feed_sparse(hasher, array)
    elif getattr(dtype, "numpy_dtype", None) is not None and dtype.numpy_dtype.kind in "biuf":
        # What stands at a missing place does not count, so the bare values do.
        canonical.hash_masked(hasher, array._data, array._mask, type_name(dtype))
    elif isinstance(dtype, pd.PeriodDtype | pd.IntervalDtype):
        canonical_objects.hash_objects(hasher, array.astype(str).tolist())
        hasher.update(str(dtype).lower().encode())
    else:
        raise NoCanonicalFormError(f"is of type {dtype}, which has no canonical form")


def _is_arrow(dtype: Any) -> bool:
    return getattr(dtype, "pyarrow_dtype", None) is not None or getattr(dtype, "storage", "").startswith("pyarrow")


def feed_numpy(hasher: Any, values: Any) -> None:
    """Feed a one-dimensional NumPy array of any type that a column may have."""
    if values.dtype.kind in "OSU":
        canonical_objects.hash_objects(hasher, values)
    else:
        canonical.hash_column(hasher, values, type_name(values.dtype))


def _feed_category(hasher: Any, array: Any) -> None:
    import numpy as np

    codes, categories = np.asarray(array.codes), index_array(array.categories)
    canonical_categories.feed_categories(
        hasher, canonical.blocks(codes), categories, _feed, is_ordered=bool(array.ordered)
    )


def _feed_sparse(hasher: Any, array: Any) -> None:
    import numpy as np

    hasher.update(b"sparse\n" + struct.pack("<q", len(array)))
    canonical.hash_column(hasher, np.asarray([array.fill_value], array.sp_values.dtype), "fill")
    canonical.hash_column(hasher, array.sp_index.indices.astype("<i8"), "int64")
    canonical.hash_column(hasher, array.sp_values, type_name(array.sp_values.dtype))
