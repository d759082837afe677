"""One training call: what goes in, with which parameters, and what comes out."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from celltrail.analysis.written import written_params
from celltrail.capture.cell import OpenCell
from celltrail.capture.door_record import mask_record
from celltrail.capture.guard import guarded
from celltrail.capture.keeping import keep_model
from celltrail.capture.kernel import Kernel
from celltrail.capture.naming import name_of_datum, variable_of
from celltrail.capture.predictions import FitOrigin, Prediction
from celltrail.domain.fit_keys import TRANSFORMER
from celltrail.domain.ids import FitId, new_id
from celltrail.domain.record import REMARK, DatasetRecord, FitRecord, SeriesRecord
from celltrail.flavors.describing import describe_fit, fit_outcome, held_data
from celltrail.flavors.descriptions import Datum, FitDescription, FitOutcome
from celltrail.flavors.protocol import Call
from celltrail.store.late import fill_input

# How many cells back the constructor call of an estimator is looked for.
_SOURCES_SEARCHED = 50


def start_fit(cell: OpenCell, call: Call, kernel: Kernel) -> None:
    """Take in a training call that is about to start.

    Parameters
    ----------
    cell : OpenCell
        The cell that makes it.
    call : Call
        Of kind "fit" or "cross-validation"; its `notes` remember the fit until it ends.
    kernel : Kernel
        The kernel.
    """
    described = describe_fit(call)
    fit = _continued(cell, call)
    if fit is None:
        fit = _record(cell, call, described, kernel)
    origin = cell.origins.get(fit.id)
    if origin is None:
        origin = FitOrigin(cell.run.id, fit.id, fit.name)
        cell.add_fit(fit, origin)
    kernel.referenced.forget(call.owner)
    call.notes["data"] = []
    with guarded("inputs", cell.run.unknown):
        call.notes["data"] = data = _inputs(call, described.data, kernel, landed(cell, kernel))
        fit.inputs = [record for _, record in data]
        for datum, record in data:
            if datum.is_trained_on:
                origin.seen.add(datum.value, record.sampled_digest)
    if described.trains:
        cell.trains = True
    call.notes["fit"], call.notes["origin"], call.notes["warnings"] = fit, origin, len(cell.warnings)
    call.notes["rounds"] = described.rounds
    cell.training[fit.id] = (fit, call)


def finish_fit(
    cell: OpenCell, call: Call, result: Any, error: BaseException | None, duration_s: float, kernel: Kernel
) -> None:
    """Take in how a training call ended.

    Parameters
    ----------
    cell : OpenCell
        The cell that made it.
    call : Call
        As `start_fit` saw it.
    result : object
        What it returned.
    error : exception or None
        What it raised.
    duration_s : float
        Seconds it took.
    kernel : Kernel
        The kernel.
    """
    fit: FitRecord = call.notes["fit"]
    origin: FitOrigin = call.notes["origin"]
    with cell.lock:
        cell.training.pop(fit.id, None)
    fit.duration_s = (fit.duration_s or 0.0) + duration_s
    for category, message in cell.warnings[call.notes["warnings"] :]:
        fit.warnings.append(f"{category}: {message}")
    if error is not None:
        fit.error = f"{type(error).__name__}: {str(error)[:500]}"
        with guarded("curve", cell.run.unknown):
            _take_progress(cell, fit, call)
        return
    outcome = FitOutcome(call.owner)
    with guarded("outcome", cell.run.unknown):
        outcome = fit_outcome(call, result)
    _take_outcome(cell, fit, outcome)
    for model in (outcome.model, *outcome.also):
        if model is not None:
            kernel.predictions.remember_fit(model, origin)
    if call.function == "fit_predict":
        kernel.predictions.remember_prediction(result, Prediction(origin, "fit_predict"))
    if fit.kind == TRANSFORMER and outcome.model is not None:
        with suppress(TypeError):  # a class with slots can't be followed without being kept alive
            cell.transformers.append((weakref.ref(outcome.model), fit, origin))
    is_kept = outcome.model is not None and fit.kind != TRANSFORMER
    if is_kept and (cell.options is None or cell.options.keeps_model):
        with guarded("model", cell.run.unknown):
            name = fit.variable or fit.estimator
            origin.kept = keep_model(cell, outcome.model, name=name, fit_id=fit.id, fit_duration_s=duration_s)
    with guarded("profile", cell.run.unknown):
        _take_profile(cell, call, kernel)


def is_continued(cell: OpenCell, call: Call) -> bool:
    """Say whether a call goes on with a fit that is on record: `partial_fit` again."""
    return _continued(cell, call) is not None


def take_progress(cell: OpenCell) -> None:
    """Take in the curves, so far, of the fits that are going on in a cell that is committed on the way.

    Parameters
    ----------
    cell : OpenCell
        The cell; its lock is held.
    """
    for fit, call in list(cell.training.values()):
        _take_progress(cell, fit, call)


def keep_transformers(cell: OpenCell) -> None:
    """Keep what a run has fitted, where that is transformers alone; beside a model nobody asks for them."""
    keeps_model = cell.options is None or cell.options.keeps_model
    if not keeps_model or {fit.kind for fit in cell.run.fits} - {TRANSFORMER}:
        return
    for reference, fit, origin in cell.transformers:
        if (model := reference()) is not None:
            name = fit.variable or fit.estimator
            origin.kept = keep_model(cell, model, name=name, fit_id=fit.id, fit_duration_s=fit.duration_s or 0.0)
    cell.transformers.clear()


def landed(cell: OpenCell, kernel: Kernel) -> Callable[[DatasetRecord], None]:
    """Return what is told when a digest that was pending is known: written later, if the cell is over by then."""

    def tell(record: DatasetRecord) -> None:
        with cell.lock:
            is_late = cell.is_over and cell.record.run is not None
        if is_late:
            fill_input(kernel.trail, cell.run.id, mask_record(record, kernel.door, base=""))

    return tell


def _continued(cell: OpenCell, call: Call) -> FitRecord | None:
    """Return the fit that this call goes on with: `partial_fit` again and again is one fit."""
    if call.function != "partial_fit":
        return None
    known = cell.partial_fits.get(id(call.owner))
    return known[1] if known is not None and known[0] is call.owner else None


def _record(cell: OpenCell, call: Call, described: FitDescription, kernel: Kernel) -> FitRecord:
    site = call.notes.get("site")
    estimator = call.owner if call.kind == "fit" else call.arguments.get("estimator")
    variable = variable_of(
        estimator, site if call.kind == "fit" else None, cell.namespace, is_returned=described.is_returned
    )
    fit = FitRecord(
        id=FitId(new_id()),
        name=variable or described.estimator,
        variable=variable,
        estimator=described.estimator,
        module=described.module,
        kind=described.kind,
        method=call.function,
        params=described.params,
        params_written=described.params_written,
        contains_training_rows=described.contains_training_rows,
    )
    if described.params_written is None:
        with guarded("params_written", cell.run.unknown):
            earlier = kernel.executed.newest()[:_SOURCES_SEARCHED]
            sources = [cell.run.source, *earlier]
            fit.params_written = written_params(sources, variable, described.estimator, cell.namespace)
    if call.function == "partial_fit":
        cell.partial_fits[id(call.owner)] = (call.owner, fit)
    return fit


def _inputs(
    call: Call, data: Sequence[Datum], kernel: Kernel, tell: Callable[[DatasetRecord], None]
) -> list[tuple[Datum, DatasetRecord]]:
    found: list[tuple[Datum, DatasetRecord]] = []
    for datum in data:
        behind = kernel.containers.opened(datum, tell)
        if behind is not None:
            found += behind
            continue
        name = name_of_datum(call, datum.role, datum.value, kernel.namespace())
        record = kernel.inputs.describe(
            datum.value, name=name, role=datum.role, landed=tell, namespace=kernel.namespace()
        )
        if record is None and (record := held_data(datum.value)) is not None:
            record.name, record.role = name, datum.role
        if record is not None:
            found.append((datum, record))
    return found


def _take_outcome(cell: OpenCell, fit: FitRecord, outcome: FitOutcome) -> None:
    fit.search = outcome.search
    if outcome.params is not None:
        fit.params = outcome.params
    _remark(fit, outcome.remarks)
    _take_curves(cell, fit, outcome.curves)


def _take_progress(cell: OpenCell, fit: FitRecord, call: Call) -> None:
    curves = call.curves() if call.curves is not None else {}
    if not curves:
        return
    _take_curves(cell, fit, curves)
    rounds, asked = max(map(len, curves.values())), call.notes.get("rounds")
    _remark(fit, [f"curve kept to round {rounds} of {asked}" if asked else f"curve kept to round {rounds}"])


def _take_curves(cell: OpenCell, fit: FitRecord, curves: Mapping[str, Sequence[float]]) -> None:
    with cell.lock:
        cell.run.series = [series for series in cell.run.series if series.fit_id != fit.id]
        for key, values in curves.items():
            steps = list(range(1, len(values) + 1))
            cell.run.series.append(SeriesRecord(key, steps, [float(v) for v in values], [], fit_id=fit.id))


def _remark(fit: FitRecord, remarks: Sequence[str]) -> None:
    """Put remarks in the place of those that the fit had on its way."""
    kept = [warning for warning in fit.warnings if not warning.startswith(REMARK)]
    fit.warnings = [*kept, *(f"{REMARK}{remark}" for remark in remarks)]


def _take_profile(cell: OpenCell, call: Call, kernel: Kernel) -> None:
    for datum, record in call.notes["data"]:
        if datum.role in ("X", "y") and datum.value is not None:
            kernel.inputs.take_profile(datum.value, record, landed(cell, kernel))
