"""What a library's own container of data was made from: the frame behind a `DMatrix`, a `Dataset`, a `Pool`.

Containers do not give their content back, so their sources are described when they are made. Nothing of the user's is
kept alive for it: containers and sources are remembered weakly.
"""

from __future__ import annotations

import dataclasses
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from celltrail.domain.record import DatasetRecord, Keeping

if TYPE_CHECKING:
    from celltrail.capture.inputs import Inputs
    from celltrail.flavors.descriptions import Datum

Tell = Callable[[DatasetRecord], None]

# Describing sources as they are made may cost a session this much, in bursts; then they are described when a fit
# takes them, where they still live. So a loop that makes a container for every row is not slowed.
_MOST_AT_ONCE_S = 0.25
_FORGIVEN_PER_S = 0.02  # two percent of the time, as the house's budget has it


@dataclass(slots=True, eq=False)
class Source:
    """One thing that a container was made from."""

    role: str
    name: str
    value: Any  # a weak reference; None where there can be none
    record: DatasetRecord | None = None
    copies: list[tuple[DatasetRecord, Tell]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def alive(self) -> Any:
        """Return the source itself, while it lives."""
        return None if self.value is None else self.value()

    def copy(self, record: DatasetRecord, role: str, tell: Tell) -> DatasetRecord:
        """Return the record of one fit; a digest that is pending will be handed on."""
        with self.lock:
            copy = dataclasses.replace(record, role=role)
            if copy.digest_status is Keeping.PENDING:
                self.copies.append((copy, tell))
        return copy

    def landed(self, record: DatasetRecord) -> None:
        """Hand a digest that came late to the fits that took the source in meanwhile."""
        with self.lock:
            waiting, self.copies = self.copies, []
        for copy, tell in waiting:
            copy.digest, copy.column_digests = record.digest, record.column_digests
            copy.digest_status, copy.reason = record.digest_status, record.reason
            tell(copy)


class Containers:
    """Remembers what containers were made from, as long as they live.

    Parameters
    ----------
    inputs : Inputs
        Describes the sources.
    clock : callable, optional
        Seconds that only go on; what describing costs is told by it.
    """

    def __init__(self, inputs: Inputs, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._inputs = inputs
        self._clock = clock
        self._known: dict[int, tuple[Any, list[Source]]] = {}
        self._left_s = _MOST_AT_ONCE_S
        self._last_s = clock()

    def remember(self, container: Any, data: list[tuple[Datum, str]]) -> None:
        """Take note of what a container was just made from.

        Parameters
        ----------
        container : object
            The `DMatrix`.
        data : list of (Datum, str)
            What its constructor was given, each with its name.
        """
        started_s = self._clock()
        self._left_s = min(_MOST_AT_ONCE_S, self._left_s + (started_s - self._last_s) * _FORGIVEN_PER_S)
        self._last_s = started_s
        sources = [Source(datum.role, name, _weak(datum.value)) for datum, name in data]
        if self._left_s > 0:
            for source, (datum, _) in zip(sources, data, strict=True):
                self._describe(source, datum.value)
            self._last_s = self._clock()
            self._left_s -= self._last_s - started_s
        key = id(container)
        try:
            reference = weakref.ref(container, lambda _: self._known.pop(key, None))
        except TypeError:
            return
        self._known[key] = (reference, sources)

    def opened(self, datum: Datum, tell: Tell) -> list[tuple[Datum, DatasetRecord]] | None:
        """Return what is behind a container that goes into a fit; None where that is not known.

        Parameters
        ----------
        datum : Datum
            The container.
        tell : callable
            Told when a digest that is still pending is known.

        Returns
        -------
        list of (Datum, DatasetRecord) or None
            The sources, each with a record of its own. What they were is lost for sources that died undescribed.
        """
        entry = self._known.get(id(datum.value))
        if entry is None or entry[0]() is not datum.value:
            return None
        from celltrail.flavors.descriptions import Datum  # of libraries with containers of their own only

        found = []
        for source in entry[1]:
            value = source.alive()
            if source.record is None and value is not None:
                self._describe(source, value)
            if source.record is None:
                continue
            role = source.role if datum.is_trained_on else f"{datum.role}.{source.role}"
            found.append((Datum(role, value, datum.is_trained_on), source.copy(source.record, role, tell)))
        return found or None

    def _describe(self, source: Source, value: Any) -> None:
        source.record = self._inputs.describe(value, name=source.name, role=source.role, landed=source.landed)


def _weak(value: Any) -> Any:
    try:
        return weakref.ref(value)
    except TypeError:
        return None
