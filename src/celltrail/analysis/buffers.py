"""What was read before and has not changed since is not digested again: once per buffer.

A buffer is known by where it lies and how it is read; that it is unchanged is known by XXH3 of all its bytes, a tenth
of the cost of its digest. Nothing of the user's is kept: an address, sixteen bytes, and digests.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import xxhash

from celltrail.domain.forks import renew_in_child

_Made = TypeVar("_Made")


class ChangedError(RuntimeError):
    """Raised where a buffer changed while it was read."""


# Below this a digest costs less than to remember it; so many are remembered (about 1 MB in all).
_SMALLEST_BYTES = 1 << 18
_REMEMBERED = 4_096


class BufferBook:
    """Remembers digests of buffers."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[Any, ...], tuple[bytes, Any]] = OrderedDict()
        self._lock = threading.RLock()
        renew_in_child(self, "_lock")

    def once(self, arrays: Sequence[Any], make: Callable[[], _Made], *, extra: object = None) -> _Made:
        """Return what was made of these buffers before, if none has changed; else make it, and remember it.

        Parameters
        ----------
        arrays : sequence of ndarray
            All that `make` reads, but what `extra` stands for.
        make : callable
            Makes the result; an exception is passed on and not remembered.
        extra : hashable, optional
            What else decides the result.

        Returns
        -------
        object
            As `make` returned it; not to be changed.

        Raises
        ------
        ChangedError
            If a buffer changed while it was read.
        """
        if sum(array.nbytes for array in arrays) < _SMALLEST_BYTES or not all(map(is_in_one_piece, arrays)):
            return make()
        key = (extra, *(_place(array) for array in arrays))
        mark = change_mark(arrays)
        with self._lock:
            known = self._known.get(key)
            if known is not None and known[0] == mark:
                self._known.move_to_end(key)
                found: _Made = known[1]
                return found
        made = make()
        if change_mark(arrays) != mark:
            raise ChangedError
        with self._lock:
            self._known[key] = mark, made
            self._known.move_to_end(key)
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return made


def is_in_one_piece(array: Any) -> bool:
    """Say whether an array is plain bytes that lie together; addresses of Python objects tell of no change."""
    return array.dtype.kind in "biufcmM" and (array.flags.c_contiguous or array.flags.f_contiguous)


def change_mark(arrays: Sequence[Any]) -> bytes:
    """Return sixteen bytes that differ when a buffer has changed: XXH3, to notice change and never for identity."""
    import numpy as np

    hasher = xxhash.xxh3_128()
    for array in arrays:
        flat = array.reshape(-1) if array.flags.c_contiguous else array.T.reshape(-1)
        hasher.update(memoryview(flat.view(np.uint8)))
    return hasher.digest()


def _place(array: Any) -> tuple[Any, ...]:
    return array.__array_interface__["data"][0], array.dtype.str, array.shape, array.strides
