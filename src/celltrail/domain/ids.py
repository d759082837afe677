"""Global ids: 26 letters, sortable by time, unique on every machine."""

from __future__ import annotations

import os
import sys
import threading
import time
from typing import NewType

from celltrail.domain.forks import renew_in_child

RunId = NewType("RunId", str)
FitId = NewType("FitId", str)
ExecutionId = NewType("ExecutionId", str)
SessionId = NewType("SessionId", str)
ArtifactId = NewType("ArtifactId", str)
Digest = NewType("Digest", str)
"""BLAKE3 of the content, as 64 hexadecimal digits."""

# Crockford's base 32: no I, L, O, U, so that an id read aloud is written down right.
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_RANDOM_BITS = 80

_lock = threading.RLock()
renew_in_child(sys.modules[__name__], "_lock")
_last = 0


def new_id() -> str:
    """Return a new id that sorts after every id this process made before.

    Returns
    -------
    str
        26 lower-case letters and digits: 48 bits of Unix time in milliseconds, then 80 random bits [1]_.

    References
    ----------
    .. [1] A. Feerasta, "Universally Unique Lexicographically Sortable Identifier", 2016,
       https://github.com/ulid/spec. When the clock goes back or stands still the random part is
       counted up, as the section "Monotonicity" says.
    """
    global _last  # noqa: PLW0603  the one counter that keeps ids of a process in order
    now_ms = time.time_ns() // 1_000_000
    drawn = (now_ms << _RANDOM_BITS) | int.from_bytes(os.urandom(10), "big")
    with _lock:
        _last = drawn if drawn > _last else _last + 1
        value = _last
    return _encode(value)


def _encode(value: int) -> str:
    return "".join([_PAIRS[(value >> shift) & 1023] for shift in range(120, -1, -10)])
