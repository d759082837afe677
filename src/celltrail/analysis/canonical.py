"""The canonical form of data, version 1: what is hashed, so that equal content has equal digests everywhere.

A **column** is hashed as

1. the text `celltrail.column/1`, a newline, its logical type, a newline, its length as 8 bytes;
2. for integers, booleans, dates and strings one byte, 1 where values are missing and 0 where none is; after a 1
   the validity bitmap, least bit first. A missing value is then written as 0, or as an empty string;
3. its values, little-endian, in order:

   - `bool` one byte; `int8` … `uint64`, `float16`, `float32`, `float64`, `complex64`, `complex128` as they are.
     -0.0 is written as 0.0 and every NaN as the one quiet NaN; a missing float is NaN;
   - `datetime`, `datetime[ZONE]` (the instant in UTC), `timedelta`: one byte for the unit, then 64-bit counts.
     The unit is the finest of ns, us, ms, s that holds all values, so it follows from the content, not from what a
     library stores them in;
   - `date` the days since 1970, `time` the nanoseconds since midnight, as 64-bit integers;
   - `string` and `object`: see `canonical_objects`. An object column that holds only strings and missing values is a
     `string` column; a value of an unknown class has no canonical form, and then the column has none;
   - `category[TYPE]`: the distinct values in order of first appearance as a column, then the 32-bit numbers
     of the values (-1 for missing). `ordered-category[TYPE]` has the categories in their order before that.

Numbers of a pandas extension type (`Int64`, `float64[pyarrow]`) have the same form as NumPy's. `fingerprint` puts
columns together to arrays and frames. Changing anything here makes every digest in every trail incomparable: then the
number in `celltrail.column/1` goes up. `tests/contract/digests.json` holds digests that must not change.

Whatever the size of the data, no more than a few megabytes beside them are in use: all is read in blocks.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from blake3 import blake3

BLOCK_ROWS = 65_536
_BLOCK_BYTES = 1 << 20
_THREADS_FROM_BYTES = 1 << 20
_UNITS = ("ns", "us", "ms", "s")
_UNIT_NS = {"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9}
_INT64_MAX = 2**63 - 1


class NoCanonicalFormError(ValueError):
    """Raised for content that has no canonical form; the message is the reason that is kept."""


def hash_column(hasher: Any, values: Any, logical: str) -> None:
    """Feed a one-dimensional NumPy array into a hasher, in canonical form.

    Parameters
    ----------
    hasher : blake3
        Takes the bytes.
    values : ndarray of shape (n,)
        Bool, number or date; objects go to `canonical_objects`.
    logical : str
        Its type, from `logical_type`.

    Raises
    ------
    NoCanonicalFormError
        If the dtype has none.
    """
    kind = values.dtype.kind
    if kind not in "biufcmM":
        raise NoCanonicalFormError(f"dtype {values.dtype} has no canonical form")
    feed_head(hasher, values, logical)
    if kind in "biufc":
        feed_numbers(hasher, values)
    else:
        _feed_times(hasher, values, None)


def feed_head(hasher: Any, values: Any, logical: str) -> None:
    """Feed what stands before the values of a column in which none is missing."""
    hasher.update(column_head(logical, len(values), values.dtype.kind))


def column_head(logical: str, length: int, kind: str | None = None) -> bytes:
    """Return what stands before the values of a column; with a NumPy kind, of one in which no value is missing."""
    head = f"celltrail.column/1\n{logical}\n".encode() + struct.pack("<q", length)
    return head + b"\0" if kind in ("b", "i", "u") else head


def hash_masked(hasher: Any, values: Any, missing: Any, logical: str) -> None:
    """Feed values of which some are missing; the same bytes as `hash_column` where none is.

    Parameters
    ----------
    hasher : blake3
        Takes the bytes.
    values : ndarray of shape (n,)
        What stands at a missing place does not count.
    missing : ndarray of bool of shape (n,)
        True where the value is missing.
    logical : str
        The logical type.
    """
    import numpy as np

    if not missing.any():
        hash_column(hasher, values, logical)
        return
    kind = values.dtype.kind
    hasher.update(column_head(logical, len(values)))
    if kind in "mM":
        _feed_times(hasher, values, missing)
        return
    if kind not in "fc":
        feed_validity(hasher, missing)
    filler = np.nan if kind in "fc" else 0
    for start in range(0, len(values), BLOCK_ROWS):
        block = values[start : start + BLOCK_ROWS].copy()
        block[missing[start : start + BLOCK_ROWS]] = filler
        feed_block(hasher, block)


def feed_numbers(hasher: Any, values: Any) -> None:
    """Feed the numbers of an array of any shape and layout in C order.

    Parameters
    ----------
    hasher : blake3
        Takes the bytes.
    values : ndarray
        Bool, integer, float or complex.
    """
    for block in blocks(values):
        feed_block(hasher, block)


def feed_block(hasher: Any, block: Any) -> None:
    """Feed one contiguous block of numbers, as little-endian, with one zero and one NaN.

    Parameters
    ----------
    hasher : blake3
        Takes the bytes.
    block : ndarray
        C-contiguous.
    """
    import numpy as np

    hasher.update(memoryview(plain_numbers(block).reshape(-1).view(np.uint8)))


def plain_numbers(block: Any) -> Any:
    """Return numbers as they are hashed: little-endian, with one zero and one NaN.

    Parameters
    ----------
    block : ndarray
        Of any layout.

    Returns
    -------
    ndarray
        C-contiguous; of integers perhaps the block itself. Complex numbers are pairs.
    """
    import numpy as np

    if block.dtype.kind == "c":
        block = np.ascontiguousarray(block)
        block = block.view(block.real.dtype)
    if block.dtype.kind == "f":
        fresh = np.empty(block.shape, block.dtype)  # in C order, whatever the block's
        with np.errstate(all="ignore"):
            np.add(block, block.dtype.type(0), out=fresh)  # -0.0 + 0.0 is 0.0, by IEEE 754 section 6.3
            # The largest of all is NaN where one is: found in a quarter of the time of asking each.
            if fresh.size and np.isnan(np.maximum.reduce(fresh, axis=None)):
                fresh[np.isnan(fresh)] = np.nan
        block = fresh
    if block.dtype.byteorder == ">" or (block.dtype.byteorder == "=" and sys.byteorder == "big"):
        block = block.astype(block.dtype.newbyteorder("<"))
    return np.ascontiguousarray(block)


def blocks(values: Any, block_bytes: int = _BLOCK_BYTES) -> Iterator[Any]:
    """Yield an array as contiguous pieces in C order; a piece is a view where the layout allows it.

    Parameters
    ----------
    values : ndarray
        Any shape and layout.
    block_bytes : int
        Size of a piece: what stays in the cache while it is made canonical and hashed.

    Yields
    ------
    ndarray
        C-contiguous.
    """
    import numpy as np

    if values.size == 0:
        return
    if values.flags.c_contiguous:
        flat = values.reshape(-1)
        is_as_stored = values.dtype.kind in "biu" and values.dtype.isnative
        step = len(flat) if is_as_stored else max(1, block_bytes // values.itemsize)
        for start in range(0, len(flat), step):
            yield flat[start : start + step]
        return
    if values.ndim > 1 and values[0].nbytes > block_bytes:
        for part in values:
            yield from blocks(part, block_bytes)
        return
    step = max(1, block_bytes // max(1, values[0].nbytes))
    for start in range(0, len(values), step):
        yield np.ascontiguousarray(values[start : start + step])


def feed_validity(hasher: Any, missing: Any) -> None:
    """Feed which values are there: one byte, and where some are missing the bitmap."""
    if not missing.any():
        hasher.update(b"\0")
        return
    hasher.update(b"\1")
    feed_validity_bits(hasher, missing)


def feed_validity_bits(hasher: Any, missing: Any) -> None:
    """Feed a piece of the bitmap; every piece but the last has a multiple of eight values."""
    import numpy as np

    for start in range(0, len(missing), 8 * BLOCK_ROWS):
        hasher.update(np.packbits(~missing[start : start + 8 * BLOCK_ROWS], bitorder="little").tobytes())


def _feed_times(hasher: Any, values: Any, missing: Any) -> None:
    """Feed datetime64 or timedelta64 of any unit."""
    import numpy as np

    unit, step = np.datetime_data(values.dtype)
    if unit not in _UNIT_NS:
        # Days, months and years fit into seconds for every date that pandas or Python knows.
        values, unit, step = values.astype(f"{values.dtype.kind}8[s]"), "s", 1
    absent = np.isnat(values)
    if missing is not None:
        absent |= missing
    largest = 0
    for counts in _counts(values, absent, step):
        largest = max(largest, abs(int(counts.min())), abs(int(counts.max())))
    finest = _finest_unit(largest, unit)
    feed_validity(hasher, absent)
    hasher.update(bytes([_UNITS.index(finest)]))
    for counts in _counts(values, absent, step):
        feed_block(hasher, counts * (_UNIT_NS[unit] // _UNIT_NS[finest]))


def _counts(values: Any, absent: Any, step: int) -> Iterator[Any]:
    """Yield the counts of dates or spans as 64-bit integers, 0 where one is missing."""
    import numpy as np

    for start in range(0, len(values), BLOCK_ROWS):
        block = values[start : start + BLOCK_ROWS]
        native = np.ascontiguousarray(block.astype(block.dtype.newbyteorder("="), copy=False)).view("i8")
        yield np.where(absent[start : start + BLOCK_ROWS], 0, native) * step


def _finest_unit(largest: int, unit: str) -> str:
    for finest in _UNITS[: _UNITS.index(unit)]:
        if largest * (_UNIT_NS[unit] // _UNIT_NS[finest]) <= _INT64_MAX:
            return finest
    return unit


def new_hasher(whole_bytes: int = 0) -> Any:
    """Return a BLAKE3 hasher.

    Parameters
    ----------
    whole_bytes : int
        Size of what comes in one piece. Threads pay only there: on pieces of a megabyte they cost twice the CPU
        for no gain, and the cores belong to the fit that runs beside.

    Returns
    -------
    blake3
        Empty.
    """
    return blake3(max_threads=blake3.AUTO if whole_bytes >= _THREADS_FROM_BYTES else 1)


def joined(head: bytes, parts: Iterable[bytes]) -> bytes:
    """Return the digest of a head and the digests that follow it.

    Parameters
    ----------
    head : bytes
        What this is a digest of, in words.
    parts : iterable of bytes
        The digests of what it is made of.

    Returns
    -------
    bytes
        32 bytes.
    """
    hasher = new_hasher()
    hasher.update(head)
    for part in parts:
        hasher.update(part)
    return bytes(hasher.digest())
