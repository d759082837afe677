"""Sees what is called of Keras 3 models: `fit`, `evaluate`, `predict`, whatever the backend.

What the calls mean is in `keras_describer`.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from celltrail.flavors.boosting_probe import Seen, arm_after
from celltrail.flavors.keras_describer import curves_in
from celltrail.flavors.protocol import Call, CallKind, Sink

_METHODS: dict[str, CallKind] = {
    "fit": "fit",
    "train_on_batch": "fit",
    "evaluate": "score",
    "test_on_batch": "score",
    "predict": "predict",
    "predict_on_batch": "predict",
}


class KerasProbe:
    """Sees the training, the evaluation and the predictions of Keras models."""

    name = "keras"
    module = "keras"

    def arm(self, sink: Sink) -> Callable[[], None]:
        """Begin to see calls, now or as soon as Keras is imported.

        Parameters
        ----------
        sink : Sink
            Told of each call.

        Returns
        -------
        callable
            Puts every wrapped thing back as it was.
        """
        seen = Seen("keras", sink)

        def models(module: ModuleType) -> None:
            # `Model` inherits its training from the trainer of the backend.
            for cls in module.Model.__mro__:
                if cls.__module__.partition(".")[0] == "keras":
                    seen.methods(cls, _METHODS)
            callbacks = getattr(module, "callbacks", None)
            seen.follow(getattr(callbacks, "CallbackList", None), ["on_train_begin"], _follow)

        return arm_after({"keras": models}, seen)


def _follow(training: Call, callbacks: Any, result: Any) -> None:
    """Read the curves where Keras' own callback `History` collects them."""
    del result
    history = getattr(getattr(callbacks, "_history", None), "history", None)
    if isinstance(history, dict):
        training.curves = lambda: curves_in(history)
