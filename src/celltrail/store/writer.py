"""One cell into the tables, in one transaction.

`commit` conducts; what a run, its metrics, its data and its surroundings look like in the tables stands in
write_run.py, write_metrics.py, write_data.py and write_context.py.
"""

from __future__ import annotations

from typing import Any

from celltrail.domain.ids import RunId
from celltrail.domain.record import CellRecord, ExecutionRecord, RunStatus, SavedRun, SessionRecord
from celltrail.store import write_data, write_metrics, write_run, write_touches
from celltrail.store.notebooks import Notebook, find_notebook
from celltrail.store.room import Room, writing
from celltrail.store.store import Store
from celltrail.store.summary import Summary
from celltrail.store.values import text_in, text_out, time_in

ADD_SESSION = """
INSERT INTO sessions (global_id, author, host, boot_id, pid, client, lock_name, started_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (global_id) DO UPDATE SET client = excluded.client
RETURNING id
"""
FIND_EXECUTION = """
SELECT id, status, session_id, notebook_id, cell_id, source_id, parent_id, started_at FROM executions
WHERE global_id = ?
"""
ADD_EXECUTION = """
INSERT INTO executions (session_id, notebook_id, cell_id, execution_count, source_id, parent_id, status, started_at,
  duration_s, error_name, error_message, is_false_start, masked, global_id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
# Where it runs and what stays as it was: SQLite checks every foreign key that an UPDATE names.
END_EXECUTION = """
UPDATE executions SET execution_count = ?, status = ?, duration_s = ?, error_name = ?, error_message = ?,
  is_false_start = ?, masked = ?
WHERE global_id = ?
"""
CHANGE_EXECUTION = """
UPDATE executions SET session_id = ?, notebook_id = ?, cell_id = ?, execution_count = ?, source_id = ?,
  parent_id = ?, status = ?, started_at = ?, duration_s = ?, error_name = ?, error_message = ?, is_false_start = ?,
  masked = ?
WHERE global_id = ?
"""
SAVED = """
SELECT r.global_id, e.name, r.number, o.global_id, ifnull(o.repeats, r.repeats), r.id
FROM runs AS r JOIN experiments AS e ON e.id = r.experiment_id LEFT JOIN runs AS o ON o.id = r.repeat_of
WHERE r.global_id = ?
"""


def commit(trail: Store, cell: CellRecord, *, wait_s: float) -> SavedRun | None:
    """Write all that is known about a cell; again, and it replaces what was known.

    Parameters
    ----------
    trail : Store
        Open for writing.
    cell : CellRecord
        What is known.
    wait_s : float
        Seconds to wait for the store.

    Returns
    -------
    SavedRun or None
        As `Trail.save`.

    Raises
    ------
    TrailBusyError
        If the store stayed locked; nothing was written.
    TrailVersionError
        If a newer celltrail has upgraded it.
    TrailError
        If it can't be written; nothing of this cell is left in it.
    """
    with writing(trail, wait_s=wait_s, content=cell.blobs, changes=_changed(cell)) as room:
        return _write(room, cell)


def _changed(cell: CellRecord) -> str | None:
    """Say what of the runs changes: nothing when a cell starts, one run when it ends, more where it scored others."""
    run = None if cell.run is None else cell.run.id
    return "trail" if cell.tables or any(metric.run_id != run for metric in cell.metrics) else run


def _write(room: Room, cell: CellRecord) -> SavedRun | None:
    known = room.db.execute(FIND_EXECUTION, (cell.execution.id,)).fetchone()
    if known and known[1] != RunStatus.RUNNING and cell.execution.status is RunStatus.RUNNING:
        return None  # an older record of this cell that came by the spool
    session = write_session(room, cell.session)
    notebook = _notebook(room, cell)
    is_false_start = cell.execution.is_false_start or (cell.run is not None and write_run.is_false_start(cell))
    execution = write_execution(room, cell.execution, session, notebook, is_false_start=is_false_start, known=known)
    write_touches.write(room, execution, cell.execution)
    room.keep_all(cell.blobs)
    said, new = "", None
    if cell.run is not None and is_false_start:
        write_run.remove(room, cell.run.id)
    elif cell.run is not None:
        written = write_run.write(room, cell, write_run.Place(execution, session, notebook, cell.session.client))
        said, new = written.said, written if written.is_new else None
    write_data.write_tables(room, cell.tables)
    scored = write_metrics.write(room, cell, execution, new=new)
    if cell.run is not None:
        return None if is_false_start else _saved(room, cell.run.id, said, new.summary if new else None)
    return _saved(room, scored, "") if scored is not None else None


def write_session(room: Room, session: SessionRecord) -> int:
    """Return the row of a session, made where it is new; inside a transaction."""

    def add() -> int:
        values = (
            session.id,
            text_in(session.author),
            text_in(session.host),
            session.boot_id,
            session.pid,
            text_in(session.client),
            session.lock_name,
            time_in(session.started_at),
        )
        return int(room.db.execute(ADD_SESSION, values).fetchall()[0][0])

    return room.interned.once(("session", session.id, session.client), add)


def _notebook(room: Room, cell: CellRecord) -> Notebook | None:
    if cell.execution.notebook is None:
        return None
    return find_notebook(
        room.db,
        room.base,
        cell.execution.notebook,
        cell_id=cell.execution.cell_id,
        cell_ids=cell.run.identity.notebook_cell_ids if cell.run else (),
        author=cell.session.author,
        now=cell.execution.started_at,
    )


def write_execution(
    room: Room,
    execution: ExecutionRecord,
    session: int,
    notebook: Notebook | None,
    *,
    is_false_start: bool,
    known: Any | None,
) -> int:
    """Write an execution and return its row; inside a transaction. `known` is what FIND_EXECUTION says of it."""
    parent = room.db.execute(FIND_EXECUTION, (execution.parent_id,)).fetchone() if execution.parent_id else None
    cell = None if execution.cell_id is None else room.name(execution.cell_id)
    source, started_at = room.text(execution.source), time_in(execution.started_at)
    place = (session, notebook.id if notebook else None, cell)
    parent_row = parent[0] if parent else None
    ending = (
        execution.duration_s,
        None if execution.error_name is None else text_in(execution.error_name),
        None if execution.error_message is None else text_in(execution.error_message),
        int(is_false_start),
        execution.masked,
        execution.id,
    )
    count, status = execution.execution_count, execution.status.value
    if known is not None and tuple(known[2:]) == (*place, source, parent_row, started_at):
        room.db.execute(END_EXECUTION, (count, status, *ending))
        return int(known[0])
    values = (*place, count, source, parent_row, status, started_at, *ending)
    if known is None:
        return room.db.insert(ADD_EXECUTION, values)
    room.db.execute(CHANGE_EXECUTION, values)
    return int(known[0])


def _saved(room: Room, run: RunId, said: str, summary: Summary | None = None) -> SavedRun | None:
    found = room.db.execute(SAVED, (run,)).fetchone()
    if found is None:
        return None
    run_id, experiment, number, repeat_of, repeats, row = found
    return SavedRun(run_id, text_out(experiment), number, repeat_of, repeats, said, row, summary)
