"""XGBoost's calls in the words of the seam: `xgb.train`, `xgb.cv`, and what its scikit-learn classes add."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from typing import Any

from celltrail.domain.record import DatasetRecord, Keeping
from celltrail.flavors.boosting_words import (
    container_data,
    curves_in,
    early_stop,
    estimator_data,
    filled,
    fold_facts,
    folds_by_round,
    number_or_text,
    rounds_in,
    sets,
    written_in_call,
)
from celltrail.flavors.descriptions import FitDescription, FitOutcome, MetricFacts
from celltrail.flavors.protocol import Call
from celltrail.flavors.sklearn_describer import SklearnDescriber

_SET_IN_CALL = ("num_boost_round", "early_stopping_rounds", "maximize", "nfold", "stratified", "seed")
# Names that XGBoost's configuration gives a second time; which stays is what the user wrote, else the second.
_TWICE = {"eta": "learning_rate", "alpha": "reg_alpha", "lambda": "reg_lambda", "min_split_loss": "gamma"}
# Measures of which more is better, as the library's early stopping has it (callback.py, `EarlyStopping`), and the
# others that it defines (XGBoost 3.2, documentation of `eval_metric`). Of a measure of the user's nothing is known.
_GREATER = frozenset({"auc", "aucpr", "pre", "map", "ndcg", "interval-regression-accuracy"})
_LESS = frozenset(
    {"rmse", "rmsle", "mae", "mape", "mphe", "logloss", "error", "merror", "mlogloss", "quantile", "expectile"}
    | {f"{name}-nloglik" for name in ("poisson", "gamma", "tweedie", "cox", "aft")}
    | {"gamma-deviance"}
)
_DEFAULT_ROUNDS = 10  # of xgb.train and xgb.cv, XGBoost 1.6 to 3.2
_DEFAULT_TREES = 100  # of the classes for scikit-learn, the same versions


class XGBoostDescriber:
    """Says what was trained by XGBoost."""

    name = "xgboost"

    def __init__(self) -> None:
        self._as_estimator = SklearnDescriber()

    def describe(self, call: Call) -> FitDescription:
        """Describe a training call, a cross-validation, or the making of a DMatrix."""
        given = call.arguments
        if call.kind == "data":
            return FitDescription(type(call.owner).__name__, "xgboost", data=container_data(given))
        if call.owner is not None:
            return self._describe_estimator(call)
        written = written_in_call(given, _SET_IN_CALL)
        watched = [(str(name), value) for value, name in given.get("evals") or ()]
        return FitDescription(
            estimator="xgboost.Booster",
            module="xgboost.core",
            kind="predictor" if call.kind == "fit" else "cross-validation",
            params=written,
            params_written=written,
            data=sets(given.get("dtrain"), watched),
            is_returned=True,
            rounds=given.get("num_boost_round", _DEFAULT_ROUNDS),
        )

    def outcome(self, call: Call, result: Any) -> FitOutcome:
        """Say what a training call made."""
        if call.kind != "fit":
            return FitOutcome(
                curves={name: means for name, (means, _) in folds_by_round(result, "-mean", "-std", "-").items()}
            )
        if call.owner is not None:
            return self._estimator_outcome(call)
        curves = call.curves() if call.curves is not None else {}
        rounds = call.arguments.get("num_boost_round", _DEFAULT_ROUNDS)
        return FitOutcome(
            result,
            curves=curves,
            params=_resolved(result, written_in_call(call.arguments, _SET_IN_CALL)),
            remarks=early_stop(_best_round(result), rounds_in(curves), rounds),
        )

    def metrics(self, call: Call, result: Any) -> list[MetricFacts]:
        """Return what `xgb.cv` measured."""
        return (
            fold_facts(folds_by_round(result, "-mean", "-std", "-"), _is_greater_better)
            if call.kind == "cross-validation"
            else []
        )

    def data(self, value: Any) -> DatasetRecord | None:
        """Return rows and columns of a DMatrix."""
        if not hasattr(value, "num_row") or not hasattr(value, "num_col"):
            return None
        names, kinds = value.feature_names, value.feature_types
        columns = None
        if names is not None:
            columns = [[str(name), str(kind)] for name, kind in zip(names, kinds or [""] * len(names), strict=False)]
        return DatasetRecord(
            "",
            "X",
            f"xgboost.{type(value).__name__}",
            rows=int(value.num_row()),
            columns=columns,
            digest_status=Keeping.NOT_KEPT,
            reason="what it was made from was not seen",
        )

    def _describe_estimator(self, call: Call) -> FitDescription:
        found = self._as_estimator.describe(call)
        asked = getattr(call.owner, "n_estimators", None) or _DEFAULT_TREES
        return dataclasses.replace(found, data=estimator_data(call.arguments, "validation_{}"), rounds=asked)

    def _estimator_outcome(self, call: Call) -> FitOutcome:
        kept = getattr(call.owner, "__dict__", {})
        curves, booster = curves_in(kept.get("evals_result_")), kept.get("_Booster")
        params = self._as_estimator.describe(call).params
        if booster is None:
            return FitOutcome(call.owner, curves=curves)
        asked = params.get("n_estimators") or _DEFAULT_TREES
        return FitOutcome(
            call.owner,
            also=(booster,),
            curves=curves,
            params=filled(params, _resolved(booster, {})),
            remarks=early_stop(_best_round(booster), rounds_in(curves), asked),
        )


def _is_greater_better(measure: str) -> bool | None:
    name = measure.partition("@")[0]
    return True if name in _GREATER else False if name in _LESS else None


def _best_round(booster: Any) -> int | None:
    best = booster.attr("best_iteration")
    return None if best is None else int(best) + 1


def _resolved(booster: Any, written: Mapping[str, Any]) -> dict[str, Any]:
    """Return all parameters of a booster as its configuration has them, with what was written under its own name."""
    found = dict(_leaves(json.loads(booster.save_config()).get("learner", {})))
    for short, long in _TWICE.items():
        if short in found and long in found:
            del found[long if short in written else short]
    return found | dict(written)


def _leaves(part: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in part.items():
        if isinstance(value, Mapping):
            if name.endswith("_param"):
                yield from ((leaf, number_or_text(text)) for leaf, text in value.items() if isinstance(text, str))
            else:
                yield from _leaves(value)
