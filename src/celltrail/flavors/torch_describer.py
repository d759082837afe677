"""PyTorch's trainings in the words of the seam: the optimizer's settings, the layers, the rate at each step.

PyTorch has no `fit`; `celltrail.watch(model, optimizer)` says what is trained, and its steps say when.
"""

from __future__ import annotations

from typing import Any

from celltrail.domain.record import DatasetRecord
from celltrail.flavors.descriptions import FitDescription, FitOutcome, MetricFacts
from celltrail.flavors.json_values import json_value
from celltrail.flavors.protocol import Call
from celltrail.flavors.recorded import parameter_defaults

_MOST_LAYERS = 64


class TorchDescriber:
    """Says what was trained by a loop of the user's."""

    name = "torch"

    def describe(self, call: Call) -> FitDescription:
        """Describe a training that has made its first step."""
        model = call.owner
        optimizer = call.arguments.get("optimizer")
        settings, layers = _settings(optimizer), {"layers": _layers(model)}
        defaults = parameter_defaults(type(optimizer))
        written = {name: value for name, value in settings.items() if name not in defaults or value != defaults[name]}
        return FitDescription(
            estimator=type(model).__name__,
            module=type(model).__module__,
            params=settings | layers | {"weights": sum(one.numel() for one in model.parameters())},
            params_written=written | layers,
        )

    def outcome(self, call: Call, result: Any) -> FitOutcome:
        """Say what a training made; `result` is the number of its steps."""
        curves = call.curves() if call.curves is not None else {}
        params = {**self.describe(call).params, "steps": result}
        return FitOutcome(call.owner, curves=curves, params=params)

    def metrics(self, call: Call, result: Any) -> list[MetricFacts]:
        """Return none: what a loop measures is logged by it."""
        del call, result
        return []

    def data(self, value: Any) -> DatasetRecord | None:
        """Return None: what a loader gives is known only once it has been asked for it."""
        del value
        return None


def rate_of(optimizer: Any) -> float | None:
    """Return the learning rate at which an optimizer stands; of its first group where they differ."""
    rate = optimizer.param_groups[0].get("lr") if optimizer.param_groups else None
    return None if rate is None else float(rate)


def _settings(optimizer: Any) -> dict[str, Any]:
    group = optimizer.param_groups[0] if optimizer.param_groups else {}
    # A scheduler moves "lr"; what the optimizer began with stands beside it.
    found = {name: value for name, value in group.items() if name != "params" and value is not None}
    found["lr"] = found.pop("initial_lr", found.get("lr"))
    settings = {name: value for name, value in found.items() if isinstance(value, int | float | str | tuple)}
    return {"optimizer": type(optimizer).__name__} | {name: json_value(value) for name, value in settings.items()}


def _layers(model: Any) -> list[str]:
    leaves = [part for part in model.modules() if not part._modules]
    shown = [_layer(part) for part in leaves[:_MOST_LAYERS]]
    return shown if len(leaves) <= _MOST_LAYERS else [*shown, f"… {len(leaves) - _MOST_LAYERS} more"]


def _layer(part: Any) -> str:
    kind = type(part).__name__
    # A layer of the user's is not asked: that would run the user's code.
    is_own = type(part).__module__.partition(".")[0] == "torch"
    return f"{kind}({part.extra_repr()})" if is_own else kind
