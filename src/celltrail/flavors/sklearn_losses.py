"""The loss of a linear model while its solver works, heard from what the solver computes anyway.

scikit-learn's own callbacks (`sklearn.callback`, 1.9) reach one iteration loop only, that of a logistic regression by
L-BFGS, hand over no loss, and have to be set on the user's estimator. The solver's loss function tells more for less:
every value it returns is the loss on all training rows.
"""

from __future__ import annotations

from types import FunctionType, ModuleType
from typing import Any

from celltrail.flavors.hooking import Hooks
from celltrail.flavors.protocol import Call, Sink
from celltrail.flavors.recorded import Recording
from celltrail.flavors.sklearn_describe import innermost

# Estimators that minimise one loss once. Where several are minimised in turn (a grid of strengths, one class against
# the rest) a single curve would say nothing.
_ESTIMATORS = ("LogisticRegression", "PoissonRegressor", "GammaRegressor", "TweedieRegressor")

# More values than that of one training are not kept: a hundred times the usual number of iterations.
_MOST_VALUES = 10_000


def see_losses(module: ModuleType, hooks: Hooks, sink: Sink) -> None:
    """Begin to hear the losses of linear models.

    Parameters
    ----------
    module : module
        `sklearn.linear_model._linear_loss`: scikit-learn 1.1 and later.
    hooks : Hooks
        Puts everything back.
    sink : Sink
        Knows which call is open.
    """
    loss = getattr(module, "LinearModelLoss", None)
    if loss is not None:
        hooks.hook_methods(loss, ["loss_gradient"], lambda _, original: _heard(original, sink))


def _heard(original: FunctionType, sink: Sink) -> Recording:
    def training(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call | None:
        """Return a stand-in for the training that is open, if this is its loss."""
        del kwargs
        call = sink.running()
        if call is None or call.kind != "fit" or not _is_followed(call):
            return None
        return Call("fit", "sklearn", "loss", args[0], {}, None, {"training": call})

    return Recording(original, training, _Losses())


def _is_followed(call: Call) -> bool:
    known = call.notes.get("has_one_loss")
    if known is None:
        model = innermost(call.owner)
        is_one = type(model).__name__ in _ESTIMATORS and type(model).__module__.startswith("sklearn.")
        known = is_one and getattr(model, "multi_class", None) != "ovr"
        call.notes["has_one_loss"] = known
    return bool(known)


class _Losses:
    """Given what the loss function returned, as if it were a sink."""

    def open(self, *_: Any) -> None:
        """Never asked: the recording knows whether to listen."""

    def running(self) -> None:
        """Never asked either."""

    def close(self, call: Call, result: Any, error: BaseException | None) -> None:
        """Take the loss; the gradient is not looked at."""
        value = result[0] if error is None and type(result) is tuple and result else None
        if not isinstance(value, float):  # NumPy's too
            return
        training: Call = call.notes["training"]
        losses: list[float] = training.notes.setdefault("losses", [])
        if len(losses) < _MOST_VALUES:
            losses.append(float(value))
        if training.curves is None:
            training.curves = lambda: {"loss": list(losses)}
