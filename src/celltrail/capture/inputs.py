"""Frames and arrays on their way into a fit or a metric: described before the call, digested beside it.

The sampled digest is taken at once, always. The full one is taken at once while that is cheap, else by one thread
beside the fit; until it is known it is `pending`, and the store is told when it comes. What was read before and has
not changed is not read again: small data are known by their bytes, large ones buffer by buffer (`analysis.buffers`).
"""

from __future__ import annotations

import sys
import weakref
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from celltrail.analysis.buffers import BufferBook, ChangedError
from celltrail.analysis.canonical import NoCanonicalFormError
from celltrail.analysis.fingerprint import describe_data, full_digest, sampled_digest, values_digest
from celltrail.analysis.profile import profile
from celltrail.analysis.related import as_record, related_to
from celltrail.analysis.unchanged import State, state_of
from celltrail.capture.late import LateWork
from celltrail.domain.record import DatasetRecord, Keeping

# Up to here the full digest costs about as much as starting a thread for it (BLAKE3 of 256 MB: 61 ms, one thread).
_AT_ONCE_BYTES = 4 * 2**20
# Profiles by sampled digest, records by object: the same frame enters many fits of a session.
_REMEMBERED = 64
# Values; more take over a millisecond (1.5 µs each; 6 ms for the 17,000 of breast_cancer).
_PROFILED_AT_ONCE = 1_000
# A list longer than this is not looked through for being a copy of a prediction (about 5 ms per 100,000).
_LONGEST_LIST = 100_000

Landed = Callable[[DatasetRecord], None]


class Inputs:
    """Describes data; remembers what it has seen so that the same frame is read once."""

    def __init__(self, late: LateWork) -> None:
        self._profiles: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self.personal: tuple[str, ...] = ()  # columns that the settings mark
        self._records: OrderedDict[int, tuple[weakref.ref[Any], State, DatasetRecord]] = OrderedDict()
        self._book = BufferBook()
        self._late = late

    def describe(
        self,
        value: Any,
        *,
        name: str,
        role: str,
        landed: Landed | None = None,
        in_full: bool = True,
        namespace: Mapping[str, Any] | None = None,
    ) -> DatasetRecord | None:
        """Return the record of one frame or array, or None where it is not data.

        Parameters
        ----------
        value : object
            What was passed; never copied, never changed.
        name, role : str
            As the source names it, and the parameter that it was passed for.
        landed : callable, optional
            Told on another thread when a digest that was pending is known.
        in_full : bool
            Whether the full digest is asked for.
        namespace : mapping, optional
            The user's variables, where it is asked what the data were made from.

        Returns
        -------
        DatasetRecord or None
        """
        state = state_of(value)
        if state is not None and (known := self._unchanged(value, state)) is not None:
            return replace(known, name=name, role=role)
        at_once = _AT_ONCE_BYTES if in_full else -1
        record = describe_data(value, name=name, role=role, at_once_bytes=at_once, book=self._book)
        if record is None:
            return None
        if namespace is not None and (origin := related_to(value, namespace)) is not None:
            whole = self.describe(origin.value, name=origin.name, role="", in_full=False)
            record.derived_from = as_record(origin, None if whole is None else whole.sampled_digest)
        if state is not None and record.digest_status is not Keeping.PENDING:
            self._remember(value, state, replace(record))
        if record.digest_status is Keeping.PENDING and in_full and landed is not None:
            self._later(record, value, landed)
        return record

    def take_profile(self, value: Any, record: DatasetRecord, landed: Landed) -> None:
        """Put the profile of data that was described on their record: once for equal samples, a large one later.

        Parameters
        ----------
        value : object
            What was described.
        record : DatasetRecord
            Its record.
        landed : callable
            Told on another thread when a profile that is taken later is there.
        """
        key = record.sampled_digest
        if key is None:
            return
        if key in self._profiles:
            record.profile = self._profiles[key]
        elif (record.rows or 0) * len(record.columns or ()) <= _PROFILED_AT_ONCE:
            record.profile = self._profiled(key, profile(value, self.personal))
        else:
            self._late.submit(lambda: self._profile_later(key, value, record, landed))

    def _profile_later(self, key: str, value: Any, record: DatasetRecord, landed: Landed) -> None:
        found = self._profiles.get(key) or profile(value, self.personal)
        if sampled_digest(value) == key:
            record.profile = self._profiled(key, found)
            landed(record)

    def _profiled(self, key: str, found: dict[str, Any]) -> dict[str, Any]:
        self._profiles[key] = found
        while len(self._profiles) > _REMEMBERED:
            self._profiles.popitem(last=False)
        return found

    def values_digest(self, value: Any) -> str | None:
        """Return the sampled digest of an array's values, the same for a Series of them; None where it is no data."""
        return values_digest(_as_array(value))

    def _unchanged(self, value: Any, state: State) -> DatasetRecord | None:
        """Return what is known of this very object, if nothing of it has changed."""
        entry = self._records.get(id(value))
        if entry is None or entry[0]() is not value or not entry[1].is_same(state):
            return None
        self._records.move_to_end(id(value))
        return entry[2]

    def _remember(self, value: Any, state: State, record: DatasetRecord) -> None:
        self._records[id(value)] = weakref.ref(value), state, record
        while len(self._records) > _REMEMBERED:
            self._records.popitem(last=False)

    def _later(self, record: DatasetRecord, value: Any, landed: Landed) -> None:
        def job() -> None:
            self._digest(record, value)
            landed(record)

        self._late.submit(job)

    def _digest(self, record: DatasetRecord, value: Any) -> None:
        try:
            digest, columns = full_digest(value, self._book)
            if sampled_digest(value) != record.sampled_digest:
                raise ChangedError
        except ChangedError:
            record.digest_status, record.reason = Keeping.CHANGED, "changed in place while it was read"
        except (NoCanonicalFormError, RecursionError) as error:
            record.digest_status, record.reason = Keeping.NOT_KEPT, str(error)
        else:
            record.digest, record.column_digests, record.digest_status = digest, columns, Keeping.KEPT


def _as_array(value: Any) -> Any:
    """Return a list of plain numbers or words as the array that it was made from, or as it is."""
    numpy = sys.modules.get("numpy")
    if numpy is None or type(value) not in (list, tuple) or not 0 < len(value) <= _LONGEST_LIST:
        return value
    kinds = {type(one) for one in value}
    is_plain = kinds <= {int, float, bool, str} or all(issubclass(kind, numpy.generic) for kind in kinds)
    return numpy.asarray(value) if is_plain and len(kinds) == 1 else value
