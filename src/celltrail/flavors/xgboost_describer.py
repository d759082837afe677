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
    fold_facts,
    number_or_text,
    sets,
    written_in_call,
)
from celltrail.flavors.descriptions import Datum, FitDescription, FitOutcome, MetricFacts
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
            return FitOutcome(curves={name: means for name, (means, _) in _by_rounds(result).items()})
        if call.owner is not None:
            return self._estimator_outcome(call)
        curves = call.curves() if call.curves is not None else {}
        rounds = call.arguments.get("num_boost_round", _DEFAULT_ROUNDS)
        return FitOutcome(
            result,
            curves=curves,
            params=_resolved(result, written_in_call(call.arguments, _SET_IN_CALL)),
            remarks=early_stop(_best_round(result), _rounds_in(curves), rounds),
        )

    def metrics(self, call: Call, result: Any) -> list[MetricFacts]:
        """Return what `xgb.cv` measured."""
        return fold_facts(_by_rounds(result), _is_greater_better) if call.kind == "cross-validation" else []

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
        watched = [(f"validation_{place}", pair) for place, pair in enumerate(call.arguments.get("eval_set") or ())]
        data = [datum for datum in found.data if datum.role not in ("eval_set", "sample_weight_eval_set")]
        return dataclasses.replace(
            found,
            data=[*data, *_watched(watched, call.arguments.get("X"))],
            rounds=getattr(call.owner, "n_estimators", None) or 100,  # its default, XGBoost 1.6 to 3.2
        )

    def _estimator_outcome(self, call: Call) -> FitOutcome:
        model = call.owner
        kept = getattr(model, "__dict__", {})
        booster = kept.get("_Booster")
        curves = curves_in(kept.get("evals_result_"))
        params = self._as_estimator.describe(call).params
        resolved = {} if booster is None else _resolved(booster, {})
        asked = params.get("n_estimators") or 100
        return FitOutcome(
            model,
            also=() if booster is None else (booster,),
            curves=curves,
            params={name: resolved.get(name) if value is None else value for name, value in params.items()},
            remarks=[] if booster is None else early_stop(_best_round(booster), _rounds_in(curves), asked),
        )


def _watched(watched: list[tuple[str, Any]], training: Any) -> list[Datum]:
    """Return the sets of `eval_set`, but for the one that is trained on."""
    return sets(training, [(name, pair) for name, pair in watched if not _is_pair_of(pair, training)])[1:]


def _is_pair_of(pair: Any, training: Any) -> bool:
    return isinstance(pair, tuple | list) and len(pair) > 0 and pair[0] is training


def _is_greater_better(measure: str) -> bool | None:
    name = measure.partition("@")[0]
    return True if name in _GREATER else False if name in _LESS else None


def _rounds_in(curves: Mapping[str, list[float]]) -> int:
    return max((len(values) for values in curves.values()), default=0)


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


def _by_rounds(result: Any) -> dict[str, tuple[list[float], list[float]]]:
    """Return the table of `xgb.cv` by `data.measure`: means and deviations, one a round."""
    columns = {str(name): result[name] for name in result} if hasattr(result, "keys") else {}
    found = {}
    for name, means in columns.items():
        deviations = columns.get(f"{name.removesuffix('-mean')}-std")
        if name.endswith("-mean") and deviations is not None:
            data, _, measure = name.removesuffix("-mean").partition("-")
            found[f"{data}.{measure}"] = ([float(one) for one in means], [float(one) for one in deviations])
    return found
