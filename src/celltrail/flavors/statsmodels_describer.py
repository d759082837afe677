"""statsmodels' calls in the words of the seam: a model is fitted, and its results are what predicts."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping
from types import FunctionType
from typing import Any

from celltrail.domain.record import DatasetRecord
from celltrail.flavors.descriptions import Datum, FitDescription, FitOutcome, MetricFacts
from celltrail.flavors.json_values import json_value, numbers
from celltrail.flavors.protocol import Call
from celltrail.flavors.recorded import parameter_defaults
from celltrail.flavors.statsmodels_flavor import inner_results

# Settings that change what is printed or returned, not what is fitted; and data.
_NO_PARAMS = frozenset(
    {"disp", "full_output", "callback", "retall", "missing_idx", "model_spec", "design_info", "endog", "exog", "data"}
)
# How well results fit the data they were made from, and whether more is better; in the order in which the first that
# there is stands for the run. `bic` of a GLM warns that its meaning will change, so it is not asked.
_MEASURES = (("rsquared", True), ("rsquared_adj", True), ("aic", False), ("bic", False), ("llf", True))


class StatsmodelsDescriber:
    """Says what was fitted by statsmodels."""

    name = "statsmodels"

    def describe(self, call: Call) -> FitDescription:
        """Describe the fit of a model."""
        cls = type(call.owner)
        held = vars(call.owner)
        keys = ["formula", *(key for key in held.get("_init_keys") or () if key not in _NO_PARAMS)]
        of_model = {key: _plain(held[key]) for key in keys if held.get(key) is not None and not _is_data(held[key])}
        of_call = {
            name: _plain(value)
            for name, value in call.arguments.items()
            if name not in _NO_PARAMS and not _is_data(value)
        }
        defaults = _defaults(getattr(cls, call.function, None))
        written = of_model | of_call
        for name, value in _defaults(cls.__init__).items():
            if name in of_model and of_model[name] == value:
                del written[name]
        return FitDescription(
            estimator=cls.__name__,
            module=cls.__module__,
            params=defaults | of_model | of_call,
            params_written=written,
            contains_training_rows=True,
            data=list(_data(held)),
            is_returned=True,
        )

    def outcome(self, call: Call, result: Any) -> FitOutcome:
        """Say what a fit made: results, in their wrapper or bare."""
        del call
        if type(result).__module__.partition(".")[0] != "statsmodels":
            return FitOutcome()
        held = inner_results(result)
        wrapped = object.__getattribute__(result, "__dict__").get("_results")
        history = held.get("fit_history")
        deviance = numbers(history.get("deviance")) if isinstance(history, Mapping) else []
        deviance = [value for value in deviance if math.isfinite(value)]  # it starts at infinity
        return FitOutcome(
            result,
            also=() if wrapped is None else (wrapped,),
            curves={"deviance": deviance} if deviance else {},
            remarks=_convergence(held.get("mle_retvals")),
        )

    def metrics(self, call: Call, result: Any) -> list[MetricFacts]:
        """Return how well the results of a fit fit: R², information criteria, log-likelihood."""
        if call.kind != "fit" or type(result).__module__.partition(".")[0] != "statsmodels":
            return []
        return [
            MetricFacts(name, name, [value], better, appends_target=False, is_of_training=True)
            for name, value, better in _fit_of(result)
        ]

    def data(self, value: Any) -> DatasetRecord | None:
        """Return None: statsmodels takes arrays and frames as they are."""
        del value
        return None


def _data(held: Mapping[str, Any]) -> Iterator[Datum]:
    """Yield the frame of a formula with its target, or the target and the columns that a model was given."""
    data = getattr(held.get("data"), "__dict__", {})
    frame = data.get("frame")
    target, columns = data.get("orig_endog"), data.get("orig_exog")
    if frame is not None:
        yield Datum("X", frame)
        name = str(held.get("formula") or "").partition("~")[0].strip()
        if name in getattr(frame, "columns", ()):
            target = frame[name]
    elif columns is not None:
        yield Datum("X", columns)
    if target is not None:
        yield Datum("y", target)


def _is_data(value: Any) -> bool:
    """Say whether a setting is an array or a frame, such as weights and groups, or was made of one."""
    return bool(getattr(value, "shape", ())) or type(value).__name__ == "VCSpec"


def _plain(value: Any) -> Any:
    """Return a setting as JSON can hold it; a family by its name and its link's."""
    if type(value).__module__.partition(".")[0] != "statsmodels":
        return json_value(value)
    link = getattr(value, "link", None)
    return type(value).__name__ if link is None else f"{type(value).__name__}({type(link).__name__})"


def _defaults(function: Any) -> dict[str, Any]:
    if type(function) is not FunctionType:
        return {}
    found = parameter_defaults(function)
    return {name: _plain(value) for name, value in found.items() if name not in _NO_PARAMS and value is not None}


def _convergence(retvals: Any) -> list[str]:
    if not isinstance(retvals, Mapping) or retvals.get("converged") is not False:
        return []
    count = retvals.get("iterations")
    return [f"did not converge ({count} iterations)" if isinstance(count, int) else "did not converge"]


def _fit_of(result: Any) -> Iterator[tuple[str, float, bool]]:
    """Yield measures of results, computed on a stand-in: what results have computed once they keep."""
    inner = object.__getattribute__(result, "__dict__").get("_results", result)
    numpy = sys.modules["numpy"]
    stand_in = object.__new__(type(inner))
    vars(stand_in).update(vars(inner), _cache={})
    for name, better in _MEASURES:
        if name == "bic" and type(inner).__name__.startswith("GLM"):
            continue
        try:
            with numpy.errstate(all="ignore"):
                value = float(getattr(stand_in, name))
        except (AttributeError, NotImplementedError, TypeError, ValueError):
            continue
        if math.isfinite(value):
            yield name, value, better
