"""The last steps of a run: outputs, code, environment, machine. Each under the guard: one loses only itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from celltrail.analysis.names import scalar_candidates
from celltrail.analysis.seeds import find_seed
from celltrail.capture.budget import FITS_OF_A_CELL, MEASURES_OF_A_CELL
from celltrail.capture.cell import OpenCell
from celltrail.capture.environment import snapshot_environment
from celltrail.capture.fits import keep_transformers
from celltrail.capture.git import read_git
from celltrail.capture.guard import guarded
from celltrail.capture.kernel import Kernel
from celltrail.capture.local_distributions import name_local
from celltrail.capture.naming import name_fits
from celltrail.capture.notebook import snapshot_notebook
from celltrail.capture.outputs import collect_outputs, output_artifacts
from celltrail.domain.record import MetricRecord, RunRecord


def complete_run(
    cell: OpenCell,
    displays: list[dict[str, Any]],
    history: list[Any],
    traceback: Mapping[str, Any] | None,
    kernel: Kernel,
) -> None:
    """Take in what is known of a run only when its cell is over.

    Parameters
    ----------
    cell : OpenCell
        The cell; its run is completed in place.
    displays, history, traceback
        What the front end showed, as `CellEnd` has it.
    kernel : Kernel
        The kernel.
    """
    run, unknown = cell.run, cell.run.unknown
    name_estimators(run)
    with guarded("model", unknown):
        keep_transformers(cell)
    run.cautions += [_beyond(what, count) for what, count in cell.unrecorded.items()]
    cell.unrecorded.clear()
    with guarded("outputs", unknown):
        _take_outputs(cell, displays, history, traceback, kernel)
    with guarded("seed", unknown):
        if run.seed is None:
            run.seed = find_seed(run.source)
    with guarded("environment", unknown):
        run.environment = snapshot_environment()
        if cell.has_begun:  # a false start leaves no run that could hold them
            run.artifacts += name_local(run.environment)
    folder = kernel.notebook.parent if kernel.notebook is not None else Path.cwd()
    with guarded("git", unknown):
        run.git = read_git(folder)
    with guarded("notebook", unknown):
        executed = kernel.executed.latest()
        run.snapshot, blobs = snapshot_notebook(kernel.notebook, executed, keeps_tables=kernel.keeps_tables)
        cell.add_blobs(blobs)


def _beyond(what: str, count: int) -> str:
    most = {"fits": FITS_OF_A_CELL, "measures": MEASURES_OF_A_CELL}[what]
    return (
        f"{count} more {what} were not recorded. A cell keeps its first {most}, so that it is not slowed. "
        "Log what matters of the others: celltrail.log_metric."
    )


def name_estimators(run: RunRecord) -> None:
    """Name the fits of a run, and say which estimator its experiment is told by."""
    name_fits(run.fits)
    training = [fit for fit in run.fits if fit.kind != "transformer"]
    run.identity.estimator = (training or run.fits)[-1].estimator if run.fits else None


def _take_outputs(
    cell: OpenCell,
    displays: list[dict[str, Any]],
    history: list[Any],
    traceback: Mapping[str, Any] | None,
    kernel: Kernel,
) -> None:
    outputs, pictures = collect_outputs(displays, history, traceback, keeps_tables=kernel.keeps_tables)
    artifacts, blobs = output_artifacts(outputs, pictures)
    kept = [artifact for artifact in cell.run.artifacts if artifact.kind != "output"]
    cell.run.artifacts = [*kept, *artifacts]
    cell.add_blobs(blobs)


def take_scalars(cell: OpenCell, kernel: Kernel) -> None:
    """Keep `acc = (pred == y_test).mean()` as a metric that nobody has confirmed.

    Parameters
    ----------
    cell : OpenCell
        A cell that is over; it need not be a run, since the number belongs to the fit that made `pred`.
    kernel : Kernel
        The kernel.
    """
    if kernel.predictions.is_empty:
        return
    known = {metric.key for metric in cell.record.metrics}
    measured = {value for metric in cell.record.metrics for value in metric.values}
    for name, read in scalar_candidates(cell.run.source):
        value: Any = cell.namespace.get(name)
        if type(value).__name__ not in ("float", "float64", "float32") or name in known:
            continue
        if float(value) in measured:
            continue  # what a metric function gave, under the name that the cell gave it
        predicted = [kernel.predictions.same_array(cell.namespace.get(other)) for other in read]
        origin = next((one.origin for one in predicted if one is not None), None)
        if origin is not None and (origin.run_id == cell.run.id or origin.is_recorded):
            cell.add_metric(
                MetricRecord(name, [float(value)], origin.run_id, origin.fit_id, function=name, is_confirmed=False)
            )
