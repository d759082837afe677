"""LightGBM's calls in the words of the seam: `lgb.train`, `lgb.cv`, and what its scikit-learn classes add."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
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
from celltrail.flavors.descriptions import Datum, FitDescription, FitOutcome, MetricFacts
from celltrail.flavors.protocol import Call
from celltrail.flavors.sklearn_describer import SklearnDescriber

_SET_IN_CALL = ("num_boost_round", "nfold", "stratified", "shuffle", "metrics", "seed")
_DEFAULT_ROUNDS = 100  # of lgb.train, lgb.cv and the classes for scikit-learn, LightGBM 3.3 to 4.7
# What else `params` may call the number of rounds (LightGBM, "Parameters", `num_iterations`); that overrules the
# argument.
_ROUNDS = (
    "num_iterations num_iteration n_iter num_tree num_trees num_round num_rounds nrounds num_boost_round "
    "n_estimators max_iter"
)
# LightGBM, "Parameters", `metric`; which way each goes is in src/metric, `factor_to_bigger_better`. Of a measure of
# the user's nothing is known.
_GREATER = frozenset({"auc", "average_precision", "auc_mu", "ndcg", "map", "r2"})
_LESS = frozenset(
    {"l1", "l2", "rmse", "quantile", "mape", "huber", "fair", "poisson", "gamma", "gamma_deviance", "tweedie"}
    | {"binary_logloss", "binary_error", "multi_logloss", "multi_error"}
    | {"cross_entropy", "cross_entropy_lambda", "kullback_leibler"}
)
_RESOLVED = re.compile(r"^\[(\w+): (.+)\]$", re.MULTILINE)
_FILES = ("data", "valid", "input_model", "output_model", "output_result")


class LightGBMDescriber:
    """Says what was trained by LightGBM."""

    name = "lightgbm"

    def __init__(self) -> None:
        self._as_estimator = SklearnDescriber()

    def describe(self, call: Call) -> FitDescription:
        """Describe a training call, a cross-validation, or the making of a Dataset."""
        given = call.arguments
        if call.kind == "data":
            return FitDescription("Dataset", "lightgbm", data=container_data(given))
        if call.owner is not None:
            found = self._as_estimator.describe(call)
            asked = _asked(found.params)
            return dataclasses.replace(found, data=estimator_data(given, "valid_{}"), rounds=asked)
        written = written_in_call(given, _SET_IN_CALL)
        return FitDescription(
            estimator="lightgbm.Booster",
            module="lightgbm.basic",
            kind="predictor" if call.kind == "fit" else "cross-validation",
            params=written,
            params_written=written,
            data=_sets(given),
            is_returned=True,
            rounds=_asked(written),
        )

    def outcome(self, call: Call, result: Any) -> FitOutcome:
        """Say what a training call made."""
        if call.kind != "fit":
            return FitOutcome(curves={name: means for name, (means, _) in _by_round(result).items()})
        if call.owner is None:
            written = written_in_call(call.arguments, _SET_IN_CALL)
            curves = call.curves() if call.curves is not None else {}
            return FitOutcome(
                result,
                curves=curves,
                params=_resolved(result) | written,
                remarks=_stop(result, curves, _asked(written)),
            )
        kept = getattr(call.owner, "__dict__", {})
        params = self._as_estimator.describe(call).params
        curves, booster = curves_in(kept.get("_evals_result")), kept.get("_Booster")
        if booster is None:
            return FitOutcome(call.owner, curves=curves)
        return FitOutcome(
            call.owner,
            also=(booster,),
            curves=curves,
            params=filled(params, _resolved(booster)),
            remarks=_stop(booster, curves, _asked(params)),
        )

    def metrics(self, call: Call, result: Any) -> list[MetricFacts]:
        """Return what `lgb.cv` measured."""
        return fold_facts(_by_round(result), _is_greater_better) if call.kind == "cross-validation" else []

    def data(self, value: Any) -> DatasetRecord | None:
        """Return rows and columns of a Dataset; one that waits to be built is not asked, so that it waits on."""
        if type(value).__name__ != "Dataset":
            return None
        record = DatasetRecord("", "X", "lightgbm.Dataset", digest_status=Keeping.NOT_KEPT)
        record.reason = "what it was made from was not seen"
        if getattr(value, "_handle", None) is not None:
            record.rows = int(value.num_data())
            record.columns = [[str(name), ""] for name in value.get_feature_name()]
        return record


def _sets(given: Mapping[str, Any]) -> list[Datum]:
    watched, names = given.get("valid_sets") or (), given.get("valid_names") or ()
    watched = watched if isinstance(watched, list | tuple) else [watched]
    names = [names] if isinstance(names, str) else names
    named = [(names[place] if place < len(names) else f"valid_{place}", one) for place, one in enumerate(watched)]
    return sets(given.get("train_set"), named)


def _asked(params: Mapping[str, Any]) -> int:
    names = [name for name in _ROUNDS.split() if name in params and name != "num_boost_round"]
    asked = params[names[0]] if names else params.get("num_boost_round")
    return asked if isinstance(asked, int) else _DEFAULT_ROUNDS


def _stop(booster: Any, curves: Mapping[str, list[float]], asked: int) -> list[str]:
    """Say where it stopped; a booster that has let its data go keeps the trees up to the best round only."""
    best = booster.best_iteration
    return early_stop(best if best > 0 else None, max(rounds_in(curves), booster.current_iteration()), asked)


def _resolved(booster: Any) -> dict[str, Any]:
    """Return all parameters as the library writes them into a model's text; of the model one tree is enough."""
    text = booster.model_to_string(num_iteration=1)
    _, _, parameters = text.partition("\nparameters:\n")
    return {name: number_or_text(value) for name, value in _RESOLVED.findall(parameters) if name not in _FILES}


def _by_round(result: Any) -> dict[str, tuple[list[float], list[float]]]:
    plain = {name: values for name, values in result.items() if name != "cvbooster"}
    return folds_by_round(plain, "-mean", "-stdv", " ")


def _is_greater_better(measure: str) -> bool | None:
    name = measure.partition("@")[0]
    return True if name in _GREATER else False if name in _LESS else None
