"""CatBoost's probe and describer keep the contracts of their seams."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from celltrail.flavors.protocol import Call, Describer, Probe
from celltrail.testing import DescriberContract, ProbeContract

catboost = pytest.importorskip("catboost")

from celltrail.flavors.catboost_describer import CatBoostDescriber  # noqa: E402
from celltrail.flavors.catboost_probe import CatBoostProbe, written_curves  # noqa: E402

rng = np.random.default_rng(0)
X = rng.normal(size=(60, 3))
y = (X[:, 0] > 0).astype(int)
PARAMS: dict[str, Any] = {
    "iterations": 3,
    "depth": 2,
    "thread_count": 1,
    "logging_level": "Silent",
    "allow_writing_files": False,
}


def trained(**more: Any) -> Any:
    return catboost.CatBoostClassifier(**{**PARAMS, **more}).fit(X, y, eval_set=(X[:20], y[:20]))


class TestCatBoostProbe(ProbeContract):
    refuses_with = catboost.CatBoostError

    def probe(self) -> Probe:
        return CatBoostProbe()

    def use(self) -> Any:
        return trained()

    def fails(self) -> None:
        trained(depth=-1)

    def reached(self) -> Mapping[str, Any]:
        return {
            "train": catboost.train,
            "cv": catboost.cv,
            "Pool": catboost.Pool,
            "fit": catboost.CatBoostClassifier.fit,
            "constructor": catboost.Pool.__init__,
        }

    def replaced(self) -> Mapping[str, Any]:
        return {
            "train": catboost.train.__code__,
            "cv": catboost.cv.__code__,
            "Pool": vars(catboost.Pool)["__init__"],
            "fit": vars(catboost.CatBoostClassifier)["fit"],
            "plain": vars(catboost.CatBoost)["predict"],
            "rounds": vars(catboost.CatBoost)["_prepare_train_params"],
        }


class TestCatBoostDescriber(DescriberContract):
    def describer(self) -> Describer:
        return CatBoostDescriber()

    def call(self) -> tuple[Call, Any]:
        pool = catboost.Pool(X, y)
        given = {"pool": pool, "params": {**PARAMS, "loss_function": "Logloss"}, "eval_set": [pool, (X, y)]}
        return Call("fit", "catboost", "train", None, given, None), catboost.train(pool, given["params"])


class TestCatBoostDescriberOfAnEstimator(TestCatBoostDescriber):
    def call(self) -> tuple[Call, Any]:
        model = trained()
        return Call("fit", "catboost", "fit", model, {"X": X, "y": y, "eval_set": (X, y)}, None), model


@pytest.mark.parametrize(("measure", "better"), [("AUC", True), ("Logloss", False), ("mine", None)])
def test_the_direction_of_a_measure_is_the_librarys(measure: str, better: bool | None) -> None:
    table = {"iterations": [0, 1], f"test-{measure}-mean": [0.1, 0.2], f"test-{measure}-std": [0.0, 0.5]}
    call = Call("cross-validation", "catboost", "cv", None, {}, None)

    (fact,) = CatBoostDescriber().metrics(call, table)

    assert ([0.2], 0.5, better) == (fact.values, fact.spread, fact.greater_is_better)


def test_a_single_precision_parameter_has_no_digits_that_it_does_not_have() -> None:
    model = trained(learning_rate=0.1)

    outcome = CatBoostDescriber().outcome(Call("fit", "catboost", "fit", model, {}, None), model)

    assert 0.1 == (outcome.params or {})["bayesian_matrix_reg"]


def test_curves_are_read_as_they_are_written_and_old_ones_are_not(tmp_path: Path) -> None:
    started_s = time.time()
    (tmp_path / "learn_error.tsv").write_text("iter\tLogloss\tAUC\n0\t0.5\t0.8\n1\t0.25\t0.9\n2\t0.1", "utf-8")

    assert {"learn.Logloss": [0.5, 0.25], "learn.AUC": [0.8, 0.9]} == written_curves(tmp_path, started_s)

    os.utime(tmp_path / "learn_error.tsv", (started_s - 60, started_s - 60))
    assert {} == written_curves(tmp_path, started_s)
    assert {} == written_curves(tmp_path / "nowhere", started_s)
