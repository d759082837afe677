"""Which cells are not what "run all" would make of them, and why.

The cells that the notebook now has are gone through in its order, as "run all" would, by what each touched when it
ran last. A cell whose inputs come from other code there than they did in memory is found; what may be so, and can't
be told, is kept apart and is no alarm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from celltrail.analysis.slicing import FILE, FOLDER, History, Version, history_of, touches_of
from celltrail.analysis.standing.alike import Alike, Numbers
from celltrail.analysis.standing.edits import Edits, edits_of
from celltrail.analysis.standing.present import Placed, Present, code_of
from celltrail.analysis.touching.uses import uses_of
from celltrail.analysis.touching.vocabulary import BUILTINS
from celltrail.domain.lineage import PastExecution
from celltrail.domain.standing import Finding, LeftOver, Reason

_START = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Both:
    """What is in memory, and what "run all" would leave there.

    Attributes
    ----------
    cells : tuple of Placed
        Those of the notebook's that ran.
    actual, expected : Alike
        As they ran; in the notebook's order.
    """

    cells: tuple[Placed, ...]
    is_placed: bool
    edits: Edits
    actual: Alike
    expected: Alike
    by_place: dict[int, int]


def both_of(history: History, present: Present, *, is_sure: bool) -> Both:
    """Return what is in memory beside what "run all" would leave there.

    Parameters
    ----------
    history : History
        As the cells ran.
    present : Present
        The notebook.
    is_sure : bool
        Whether only what was surely read and changed counts.

    Returns
    -------
    Both
        The versions of both bear numbers that can be compared.
    """
    cells = tuple(one for one in present.cells if one.place is not None)
    edits, numbers = edits_of(history, cells), Numbers()
    by_place = _by_place(history.executions, cells)
    actual = Alike(history, numbers, is_sure=is_sure)
    first = _first_alike(actual, cells, by_place) if is_sure else [one.place or 0 for one in cells]
    ordered = history_of(
        [_in_order(history.executions[place], index, cells[index]) for index, place in enumerate(first)]
    )
    return Both(
        cells,
        present.is_placed,
        edits,
        actual,
        Alike(ordered, numbers, is_sure=is_sure, edited=edits.surely if is_sure else edits.maybe),
        by_place,
    )


def _first_alike(actual: Alike, cells: Sequence[Placed], by_place: dict[int, int]) -> list[int]:
    """Return for each cell the first of its executions that is like its last one.

    Run again on what it has already done, a cell may do nothing more: `df["x"] = …`, a download that is there.
    """
    first: dict[int, int] = {}
    for place, index in sorted(by_place.items()):
        last = cells[index].place or 0
        if index not in first and (place == last or actual.is_same_work(place, last)):
            first[index] = place
    return [first.get(index, one.place or 0) for index, one in enumerate(cells)]


def _in_order(ran: PastExecution, index: int, cell: Placed) -> PastExecution:
    touches = touches_of(ran) if cell.is_edited else ran.touches
    if cell.is_edited and touches is not None:
        old, new = uses_of(ran.source), uses_of(cell.source)
        gone = (old.stores | old.may_store) - new.stores - new.may_store
        touches = replace(
            touches,
            reads=tuple({*touches.reads, *new.reads} - BUILTINS),
            binds=tuple({*touches.binds, *new.stores} - gone),
        )
    return replace(ran, touches=touches, started_at=_START + timedelta(seconds=index), duration_s=0.0)


def _by_place(executions: Sequence[PastExecution], cells: Sequence[Placed]) -> dict[int, int]:
    """Return for each execution the index of its cell in the notebook, where it has one."""
    found = {one.place: index for index, one in enumerate(cells) if one.place is not None}
    by_id = {executions[place].cell_id: index for place, index in found.items()}
    by_source = {executions[place].source.strip(): index for place, index in found.items()}
    for place, one in enumerate(executions):
        index = by_id.get(one.cell_id) if one.cell_id is not None else by_source.get(one.source.strip())
        if index is not None:
            found.setdefault(place, index)
    return found


@dataclass(frozen=True, slots=True)
class Differing:
    """Something that a cell read and that "run all" would make otherwise."""

    name: str
    actual: Version | None
    expected: Version | None


def differing(both: Both, index: int) -> list[Differing]:
    """Return what a cell read otherwise than it would; of what it changes itself, only where the outcome differs."""
    place = both.cells[index].place
    assert place is not None
    read, would = both.actual.read(place), both.expected.read(index)
    left = {one.name: one for one in both.actual.history.left[place]}
    leaves = {one.name: one for one in both.expected.history.left[index]}
    before, would_be = _before(left), _before(leaves)
    before = {name: one for name, one in before.items() if name not in read and not both.actual.is_left_out(name)}
    found = []
    for name in (*read, *before):
        actual, expected = (read | before)[name], (would_be | would).get(name)
        if both.actual.number(actual) == both.expected.number(expected):
            continue
        after, leave = left.get(name, actual), leaves.get(name, expected)
        if (name in left or name in leaves) and both.actual.number(after) == both.expected.number(leave):
            continue
        if both.actual.is_sure and not _can_be_told(both, name, actual, expected):
            continue
        found.append(Differing(name, both.actual.sure(actual), both.expected.sure(expected)))
    return found


def _before(left: dict[str, Version]) -> dict[str, Version | None]:
    """Return what a cell changed in place, as it was before. That it put a file into a folder is no reading of it."""
    return {name: one.before for name, one in left.items() if one.before is not None and not name.startswith(FOLDER)}


def _can_be_told(both: Both, name: str, actual: Version | None, expected: Version | None) -> bool:
    """Say whether a difference is one: not where the cell that made it was never seen, or chance alone made it."""
    if both.actual.sure(actual) is None:
        return False
    if name.startswith("<rng:"):
        return both.actual.is_seeded(actual) and both.expected.is_seeded(expected)
    return True


def findings_of(both: Both, changed_files: frozenset[str] = frozenset()) -> list[Finding]:
    """Return the cells that are not what "run all" would make of them, in the notebook's order.

    Parameters
    ----------
    both : Both
        Of what is sure.
    changed_files : frozenset of str
        Files that are not any more what this session knew them to be.

    Returns
    -------
    list of Finding
        Of each cell at most one for each reason and cause.
    """
    found: list[Finding] = []
    told: set[int] = set()
    for index, cell in enumerate(both.cells):
        for reason, cause, names in _reasons(both, index, cell, changed_files, told):
            told.add(index)
            found.append(_finding(both, index, reason, cause, names))
    return found


def _reasons(
    both: Both, index: int, cell: Placed, changed_files: frozenset[str], told: set[int]
) -> list[tuple[Reason, int | None, tuple[str, ...]]]:
    """Return for one cell reason, place of the cause and names."""
    grouped: dict[tuple[Reason, int | None], list[str]] = {}
    if cell.is_edited:
        names = [name for at, name in both.edits.surely if at == index and name.isidentifier()]
        grouped[Reason.EDITED, cell.place] = names
    execution = both.actual.history.executions[cell.place or 0]
    for file in execution.files:
        if file.mode != "write" and file.path in changed_files:
            grouped.setdefault((Reason.FILE, None), []).append(file.path)
    for one in differing(both, index):
        reason, cause = reason_of(both, index, one.actual, one.expected, told)
        if both.is_placed or reason is not Reason.ORDER:
            grouped.setdefault((reason, cause), []).append(one.name.removeprefix(FILE))
    return [(reason, cause, tuple(names)) for (reason, cause), names in grouped.items()]


def reason_of(
    both: Both, index: int, actual: Version | None, expected: Version | None, told: set[int]
) -> tuple[Reason, int | None]:
    """Return why a cell read another version than it would, and the place of the execution that is the cause."""
    history, met = both.actual.history, set[int]()
    while actual is not None:
        maker = both.by_place.get(actual.writer)
        if maker is None:
            return Reason.GONE, actual.writer
        cause = both.cells[maker].place
        if maker == index or maker in met:
            return Reason.REPEATED, cause
        if (maker, actual.name) in both.edits.surely:
            return Reason.EDITED, cause
        if maker > index:
            return Reason.ORDER, cause
        met.add(maker)
        if expected is None:
            return Reason.ORDER, cause
        due = both.cells[expected.writer].place
        here = both.cells[index].place
        if due is not None and here is not None and due > here:
            return Reason.STALE, due
        if expected.writer != maker:
            return Reason.ORDER, cause if actual.writer != cause else due
        if maker in told or history.executions[actual.writer].touches is None:
            return Reason.FOLLOWS, cause
        actual, expected = both.actual.sure(actual.before), both.expected.sure(expected.before)
    return (Reason.ORDER, both.cells[expected.writer].place) if expected is not None else (Reason.FOLLOWS, None)


def _finding(both: Both, index: int, reason: Reason, cause: int | None, names: tuple[str, ...]) -> Finding:
    executions, cell = both.actual.history.executions, both.cells[index]
    ran = executions[cell.place or 0]
    by = executions[cause] if cause is not None else None
    return Finding(
        reason,
        cell.cell_id,
        ran.execution_count,
        names,
        cause_cell_id=by.cell_id if by is not None else None,
        cause_count=by.execution_count if by is not None else None,
    )


def left_over_of(both: Both) -> list[LeftOver]:
    """Return the names in memory that "run all" would leave otherwise.

    Parameters
    ----------
    both : Both
        Of what is sure.

    Returns
    -------
    list of LeftOver
        By name. Names that begin with an underscore are left out.
    """
    found = []
    due = both.expected.history.latest
    for name, latest in sorted(both.actual.history.latest.items()):
        version = both.actual.sure(latest)
        if version is None or version.is_gone or not name.isidentifier() or name.startswith("_"):
            continue
        made, maker = both.actual.history.executions[version.writer], both.by_place.get(version.writer)
        is_there = maker is not None and code_of(both.cells[maker].source) == code_of(made.source)
        if both.actual.number(version) != both.expected.number(due.get(name)):
            found.append(LeftOver(name, made.cell_id, made.execution_count, is_there))
    return found
