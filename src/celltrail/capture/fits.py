"""One training call: what goes in, with which parameters, and what comes out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from celltrail.analysis.written import written_params
from celltrail.capture.cell import OpenCell
from celltrail.capture.guard import guarded
from celltrail.capture.keeping import keep_model
from celltrail.capture.kernel import Kernel
from celltrail.capture.naming import name_of_argument, rows_of, variable_of
from celltrail.capture.predictions import FitOrigin, Prediction
from celltrail.domain.ids import FitId, new_id
from celltrail.domain.record import DatasetRecord, FitRecord, SeriesRecord
from celltrail.flavors.protocol import Call
from celltrail.flavors.sklearn_describe import describe_estimator, search_summary, training_curves, trains
from celltrail.store.late import fill_input

# How many cells back the constructor call of an estimator is looked for.
_SOURCES_SEARCHED = 50
_NOT_DATA = frozenset({"estimator", "cv", "scoring", "n_jobs", "verbose", "params", "classes", "self"})


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
    estimator = call.owner if call.kind == "fit" else call.arguments.get("estimator")
    fit = _continued(cell, call, estimator)
    if fit is None:
        fit = _described(cell, call, estimator, kernel)
    origin = cell.origins.get(fit.id)
    if origin is None:
        origin = FitOrigin(cell.run.id, fit.id, fit.name)
        cell.add_fit(fit, origin)
    with guarded("inputs", cell.run.unknown):
        fit.inputs = _inputs(call, kernel, landed(cell, kernel))
        for data in fit.inputs:
            origin.seen.add(call.arguments[data.role], data.sampled_digest)
    if call.kind == "cross-validation" or trains(estimator):
        cell.trains = True
    call.notes["fit"], call.notes["origin"], call.notes["warnings"] = fit, origin, len(cell.warnings)


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
    fit.duration_s = (fit.duration_s or 0.0) + duration_s
    for category, message in cell.warnings[call.notes["warnings"] :]:
        fit.warnings.append(f"{category}: {message}")
    if error is not None:
        fit.error = f"{type(error).__name__}: {str(error)[:500]}"
        return
    if call.kind == "cross-validation":
        return
    model = call.owner
    kernel.predictions.remember_fit(model, origin)
    if call.function == "fit_predict":
        digest = kernel.inputs.values_digest(result)
        kernel.predictions.remember_prediction(result, Prediction(origin, "fit_predict", rows_of(result)), digest)
    with guarded("curve", cell.run.unknown):
        _take_curves(cell, fit, model)
    with guarded("search", cell.run.unknown):
        fit.search = search_summary(model)
    if fit.kind != "transformer" and (cell.options is None or cell.options.keeps_model):
        with guarded("model", cell.run.unknown):
            name = fit.variable or fit.estimator
            origin.kept = keep_model(cell, model, name=name, fit_id=fit.id, fit_duration_s=duration_s)
    with guarded("profile", cell.run.unknown):
        _take_profile(call, fit, kernel)


def landed(cell: OpenCell, kernel: Kernel) -> Callable[[DatasetRecord], None]:
    """Return what is told when a digest that was pending is known: written later, if the cell is over by then."""

    def tell(record: DatasetRecord) -> None:
        with cell.lock:
            is_late = cell.is_over and cell.record.run is not None
        if is_late:
            fill_input(kernel.trail, cell.run.id, record)

    return tell


def _continued(cell: OpenCell, call: Call, estimator: Any) -> FitRecord | None:
    """Return the fit that this call goes on with: `partial_fit` again and again is one fit."""
    if call.function != "partial_fit":
        return None
    known = cell.partial_fits.get(id(estimator))
    return known[1] if known is not None and known[0] is estimator else None


def _described(cell: OpenCell, call: Call, estimator: Any, kernel: Kernel) -> FitRecord:
    described = describe_estimator(estimator)
    site = call.notes.get("site")
    variable = variable_of(estimator, site if call.kind == "fit" else None, cell.namespace)
    fit = FitRecord(
        id=FitId(new_id()),
        name=variable or described.estimator,
        variable=variable,
        estimator=described.estimator,
        module=described.module,
        kind="cross-validation" if call.kind == "cross-validation" else described.kind,
        method=call.function,
        params=described.params,
        contains_training_rows=described.contains_training_rows,
    )
    with guarded("params_written", cell.run.unknown):
        earlier = [source for _, source in list(kernel.sources)[:_SOURCES_SEARCHED]]
        sources = [cell.run.source, *earlier]
        fit.params_written = written_params(sources, variable, described.estimator, cell.namespace)
    if call.function == "partial_fit":
        cell.partial_fits[id(estimator)] = (estimator, fit)
    return fit


def _inputs(call: Call, kernel: Kernel, tell: Callable[[DatasetRecord], None]) -> list[DatasetRecord]:
    found = []
    for parameter, value in call.arguments.items():
        if parameter in _NOT_DATA or value is None:
            continue
        name = name_of_argument(call, parameter, kernel.namespace())
        record = kernel.inputs.describe(value, name=name, role=parameter, landed=tell)
        if record is not None:
            found.append(record)
    return found


def _take_curves(cell: OpenCell, fit: FitRecord, model: Any) -> None:
    cell.run.series = [series for series in cell.run.series if series.fit_id != fit.id]
    for key, values in training_curves(model).items():
        steps = list(range(1, len(values) + 1))
        cell.run.series.append(SeriesRecord(key, steps, [float(v) for v in values], [], fit_id=fit.id))


def _take_profile(call: Call, fit: FitRecord, kernel: Kernel) -> None:
    for record in fit.inputs:
        if record.role in ("X", "y"):
            record.profile = kernel.inputs.profile_of(call.arguments[record.role], record)
