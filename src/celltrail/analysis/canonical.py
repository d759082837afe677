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
   - `string`: in blocks of 65,536 values the lengths in bytes (64 bits each), then the UTF-8 of all. An object
     column that holds only strings and missing values is a `string` column;
   - `object`: in the same blocks, each value as tag, length and bytes (see `_tagged`); values of unknown classes have
     no canonical form, and then the column has none;
   - `category[TYPE]`: the distinct values in order of first appearance as a column, then the 32-bit numbers
     of the values (-1 for missing). `ordered-category[TYPE]` has the categories in their order before that.

Numbers of a pandas extension type (`Int64`, `float64[pyarrow]`) have the same form as NumPy's. `fingerprint` puts
columns together to arrays and frames. Changing anything here makes every digest in every trail incomparable: then the
number in `celltrail.column/1` goes up. `tests/contract/digests.json` holds digests that must not change.
"""

from __future__ import annotations

import datetime
import decimal
import struct
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from blake3 import blake3

BLOCK_ROWS = 65_536
_THREADS_FROM_BYTES = 1 << 20
_MISSING_NAMES = {"NAType", "NaTType"}
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
        Bool, number or date; objects go to `hash_objects`.
    logical : str
        Its type, from `logical_type`.

    Raises
    ------
    NoCanonicalFormError
        If the dtype has none.
    """
    kind = values.dtype.kind
    feed_head(hasher, values, logical)
    if kind in "biufc":
        feed_numbers(hasher, values)
    elif kind in "mM":
        _feed_times(hasher, values)
    else:
        raise NoCanonicalFormError(f"dtype {values.dtype} has no canonical form")


def feed_head(hasher: Any, values: Any, logical: str) -> None:
    """Feed what stands before the values of a column in which none is missing."""
    hasher.update(f"celltrail.column/1\n{logical}\n".encode() + struct.pack("<q", len(values)))
    if values.dtype.kind in "biu":
        hasher.update(b"\0")


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
    if values.dtype.kind in "fc":
        filled = values.copy()
        filled[missing] = np.nan
        hash_column(hasher, filled, logical)
        return
    filled = values.copy()
    filled[missing] = np.zeros((), values.dtype)
    hasher.update(f"celltrail.column/1\n{logical}\n".encode() + struct.pack("<q", len(values)))
    if values.dtype.kind in "mM":
        filled[missing] = np.array("NaT", values.dtype)
        _feed_times(hasher, filled)
        return
    _feed_validity(hasher, missing)
    feed_numbers(hasher, filled)


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

    kind = block.dtype.kind
    if kind == "c":
        block = block.view(block.real.dtype)
    if kind in "fc":
        with np.errstate(all="ignore"):
            block = block + block.dtype.type(0)  # -0.0 + 0.0 is 0.0, by IEEE 754 section 6.3
            # Adding up finds a NaN in a quarter of the time of asking each; inf - inf only makes us ask.
            if np.isnan(np.add.reduce(block, axis=None)):
                block[np.isnan(block)] = np.nan
    if block.dtype.byteorder == ">" or (block.dtype.byteorder == "=" and sys.byteorder == "big"):
        block = block.astype(block.dtype.newbyteorder("<"))
    data = memoryview(block.reshape(-1).view(np.uint8))
    hasher.update(data)


