"""Which fit made this array? Known by identity, by the buffer beneath a slice, or by equal content.

Nothing is put on the user's objects: arrays and estimators are remembered by id, and forgotten when they die. What an
array was computed from by the user's own code is asked of the source, in `origins`.
"""

from __future__ import annotations

import weakref
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from celltrail.capture.contents import ContentKey, content_key, content_keys
from celltrail.capture.seen import SeenRows
from celltrail.domain.ids import FitId, RunId
from celltrail.domain.record import ArtifactRecord

# How many predictions are remembered by content, for copies such as `pd.Series(pred)`. A rule of thumb: more than a
# person scores in a cell, and a few hundred kilobytes at most.
_REMEMBERED = 512

# What an estimator answers about its training rows and keeps, as its documentation says.
_KEPT_ANSWERS = (
    "labels_",  # clusterers
    "row_labels_",  # of the two axes of a biclustering
    "column_labels_",
    "negative_outlier_factor_",  # LocalOutlierFactor
    "oob_decision_function_",  # bagged ensembles: of each row by the members that have not seen it
    "oob_prediction_",
    "transduction_",  # LabelPropagation, LabelSpreading
)


@dataclass(slots=True, eq=False)
class FitOrigin:
    """A fit of this session, and the data it has seen."""

    run_id: RunId
    fit_id: FitId
    name: str
    is_recorded: bool = False  # becomes True when its cell turned out to be a run
    seen: SeenRows = field(default_factory=SeenRows)
    kept: ArtifactRecord | None = None  # its model, with or without content


@dataclass(frozen=True, slots=True)
class Prediction:
    """An array that an estimator predicted.

    Attributes
    ----------
    origin : FitOrigin or None
        The fit that made the estimator what it is; None where that was not seen, as of a model that was loaded.
    method : str
        `predict`, `fit_predict`, `cross_val_predict`, or the attribute that keeps it.
    is_out_of_fold : bool
        Whether each row was predicted by a model that had not seen it.
    """

    origin: FitOrigin | None
    method: str
    is_out_of_fold: bool = False


class PredictionIndex:
    """Ties estimators and the arrays they predict to fits, without holding either alive."""

    def __init__(self) -> None:
        self._fits: dict[int, tuple[Any, FitOrigin]] = {}
        self._arrays: dict[int, tuple[Any, Prediction]] = {}
        self._contents: OrderedDict[ContentKey, list[Prediction]] = OrderedDict()

    @property
    def is_empty(self) -> bool:
        """Say whether nothing was predicted so far."""
        return not self._contents and not self._arrays

    def remember_fit(self, estimator: Any, origin: FitOrigin) -> None:
        """Take note that `estimator` was last fitted by `origin`, and of what it answered about its rows."""
        _remember(self._fits, estimator, origin)
        kept = getattr(estimator, "__dict__", {})
        for name in _KEPT_ANSWERS:
            if (array := kept.get(name)) is not None:
                self.remember_prediction(array, Prediction(origin, name, is_out_of_fold=name.startswith("oob")))

    def forget_fit(self, estimator: Any) -> None:
        """Take note that an estimator was fitted again, by a fit that is not on record."""
        self._fits.pop(id(estimator), None)

    def fit_of(self, estimator: Any) -> FitOrigin | None:
        """Return the fit that made this estimator what it is, if it was seen.

        The best estimator of a search is what the search predicts with, and the last step of a pipeline what the
        pipeline does.
        """
        found: FitOrigin | None = _recall(self._fits, estimator)
        return found or self._fit_around(estimator)

    def remember_prediction(self, result: Any, prediction: Prediction, given: Iterable[Any] = ()) -> None:
        """Take note that `result` was predicted; copies of it will be recognised too.

        What was `given` to the call is no prediction, even where the result is a view of it.
        """
        not_predicted = {id(buffer) for value in given for buffer in _with_buffers(value)}
        for array in _with_buffers(result):
            if id(array) not in not_predicted:
                _remember(self._arrays, array, prediction)
        for key in content_keys(result):
            self._contents[key] = [*self._contents.get(key, [])[-7:], prediction]
            self._contents.move_to_end(key)
            while len(self._contents) > _REMEMBERED:
                self._contents.popitem(last=False)

    def same_array(self, value: Any) -> Prediction | None:
        """Return the prediction that this very array is, or that is the buffer beneath it."""
        for array in _with_buffers(value):
            prediction: Prediction | None = _recall(self._arrays, array)
            if prediction is not None:
                return prediction
        return None

    def same_content(self, value: Any) -> Prediction | None:
        """Return the prediction of the same values, where only one fit made such a one."""
        key = content_key(value)
        found = self._contents.get(key, []) if key is not None else []
        return found[-1] if len({id(prediction.origin) for prediction in found}) == 1 else None

    def _fit_around(self, estimator: Any) -> FitOrigin | None:
        origin: FitOrigin
        for reference, origin in reversed(list(self._fits.values())):
            kept = getattr(reference(), "__dict__", {})
            if kept.get("best_estimator_") is estimator:
                return origin
            steps = kept.get("steps")
            if type(steps) is list and steps and type(steps[-1]) is tuple and steps[-1][-1] is estimator:
                return origin
        return None


def _remember(table: dict[int, tuple[Any, Any]], thing: Any, value: Any) -> None:
    key = id(thing)
    try:
        reference = weakref.ref(thing, lambda dead: _forget(table, key, dead))
    except TypeError:
        return  # a list, a number: can't be followed without being kept alive
    table[key] = (reference, value)


def _forget(table: dict[int, tuple[Any, Any]], key: int, dead: Any) -> None:
    entry = table.get(key)
    if entry is not None and entry[0] is dead:
        del table[key]


def _recall(table: dict[int, tuple[Any, Any]], thing: Any) -> Any:
    entry = table.get(id(thing))
    return entry[1] if entry is not None and entry[0]() is thing else None


def _with_buffers(value: Any) -> list[Any]:
    """Return the value and the arrays beneath it, each only if reading it runs no code of the user's."""
    found = [value]
    module = type(value).__module__.partition(".")[0]
    if module == "pandas":
        inner = getattr(value, "_values", None)
        if inner is not None:
            found.append(inner)
    beneath = found[-1]
    while type(beneath).__module__.partition(".")[0] == "numpy" and getattr(beneath, "base", None) is not None:
        beneath = beneath.base
        found.append(beneath)
    return found
