"""CatBoost's calls in the words of the seam."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Mapping
from typing import Any

from celltrail.domain.record import DatasetRecord, Keeping
from celltrail.flavors.boosting_words import (
    container_data,
    curves_in,
    early_stop,
    fold_facts,
    folds_by_round,
    rounds_in,
    single,
    written_in_call,
)
from celltrail.flavors.descriptions import Datum, FitDescription, FitOutcome, MetricFacts
from celltrail.flavors.json_values import json_value
from celltrail.flavors.protocol import Call
from celltrail.flavors.sklearn_describer import SklearnDescriber

_SET_IN_CALL = (
    "iterations",
    "num_boost_round",
    "early_stopping_rounds",
    "fold_count",
    "nfold",
    "stratified",
    "shuffle",
    "type",
    "partition_random_seed",
    "seed",
)
_ROUNDS = ("iterations", "num_boost_round", "n_estimators", "num_trees")
_DEFAULT_ROUNDS = 1000  # CatBoost, "Training parameters", `iterations`; 1.0 to 1.2
_STOPS = ("early_stopping_rounds", "od_wait", "od_pval", "od_type")
_WEIGHTS = ("sample_weight", "group_id", "baseline")


class CatBoostDescriber:
    """Says what was trained by CatBoost."""

    name = "catboost"

    def __init__(self) -> None:
        self._as_estimator = SklearnDescriber()

    def describe(self, call: Call) -> FitDescription:
        """Describe a training call, a cross-validation, or the making of a Pool."""
        given = call.arguments
        if call.kind == "data":
            return FitDescription("Pool", "catboost", data=container_data(given))
        if call.owner is None:
            written = written_in_call(given, _SET_IN_CALL)
            return FitDescription(
                estimator="CatBoost",
                module="catboost.core",
                kind="predictor" if call.kind == "fit" else "cross-validation",
                params=written,
                params_written=written,
                data=_data(given),
                is_returned=True,
                rounds=_asked(written),
            )
        found = self._as_estimator.describe(call)
        # `CatBoost(params)`: what it holds is what was written, and nothing else.
        is_plain = type(call.owner).__name__ == "CatBoost"
        return dataclasses.replace(
            found,
            params_written=dict(found.params) if is_plain else None,
            data=_data(given),
            rounds=_asked(found.params),
        )

    def outcome(self, call: Call, result: Any) -> FitOutcome:
        """Say what a training call made."""
        if call.kind != "fit":
            return FitOutcome(curves={name: means for name, (means, _) in _by_round(result).items()})
        model = result if call.owner is None else call.owner
        curves = curves_in(model.get_evals_result())
        params = {name: json_value(single(value)) for name, value in model.get_all_params().items()}
        params |= {name: json_value(value) for name, value in model.get_params().items()}
        return FitOutcome(model, curves=curves, params=params, remarks=_stop(call, model, params, curves))

    def metrics(self, call: Call, result: Any) -> list[MetricFacts]:
        """Return what a score or `catboost.cv` measured."""
        if call.kind == "cross-validation":
            return fold_facts(_by_round(result), _is_greater_better)
        return self._as_estimator.metrics(call, result) if call.kind == "score" else []

    def data(self, value: Any) -> DatasetRecord | None:
        """Return rows and columns of a Pool."""
        if type(value).__name__ not in ("Pool", "FeaturesData"):
            return None
        record = DatasetRecord("", "X", f"catboost.{type(value).__name__}", digest_status=Keeping.NOT_KEPT)
        record.reason = "what it was made from was not seen"
        if type(value).__name__ == "Pool":
            record.rows = int(value.num_row())
            record.columns = [[str(name), ""] for name in value.get_feature_names()]
        return record


def _data(given: Mapping[str, Any]) -> list[Datum]:
    training = next((given[name] for name in ("X", "pool", "dtrain") if given.get(name) is not None), None)
    training, target = training if isinstance(training, tuple) and len(training) == 2 else (training, given.get("y"))
    found = [Datum("X", training), Datum("y", target)]
    found += [Datum(role, given[role]) for role in _WEIGHTS if given.get(role) is not None]
    watched = given.get("eval_set") if given.get("eval_set") is not None else given.get("evals")
    several = isinstance(watched, list) and len(watched) > 1
    for place, one in enumerate(watched if isinstance(watched, list) else [watched]):
        name = f"validation_{place}" if several else "validation"
        if isinstance(one, tuple | list) and len(one) == 2:
            if one[0] is not training:
                found += [
                    Datum(f"{name}.{role}", part, is_trained_on=False) for role, part in zip("Xy", one, strict=True)
                ]
        elif one is not training:
            found.append(Datum(name, one, is_trained_on=False))
    return [datum for datum in found if datum.value is not None]


def _asked(params: Mapping[str, Any]) -> int:
    asked = next((params[name] for name in _ROUNDS if name in params), None)
    return asked if isinstance(asked, int) else _DEFAULT_ROUNDS


def _stop(call: Call, model: Any, params: Mapping[str, Any], curves: Mapping[str, list[float]]) -> list[str]:
    """Say where it stopped; not told where a curve has not every round (`metric_period`)."""
    asks_to_stop = any(call.arguments.get(name) or model.get_params().get(name) for name in _STOPS)
    every = call.arguments.get("metric_period") or params.get("metric_period") or 1
    best = model.get_best_iteration()
    if not asks_to_stop or every != 1 or best is None:
        return []
    return early_stop(best + 1, rounds_in(curves), _asked(params))


def _by_round(result: Any) -> dict[str, tuple[list[float], list[float]]]:
    table = result[0] if isinstance(result, tuple) else result  # `return_models` gives them beside the table
    return folds_by_round(table, "-mean", "-std", "-")


def _is_greater_better(measure: str) -> bool | None:
    """Ask CatBoost itself; of a measure of the user's it knows nothing."""
    core: Any = sys.modules.get("catboost.core")
    if core is None:
        return None
    try:
        if core.is_maximizable_metric(measure):
            return True
        return False if core.is_minimizable_metric(measure) else None
    except core.CatBoostError:
        return None
