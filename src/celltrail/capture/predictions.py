"""Which fit made this array? Known by identity, by the buffer beneath a slice, or by equal content.

Nothing is put on the user's objects: arrays and estimators are remembered by id, and forgotten when they die.
"""

from __future__ import annotations

import weakref
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from celltrail.capture.seen import SeenRows
from celltrail.domain.ids import FitId, RunId
from celltrail.domain.record import ArtifactRecord

# How many predictions are remembered by content, for copies such as `pd.Series(pred)`. A rule of thumb: more than a
# person scores in a cell, and a few hundred kilobytes at most.
_REMEMBERED = 512


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
    """An array that a fit predicted."""

    origin: FitOrigin
    method: str
    rows: int | None


class PredictionIndex:
    """Ties estimators and the arrays they predict to fits, without holding either alive."""

    def __init__(self) -> None:
        self._fits: dict[int, tuple[Any, FitOrigin]] = {}
        self._arrays: dict[int, tuple[Any, Prediction]] = {}
        self._contents: OrderedDict[str, list[Prediction]] = OrderedDict()
        self.latest: list[Prediction] = []

    def remember_fit(self, estimator: Any, origin: FitOrigin) -> None:
        """Take note that `estimator` was last fitted by `origin`."""
        _remember(self._fits, estimator, origin)

    def fit_of(self, estimator: Any) -> FitOrigin | None:
        """Return the fit that made this estimator what it is, if it was seen."""
        found: FitOrigin | None = _recall(self._fits, estimator)
        return found

    def remember_prediction(self, result: Any, prediction: Prediction, digest: str | None) -> None:
        """Take note that `result` was predicted; `digest` lets a copy be recognised."""
        for array in _with_buffers(result):
            _remember(self._arrays, array, prediction)
        if digest is not None:
            self._contents[digest] = [*self._contents.get(digest, [])[-7:], prediction]
            self._contents.move_to_end(digest)
            while len(self._contents) > _REMEMBERED:
                self._contents.popitem(last=False)
        self.latest = [*self.latest[-31:], prediction]

    def same_array(self, value: Any) -> FitOrigin | None:
        """Return the fit that predicted this very array, or the buffer beneath it."""
        for array in _with_buffers(value):
            prediction: Prediction | None = _recall(self._arrays, array)
            if prediction is not None:
                return prediction.origin
        return None

    def same_content(self, digest: str | None) -> FitOrigin | None:
        """Return the fit that predicted the same values, where only one did."""
        found = self._contents.get(digest, []) if digest is not None else []
        return found[0].origin if len({id(prediction.origin) for prediction in found}) == 1 else None

    def likely_origin(self, rows: int | None) -> FitOrigin | None:
        """Return the fit of the newest predictions with as many rows, where that is only one fit."""
        same = {id(p.origin): p.origin for p in self.latest if rows is not None and p.rows == rows}
        return next(iter(same.values())) if len(same) == 1 else None


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
