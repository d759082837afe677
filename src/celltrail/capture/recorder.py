"""The Recorder conducts: it begins a cell, commits it on the way, and finishes it. It alone writes runs.

What each step takes stands in a neighbouring file: `finishing` (outputs, code, environment), `listener` (fits and
metrics), `inputs` (data), `predictions` (which fit made an array). They are imported when a cell first needs them, or
by `warming` before, so that loading celltrail stays light.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from celltrail.capture.cell import OpenCell
from celltrail.capture.guard import guarded
from celltrail.domain.header import TrackOptions
from celltrail.domain.ids import ExecutionId, RunId, new_id
from celltrail.domain.record import (
    CellRecord,
    ExecutionRecord,
    ExperimentIdentity,
    MaskedCell,
    RunRecord,
    RunStatus,
    SavedRun,
)

if TYPE_CHECKING:
    from celltrail.capture.kernel import Kernel
# A locked store never holds the user's cell for longer than this: then the cell is spooled.
START_WAIT_S = 0.05
END_WAIT_S = 1.0

WAITS = (
    "the trail is locked by another process: this run waits in its spool, and the next cell commits it. "
    "See who holds it with: celltrail doctor"
)


@dataclass(frozen=True, slots=True)
class CellStart:
    """What is known of a cell when it starts."""

    source: str
    cell_id: str | None
    execution_count: int | None
    options: TrackOptions | None


@dataclass(frozen=True, slots=True)
class CellEnd:
    """What is known of a cell when it ends."""

    error: BaseException | None = None
    displays: list[dict[str, Any]] = field(default_factory=list)
    history: list[Any] = field(default_factory=list)
    traceback: Mapping[str, Any] | None = None
    execution_count: int | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """What a person is to be shown: the run that the cell is, or the earlier runs that it scored."""

    run_id: RunId | None
    saved: SavedRun | None
    scored: list[RunId]
    keys: list[str]
    problems: list[str]
    is_false_start: bool


class Recorder:
    """Begins and finishes cells; every step under the guard, so that the user's cell always goes on."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel

    def begin(self, start: CellStart) -> OpenCell:
        """Take note that a cell starts, and commit that."""
        kernel = self.kernel
        outer = kernel.cells.enclosing()
        now = datetime.now(UTC)
        notebook = kernel.notebook.as_posix() if kernel.notebook else None
        kernel.door.look_at_environment(start.source)
        execution = ExecutionRecord(
            id=ExecutionId(new_id()),
            session_id=kernel.session.id,
            notebook=notebook,
            cell_id=start.cell_id,
            execution_count=start.execution_count,
            source=start.source,
            started_at=now,
            parent_id=outer.record.execution.id if outer else None,
        )
        options = start.options
        run = RunRecord(
            id=RunId(new_id()),
            execution_id=execution.id,
            identity=ExperimentIdentity(
                name=options.name if options else None,
                notebook=notebook,
                cell_id=start.cell_id,
                source=start.source,
                estimator=None,
            ),
            author=kernel.session.author,
            source=start.source,
            started_at=now,
            note=options.note if options else "",
            tags=dict(options.tags) if options else {},
            main_metric=(options.main if options else None) or kernel.main,
            seed=options.seed if options else None,
        )
        cell = OpenCell(
            record=CellRecord(session=kernel.session, execution=execution),
            run=run,
            options=options,
            tracks=kernel.mode == "auto",
            namespace=kernel.namespace(),
        )
        self._save(cell, START_WAIT_S)
        return cell

    def commit(self, cell: OpenCell) -> None:
        """Commit what is known of a cell that still runs."""
        with cell.lock:
            if cell.is_over or not (cell.is_run and cell.has_begun):
                return
            from celltrail.capture.finishing import name_estimators
            from celltrail.capture.fits import take_progress

            cell.record.run = cell.run
            with guarded("curve", cell.run.unknown):
                take_progress(cell)
            name_estimators(cell.run)  # a cell without an id is known again by it
            self._know_notebook(cell)
            self._save(cell, START_WAIT_S)

    def finish(self, cell: OpenCell, end: CellEnd) -> Finished:
        """Take in how a cell ended, commit it, and say what is to be shown."""
        with cell.lock:
            cell.is_over = True
            return self._finish(cell, end)

    def make_run(self, cell: OpenCell) -> Finished:
        """Make a run of a cell that is over already and was none (`%track last`)."""
        with cell.lock:
            cell.options = cell.options or TrackOptions()
            return self._settle(cell, CellEnd())

    def _finish(self, cell: OpenCell, end: CellEnd) -> Finished:
        execution, run = cell.record.execution, cell.run
        execution.execution_count = end.execution_count or execution.execution_count
        execution.duration_s = run.duration_s = time.perf_counter() - cell.started_s
        execution.status = run.status = status_of(end.error)
        if end.error is not None:
            execution.error_name = type(end.error).__name__
            with guarded("error", run.unknown):
                execution.error_message = str(end.error)[:2000]
            run.error = f"{execution.error_name}: {execution.error_message or ''}".rstrip(": ")
        with guarded("secrets", run.unknown):
            self.kernel.door.look_at_environment(execution.source)
            self.kernel.door.learn_variables(execution.source, cell.namespace)
        for end_training in cell.at_end:
            with guarded("training", run.unknown):
                end_training(end.error)
        self.kernel.executed.add(execution.cell_id, execution.source)
        self.kernel.last_cell = cell
        return self._settle(cell, end)

    def _settle(self, cell: OpenCell, end: CellEnd) -> Finished:
        from celltrail.capture.finishing import complete_run, take_scalars
        from celltrail.capture.folding import fold_later
        from celltrail.capture.late_facts import finish_later
        from celltrail.store.spool import waiting_of

        execution, record = cell.record.execution, cell.record
        is_failure = execution.status is not RunStatus.FINISHED
        with guarded("scalars", cell.run.unknown):
            take_scalars(cell, self.kernel)
        execution.is_false_start = cell.options is not None and is_failure and not cell.has_begun
        if cell.is_run and not execution.is_false_start:
            record.run = cell.run
            complete_run(cell, end.displays, end.history, end.traceback, self.kernel)
            self._know_notebook(cell)
            with guarded("models", cell.run.unknown):
                self.kernel.referenced.choose(cell)
        else:
            record.run = None
            cell.unkept.clear()
            record.metrics = [metric for metric in record.metrics if metric.run_id != cell.run.id]
        for origin in cell.origins.values():
            origin.is_recorded = record.run is not None
        saved = self._save(cell, END_WAIT_S)
        cell.is_settled = True
        was_kept = saved is not None or bool(cell.problems)
        if record.run is not None and not was_kept and waiting_of(self.kernel.trail.path, record):
            cell.problems.append(WAITS)
        record.blobs.clear()
        if cell.kept is not None:
            cell.kept.blobs.clear()
        if record.run is not None:
            finish_later(record.run, self.kernel)
        fold_later(self.kernel)
        return Finished(
            run_id=cell.run.id if record.run is not None else None,
            saved=saved,
            scored=cell.scored_runs(),
            keys=[metric.key for metric in record.metrics],
            problems=[*cell.problems, *filter(None, [self.kernel.door.said_once()])],
            is_false_start=execution.is_false_start,
        )

    def _know_notebook(self, cell: OpenCell) -> None:
        """Tell the store which cells the notebook has: so it knows a renamed notebook, a copy, a split cell."""
        if self.kernel.notebook is not None and not cell.run.identity.notebook_cell_ids:
            with guarded("notebook", cell.run.unknown):
                from celltrail.capture.notebook import cell_ids_of

                found = cell_ids_of(self.kernel.notebook, keeps_tables=self.kernel.keeps_tables)
                cell.run.identity.notebook_cell_ids = found

    def _save(self, cell: OpenCell, wait_s: float) -> SavedRun | None:
        failed: dict[str, str] = {}
        saved = None
        with guarded("store", failed, ends_early=False):
            cell.kept = self._masked(cell)
            saved = self.kernel.trail.save(cell.kept, wait_s=wait_s)
        cell.saved = saved or cell.saved
        cell.problems = list(failed.values())
        return saved

    def _masked(self, cell: OpenCell) -> MaskedCell:
        from celltrail.capture.door_record import mask_cell

        return mask_cell(cell.record, self.kernel.door, base=self.kernel.trail.base.as_posix())


def status_of(error: BaseException | None) -> RunStatus:
    """Say how a cell ended; an interrupted `await` ends with CancelledError, not KeyboardInterrupt."""
    if error is None:
        return RunStatus.FINISHED
    if type(error).__name__ in ("KeyboardInterrupt", "CancelledError"):
        return RunStatus.INTERRUPTED
    return RunStatus.FAILED
