"""Keras' calls in the words of the seam: a training with its layers, optimizer and curves; an evaluation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from celltrail.domain.record import DatasetRecord
from celltrail.flavors.descriptions import Datum, FitDescription, FitOutcome, MetricFacts
from celltrail.flavors.json_values import json_value
from celltrail.flavors.protocol import Call

_SET_IN_CALL = ("epochs", "batch_size", "validation_split", "steps_per_epoch", "initial_epoch", "shuffle")
# What says how large or how strong a layer of Keras' own is (Keras 3.15, "Keras layers API").
_OF_A_LAYER = ("units", "filters", "kernel_size", "rate", "num_heads", "key_dim", "output_dim", "activation")
# Which way is better, of the metrics and losses that Keras defines (Keras 3.15, "Metrics" and "Losses"); of others
# nothing is known.
_GREATER = ("accuracy", "acc", "auc", "precision", "recall", "f1", "iou", "r2", "cosine_similarity", "true_", "dice")
_LESS = ("loss", "error", "mse", "mae", "mape", "msle", "crossentropy", "hinge", "divergence", "poisson", "false_")
_MOST_LAYERS = 64


class KerasDescriber:
    """Says what was trained and measured by Keras."""

    name = "keras"

    def describe(self, call: Call) -> FitDescription:
        """Describe a training call that is about to start."""
        model, given = call.owner, call.arguments
        written = {name: json_value(given[name]) for name in _SET_IN_CALL if name in given}
        params = _optimizer(model) | _losses(model) | {"layers": _layers(model)} | written
        return FitDescription(
            estimator=type(model).__name__,
            module=type(model).__module__,
            params=params | {"weights": _weights(model)},
            params_written=params,
            data=list(_data(given)),
            rounds=_whole(given.get("epochs", 1)),
        )

    def outcome(self, call: Call, result: Any) -> FitOutcome:
        """Say what a training call made."""
        curves = curves_in(getattr(result, "history", None))
        rounds = max((len(values) for values in curves.values()), default=0)
        asked = _whole(call.arguments.get("epochs", 1)) or 0
        early = 0 < rounds < asked - (_whole(call.arguments.get("initial_epoch", 0)) or 0)
        # The weights are made at the first batch of a model that was not told its input.
        params = {**self.describe(call).params, "weights": _weights(call.owner)}
        remarks = [f"stopped early: epoch {rounds} of {asked}"] if early else []
        return FitOutcome(call.owner, curves=curves, params=params, remarks=remarks)

    def metrics(self, call: Call, result: Any) -> list[MetricFacts]:
        """Return what an evaluation measured, by Keras' own names."""
        if call.kind != "score":
            return []
        named = result if isinstance(result, Mapping) else call.owner.get_metrics_result()
        # What the user asked to be measured comes first, so that a run is judged by it; the loss is always there.
        return [
            MetricFacts(name, name, [float(named[name])], _is_greater_better(name), target="y")
            for name in sorted(named, key=lambda name: name == "loss")
            if _is_number(named[name])
        ]

    def data(self, value: Any) -> DatasetRecord | None:
        """Return None: Keras takes arrays as they are, and its datasets give their rows only once."""
        del value
        return None


def curves_in(history: Any) -> dict[str, list[float]]:
    """Return the curves of a `History.history`.

    Parameters
    ----------
    history : object
        Values an epoch, by name.

    Returns
    -------
    dict of str to list of float
        `loss`, `accuracy`; those of the validation data as `validation.loss`.
    """
    if not isinstance(history, dict):
        return {}
    return {
        f"validation.{name[4:]}" if name.startswith("val_") else name: [float(value) for value in values]
        for name, values in list(history.items())
        if all(_is_number(value) for value in values)
    }


def _optimizer(model: Any) -> dict[str, Any]:
    optimizer = getattr(model, "optimizer", None)
    if optimizer is None:
        return {}
    found: dict[str, Any] = {"optimizer": type(optimizer).__name__}
    if type(optimizer).__module__.partition(".")[0] == "keras":
        settings = optimizer.get_config()
        rate = settings.get("learning_rate")
        # A schedule says of itself what it is; the rate it stands at changes with every step.
        found["learning_rate"] = (
            rate["class_name"] if isinstance(rate, dict) and "class_name" in rate else _short(rate)
        )
        found |= {name: value for name, value in settings.items() if name in ("weight_decay", "momentum") and value}
    return {name: json_value(value) for name, value in found.items()}


def _short(value: Any) -> Any:
    """Return a number that was kept in 32 bits as it was written: seven digits are all that such a number holds."""
    return float(f"{value:.7g}") if isinstance(value, float) else value


def _losses(model: Any) -> dict[str, Any]:
    loss = getattr(model, "loss", None)
    if loss is None:
        return {}
    return {"loss": loss if isinstance(loss, str) else getattr(loss, "name", None) or getattr(loss, "__name__", "")}


def _layers(model: Any) -> list[str]:
    layers = list(getattr(model, "layers", ()))
    shown = [_layer(layer) for layer in layers[:_MOST_LAYERS]]
    return shown if len(layers) <= _MOST_LAYERS else [*shown, f"… {len(layers) - _MOST_LAYERS} more"]


def _layer(layer: Any) -> str:
    kind = type(layer).__name__
    if type(layer).__module__.partition(".")[0] != "keras":
        return kind  # a layer of the user's is not asked: that would run the user's code
    settings = layer.get_config()
    said = [str(settings[name]) for name in _OF_A_LAYER if settings.get(name) not in (None, "linear")]
    return f"{kind}({', '.join(said)})"


def _weights(model: Any) -> int | None:
    return int(model.count_params()) if getattr(model, "built", False) else None


def _data(given: Mapping[str, Any]) -> Iterator[Datum]:
    for role, name in (("X", "x"), ("y", "y"), ("sample_weight", "sample_weight")):
        if given.get(name) is not None:
            yield Datum(role, given[name])
    watched = given.get("validation_data")
    if isinstance(watched, tuple | list):
        for role, value in zip(("validation.X", "validation.y"), watched, strict=False):
            yield Datum(role, value, is_trained_on=False)


def _is_greater_better(name: str) -> bool | None:
    low = name.lower()
    if any(word in low for word in _LESS):
        return False
    return True if any(word in low for word in _GREATER) else None


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def _whole(value: Any) -> int | None:
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else None
