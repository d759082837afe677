"""NumPy's arrays within a kept model: their values, however they lie in memory. NumPy itself is not asked."""

from __future__ import annotations

from itertools import product
from math import prod
from typing import Any

from celltrail.flavors.pickle_terms import Made

# By the names of NumPy 2. The first makes what lies in one piece (pickle protocol 5), the second everything else.
_FROM_BUFFER = "numpy._core.numeric._frombuffer"
_REBUILT = "numpy._core.multiarray._reconstruct"
ARRAYS_ARE_MADE_BY = (_FROM_BUFFER, _REBUILT)
_PLAIN = "numpy.ndarray"
_FLEXIBLE = "SUV"  # their size stands in the state of the dtype


def array_in(term: Made) -> tuple[Any, tuple[int, ...], Any] | None:
    """Return what an array is.

    Parameters
    ----------
    term : Made
        A call of one of `ARRAYS_ARE_MADE_BY`.

    Returns
    -------
    dtype, shape, content
        The dtype as a term. The values in C order, without the undefined bytes between the fields of a record; for
        objects a list as a term. None where it is no plain array.
    """
    if len(term.parts) == 5:
        _, content, dtype, shape, order = term.parts
        is_fortran = order == "F"
    elif len(term.then) == 1 and term.then[0][0] == "state" and _is_plain(term.parts[1]):
        _, shape, dtype, is_fortran, content = term.then[0][1]
    else:
        return None
    if not isinstance(content, bytes | bytearray):
        return (dtype, shape, content) if isinstance(content, Made) and not is_fortran else None
    size = _size(dtype)
    if size is None or size * prod(shape) != len(content):
        return None
    if is_fortran and content and sum(length > 1 for length in shape) > 1:
        content = _in_c_order(bytes(content), shape, size)
    return dtype, shape, _without_gaps(content, dtype, size)


def _is_plain(cls: Any) -> bool:
    return isinstance(cls, Made) and cls.kind == "global" and cls.parts[0] == _PLAIN


def _size(dtype: Any) -> int | None:
    """Return the bytes of one value."""
    if not isinstance(dtype, Made) or dtype.function != "numpy.dtype" or not isinstance(dtype.parts[1], str):
        return None
    name = dtype.parts[1]
    state = dtype.then[0][1] if dtype.then else None
    if name[:1] in _FLEXIBLE and state is not None:
        return int(state[5])
    return int(name[1:]) if name[1:].isdigit() else None


def _in_c_order(content: bytes, shape: tuple[int, ...], size: int) -> bytes:
    """Return the values with the last index running fastest, where the first did."""
    steps = [size * prod(shape[:axis]) for axis in range(len(shape))]
    result = bytearray(len(content))
    width, last = size * shape[-1], steps[-1]
    for row, index in enumerate(product(*map(range, shape[:-1]))):
        start = sum(one * step for one, step in zip(index, steps, strict=False))
        for byte in range(size):
            result[row * width + byte : (row + 1) * width : size] = content[start + byte :: last]
    return bytes(result)


def _without_gaps(content: bytes | bytearray, dtype: Made, size: int) -> bytes | bytearray:
    used = _used(dtype, size)
    if all(used):
        return content
    result = bytearray(content)
    for byte in (place for place, is_used in enumerate(used) if not is_used):
        result[byte::size] = bytes(len(range(byte, len(result), size)))
    return result


def _used(dtype: Any, size: int) -> list[bool]:
    """Say of each byte of a value whether a field holds it."""
    state = dtype.then[0][1] if isinstance(dtype, Made) and dtype.then else None
    if state is None or not isinstance(state[4], Made):  # no fields
        return [True] * size
    used = [False] * size
    for inner, start, *_ in state[4].parts[1::2]:
        length = _size(inner)
        if length is None:
            return [True] * size
        used[start : start + length] = _used(inner, length)
    return used
