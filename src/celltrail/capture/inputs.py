"""Frames and arrays on their way into a fit or a metric: described before the call, digested beside it.

The sampled digest is taken at once, always. The full one is taken at once while that is cheap, else by one thread
beside the fit; until it is known it is `pending`, and the store is told when it comes.
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from celltrail.analysis.canonical import NoCanonicalFormError
from celltrail.analysis.fingerprint import describe_data, full_digest
from celltrail.analysis.profile import profile
from celltrail.capture.late import LateWork
from celltrail.domain.record import DatasetRecord, Keeping

# Up to here the full digest costs about as much as starting a thread for it (BLAKE3 of 256 MB: 61 ms, one thread).
_AT_ONCE_BYTES = 4 * 2**20
# Profiles and digests by sampled digest: the same frame enters many fits of a session.
_REMEMBERED = 64
# A list longer than this is not looked through for being a copy of a prediction (about 5 ms per 100,000).
_LONGEST_LIST = 100_000

Landed = Callable[[DatasetRecord], None]


class Inputs:
    """Describes data; remembers what it has seen so that the same frame is read once."""

    def __init__(self, late: LateWork) -> None:
        self._profiles: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self._late = late

    def describe(self, value: Any, *, name: str, role: str, landed: Landed | None = None) -> DatasetRecord | None:
        """Return the record of one frame or array, or None where it is not data.

        Parameters
        ----------
        value : object
            What was passed; never copied, never changed.
        name, role : str
            As the source names it, and the parameter that it was passed for.
        landed : callable, optional
            Told on another thread when a digest that was pending is known.

        Returns
        -------
        DatasetRecord or None
        """
        record = describe_data(value, name=name, role=role)
        if record is None:
            return None
        if record.digest_status is not Keeping.PENDING:
            return record  # what can't or need not be digested in full says so itself
        if (record.size_bytes or 0) <= _AT_ONCE_BYTES:
            _digest(record, value)
        elif landed is not None:
            self._later(record, value, landed)
        return record

    def profile_of(self, value: Any, record: DatasetRecord) -> dict[str, Any] | None:
        """Return the profile of data that was described, taken once for equal samples."""
        key = record.sampled_digest
        if key is None:
            return None
        if key not in self._profiles:
            self._profiles[key] = profile(value)
            while len(self._profiles) > _REMEMBERED:
                self._profiles.popitem(last=False)
        return self._profiles[key]

    def values_digest(self, value: Any) -> str | None:
        """Return the sampled digest of an array's values, the same for a Series of them; None where it is no data."""
        value = _as_array(value)
        if type(value).__module__.partition(".")[0] == "pandas":
            value = getattr(value, "_values", value)
        record = describe_data(value, name="", role="")
        return None if record is None else record.sampled_digest

    def _later(self, record: DatasetRecord, value: Any, landed: Landed) -> None:
        def job() -> None:
            _digest(record, value)
            again = describe_data(value, name=record.name, role=record.role)
            if again is None or again.sampled_digest != record.sampled_digest:
                record.digest, record.column_digests = None, None
                record.digest_status, record.reason = Keeping.CHANGED, "changed in place while it was read"
            landed(record)

        self._late.submit(job)


def _digest(record: DatasetRecord, value: Any) -> None:
    try:
        record.digest, record.column_digests = full_digest(value)
        record.digest_status = Keeping.KEPT
    except NoCanonicalFormError as error:
        record.digest_status, record.reason = Keeping.NOT_KEPT, str(error)


def _as_array(value: Any) -> Any:
    """Return a list of plain numbers or words as the array that it was made from, or as it is."""
    numpy = sys.modules.get("numpy")
    if numpy is None or type(value) not in (list, tuple) or not 0 < len(value) <= _LONGEST_LIST:
        return value
    kinds = {type(one) for one in value}
    is_plain = kinds <= {int, float, bool, str} or all(issubclass(kind, numpy.generic) for kind in kinds)
    return numpy.asarray(value) if is_plain and len(kinds) == 1 else value
