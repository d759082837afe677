"""Sees what is called of XGBoost's own interface; its scikit-learn classes are seen with scikit-learn's.

What the calls mean is in `xgboost_describer`.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from celltrail.flavors.boosting_probe import Seen, arm_after
from celltrail.flavors.boosting_words import curves_in
from celltrail.flavors.protocol import Call, Sink

_CONTAINERS = ("DMatrix", "QuantileDMatrix", "ExtMemQuantileDMatrix")


class XGBoostProbe:
    """Sees `xgb.train`, `xgb.cv`, predictions of boosters, and what a `DMatrix` is made from."""

    name = "xgboost"
    module = "xgboost"

    def arm(self, sink: Sink) -> Callable[[], None]:
        """Begin to see calls, now or as soon as XGBoost is imported.

        Parameters
        ----------
        sink : Sink
            Told of each call.

        Returns
        -------
        callable
            Puts every wrapped thing back as it was.
        """
        seen = Seen("xgboost", sink)

        def core(module: ModuleType) -> None:
            seen.constructors(getattr(module, name, None) for name in _CONTAINERS)
            seen.methods(module.Booster, {"predict": "predict", "inplace_predict": "predict"})

        return arm_after(
            {
                "xgboost.core": core,
                "xgboost.training": lambda module: seen.functions(module, {"train": "fit", "cv": "cross-validation"}),
                "xgboost.callback": lambda module: seen.follow(
                    getattr(module, "CallbackContainer", None), ["before_training"], _follow
                ),
            },
            seen,
        )


def _follow(training: Call, container: Any, result: Any) -> None:
    """Read the curves where the library's own container of callbacks collects them (XGBoost 1.3 and later)."""
    del result
    history = getattr(container, "history", None)
    if isinstance(history, dict):
        training.curves = lambda: curves_in(history)
