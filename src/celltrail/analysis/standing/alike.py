"""Which versions of names are alike: made by the same code from what is alike.

Two versions that are alike hold the same value, as far as code decides it. So a cell that is run again unchanged, on
what did not change, makes nothing stale. Numbers stand for versions; equal numbers, alike versions.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping

from celltrail.analysis.slicing import ANNOTATIONS, FILE, FOLDER, History, Version, touches_of
from celltrail.analysis.standing.bindings import Origin, imported_by, root_of
from celltrail.analysis.standing.present import code_of
from celltrail.analysis.touching.uses import uses_of
from celltrail.domain.lineage import Certainty, Touches

_RESULT = re.compile(r"_\d*|___?|Out|In|_oh|_ih|_dh")
# A figure that was drawn again, a path that was added twice, an option that was set twice: they change what a cell
# does so rarely that a word about it would be a false alarm.
_SOFT = ("<sys.path>", "<options:")
_NEVER = ("<pyplot>", ANNOTATIONS)


class Numbers:
    """Gives the same number to what is equal."""

    def __init__(self) -> None:
        self._known: dict[Hashable, int] = {}

    def of(self, key: Hashable) -> int:
        """Return the number of a key."""
        return self._known.setdefault(key, len(self._known))


class Alike:
    """Numbers the versions of one history.

    Parameters
    ----------
    history : History
        Of a session, or of its cells in another order.
    numbers : Numbers
        Shared by the histories that are compared.
    is_sure : bool
        Whether only what was surely read and changed counts. Else all that may have been.
    edited : mapping of (int, str) to str, optional
        By place and name the code that now makes it, where that is other code than what ran.
    """

    def __init__(
        self,
        history: History,
        numbers: Numbers,
        *,
        is_sure: bool,
        edited: Mapping[tuple[int, str], str] | None = None,
    ) -> None:
        self.history = history
        self.is_sure = is_sure
        self._numbers = numbers
        self._edited = edited or {}
        self._versions: dict[Version, int] = {}
        self._inputs: list[int] = []
        self._given: list[dict[str, int]] = []
        self._changed: list[set[str]] = []
        self._files: list[tuple[Hashable, ...]] = []
        for place in range(len(history.executions)):
            self._take_inputs(place)

    def read(self, place: int) -> dict[str, Version | None]:
        """Return what an execution read and counts."""
        execution = self.history.executions[place]
        touches = touches_of(execution)
        uses = uses_of(execution.source)
        own = imported_by(execution.source).keys() - uses.reads.keys()
        if self.is_sure:
            own |= uses.after_loop  # what stood there before is read only if the loop has nothing to go through
        reads = {
            name: one
            for name, one in self.history.reads[place].items()
            if name not in own and not self.is_left_out(name)  # it is there before the cell imports it a second time
        }
        if self.is_sure:
            reads = {name: one for name, one in reads.items() if not name.startswith("<rng:") or self.is_seeded(one)}
        if self.is_sure and touches.is_dynamic:
            reads = {name: one for name, one in reads.items() if name in uses.reads or not name.isidentifier()}
        return reads

    def sure(self, version: Version | None) -> Version | None:
        """Return the newest version that is sure, going back from one."""
        while self.is_sure and version is not None and version.certainty is not Certainty.OBSERVED:
            version = version.before
        return version

    def number(self, version: Version | None) -> int:
        """Return the number of a version; versions that are alike have the same."""
        chain = []
        version = self.sure(version)
        while version is not None and version not in self._versions:
            chain.append(version)
            version = self.sure(version.before)
        number = -1 if version is None else self._versions[version]
        for one in reversed(chain):
            number = self._versions[one] = self._number(one, number)
        return number

    def is_same_work(self, place: int, other: int) -> bool:
        """Say whether two executions ran the same code on the same, but for what they change themselves."""
        one, two = self.history.executions[place], self.history.executions[other]
        same = self._is_given_the_same(place, other) and one.status is two.status
        return same and code_of(one.source) == code_of(two.source)

    def _is_given_the_same(self, place: int, other: int) -> bool:
        own = self._changed[place] | self._changed[other]
        one, two = ({name: one for name, one in self._given[at].items() if name not in own} for at in (place, other))
        return one == two and self._files[place] == self._files[other]

    def is_seeded(self, version: Version | None) -> bool:
        """Say whether random state goes back to a seed that a cell set: else no two runs agree in any case."""
        if version is None:
            return False
        while version.before is not None:
            version = version.before
        return version.name in touches_of(self.history.executions[version.writer]).binds

    def _number(self, version: Version, before: int) -> int:
        place, name = version.writer, version.name
        origin = self._origin(version)
        if origin is not None:
            return self._numbers.of((name, origin))
        again = self._of_the_same_cell(version)
        if again is not None:
            return self.number(again)
        code = self._code(place, name)
        status = self.history.executions[place].status
        return self._numbers.of((name, code, status, version.is_gone, self._inputs[place], before))

    def _origin(self, version: Version) -> Origin | None:
        """Return what a version was imported from, where an import is all that made it: modules are imported once."""
        execution, name = self.history.executions[version.writer], version.name
        if version.is_gone or (version.writer, name) in self._edited or name not in touches_of(execution).binds:
            return None
        origin = imported_by(execution.source).get(name)
        return root_of(origin) if origin is not None and self.is_sure else origin

    def _of_the_same_cell(self, version: Version) -> Version | None:
        """Return the version that this one only repeats: the same code on the same, and it is not known to differ."""
        place, name = version.writer, version.name
        if not self.is_sure or version.is_gone or _has_moved(touches_of(self.history.executions[place]), name):
            return None
        given = self.sure(version.before or self.history.reads[place].get(name))
        if given is None or given.is_gone or given.writer >= place:
            return None
        same = self._code(given.writer, name) == self._code(place, name) and self._is_given_the_same(
            given.writer, place
        )
        return given if same else None

    def _code(self, place: int, name: str) -> str:
        return self._edited.get((place, name)) or code_of(self.history.executions[place].source)

    def _take_inputs(self, place: int) -> None:
        execution = self.history.executions[place]
        touches = touches_of(execution)
        given = {name: self.number(one) for name, one in self.read(place).items()}
        files = tuple(
            (one.path, one.digest or (one.size_bytes, one.modified_ns))
            for one in execution.files
            if one.mode != "write" and given.get(FILE + one.path, -1) == -1
        )
        changed = {*touches.mutates, *touches.maybe, *touches.later, *(set(touches.binds) & given.keys())}
        self._inputs.append(self._numbers.of((tuple(sorted(given.items())), files)))
        written = {where + one.path for one in execution.files if one.mode != "read" for where in (FILE, FOLDER)}
        changed |= written
        self._given.append(given)
        self._changed.append(changed)
        self._files.append(files)

    def is_left_out(self, name: str) -> bool:
        """Say whether a name never counts."""
        if _RESULT.fullmatch(name) or name in _NEVER:
            return True
        return self.is_sure and (name.startswith(_SOFT) or name.startswith(FOLDER))


def _has_moved(touches: Touches, name: str) -> bool:
    """Say whether a cell is known to have left another value than it was given."""
    return not name.isidentifier() or name in touches.moved
