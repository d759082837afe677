"""What can't be told of cells: they may be what "run all" would make of them, or not. A doubt, and never an alarm."""

from __future__ import annotations

from collections.abc import Sequence

from celltrail.analysis.slicing import FILE, FOLDER, Version, touches_of
from celltrail.analysis.standing.bindings import unchangeable_in
from celltrail.analysis.standing.present import Present
from celltrail.analysis.standing.staleness import Both, differing
from celltrail.analysis.touching.uses import uses_of
from celltrail.domain.standing import Finding, Reason


def unsure_of(both: Both, present: Present, sure: Sequence[Finding]) -> list[Finding]:
    """Return the cells that may be another, and of which no more can be told.

    Parameters
    ----------
    both : Both
        Of all that may have been read and changed.
    present : Present
        The notebook, cells that did not run included.
    sure : sequence of Finding
        What is known already.

    Returns
    -------
    list of Finding
        Their reason says no more than where the difference lies.
    """
    known = {(one.cell_id, one.execution_count) for one in sure}
    found = []
    pending, drift = _may_be_made_by_others(present, both), Drift(both)
    for index, cell in enumerate(both.cells):
        ran = both.actual.history.executions[cell.place or 0]
        if (cell.cell_id, ran.execution_count) in known:
            continue
        other = [one.name.removeprefix(FILE).removeprefix(FOLDER) for one in differing(both, index)]
        more = [*pending.get(index, ()), *drift.apart(index)]
        names = [*other, *(name for name in dict.fromkeys(more) if name not in other)]
        if names:
            found.append(Finding(Reason.FOLLOWS, cell.cell_id, ran.execution_count, tuple(names)))
    return found


class Drift:
    """Finds cells that hold an object of which there is another one by now, and one of the two has changed.

    A cell that ran again, unchanged, made the same anew; who took it before still has the old object. Both hold the
    same until either is changed in place: "run all" would have one object, with every change.

    Parameters
    ----------
    both : Both
        Of all that may have been read and changed.
    """

    def __init__(self, both: Both) -> None:
        self._both = both
        self._history = both.actual.history
        self._is_changed: dict[Version, bool] = {}

    def apart(self, index: int) -> list[str]:
        """Return the names of what a cell holds, and that is another object now, where either was changed since."""
        place = self._both.cells[index].place or 0
        would, found = self._both.expected.read(index), []
        changed: int | None = None
        for name, version in self._both.actual.read(place).items():
            due = would.get(name)
            if version is None or due is None or not name.isidentifier():
                continue
            again = self._both.cells[due.writer].place or 0
            made = self._history.executions[version.writer].source
            if not version.writer < place < again or name in unchangeable_in(made):
                continue
            if changed is None:
                holds = {one for one in self._history.left[place] if one.name.isidentifier()}
                changed = max((at for at, _ in self._changes(holds, place)), default=-1)
            if changed > again or self._is_changed_anew(name, again):
                found.append(name)
        return found

    def _is_changed_anew(self, name: str, place: int) -> bool:
        """Say whether what a cell made anew was changed in place since: by its name, or once that names another."""
        made = next((one for one in self._history.left[place] if one.name == name), None)
        if made is None:
            return False
        if made not in self._is_changed:
            bound = (at for at, one in self._lefts(place) if one.name == name and (one.before is None or one.is_gone))
            rebound = next(bound, len(self._history.executions))
            changes = self._changes({made}, place)
            self._is_changed[made] = any(one == name or at >= rebound for at, one in changes)
        return self._is_changed[made]

    def _changes(self, roots: set[Version], since: int) -> list[tuple[int, str]]:
        """Return place and name of what was changed in place and may share an object with some versions."""
        kin, found = set(roots), []
        for place in range(since + 1, len(self._history.executions)):
            left = [one for one in self._history.left[place] if one.name.isidentifier()]
            changed = [one for one in left if one.before in kin and not one.is_gone]
            found += [(place, one.name) for one in changed]
            if changed or not kin.isdisjoint(self._history.reads[place].values()):
                kin.update(left)
        return found

    def _lefts(self, since: int) -> list[tuple[int, Version]]:
        places = range(since + 1, len(self._history.executions))
        return [(place, one) for place in places for one in self._history.left[place]]


def _may_be_made_by_others(present: Present, both: Both) -> dict[int, list[str]]:
    """Return what cells read that a cell above them, which did not run, may make."""
    made: set[str] = set()
    found: dict[int, list[str]] = {}
    index = 0
    for one in present.cells:
        if one.place is None:
            uses = uses_of(one.source)
            made |= uses.stores | uses.may_store | uses.bases
            continue
        # What comes from a cell that was not seen may come from this very one.
        known = both.actual.history.reads[one.place]
        ran = both.actual.history.executions[one.place]
        if read := [name for name in touches_of(ran).reads if name in made and known.get(name) is not None]:
            found[index] = read
        made -= set(touches_of(ran).binds)
        index += 1
    return found
