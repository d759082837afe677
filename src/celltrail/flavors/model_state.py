"""The digest of a model's state: equal for models that are equal, whatever the bytes of their pickles.

Pickles of equal models differ: by which strings happen to be one object, by the order of a dict, by the unused bytes
between the fields of a tree's nodes. So the state is walked, as `pickle` would walk it, and written down plainly.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Iterable
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

from celltrail.domain.ids import Digest

_DEEPEST = 200
# Up to here a part is copied beside the others and all are digested by one call; a copy of more would cost room.
_SMALL_BYTES = 65_536
_LONGEST_REMEMBERED = 200


class _TooLateError(Exception):
    """Raised when the deadline has passed."""


def state_digest(model: Any, deadline: float) -> Digest | None:
    """Return the digest of a model's state.

    Parameters
    ----------
    model : object
        Anything that can be pickled.
    deadline : float
        As `time.perf_counter` counts: the walk stops there.

    Returns
    -------
    Digest or None
        None where the deadline passed, or a part gives no state.
    """
    try:
        return Digest(_Walk(deadline).digest_of(model).hex())
    except (_TooLateError, RecursionError, TypeError, ValueError, AttributeError, NotImplementedError):
        return None


@functools.lru_cache(maxsize=64)
def _packed(dtype: Any) -> Any:
    import numpy as np

    return np.dtype([(name, dtype[name]) for name in dtype.names])


@functools.lru_cache(maxsize=1024)
def _kind_name(kind: Any) -> bytes:
    return f"{kind.__module__}.{kind.__qualname__}".encode()


@functools.lru_cache(maxsize=4096)
def _digest_of_text(text: str) -> bytes:
    """Return the digest of a short text: all models of a class have the same attributes."""
    return _digest_of_parts((_kind_name(str), text.encode("utf-8", "surrogatepass")))


def _digest_of_parts(parts: Iterable[Any]) -> bytes:
    """Return the digest of parts, each with its length before it."""
    import blake3

    hasher, small = None, bytearray()
    for part in parts:
        size = len(part)
        small += size.to_bytes(8, "little")
        if size <= _SMALL_BYTES:
            small += part
            continue
        hasher = blake3.blake3() if hasher is None else hasher
        hasher.update(bytes(small))
        hasher.update(part)
        small.clear()
    if hasher is None:
        return blake3.blake3(bytes(small)).digest()
    hasher.update(bytes(small))
    return hasher.digest()


class _Walk:
    """One walk through a model; each object that is met twice is digested once."""

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline
        self._known: dict[int, bytes] = {}
        self._alive: list[Any] = []  # an id is one object's only as long as it lives
        self._path: dict[int, int] = {}

    def digest_of(self, value: Any) -> bytes:
        if (known := self._known.get(id(value))) is not None:
            return known
        if (depth := self._path.get(id(value))) is not None:
            return f"the object {len(self._path) - depth} above".encode()
        if len(self._path) > _DEEPEST:
            raise ValueError("nested too deeply")
        if time.perf_counter() > self._deadline:
            raise _TooLateError
        self._path[id(value)] = len(self._path)
        digest = _digest_of_parts(self._parts(value))
        del self._path[id(value)]
        self._known[id(value)] = digest
        self._alive.append(value)
        return digest

    def _parts(self, value: Any) -> Iterable[Any]:
        kind: Any = type(value)
        yield _kind_name(kind)
        if value is None or kind in (bool, int, float, complex):
            yield repr(value).encode()
        elif kind is str:
            yield value.encode("utf-8", "surrogatepass")
        elif kind in (bytes, bytearray):
            yield bytes(value)
        elif kind in (list, tuple):
            yield from map(self._short, value)
        elif kind in (set, frozenset):
            yield from sorted(map(self._short, value))
        elif kind is dict:
            yield from self._pairs(value)
        elif isinstance(value, type | FunctionType | BuiltinFunctionType | ModuleType):
            yield from self._named(value)
        elif kind.__module__ == "numpy" and hasattr(value, "dtype"):
            yield from self._array(value)
        else:
            yield from self._reduced(value)

    def _short(self, value: Any) -> bytes:
        """Return what stands for a part: itself where it is a number, else its digest."""
        kind = type(value)
        if kind is str and len(value) <= _LONGEST_REMEMBERED:
            return _digest_of_text(value)
        if value is None:
            return b"NoneType None"
        if kind is bool or kind is int or kind is float:
            return f"{kind.__name__} {value!r}".encode()
        return self._known.get(id(value)) or self.digest_of(value)

    def _pairs(self, value: dict[Any, Any]) -> Iterable[bytes]:
        pairs = [(self._short(key), self._short(item)) for key, item in value.items()]
        for key, item in sorted(pairs):
            yield key
            yield item

    def _named(self, value: Any) -> Iterable[bytes]:
        yield f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', value.__name__)}".encode()
        if isinstance(value, FunctionType):
            # A function of the notebook may have been written anew under the same name.
            yield value.__code__.co_code
            yield repr([one for one in value.__code__.co_consts if isinstance(one, int | float | str)]).encode()

    def _array(self, value: Any) -> Iterable[Any]:
        if value.nbytes <= _SMALL_BYTES and value.dtype.names is None and not value.dtype.hasobject:
            yield f"{value.dtype.str} {value.shape}".encode()
            yield value.tobytes()
            return
        import numpy as np

        array = np.asarray(value)
        yield f"{array.dtype.str} {array.shape}".encode()
        if array.dtype.hasobject:
            yield from map(self._short, array.ravel().tolist())
            return
        if array.dtype.names is not None:
            array = array.astype(_packed(array.dtype))  # what lies between the fields is undefined
        flat: Any = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
        yield memoryview(flat)

    def _reduced(self, value: Any) -> Iterable[bytes]:
        reduced = value.__reduce_ex__(4)
        if isinstance(reduced, str):
            yield reduced.encode()
            return
        made_by, arguments, *state = reduced
        yield self._short(made_by)
        yield self._short(arguments)
        for part in state:
            yield self._short(list(part) if hasattr(part, "__next__") else part)
