"""A run, its fits and its parameters, into their tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from celltrail.domain.ids import FitId, RunId
from celltrail.domain.record import CellRecord, FitRecord, RunRecord, RunStatus
from celltrail.store import numbers, write_context, write_data, write_metrics, write_series
from celltrail.store.experiments import Asked, find_experiment, refine_name
from celltrail.store.notebooks import Notebook
from celltrail.store.room import Room, identity_of
from celltrail.store.summary import Summary
from celltrail.store.values import json_in, param_in, text_in, time_in

FIND_RUN = "SELECT id, experiment_id, status FROM runs WHERE global_id = ?"
ADD_RUN = """
INSERT INTO runs (kind, author, status, started_at, duration_s, saved_at, error, main_asked, seed, source_id,
  environment_id, snapshot_id, git_id, wall_s, cpu_s, peak_memory_bytes, gpu_memory_bytes, cautions, unknown,
  masked, fingerprint, global_id, execution_id, experiment_id, number, notebook_id, note, shape_id, summary, measured)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
CHANGE_RUN = """
UPDATE runs SET kind = ?, author = ?, status = ?, started_at = ?, duration_s = ?, saved_at = ?, error = ?,
  main_asked = ?, seed = ?, source_id = ?, environment_id = ifnull(?, environment_id),
  snapshot_id = ifnull(?, snapshot_id), git_id = ifnull(?, git_id), wall_s = ?, cpu_s = ?, peak_memory_bytes = ?,
  gpu_memory_bytes = ?, cautions = ?, unknown = ?, masked = ?, fingerprint = ?
WHERE global_id = ?
"""
# Where the fingerprint stands among the values of both.
FINGERPRINT = 20
CHANGE_NOTE = "UPDATE runs SET note = ? WHERE id = ?"
REMOVE_RUN = "DELETE FROM runs WHERE global_id = ?"
ADD_TAG = "INSERT INTO tags (run_id, name_id, value) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
CHANGE_TAG = """
INSERT INTO tags (run_id, name_id, value) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value
"""
FIND_FIT = "SELECT id FROM fits WHERE global_id = ?"
ADD_FIT = """
INSERT INTO fits (run_id, position, name, variable, estimator, module, kind, method, knows_written, duration_s,
  error, warnings, search_id, contains_training_rows, global_id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
CHANGE_FIT = """
UPDATE fits SET run_id = ?, position = ?, name = ?, variable = ?, estimator = ?, module = ?, kind = ?, method = ?,
  knows_written = ?, duration_s = ?, error = ?, warnings = ?, search_id = ?, contains_training_rows = ?
WHERE global_id = ?
"""
CLEAR_PARAMS = "DELETE FROM params WHERE run_id = ?"
ADD_PARAM = "INSERT INTO params (run_id, fit, name_id, origin, value, special) VALUES (?, ?, ?, ?, ?, ?)"

DEFAULT, WRITTEN, WRITTEN_OTHERWISE, LOGGED = range(4)
# A longer text or list in the index would cost more than it finds.
LONGEST_PARAM = 1000
# What somebody logged, as against what capture keeps of any cell's outputs.
LOGGED_KINDS = {"model", "file", "text", "table", "trials"}


@dataclass(frozen=True, slots=True)
class Given:
    """The place in an experiment that an imported run brings along; rows of this store."""

    experiment: int
    number: int | None
    repeat_of: int | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run ran."""

    execution: int
    session: int
    notebook: Notebook | None
    client: str
    given: Given | None = None  # None: found by notebook, cell and name, and numbered here


def is_false_start(cell: CellRecord) -> bool:
    """Say whether a cell failed before its first fit, metric or log: that is an execution, and no run."""
    return (
        cell.run is not None and cell.run.status in {RunStatus.FAILED, RunStatus.INTERRUPTED} and not has_events(cell)
    )


def has_events(cell: CellRecord) -> bool:
    """Say whether a cell has anything that makes a run of it: a fit, a metric, a log."""
    run = cell.run
    if run is None:
        return False
    if run.fits or run.series or run.params or any(artifact.kind in LOGGED_KINDS for artifact in run.artifacts):
        return True
    return any(metric.run_id == run.id for metric in cell.metrics)


def remove(room: Room, run: RunId) -> None:
    """Remove a run that proved to be a false start; a number it had is given back where it is the newest."""
    found = room.db.execute("SELECT experiment_id, number FROM runs WHERE global_id = ?", (run,)).fetchone()
    if found:
        room.db.execute(numbers.GIVE_BACK, tuple(found))
        room.db.execute(REMOVE_RUN, (run,))


@dataclass(frozen=True, slots=True)
class Written:
    """A run in its table: rows of it and of its fits, and what is to be said about its experiment."""

    row: int
    fits: dict[FitId, int]
    is_new: bool
    said: str
    summary: Summary | None = None


