"""The canonical form of strings and other Python objects, version 1: the second half of `canonical`.

- `string`: in blocks of 65,536 values the lengths in bytes (64 bits each), then the UTF-8 of all;
- `object`: in the same blocks, each value as a tag, the length of its bytes (64 bits), and its bytes; a missing one
  is a zero byte alone. Tags: `b` bool, `i` integer (decimal digits), `f` float, `c` complex, `s` text, `y` bytes, `d`
  decimal, `t` date, time, or both (ISO 8601), `e` span (microseconds), `p` pandas' own scalars (as text), `l` list or
  tuple (its values in this form), `m` dict (keys and values in this form, ordered by the bytes of the keys), `u` set
  (its values in this form, ordered by their bytes), `a` array of numbers (logical type, shape, values in C order).

Values of other classes have no canonical form.
"""

from __future__ import annotations

import datetime
import decimal
import itertools
import json
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from celltrail.analysis.canonical import BLOCK_ROWS, NoCanonicalFormError, feed_numbers, feed_validity, new_hasher

_MISSING_NAMES = {"NAType", "NaTType"}


def hash_objects(hasher: Any, values: Any, logical: str | None = None) -> str:
    """Feed Python objects: strings as `string`, else each with its tag.

    Parameters
    ----------
    hasher : blake3
        Takes the bytes.
    values : sequence of object, or ndarray of shape (n,)
        None, NaN, NA and NaT are missing. An array is read block by block.
    logical : str, optional
        The logical type, where the caller knows it.

    Returns
    -------
    str
        The logical type: "string" or "object".

    Raises
    ------
    NoCanonicalFormError
        If a value is of a class without one.
    """
    logical = objects_type(values) if logical is None else logical
    feed_objects_head(hasher, logical, len(values))
    if logical == "string":
        _feed_strings(hasher, values)
        return logical
    for block in _lists(values):
        hasher.update(b"".join(map(_tagged, block)))
    return logical


def feed_objects_head(hasher: Any, logical: str, length: int) -> None:
    """Feed what stands before the values of a column of strings or objects."""
    hasher.update(f"celltrail.column/1\n{logical}\n".encode() + struct.pack("<q", length))


def feed_text_block(hasher: Any, lengths: Any, data: Any) -> None:
    """Feed at most 65,536 strings that lie together as UTF-8.

    Parameters
    ----------
    hasher : blake3
        Takes the bytes.
    lengths : ndarray of int64 of shape (n,)
        Bytes of each; 0 where it is missing.
    data : buffer
        All of them, end to end.
    """
    hasher.update(lengths.astype("<i8", copy=False).tobytes())
    hasher.update(data)


def objects_type(values: Any) -> str:
    """Return the logical type of Python objects: "string" where all are strings or missing."""
    classes: set[type] = set()
    for block in _lists(values):
        classes.update(map(type, block))
        if not all(issubclass(one, str) or _is_missing_class(one) for one in classes):
            return "object"
    if float in classes and any(type(value) is float and value == value for value in values):  # noqa: PLR0124
        return "object"
    return "string"


def _lists(values: Any) -> Iterable[list[Any]]:
    """Yield the values as lists of at most 65,536, so that a long column is never all objects at once."""
    for start in range(0, len(values), BLOCK_ROWS):
        block = values[start : start + BLOCK_ROWS]
        yield block.tolist() if hasattr(block, "tolist") else block


def _is_missing_class(one: type) -> bool:
    return one is type(None) or one is float or one.__name__ in _MISSING_NAMES


def is_missing(value: Any) -> bool:
    """Say whether a Python value is None, NaN, NA or NaT; calls nothing of classes it does not know."""
    if value is None:
        return True
    if type(value) is float:
        return value != value  # noqa: PLR0124  NaN alone differs from itself
    return type(value).__name__ in _MISSING_NAMES and type(value).__module__.startswith("pandas.")


def _feed_strings(hasher: Any, values: Any) -> None:
    import numpy as np

    # The bitmap stands before all blocks: strings are looked at twice, and never all held at once.
    missing = np.zeros(len(values), bool)
    place = 0
    for block in _lists(values):
        if any(not issubclass(one, str) for one in set(map(type, block))):
            missing[place : place + len(block)] = [not isinstance(value, str) for value in block]
        place += len(block)
    feed_validity(hasher, missing)
    place = 0
    for block in _lists(values):
        has_missing = missing[place : place + len(block)].any()
        place += len(block)
        texts = [value if isinstance(value, str) else "" for value in block] if has_missing else block
        text = "".join(texts)
        data = text.encode("utf-8", "surrogatepass")
        if len(data) == len(text):
            lengths = np.fromiter(map(str.__len__, texts), "<i8", len(texts))
        else:
            lengths = np.fromiter((len(str.encode(v, "utf-8", "surrogatepass")) for v in texts), "<i8", len(texts))
        feed_text_block(hasher, lengths, data)


def _tagged(value: Any) -> bytes:
    """Return tag, length and bytes of one Python value."""
    if is_missing(value):
        return b"\0"
    tag, body = _body(value)
    return tag + struct.pack("<q", len(body)) + body


def _body(value: Any) -> tuple[bytes, bytes]:
    """Return tag and bytes of a value that is there, by its exact class."""
    if type(value).__module__ == "numpy" and hasattr(value, "item"):
        if type(value).__name__ == "ndarray":
            return b"a", _array_body(value)
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


def _dict_body(pairs: Mapping[Any, Any]) -> bytes:
    tagged = sorted((_tagged(key), _tagged(value)) for key, value in pairs.items())
    return b"".join(itertools.chain.from_iterable(tagged))


def _set_body(values: Iterable[Any]) -> bytes:
    return b"".join(sorted(map(_tagged, values)))


def _array_body(array: Any) -> bytes:
    if array.dtype.kind not in "biufc":
        return _row_body(array.tolist())
    hasher = new_hasher()
    hasher.update(f"{array.dtype.newbyteorder('=').name}\n{json.dumps(list(array.shape))}\n".encode())
    feed_numbers(hasher, array)
    return bytes(hasher.digest())


_BODIES: dict[type, tuple[bytes, Callable[[Any], bytes]]] = {
    bool: (b"b", lambda value: bytes([value])),
    int: (b"i", lambda value: str(value).encode()),
    float: (b"f", lambda value: struct.pack("<d", value + 0.0)),
    complex: (b"c", lambda value: struct.pack("<dd", value.real + 0.0, value.imag + 0.0)),
    str: (b"s", lambda value: value.encode("utf-8", "surrogatepass")),
    bytes: (b"y", bytes),
    list: (b"l", _row_body),
    tuple: (b"l", _row_body),
    dict: (b"m", _dict_body),
    set: (b"u", _set_body),
    frozenset: (b"u", _set_body),
    decimal.Decimal: (b"d", lambda value: str(value).encode()),
    datetime.date: (b"t", lambda value: value.isoformat().encode()),
    datetime.time: (b"t", lambda value: value.isoformat().encode()),
    datetime.datetime: (b"t", lambda value: value.isoformat().encode()),
    datetime.timedelta: (b"e", lambda value: str(value // datetime.timedelta(microseconds=1)).encode()),
}
