"""Sees what is called of statsmodels: models are fitted, and what that returns predicts.

What the calls mean is in `statsmodels_describer`.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any

from celltrail.flavors.after_import import AfterImport
from celltrail.flavors.class_watch import ClassWatch
from celltrail.flavors.hooking import Hooks
from celltrail.flavors.protocol import Call, CallKind, Sink
from celltrail.flavors.recorded import Recording, recording_method

_FITS: dict[str, CallKind] = {"fit": "fit", "fit_regularized": "fit", "fit_constrained": "fit"}
_PREDICTIONS: dict[str, CallKind] = {"predict": "predict", "forecast": "predict"}


class StatsmodelsProbe:
    """Sees `fit` of every model, of formulas too, and the predictions and forecasts of results."""

    name = "statsmodels"
    module = "statsmodels"

    def arm(self, sink: Sink) -> Callable[[], None]:
        """Begin to see calls, now or as soon as statsmodels is imported.

        Parameters
        ----------
        sink : Sink
            Told of each call.

        Returns
        -------
        callable
            Puts every wrapped thing back as it was.
        """
        hooks = Hooks()

        def record(original: FunctionType, kind: CallKind) -> Recording:
            return recording_method(original, kind, "statsmodels", sink)

        returned = _Returned(sink, hooks, record)
        models = ClassWatch(
            hooks, _FITS, lambda original, kind: recording_method(original, kind, "statsmodels", sink, told=returned)
        )
        results = ClassWatch(hooks, _PREDICTIONS, record)

        def base(module: Any) -> None:
            models.start(module.Model)
            results.start(module.Results)

        waiting = AfterImport({"statsmodels.base.model": base})
        waiting.arm()

        def disarm() -> None:
            waiting.disarm()
            models.stop()
            results.stop()
            hooks.unhook()

        return disarm


class _Returned:
    """Passes the end of a fit on, and sees to it that the predictions of what a fit returned are seen.

    Results are handed out in wrappers whose methods statsmodels makes after their class was defined (`forecast` of
    time series), from the functions of the results' classes themselves.
    """

    def __init__(self, sink: Sink, hooks: Hooks, record: Callable[[FunctionType, CallKind], Recording]) -> None:
        self._sink = sink
        self._hooks = hooks
        self._record = record

    def open(self, *_: Any) -> None:
        """Never asked: the sink itself is."""

    def close(self, call: Call, result: Any, error: BaseException | None) -> None:
        """Pass on, and hook the class of what came back."""
        self._sink.close(call, result, error)
        for cls in type(result).__mro__:
            if cls.__module__.partition(".")[0] == "statsmodels":
                self._hooks.hook_methods(
                    cls, _PREDICTIONS, lambda name, original: self._record(original, _PREDICTIONS[name])
                )

    def running(self) -> Call | None:
        """Pass on."""
        return self._sink.running()
