"""Sees what is called of LightGBM's own interface; its scikit-learn classes are seen with scikit-learn's.

What the calls mean is in `lightgbm_describer`.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from celltrail.flavors.boosting_probe import Seen, arm_after
from celltrail.flavors.boosting_words import curves_in
from celltrail.flavors.protocol import Call, Sink


class LightGBMProbe:
    """Sees `lgb.train`, `lgb.cv`, predictions of boosters, and what a `Dataset` is made from."""

    name = "lightgbm"
    module = "lightgbm"

    def arm(self, sink: Sink) -> Callable[[], None]:
        """Begin to see calls, now or as soon as LightGBM is imported.

        Parameters
        ----------
        sink : Sink
            Told of each call.

        Returns
        -------
        callable
            Puts every wrapped thing back as it was.
        """
        seen = Seen("lightgbm", sink)

        def basic(module: ModuleType) -> None:
            seen.constructors([getattr(module, "Dataset", None)])
            booster = getattr(module, "Booster", None)
            seen.methods(booster, {"predict": "predict"})
            seen.follow(booster, ["eval_train", "eval_valid"], _follow)

        return arm_after(
            {
                "lightgbm.basic": basic,
                "lightgbm.engine": lambda module: seen.functions(module, {"train": "fit", "cv": "cross-validation"}),
            },
            seen,
        )


def _follow(training: Call, booster: Any, results: Any) -> None:
    """Collect what a round was evaluated to: `(set, measure, value, …)` a set and measure, LightGBM 3.3 to 4.7."""
    del booster
    history = training.notes.setdefault("lightgbm", {})
    if training.curves is None:
        training.curves = lambda: curves_in(history)
    for result in results if isinstance(results, list) else ():
        if isinstance(result, tuple) and len(result) >= 3:
            history.setdefault(result[0], {}).setdefault(result[1], []).append(result[2])