def blocks(values: Any, block_bytes: int = 1 << 20) -> Iterator[Any]:
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
        step = len(flat) if values.dtype.kind in "biu" else max(1, block_bytes // values.itemsize)
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


def hash_objects(hasher: Any, values: Sequence[Any]) -> str:
    """Feed Python objects: strings as `string`, else each with its tag.

    Parameters
    ----------
    hasher : blake3
        Takes the bytes.
    values : sequence of object
        None, NaN, NA and NaT are missing.

    Returns
    -------
    str
        The logical type: "string" or "object".

    Raises
    ------
    NoCanonicalFormError
        If a value is of a class without one.
    """
    logical = objects_type(values)
    hasher.update(f"celltrail.column/1\n{logical}\n".encode() + struct.pack("<q", len(values)))
    if logical == "string":
        _feed_strings(hasher, values)
        return logical
    for start in range(0, len(values), BLOCK_ROWS):
        hasher.update(b"".join(map(_tagged, values[start : start + BLOCK_ROWS])))
    return logical


def objects_type(values: Sequence[Any]) -> str:
    """Return the logical type of Python objects: "string" where all are strings or missing."""
    classes = set(map(type, values))
    if all(issubclass(one, str) or _is_missing_class(one) for one in classes):
        if float in classes and any(type(value) is float and value == value for value in values):  # noqa: PLR0124
            return "object"
        return "string"
    return "object"


def _is_missing_class(one: type) -> bool:
    return one is type(None) or one is float or one.__name__ in _MISSING_NAMES


def is_missing(value: Any) -> bool:
    """Say whether a Python value is None, NaN, NA or NaT; calls nothing of classes it does not know."""
    if value is None:
        return True
    if type(value) is float:
        return value != value  # noqa: PLR0124  NaN alone differs from itself
    return type(value).__name__ in _MISSING_NAMES and type(value).__module__.startswith("pandas.")


def _feed_strings(hasher: Any, values: Sequence[Any]) -> None:
    import numpy as np

    missing = np.fromiter((not isinstance(value, str) for value in values), bool, len(values))
    _feed_validity(hasher, missing)
    has_missing = bool(missing.any())
    for start in range(0, len(values), BLOCK_ROWS):
        block = values[start : start + BLOCK_ROWS]
        if has_missing:
            block = [value if isinstance(value, str) else "" for value in block]
        text = "".join(block)
        data = text.encode("utf-8", "surrogatepass")
        if len(data) == len(text):
            lengths = np.fromiter(map(str.__len__, block), "<i8", len(block))
        else:
            lengths = np.fromiter((len(str.encode(v, "utf-8", "surrogatepass")) for v in block), "<i8", len(block))
        hasher.update(lengths.tobytes())
        hasher.update(data)


def _feed_validity(hasher: Any, missing: Any) -> None:
    import numpy as np

    if not missing.any():
        hasher.update(b"\0")
        return
    hasher.update(b"\1")
    hasher.update(np.packbits(~missing, bitorder="little").tobytes())


def _feed_times(hasher: Any, values: Any) -> None:
    """Feed datetime64 or timedelta64 of any unit."""
    import numpy as np

    missing = np.isnat(values)
    unit, step = np.datetime_data(values.dtype)
    if unit not in _UNIT_NS:
        # Days, months and years fit into seconds for every date that pandas or Python knows.
        values, unit, step = values.astype(f"{values.dtype.kind}8[s]"), "s", 1
    counts = np.where(missing, 0, values.astype(values.dtype.newbyteorder("="), copy=False).view("i8")) * step
    finest = _finest_unit(counts, unit)
    _feed_validity(hasher, missing)
    hasher.update(bytes([_UNITS.index(finest)]))
    feed_numbers(hasher, counts * (_UNIT_NS[unit] // _UNIT_NS[finest]))


def _finest_unit(counts: Any, unit: str) -> str:
    largest = max(abs(int(counts.min())), abs(int(counts.max()))) if len(counts) else 0
    for finest in _UNITS[: _UNITS.index(unit)]:
        if largest * (_UNIT_NS[unit] // _UNIT_NS[finest]) <= _INT64_MAX:
            return finest
    return unit


def _tagged(value: Any) -> bytes:
    """Return tag, length and bytes of one Python value."""
    if is_missing(value):
        return b"\0"
    tag, body = _body(value)
    return tag + struct.pack("<q", len(body)) + body


def _body(value: Any) -> tuple[bytes, bytes]:
    """Return tag and bytes of a value that is there, by its exact class."""
    if type(value).__module__ == "numpy" and hasattr(value, "item"):
        value = value.item()
    kind: type = type(value)
    if (known := _BODIES.get(kind)) is not None:
        tag, body = known
        return tag, body(value)
    if kind.__module__.startswith("pandas.") and kind.__name__ in ("Timestamp", "Timedelta", "Period", "Interval"):
        return b"p", f"{kind.__name__} {value}".encode()
    raise NoCanonicalFormError(f"holds objects of class {kind.__name__}, which have no canonical form")


def _row_body(row: Sequence[Any]) -> bytes:
    return b"".join(map(_tagged, row))


_BODIES: dict[type, tuple[bytes, Callable[[Any], bytes]]] = {
    bool: (b"b", lambda value: bytes([value])),
    int: (b"i", lambda value: str(value).encode()),
    float: (b"f", lambda value: struct.pack("<d", value + 0.0)),
    complex: (b"c", lambda value: struct.pack("<dd", value.real + 0.0, value.imag + 0.0)),
    str: (b"s", lambda value: value.encode("utf-8", "surrogatepass")),
    bytes: (b"y", bytes),
    list: (b"l", _row_body),
    tuple: (b"l", _row_body),
    decimal.Decimal: (b"d", lambda value: str(value).encode()),
    datetime.date: (b"t", lambda value: value.isoformat().encode()),
    datetime.time: (b"t", lambda value: value.isoformat().encode()),
    datetime.datetime: (b"t", lambda value: value.isoformat().encode()),
    datetime.timedelta: (b"e", lambda value: str(value // datetime.timedelta(microseconds=1)).encode()),
}


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