def write(room: Room, cell: CellRecord, place: Place) -> Written:
    """Write a run, with all but its metrics."""
    run = cell.run
    assert run is not None
    known = room.db.execute(FIND_RUN, (run.id,)).fetchone()
    source = room.text(run.source)
    said, experiment = "", known[1] if known else place.given.experiment if place.given else None
    if experiment is None:
        asked = Asked(run.identity, place.notebook, source, place.session, place.client, run.author, run.started_at)
        found = find_experiment(room.db, room.interned, asked)
        experiment, said = found.id, found.said
    values = _columns(room, run, source, place)
    number, summary = None, None
    if known is None:
        if place.given is None and run.kind == "run":
            number = numbers.at_once(
                room.db, experiment, run.status, values[FINGERPRINT], has_events=has_events(cell)
            )
        own = [metric for metric in cell.metrics if metric.run_id == run.id and metric.values]
        summary = write_metrics.summary_of(run, own)
        shape = write_metrics.shaped(room, summary)
        notebook = place.notebook.id if place.notebook else None
        more = (place.execution, experiment, number, notebook, text_in(run.note), *shape)
        row = room.db.insert(ADD_RUN, (*values, *more))
    else:
        row = int(known[0])
        room.db.execute(CHANGE_RUN, values)
        if run.note and known[2] == RunStatus.RUNNING:
            # Once the cell has ended the note is the person's to change.
            room.db.execute(CHANGE_NOTE, (text_in(run.note), row))
    is_open = known is None or known[2] == RunStatus.RUNNING
    for key, value in run.tags.items():
        room.db.execute(CHANGE_TAG if is_open else ADD_TAG, (row, room.name(key), text_in(value)))
    fits = {fit.id: _fit(room, row, position, fit) for position, fit in enumerate(run.fits)}
    _params(room, row, run, is_new=known is None)
    write_data.write(room, row, run, fits, is_new=known is None)
    write_series.write(room, row, run, fits)
    if place.given is not None:
        room.db.execute(numbers.WRITE, (place.given.number, place.given.repeat_of, row))
        return Written(row, fits, known is None, said)
    refine_name(room.db, experiment, row, run.identity.estimator)
    if known is not None or number is None:
        numbers.settle(room.db, row, run.status, has_events=has_events(cell))
    return Written(row, fits, known is None, said, summary)


def _columns(room: Room, run: RunRecord, source: int, place: Place) -> tuple[Any, ...]:
    environment = write_context.environment(room, run.environment)
    git = run.git
    use = run.machine
    return (
        run.kind,
        text_in(run.author),
        run.status.value,
        time_in(run.started_at),
        run.duration_s,
        time_in(datetime.now(UTC)),
        None if run.error is None else text_in(run.error),
        None if run.main_metric is None else text_in(run.main_metric),
        run.seed,
        source,
        environment,
        write_context.snapshot(room, run.snapshot, place.notebook),
        None if git is None else write_context.git_state(room, git),
        use.wall_s if use else None,
        use.cpu_s if use else None,
        use.peak_memory_bytes if use else None,
        use.gpu_memory_bytes if use else None,
        json_in(run.cautions) if run.cautions else None,
        json_in(run.unknown) if run.unknown else None,
        json_in(run.masked) if run.masked else None,
        _fingerprint(run, source, write_context.environment_likeness(room, run.environment)),
        run.id,
    )


def _fingerprint(run: RunRecord, source: int, environment: int | None) -> bytes:
    """Return 16 bytes that are equal for two runs of the same code on the same data, with the same params, here."""
    fits = [[fit.estimator, fit.module, fit.method, fit.params] for fit in run.fits]
    entered = write_data.entered(run)
    return identity_of(
        source,
        environment,
        run.params,
        run.seed,
        fits,
        entered,
        [file.digest or file.size_bytes for file in run.files if file.mode == "read"],
    )


def _fit(room: Room, run: int, position: int, fit: FitRecord) -> int:
    values = (
        run,
        position,
        text_in(fit.name),
        None if fit.variable is None else room.name(fit.variable),
        room.name(fit.estimator),
        room.name(fit.module),
        room.name(fit.kind),
        room.name(fit.method),
        int(fit.params_written is not None),
        fit.duration_s,
        None if fit.error is None else text_in(fit.error),
        json_in(fit.warnings) if fit.warnings else None,
        None if fit.search is None else room.json(fit.search),
        int(fit.contains_training_rows),
        fit.id,
    )
    known = room.db.execute(FIND_FIT, (fit.id,)).fetchone()
    if known is None:
        return room.db.insert(ADD_FIT, values)
    room.db.execute(CHANGE_FIT, values)
    return int(known[0])


def _params(room: Room, row: int, run: RunRecord, *, is_new: bool) -> None:
    if not is_new:
        room.db.execute(CLEAR_PARAMS, (row,))
    rows = [_param(room, row, -1, key, value, LOGGED) for key, value in run.params.items()]
    for position, fit in enumerate(run.fits):
        written = fit.params_written or {}
        for key, value in fit.params.items():
            is_written = key in written and json_in(written[key]) == json_in(value)
            rows.append(_param(room, row, position, key, value, WRITTEN if is_written else DEFAULT))
        for key, value in written.items():
            if key not in fit.params or json_in(fit.params[key]) != json_in(value):
                rows.append(_param(room, row, position, key, value, WRITTEN_OTHERWISE))
    # Two keys may be one name, a lone surrogate and its escape: the last one stands.
    room.db.executemany(ADD_PARAM, list({row[1:4]: row for row in rows}.values()))


def _param(room: Room, run: int, fit: int, key: str, value: Any, origin: int) -> tuple[Any, ...]:
    kept, special = param_in(value)
    if isinstance(kept, str) and len(kept) > LONGEST_PARAM:
        # The blob is JSON whatever it was: a long text too.
        kept, special = room.json(value), "blob"
    return run, fit, room.name(key), origin, kept, special
