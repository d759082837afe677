"""Which cells to run, and in which order, so that what is in memory is what "run all" would give.

Not only the stale ones: a cell that changes what it is given has to be given it as it was, so whoever made it runs
again too; and what a cell on the way would bind otherwise is put right after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from celltrail.analysis.slicing import History, Version
from celltrail.analysis.standing.present import Placed, Present
from celltrail.analysis.standing.staleness import Both, both_of
from celltrail.analysis.standing.wording import listed, plain_name
from celltrail.domain.standing import Finding, Reason, Step

# Cells that are moved at most: a notebook that needs more is in no order that could be told. A rule of thumb.
_MOST_MOVES = 20


@dataclass(frozen=True, slots=True)
class Moved:
    """A cell that has to stand further above."""

    cell: Placed
    above: Placed
    name: str


def in_running_order(history: History, present: Present) -> tuple[Present, list[Moved]]:
    """Move cells above those that need them, where nobody above makes what they make.

    Parameters
    ----------
    history : History
        As the cells ran.
    present : Present
        The notebook.

    Returns
    -------
    tuple of (Present, list of Moved)
        The notebook as it could run from top to bottom, and what was moved for it.
    """
    moved: list[Moved] = []
    for _ in range(_MOST_MOVES if present.is_placed else 0):
        both = both_of(history, present, is_sure=True)
        move = next((one for index in range(len(both.cells)) if (one := _move(both, index)) is not None), None)
        if move is None or any(move.cell == one.cell for one in moved):
            break
        moved.append(move)
        cells = [one for one in present.cells if one is not move.cell]
        cells.insert(cells.index(move.above), move.cell)
        present = Present(tuple(cells), present.is_placed)
    return present, moved


def _move(both: Both, index: int) -> Moved | None:
    would = both.expected.read(index)
    for name, version in both.actual.read(both.cells[index].place or 0).items():
        made = both.actual.sure(version)
        if not name.isidentifier() or made is None or both.expected.sure(would.get(name)) is not None:
            continue
        maker = both.by_place.get(made.writer)
        if maker is not None and maker > index:
            return Moved(both.cells[maker], both.cells[index], name)
    return None


def steps_of(both: Both, findings: Sequence[Finding], moved: Sequence[Moved]) -> list[Step]:
    """Return the cells to run, in the order in which to run them.

    Parameters
    ----------
    both : Both
        Of the notebook in the order in which it can run.
    findings : sequence of Finding
        What is not as it should be.
    moved : sequence of Moved
        Cells that stand elsewhere in the file.

    Returns
    -------
    list of Step
        Empty where all is well.
    """
    lost = _lost(findings)
    wrong = {_key(one): one for one in reversed(findings) if _key(one) not in lost}
    executions = both.actual.history.executions
    keys = [(cell.cell_id, executions[cell.place or 0].execution_count) for cell in both.cells]
    planned = {index: _why(wrong[key]) for index, key in enumerate(keys) if key in wrong}
    for move in moved:
        index = both.cells.index(move.cell)
        above = executions[move.above.place or 0].execution_count
        planned.setdefault(index, "")
        planned[index] = f"[{above}] needs its {move.name}: move it above"
    while (more := _missing(both, planned)) is not None:
        planned[more[0]] = more[1]
    return [
        Step(both.cells[index].cell_id, keys[index][1], both.cells[index].source, planned[index])
        for index in sorted(planned)
    ]


def _key(finding: Finding) -> tuple[str | None, int | None]:
    return finding.cell_id, finding.execution_count


def _lost(findings: Sequence[Finding]) -> set[tuple[str | None, int | None]]:
    """Return the cells that need what no code in the notebook makes: to run them again mends nothing."""
    lost: set[tuple[str | None, int | None]] = set()
    for one in findings:
        if one.reason is Reason.GONE or (one.cause_cell_id, one.cause_count) in lost:
            lost.add(_key(one))
    return lost


def _why(finding: Finding) -> str:
    names = listed(map(plain_name, finding.names)) or "what it read"
    cause = "another cell" if finding.cause_count is None else f"[{finding.cause_count}]"
    match finding.reason:
        case Reason.EDITED if finding.cause_count == finding.execution_count:
            return "it was edited after it ran"
        case Reason.EDITED:
            return f"{cause}, which makes {names}, was edited"
        case Reason.GONE:
            return f"{names} came from {cause}, which is not in the notebook any more"
        case Reason.STALE:
            return f"{cause} made {names} anew"
        case Reason.REPEATED:
            return f"{cause} ran more than once, and changes {names} each time"
        case Reason.FILE:
            return f"{names} has changed"
        case Reason.ORDER:
            return f"{names} came from {cause}, which ran out of order"
    return f"{cause} makes {names} anew"


def _missing(both: Both, planned: dict[int, str]) -> tuple[int, str] | None:
    """Return a cell that has to run too, and why; None where those planned will do."""
    state: dict[str, int] = {name: both.actual.number(one) for name, one in both.actual.history.latest.items()}
    rebound: set[str] = set()
    for index in range(len(both.cells)):
        if index not in planned:
            continue
        for name, version in _given(both, index).items():
            maker = both.expected.sure(version)
            if (
                maker is not None
                and maker.writer not in planned
                and state.get(name, -1) != both.expected.number(maker)
            ):
                ran = both.actual.history.executions[both.cells[index].place or 0]
                return maker.writer, f"[{ran.execution_count}] needs {plain_name(name)} as it is after this cell"
        for left in both.expected.history.left[index]:
            state[left.name] = both.expected.number(left)
            rebound.add(left.name)
    for name in rebound:
        due = both.expected.sure(both.expected.history.latest.get(name))
        if due is not None and name.isidentifier() and state[name] != both.expected.number(due):
            if due.writer not in planned:
                return due.writer, f"a cell above binds {name} otherwise"
            if due.before is not None and due.before.writer not in planned:
                return due.before.writer, f"{name} is changed from what this cell makes"
    return None


def _given(both: Both, index: int) -> dict[str, Version | None]:
    """Return what a cell will be given, what it changes in place included."""
    given = dict(both.expected.read(index))
    for one in both.expected.history.left[index]:
        if one.before is not None:
            given.setdefault(one.name, one.before)
    return given
