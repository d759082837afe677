"""The fit whose predictions a measure scored, where it can be known, and the names it was found by.

An array is known by itself, by the buffer beneath it, by its values; else by the source: what the argument's text
names, and from what those names were computed. What can't be known is not tied: a wrong tie is worse than none.
"""

from __future__ import annotations

import linecache
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import BuiltinFunctionType, FrameType, ModuleType
from typing import Any

from celltrail.analysis.callsite import call_site
from celltrail.analysis.derivation import Bindings, Place, bindings_of, is_rebound, reads_behind
from celltrail.analysis.names import names_in
from celltrail.capture.cell import OpenCell
from celltrail.capture.kernel import Kernel
from celltrail.capture.predictions import FitOrigin, Prediction, PredictionIndex
from celltrail.flavors.protocol import Call

# Bounds of the search through names; rules of thumb, far beyond what a person writes for one number.
_MOST_NAMES = 200
_MOST_CALLERS = 8
_MOST_SOURCES = 50
_MOST_ITEMS = 64

_PREDICTS = ("predict", "fit_predict", "decision_function", "score_samples", "biclusters_")
_HERE = 1 << 60  # a line behind every other


@dataclass(frozen=True, slots=True)
class Tie:
    """How a measure hangs together with a fit.

    Attributes
    ----------
    origin : FitOrigin or None
        The fit that made what was scored.
    is_certain : bool
        False where the cell has only this one model, and nothing else speaks for it or against it.
    is_out_of_fold : bool
        Whether each row was predicted by a model that had not seen it.
    """

    origin: FitOrigin | None = None
    is_certain: bool = True
    is_out_of_fold: bool = False


def tie_of(cell: OpenCell, call: Call, parameter: str | None, kernel: Kernel) -> Tie:
    """Return the fit that a call scored.

    Parameters
    ----------
    cell : OpenCell
        The cell that called.
    call : Call
        Of any kind that measures.
    parameter : str or None
        The argument that holds what was predicted.
    kernel : Kernel
        The kernel.

    Returns
    -------
    Tie
        Without an origin where it is not known, or where several fits made what was scored.
    """
    if call.kind in ("cross-validation", "fit"):
        return Tie(call.notes.get("origin"), is_out_of_fold=True)
    predictions = kernel.predictions
    if call.owner is not None:
        return Tie(predictions.fit_of(call.owner))
    scored = call.arguments.get(parameter) if parameter else None
    if scored is None:
        return Tie()
    found = predictions.same_array(scored) or predictions.same_content(scored)
    if found is not None:
        return Tie(found.origin, is_out_of_fold=found.is_out_of_fold)
    search = _Search(predictions, kernel)
    search.argument(call, parameter or "")
    if search.found:
        origins = {id(one.origin): one for one in search.found}
        only = next(iter(origins.values()))
        return Tie(only.origin, is_out_of_fold=only.is_out_of_fold) if len(origins) == 1 else Tie()
    models = [cell.origins[fit.id] for fit in cell.run.fits if fit.kind != "transformer"]
    return Tie(models[0], is_certain=False) if len(models) == 1 and not search.saw_all else Tie()


