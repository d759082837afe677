"""Writes runs of another trail into this one, by the same writers as a cell's own, but with the place they bring.

What is here already is never changed by a file: not a run, nor an execution, a session, a fit or an artifact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from celltrail.domain.ids import Digest, new_id
from celltrail.domain.record import CellRecord, RunStatus
from celltrail.errors import UsageError
from celltrail.store import write_metrics, write_run, writer
from celltrail.store.connection import Connection
from celltrail.store.notebooks import IMPORTED_PATH, Notebook
from celltrail.store.room import Room
from celltrail.store.store import Store
from celltrail.store.travel_file import TravelFile, TravellingExperiment, TravellingRun
from celltrail.store.values import text_in, time_in, time_out

FIND_RUN = "SELECT id FROM runs WHERE global_id = ?"
FIND_EXPERIMENT = "SELECT id, origin, next_number FROM experiments WHERE global_id = ?"
SIBLINGS = "SELECT id FROM experiments WHERE name = ? AND origin = ? ORDER BY id"
ADD_EXPERIMENT = """
INSERT INTO experiments (global_id, name, is_named, author, created_at, origin) VALUES (?, ?, 1, ?, ?, ?)
"""
NUMBER_IS_TAKEN = "SELECT 1 FROM runs WHERE experiment_id = ? AND number = ? AND kind = 'run'"
IS_TAKEN = {
    "session": "SELECT id FROM sessions WHERE global_id = ?",
    "execution": "SELECT id FROM executions WHERE global_id = ?",
    "fit": "SELECT id FROM fits WHERE global_id = ?",
    "artifact": "SELECT id FROM artifacts WHERE global_id = ?",
}
FIND_NOTEBOOK = "SELECT id FROM notebooks WHERE path = ?"
ADD_NOTEBOOK = "INSERT INTO notebooks (global_id, path, author, created_at) VALUES (?, ?, ?, ?)"


def write_all(trail: Store, file: TravelFile, *, home: str) -> list[str]:
    """Write the runs of a file that this trail does not hold yet; inside a transaction.

    Parameters
    ----------
    trail : Store
        In a transaction.
    file : TravelFile
        Checked.
    home : str
        Global id of this trail.

    Returns
    -------
    list of str
        Ids of the runs that are new.

    Raises
    ------
    UsageError
        If a record claims what belongs to another run.
    """
    experiments = {one.id: one for one in file.manifest.experiments}
    new = []
    # A repeat points at its original.
    for run in sorted(file.manifest.runs, key=lambda one: one.repeat_of is not None):
        if trail.db.execute(FIND_RUN, (run.id,)).fetchone() is None:
            _write(trail, file, run, experiments[run.experiment], home=home)
            new.append(run.id)
    return new


def rows_of(db: Connection, ids: Sequence[str]) -> list[int]:
    """Return the rows of runs by their ids."""
    found = [db.row(FIND_RUN, (one,)) for one in ids]
    return [int(row[0]) for row in found if row]


def _write(
    trail: Store, file: TravelFile, run: TravellingRun, experiment: TravellingExperiment, *, home: str
) -> None:
    contents = {Digest(digest): file.read_blob(digest) for digest in run.blobs}
    room = Room(trail.db, trail.path, trail.base, trail.interned)
    for digest, content in contents.items():
        room.keep(digest, content)
    own, *later = [file.cells[cell] for cell in run.cells]
    if own.run is None or own.run.id != run.id or own.run.execution_id != own.execution.id:
        raise _refusal(file, f"run {run.id} is not where its list says")
    _check_ids(room, file, own)
    repeated = trail.db.execute(FIND_RUN, (run.repeat_of,)).fetchone() if run.repeat_of else None
    given = write_run.Given(
        experiment=_experiment(room, experiment, run.number, home=home),
        number=None if run.repeat_of else run.number,
        repeat_of=int(repeated[0]) if repeated else None,
    )
    for cell in (own, *later):
        record = replace(cell.run, status=_ended(cell.run.status)) if cell is own and cell.run else None
        kept = replace(cell, run=record, metrics=[one for one in cell.metrics if one.run_id == run.id])
        session, execution, notebook = _where(room, kept, experiment)
        if record is not None:
            write_run.write(room, kept, write_run.Place(execution, session, notebook, cell.session.client, given))
        write_metrics.write(room, kept, execution, new=None)


def _check_ids(room: Room, file: TravelFile, cell: CellRecord) -> None:
    assert cell.run is not None
    claimed = [("fit", str(fit.id)) for fit in cell.run.fits]
    claimed += [("artifact", str(artifact.id)) for artifact in cell.run.artifacts]
    for kind, one in claimed:
        if room.db.execute(IS_TAKEN[kind], (one,)).fetchone():
            raise _refusal(file, f"{kind} {one} belongs to another run")


def _experiment(room: Room, experiment: TravellingExperiment, number: int | None, *, home: str) -> int:
    """Return where the run is numbered: in its own experiment, if that is ours and once gave this very number."""
    found = room.db.execute(FIND_EXPERIMENT, (experiment.id,)).fetchone()
    name = text_in(experiment.name)
    candidates = []
    if found and found[1] is None:
        candidates = [found[0]] if experiment.trail == home and (number is None or number < found[2]) else []
    elif found:
        candidates = [found[0]]
    # Two copies of one trail may both have gone on counting: then the run stands beside, under the same name.
    candidates += [row for (row,) in room.db.execute(SIBLINGS, (name, experiment.trail)).fetchall()]
    for candidate in candidates:
        if number is None or not room.db.execute(NUMBER_IS_TAKEN, (candidate, number)).fetchone():
            return int(candidate)
    created_at = time_in(time_out(experiment.created_at))
    values = (experiment.id if found is None else new_id(), name, text_in(experiment.author), created_at)
    return room.db.insert(ADD_EXPERIMENT, (*values, experiment.trail))


def _where(room: Room, cell: CellRecord, experiment: TravellingExperiment) -> tuple[int, int, Notebook | None]:
    """Return session, execution and notebook of a cell, made where they are not known."""
    notebook = None
    if cell.execution.notebook is not None:
        path = text_in(f"{IMPORTED_PATH}{experiment.trail[-8:]}/{cell.execution.notebook.lstrip('/')}")
        found = room.db.execute(FIND_NOTEBOOK, (path,)).fetchone()
        made = (new_id(), path, text_in(cell.session.author), time_in(cell.execution.started_at))
        notebook = Notebook(int(found[0]) if found else room.db.insert(ADD_NOTEBOOK, made), None, [])
    known = room.db.execute(IS_TAKEN["session"], (cell.session.id,)).fetchone()
    # Nothing of this machine may be touched in the name of a kernel that never ran here.
    session = int(known[0]) if known else writer.write_session(room, replace(cell.session, lock_name="", pid=0))
    ran = room.db.execute(IS_TAKEN["execution"], (cell.execution.id,)).fetchone()
    if ran:
        return session, int(ran[0]), notebook
    ended = replace(cell.execution, status=_ended(cell.execution.status), parent_id=None)
    row = writer.write_execution(room, ended, session, notebook, is_false_start=False, known=None)
    return session, row, notebook


def _ended(status: RunStatus) -> RunStatus:
    return RunStatus.LOST if status is RunStatus.RUNNING else RunStatus(status)


def _refusal(file: TravelFile, why: str) -> UsageError:
    return UsageError(f"{file.path} was not imported: {why}. Nothing was written.")
