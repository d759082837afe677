"""Sees what is called of scikit-learn, and of every library whose estimators descend from its `BaseEstimator`.

Methods are hooked in the classes that define them, those that are loaded and those that are defined later. Metric
functions and the helpers of cross-validation are hooked in the closure of scikit-learn's own wrapper, or by their
code where they have none, so that it does not matter how and when they were imported. What the calls mean is in
`sklearn_describe` and `sklearn_metrics`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from types import FunctionType, ModuleType
from typing import Any

from celltrail.flavors.after_import import AfterImport
from celltrail.flavors.class_watch import ClassWatch
from celltrail.flavors.function_hooks import hook_function, recording_function
from celltrail.flavors.hooking import Hooks
from celltrail.flavors.protocol import Call, CallKind, Sink
from celltrail.flavors.recorded import Recording, arguments_by_name, recording_method, users_frame
from celltrail.flavors.sklearn_displays import see_displays
from celltrail.flavors.sklearn_losses import see_losses

_METHODS: dict[str, CallKind] = {
    "fit": "fit",
    "fit_transform": "fit",
    "fit_predict": "fit",
    "partial_fit": "fit",
    "predict": "predict",
    "predict_proba": "predict",
    "predict_log_proba": "predict",
    "decision_function": "predict",
    "score_samples": "predict",
    "score": "score",
}

_CROSS_VALIDATION = (
    "cross_val_score",
    "cross_validate",
    "cross_val_predict",
    "learning_curve",
    "validation_curve",
    "permutation_test_score",
)

# Functions of `sklearn.metrics` that measure no model.
_NO_METRICS = frozenset(
    {
        "check_scoring",
        "euclidean_distances",
        "get_scorer",
        "get_scorer_names",
        "make_scorer",
        "nan_euclidean_distances",
        "pairwise_distances",
        "pairwise_distances_argmin",
        "pairwise_distances_argmin_min",
        "pairwise_distances_chunked",
        "pairwise_kernels",
    }
)


class SklearnProbe:
    """Sees fits, predictions, scores, metrics and cross-validation.

    Attributes
    ----------
    name, module : str
        As the Probe protocol asks.
    not_seen : list of str
        Functions that this version of scikit-learn defines in a way that can't be seen; filled when they load.
    """

    name = "scikit-learn"
    module = "sklearn"

    def __init__(self) -> None:
        self.not_seen: list[str] = []

    def arm(self, sink: Sink) -> Callable[[], None]:
        """Begin to see calls, now or as soon as scikit-learn is imported.

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
        self.not_seen = []
        classes = ClassWatch(
            hooks,
            _METHODS,
            lambda original, kind: recording_method(original, kind, "sklearn", sink),
            lambda name, original: _unbound(name, original, hooks, sink),
        )
        waiting = AfterImport(
            {
                "sklearn.base": lambda module: classes.start(module.BaseEstimator),
                "sklearn.metrics": lambda module: self._see_metrics(module, hooks, sink),
                "sklearn.model_selection": lambda module: self._see_cross_validation(module, hooks, sink),
                "sklearn.calibration": lambda module: self._see_displays(module, hooks, sink),
                "sklearn.inspection": lambda module: self._see_displays(module, hooks, sink),
                "sklearn.linear_model._linear_loss": lambda module: see_losses(module, hooks, sink),
            }
        )
        waiting.arm()

        def disarm() -> None:
            waiting.disarm()
            classes.stop()
            hooks.unhook()

        return disarm

    def _see_metrics(self, module: ModuleType, hooks: Hooks, sink: Sink) -> None:
        for name in metric_names(module):
            self._see_function(getattr(module, name), "metric", hooks, sink)
        self._see_displays(module, hooks, sink)
        scorer = getattr(sys.modules.get("sklearn.metrics._scorer"), "_BaseScorer", None)
        if scorer is not None:
            hooks.hook_methods(scorer, ["__call__"], lambda _, original: _recording_scorer(original, sink))

    def _see_cross_validation(self, module: ModuleType, hooks: Hooks, sink: Sink) -> None:
        for name in _CROSS_VALIDATION:
            function = getattr(module, name, None)
            if function is not None:
                self._see_function(function, "cross-validation", hooks, sink)
        self._see_displays(module, hooks, sink)

    def _see_displays(self, module: ModuleType, hooks: Hooks, sink: Sink) -> None:
        self.not_seen += see_displays(module, hooks, sink)

    def _see_function(self, function: Any, kind: CallKind, hooks: Hooks, sink: Sink) -> None:
        def make(original: FunctionType) -> Recording:
            return recording_function(original, kind, "sklearn", sink)

        is_seen = hook_function(function, hooks, make)
        if not is_seen:
            self.not_seen.append(function.__name__)


def _unbound(name: str, original: FunctionType, hooks: Hooks, sink: Sink) -> Callable[[], None] | None:
    """Return what makes `LogisticRegression.fit(model, X, y)` seen: by the cell of scikit-learn's own wrapper."""
    if getattr(original, "__wrapped__", None) is None or not original.__module__.startswith("sklearn."):
        return None

    def make(inner: FunctionType) -> Recording:
        return recording_method(inner, _METHODS[name], "sklearn", sink, frames=3)

    def see() -> None:
        hook_function(original, hooks, make)

    return see


def metric_names(metrics: ModuleType) -> list[str]:
    """Return the names of the functions of `sklearn.metrics` that measure something.

    Parameters
    ----------
    metrics : module
        `sklearn.metrics`.

    Returns
    -------
    list of str
        In the order of its `__all__`.
    """
    return [
        name
        for name in metrics.__all__
        if name not in _NO_METRICS
        and not name.startswith("plot_")  # scikit-learn 1.1
        and isinstance(getattr(metrics, name, None), FunctionType)
    ]


def _recording_scorer(original: FunctionType, sink: Sink) -> Recording:
    """Record `scorer(estimator, X, y)` as a score of the estimator by the scorer's function."""

    def open_call(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call | None:
        scorer = args[0]
        estimator = args[1] if len(args) > 1 else kwargs.get("estimator")

        def bind() -> Mapping[str, Any]:
            bound = arguments_by_name(original, args, kwargs)
            del bound[next(iter(bound))]
            return bound

        function = getattr(getattr(scorer, "_score_func", None), "__name__", "scorer")
        call = sink.open("score", "sklearn", function, estimator, bind, users_frame(sys._getframe(2)))
        if call is not None:
            call.notes["scorer"] = scorer
        return call

    return Recording(original, open_call, sink)