class _Search:
    """Goes from the text of an argument back through names, to what a fit predicted.

    Attributes
    ----------
    found : list of Prediction
        Every prediction that the argument was computed from.
    saw_all : bool
        Whether the way back was open everywhere, so that nothing found means that no model had a part in it.
    """

    def __init__(self, predictions: PredictionIndex, kernel: Kernel) -> None:
        self.found: list[Prediction] = []
        self.saw_all = True
        self._predictions = predictions
        self._kernel = kernel
        self._asked: set[tuple[int, str, Place]] = set()

    def argument(self, call: Call, parameter: str) -> None:
        """Look behind one argument of a call."""
        frame = call.frame
        site = call.notes.get("site")
        if frame is None:
            self.saw_all = False
            return
        if site is not None:
            text = site.argument(list(call.arguments).index(parameter), parameter)
            self._text(text, frame)
            return
        # A library's function measures: what its caller in the user's own code handed over.
        while frame is not None and (site := call_site(frame)) is None:
            frame = frame.f_back
        if site is None or frame is None:
            self.saw_all = False
            return
        for text in [*site.arguments, *site.keywords.values()]:
            self._text(text, frame)

    def _text(self, text: str | None, frame: FrameType, callers: int = 0) -> None:
        if text is None:
            self.saw_all = False
            return
        view = _view_of(frame, self._kernel)
        for name in names_in(text.lstrip("*")):
            self._name(name, view.here, view, callers)

    def _name(self, name: str, at: Place, view: _View, callers: int) -> None:
        if (id(view.frame), name, at) in self._asked or len(self._asked) > _MOST_NAMES:
            return
        self._asked.add((id(view.frame), name, at))
        if name not in view.values:
            self.saw_all = self.saw_all and name in view.builtins
            return
        if not is_rebound(name, at, view.here, view.scopes):
            value = view.values[name]
            if held := list(self._predicted(value)):
                self.found += held
                return
            if _is_closed(value):
                return
        behind = reads_behind(name, at, view.scopes)
        if behind is not None:
            for read, place in behind:
                self._name(read, place, view, callers)
        elif not self._of_caller(name, view, callers):
            self.saw_all = False

    def _of_caller(self, name: str, view: _View, callers: int) -> bool:
        """Look at what the caller of a function passed for one of its parameters."""
        code, caller = view.frame.f_code, view.frame.f_back
        parameters = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        if view.is_top_level or name not in parameters or caller is None or callers >= _MOST_CALLERS:
            return False
        site = call_site(caller)
        if site is None:
            return False
        is_method = parameters[:1] == ("self",) and site.owner is not None
        text = site.argument(parameters.index(name) - is_method, name)
        if text is None:
            return False
        self._text(text, caller, callers + 1)
        return True

    def _predicted(self, value: Any, depth: int = 0) -> Iterator[Prediction]:
        """Yield what is predicted by, or with, a value: an array, an estimator, or what holds some."""
        if (known := self._predictions.same_array(value)) is not None:
            yield known
        elif any(hasattr(type(value), method) for method in _PREDICTS):
            yield Prediction(self._predictions.fit_of(value), "predict")
        elif (origin := self._predictions.fit_of(value)) is not None:
            yield Prediction(origin, "call")  # a module that is called, `net(X)`; results that pass `predict` on
        elif depth < 2:
            for part in _parts(value):
                yield from self._predicted(part, depth + 1)


@dataclass(frozen=True, slots=True)
class _View:
    """What the names of a frame are: what they hold now, and where the source binds them."""

    frame: FrameType
    values: Mapping[str, Any]
    builtins: Mapping[str, Any]
    scopes: Sequence[Bindings]
    here: Place
    is_top_level: bool


def _view_of(frame: FrameType, kernel: Kernel) -> _View:
    source = "".join(linecache.getlines(frame.f_code.co_filename, frame.f_globals))
    values: dict[str, Any] = dict(frame.f_globals)
    is_top_level = frame.f_locals is frame.f_globals
    inner = frame
    while frame.f_code.co_name.startswith("<") and not is_top_level and frame.f_back is not None:
        values.update(frame.f_locals)  # before Python 3.12 a comprehension has a frame of its own
        frame = frame.f_back
        is_top_level = frame.f_locals is frame.f_globals
    line = inner.f_lineno
    if is_top_level:
        earlier = kernel.executed.newest()[:_MOST_SOURCES][::-1]
        scopes = [bindings_of(one) for one in [*earlier, source]]
    else:
        values = {**values, **frame.f_locals}
        scopes = [bindings_of(source, frame.f_code.co_firstlineno)]
    here = (len(scopes) - 1, line)
    return _View(frame, values, frame.f_builtins, scopes, here, is_top_level)


def _parts(value: Any) -> list[Any]:
    """Return what a container of Python's own, or an object of a class of the user's, holds."""
    if type(value) in (list, tuple, set):
        return list(value)[:_MOST_ITEMS]
    if type(value) is dict:
        return list(value.values())[:_MOST_ITEMS]
    if type(value).__module__ == "__main__":
        return list(getattr(value, "__dict__", {}).values())[:_MOST_ITEMS]
    return []


def _is_closed(value: Any) -> bool:
    """Say whether a value can hold no prediction: a number, a word, a module, a library's function."""
    if value is None or isinstance(value, bool | int | float | str | bytes | type | ModuleType | BuiltinFunctionType):
        return True
    return callable(value) and getattr(value, "__module__", None) not in (None, "__main__")
