"""Hears of each outermost call of a library, and writes down what it was: a fit, a prediction, a metric.

Runs on the user's thread, in the middle of the user's cell: it reads, never writes, the user's objects.
"""

from __future__ import annotations

import time
from typing import Any

from celltrail.analysis.callsite import call_site
from celltrail.capture.budget import FITS_OF_A_CELL, MEASURES_OF_A_CELL
from celltrail.capture.cell import OpenCell
from celltrail.capture.fits import finish_fit, is_continued, start_fit
from celltrail.capture.kernel import Kernel
from celltrail.capture.metrics import take_metrics
from celltrail.capture.naming import name_of_datum
from celltrail.capture.predictions import FitOrigin, Prediction
from celltrail.capture.subsets import subset_of
from celltrail.flavors.describing import describe_fit
from celltrail.flavors.protocol import Call

# A cell that starts runs of another tool without end is linked to the first of them.
_MOST_LINKS = 100


class CallListener:
    """The listener of the call sink: one for the kernel."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel

    def opened(self, call: Call) -> None:
        """Take note that a call starts; what goes in is described now, before the call may change it."""
        cell = self._kernel.cells.current()
        if cell is None or self._kernel.mode == "off":
            return
        if self._is_beyond(cell, call):
            return
        call.notes["cell"] = cell
        if call.kind != "predict":
            call.notes["site"] = call_site(call.frame) if call.frame is not None else None
        if call.kind in ("fit", "cross-validation"):
            start_fit(cell, call, self._kernel)
            self._remember_subset(call)
        call.notes["started_s"] = time.perf_counter()

    def closed(self, call: Call, result: Any, error: BaseException | None) -> None:
        """Take note that a call ended."""
        cell: OpenCell | None = call.notes.get("cell")
        if cell is None:
            return
        duration_s = time.perf_counter() - (call.began_s or call.notes["started_s"])
        if call.kind in ("fit", "cross-validation"):
            finish_fit(cell, call, result, error, duration_s, self._kernel)
        if error is not None:
            return
        if call.kind == "predict":
            self._remember_prediction(call, result)
            return
        if call.kind == "data":
            namespace = self._kernel.namespace()
            made_from = describe_fit(call).data
            named = [(datum, name_of_datum(call, datum.role, datum.value, namespace)) for datum in made_from]
            self._kernel.containers.remember(call.owner, named)
            return
        if call.kind == "cross-validation":
            self._remember_folds(call, result)
        take_metrics(cell, call, result, self._kernel)

    def linked(self, key: str, value: str) -> None:
        """Take note of what another tool started beside the cell: a tag, one value after the other."""
        cell = self._kernel.cells.current()
        if cell is None or self._kernel.mode == "off":
            return
        with cell.lock:
            known = cell.run.tags.get(key, "").split(", ") if key in cell.run.tags else []
            if value not in known and len(known) < _MOST_LINKS:
                cell.run.tags[key] = ", ".join([*known, value])

    def _is_beyond(self, cell: OpenCell, call: Call) -> bool:
        """Count a call that one cell has made too often to be recorded each time."""
        if call.kind in ("fit", "cross-validation"):
            is_beyond = len(cell.run.fits) >= FITS_OF_A_CELL and not is_continued(cell, call)
            kind = "fits"
        else:
            cell.measures += call.kind in ("metric", "score")
            is_beyond = cell.measures > MEASURES_OF_A_CELL and call.kind in ("metric", "score")
            kind = "measures"
        if is_beyond:
            cell.unrecorded[kind] += 1
            if kind == "fits" and call.owner is not None:
                self._kernel.predictions.forget_fit(call.owner)  # what it predicts now is of no fit on record
        return is_beyond

    @staticmethod
    def _remember_subset(call: Call) -> None:
        """Take note where the rows of a target were picked from: a copy does not tell."""
        origin: FitOrigin | None = call.notes.get("origin")
        if origin is not None and "y" in call.arguments:
            _, subset = subset_of(call, "y")
            if subset is not None:
                origin.seen.add_subset(subset)

    def _remember_prediction(self, call: Call, result: Any) -> None:
        predictions = self._kernel.predictions
        prediction = Prediction(predictions.fit_of(call.owner), call.function)
        predictions.remember_prediction(result, prediction, given=call.arguments.values())

    def _remember_folds(self, call: Call, result: Any) -> None:
        """Take note of what a cross-validation predicted, unseen row by unseen row, and of its models."""
        origin: FitOrigin | None = call.notes.get("origin")
        if origin is None:
            return
        predictions = self._kernel.predictions
        if call.function == "cross_val_predict":
            predictions.remember_prediction(result, Prediction(origin, call.function, is_out_of_fold=True))
        elif call.function == "cross_validate" and call.arguments.get("return_estimator"):
            for estimator in result.get("estimator", ()):
                predictions.remember_fit(estimator, origin)
