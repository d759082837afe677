"""Keeps a run of a replaying kernel as a trial of the run that was replayed, by the writers of any run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from celltrail.domain.ids import Digest
from celltrail.domain.run import Run
from celltrail.errors import TrailReadOnlyError
from celltrail.store import write_metrics, write_run, writer
from celltrail.store.cells_out import read_travelling
from celltrail.store.resolve import find_run
from celltrail.store.room import writing
from celltrail.store.runs import row_of
from celltrail.store.store import Store
from celltrail.store.values import json_in

WAIT_S = 30.0
EXPERIMENT_OF = "SELECT experiment_id FROM runs WHERE id = ?"
LINK = "UPDATE runs SET origin_id = ?, substituted = ? WHERE global_id = ?"
TRIALS_OF = """
SELECT t.global_id, t.substituted FROM runs AS t JOIN runs AS o ON o.id = t.origin_id
WHERE o.global_id = ? AND t.forgotten_at IS NULL ORDER BY t.id
"""


def keep_trial(
    trail: Store,
    replayed: Store,
    run: Run,
    *,
    origin: Run,
    substituted: Mapping[str, Any],
    path_of: Callable[[str], str],
) -> Run:
    """Keep a replayed run as a trial.

    Parameters
    ----------
    trail : Store
        Open for writing.
    replayed : Store
        The trail of the replaying kernel.
    run : Run
        Of that trail.
    origin : Run
        The run that was replayed.
    substituted : mapping
        What was put in the place of what.
    path_of : callable
        Gives the user's path for one of the working copy.

    Returns
    -------
    Run
        The trial; it bears no number, and stands in no list of runs.

    Raises
    ------
    TrailReadOnlyError
        If the trail is open only to read.
    """
    if trail.is_read_only:
        raise TrailReadOnlyError(f"{trail.path} is open only to read: no trial can be kept in it")
    travelling = read_travelling(replayed, row_of(run))
    contents = {Digest(digest): replayed.read_blob(digest) for digest in travelling.digests}
    own_row = row_of(origin)
    experiment = int(trail.db.rows(EXPERIMENT_OF, (own_row,))[0][0])
    with writing(trail, wait_s=WAIT_S, content=contents) as room:
        for digest, content in contents.items():
            room.keep(digest, content)
        for cell in travelling.cells:
            record = cell.run
            if record is not None:
                files = [replace(file, path=path_of(file.path)) for file in record.files]
                record = replace(record, kind="trial", files=files, snapshot=None)
            kept = replace(cell, run=record)
            session = writer.write_session(room, replace(cell.session, lock_name="", pid=0))
            ended = replace(cell.execution, parent_id=None, notebook=None)
            execution = writer.write_execution(room, ended, session, None, is_false_start=False, known=None)
            if record is not None:
                given = write_run.Given(experiment, None, None)
                write_run.write(room, kept, write_run.Place(execution, session, None, cell.session.client, given))
            write_metrics.write(room, kept, execution, new=None)
        trail.db.execute(LINK, (own_row, json_in(dict(substituted)), str(run.id)))
    return find_run(trail, str(run.id))


def trials_of(trail: Store, run: Run) -> list[Run]:
    """Return the trials of a run, oldest first."""
    with trail.db.reading():
        return [find_run(trail, str(row[0])) for row in trail.db.rows(TRIALS_OF, (run.id,))]
