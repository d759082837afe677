"""Many numbers in few bytes: the points of a series, the values and folds of a metric."""

from __future__ import annotations

import sys
import zlib
from array import array
from collections.abc import Sequence
from typing import Any

from celltrail.store.values import json_in, json_out

POINTS_A_CHUNK = 4096
_PLAIN, _PACKED, _JSON = b"\x00", b"\x01", b"\x02"


def pack_points(steps: Sequence[int], values: Sequence[float], times_s: Sequence[float]) -> bytes:
    """Return points as bytes; `unpack_points` gives them back to the bit.

    Parameters
    ----------
    steps : sequence of int
        Any size of integer.
    values : sequence of float
        NaN and infinities too; as many as steps.
    times_s : sequence of float
        Seconds since the run started, NaN where not known; as many as steps.

    Returns
    -------
    bytes
        Not yet compressed, so that equal points give equal bytes.
    """
    try:
        numbers = array("q", steps)
    except OverflowError:
        # A step beyond 64 bits: rare enough for a slow form.
        return _JSON + json_in([list(steps), list(values), list(times_s)]).encode()
    return _PLAIN + b"".join(_little_endian(part) for part in (numbers, array("d", values), array("d", times_s)))


def unpack_points(packed: bytes) -> tuple[list[int], list[float], list[float]]:
    """Return steps, values and times from what `pack_points` or `squeeze` made."""
    packed = _unsqueezed(packed)
    if packed[:1] == _JSON:
        steps, values, times_s = json_out(packed[1:])
        return steps, values, times_s
    width = (len(packed) - 1) // 3
    return (
        _numbers("q", packed[1 : 1 + width]),
        _numbers("d", packed[1 + width : 1 + 2 * width]),
        _numbers("d", packed[1 + 2 * width :]),
    )


def pack_values(values: Sequence[float], folds: Sequence[float] | None) -> bytes:
    """Return the values of a metric and of its folds as bytes."""
    head = len(values).to_bytes(4, "little") + (b"\x00" if folds is None else b"\x01")
    return squeeze(_PLAIN + head + _little_endian(array("d", [*values, *(folds or [])])))


def unpack_values(packed: bytes) -> tuple[list[float], list[float] | None]:
    """Undo `pack_values`: the values, and the folds where there are folds."""
    packed = _unsqueezed(packed)
    count, has_folds = int.from_bytes(packed[1:5], "little"), packed[5:6] == b"\x01"
    numbers = _numbers("d", packed[6:])
    return numbers[:count], numbers[count:] if has_folds else None


def squeeze(packed: bytes) -> bytes:
    """Compress what `pack_points` made where that helps."""
    if packed[:1] != _PLAIN or len(packed) < 128:
        return packed
    small = _PACKED + zlib.compress(packed[1:], 6)
    return small if len(small) < len(packed) else packed


def _unsqueezed(packed: bytes) -> bytes:
    return _PLAIN + zlib.decompress(packed[1:]) if packed[:1] == _PACKED else packed


def _little_endian(numbers: array[Any]) -> bytes:
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def _numbers(code: str, data: bytes) -> list[Any]:
    numbers: array[Any] = array(code)
    numbers.frombytes(data)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tolist()
