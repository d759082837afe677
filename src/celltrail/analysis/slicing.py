"""Which executions made a name what it is: the backward closure over what they touched (Weiser 1981).

Going through the executions in their order, a name's version is the last one that bound it, with every one that
changed it in place since. Reads stand as at the start of an execution, writes as at its end.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from celltrail.analysis.touching.annotating import has_annotations, postpones_annotations
from celltrail.analysis.touching.uses import uses_of
from celltrail.analysis.touching.vocabulary import BUILTINS
from celltrail.domain.lineage import Certainty, PastExecution, Touches
from celltrail.domain.record import RunStatus

FILE = "file:"
FOLDER = "folder:"
ANNOTATIONS = "<annotations>"  # how they are compiled
# `__` is what the last result but one was, `___` the one before that (IPython, `DisplayHook.update_user_ns`).
_RESULTS = {"__": 2, "___": 3}
_ORDER = (Certainty.OBSERVED, Certainty.MAYBE, Certainty.ASYNC, Certainty.DEGRADED)


@dataclass(frozen=True, slots=True, eq=False)
class Version:
    """A name as one execution left it.

    Attributes
    ----------
    name : str
        A variable, ambient state in angle brackets, or `file:PATH`.
    writer : int
        Place of the execution in the list.
    before : Version or None
        What it was before, where that counts.
    """

    name: str
    writer: int
    certainty: Certainty = Certainty.OBSERVED
    before: Version | None = None
    is_gone: bool = False


@dataclass(slots=True)
class History:
    """The versions that each execution of a session read and left.

    Attributes
    ----------
    reads : list of dict
        For each execution, by name, what it read; None: nothing on record made it.
    latest : dict
        By name, as it is after the last execution.
    """

    executions: Sequence[PastExecution]
    reads: list[dict[str, Version | None]] = field(default_factory=list)
    left: list[list[Version]] = field(default_factory=list)
    latest: dict[str, Version] = field(default_factory=dict)
    _results: list[Version] = field(default_factory=list)

    def start(self, place: int) -> None:
        """Take note of what an execution reads."""
        found = self.reads[place]
        touches = touches_of(self.executions[place])
        for name in touches.reads:
            found[name] = self._read(name)
        if ANNOTATIONS in self.latest and has_annotations(self.executions[place].source):
            found[ANNOTATIONS] = self.latest[ANNOTATIONS]
        for name in touches.deletes:  # `del` of what is not there is an error
            found.setdefault(name, self.latest.get(name))
        for file in self.executions[place].files:
            if file.mode in ("read", "both"):
                found[FILE + file.path] = self.latest.get(FILE + file.path)
                folder = self.latest.get(FOLDER + file.path)
                if folder is not None:
                    found[FOLDER + file.path] = folder

    def end(self, place: int) -> None:
        """Take note of what an execution left."""
        touches = touches_of(self.executions[place])
        if touches.writes:
            for name in touches.binds:
                self._write(Version(name, place))
                if name == "_":
                    self._results.append(self.latest[name])
            bound = set(touches.binds)
            for names, certainty in (
                (touches.mutates, Certainty.OBSERVED),
                (touches.maybe, Certainty.DEGRADED if touches.degraded else Certainty.MAYBE),
                (touches.later, Certainty.ASYNC),
            ):
                for name in names:
                    if name not in bound:
                        self._write(Version(name, place, certainty, self.latest.get(name)))
            for name in touches.deletes:
                self._write(Version(name, place, before=self.latest.get(name), is_gone=True))
        if postpones_annotations(self.executions[place].source):
            self._write(Version(ANNOTATIONS, place))
        for file in self.executions[place].files:
            if file.mode != "read":
                self._write_file(file.path, place, keeps=file.mode == "both")

    def _write_file(self, path: str, place: int, *, keeps: bool) -> None:
        name = FILE + path
        self._write(Version(name, place, before=self.latest.get(name) if keeps else None))
        # Who lists a folder, or asks whether something is in it, needs whoever put it there.
        folder = path.rpartition("/")[0]
        while folder and "://" not in path:
            self._write(Version(FOLDER + folder, place, Certainty.MAYBE, self.latest.get(FOLDER + folder)))
            folder = folder.rpartition("/")[0]

    def _read(self, name: str) -> Version | None:
        back = _RESULTS.get(name)
        if back is not None and len(self._results) >= back:
            # The name moves with each result since: all of them are needed.
            version = self._results[-back]
            for result in self._results[len(self._results) - back + 1 :]:
                version = Version(name, result.writer, before=version)
            return version
        return self.latest.get(name)

    def _write(self, version: Version) -> None:
        self.left[version.writer].append(version)
        self.latest[version.name] = version


def touches_of(execution: PastExecution) -> Touches:
    """Return what an execution touched; where that is not known, what its source alone says it may have touched."""
    if execution.touches is not None:
        return execution.touches
    uses = uses_of(execution.source)
    has_ended = execution.status is RunStatus.FINISHED
    sure = uses.stores if has_ended else set()
    maybe = (uses.reads.keys() | uses.stores | uses.may_store | uses.deletes) - sure - BUILTINS
    why = "it was not looked at while it ran"
    return Touches(tuple(uses.reads), tuple(sure), maybe=tuple(sorted(maybe)), degraded=why)


def history_of(executions: Sequence[PastExecution]) -> History:
    """Go through the executions of a session.

    Parameters
    ----------
    executions : sequence of PastExecution
        Of one session, in the order of their starts.

    Returns
    -------
    History
        Every version of every name.
    """
    history = History(executions)
    history.reads = [{} for _ in executions]
    history.left = [[] for _ in executions]
    for place, is_end in _moments(executions):
        if is_end:
            history.end(place)
        else:
            history.start(place)
    return history


def _moments(executions: Sequence[PastExecution]) -> Iterator[tuple[int, bool]]:
    """Yield starts and ends in the order of time.

    The clock may be set back while a cell runs, so it is asked only where cells ran side by side, in subshells.
    """
    ends: list[tuple[datetime, int]] = []
    for place, execution in enumerate(executions):
        is_beside = execution.touches is not None and execution.touches.is_beside
        while ends and (not is_beside or ends[0][0] <= execution.started_at):
            yield heapq.heappop(ends)[1], True
        yield place, False
        heapq.heappush(ends, (execution.started_at + timedelta(seconds=execution.duration_s or 0.0), place))
    while ends:
        yield heapq.heappop(ends)[1], True


@dataclass(frozen=True, slots=True)
class Slice:
    """The executions that a name needs.

    Attributes
    ----------
    places : dict of int to Certainty
        Their places in the list, in order, and the surest way in which each is needed.
    versions : frozenset of Version
        Every version that is needed.
    unknown : tuple of str
        Names that were read and that nothing on record made.
    """

    places: dict[int, Certainty]
    versions: frozenset[Version]
    unknown: tuple[str, ...]


def slice_of(history: History, targets: Iterable[Version]) -> Slice:
    """Return what some versions need.

    Parameters
    ----------
    history : History
        Of the session.
    targets : iterable of Version
        What is to be made again.

    Returns
    -------
    Slice
        Backward closure; execution by execution.
    """
    sure: dict[int, Certainty] = {}
    seen: dict[Version, Certainty] = {}
    unknown: dict[str, None] = {}
    todo = [(version, Certainty.OBSERVED) for version in targets]
    while todo:
        version, asked = todo.pop()
        certainty = max(asked, version.certainty, key=_ORDER.index)
        if version in seen and _ORDER.index(seen[version]) <= _ORDER.index(certainty):
            continue
        seen[version] = certainty
        if version.before is not None:
            todo.append((version.before, asked))
        place = version.writer
        if place in sure and _ORDER.index(sure[place]) <= _ORDER.index(certainty):
            continue
        sure[place] = certainty
        for name, read in history.reads[place].items():
            if read is None:
                unknown.setdefault(name)
            else:
                todo.append((read, certainty))
    return Slice(dict(sorted(sure.items())), frozenset(seen), tuple(unknown))
