"""LightGBM's probe and describer keep the contracts of their seams."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from celltrail.flavors.protocol import Call, Describer, Probe
from celltrail.testing import DescriberContract, ProbeContract

lgb = pytest.importorskip("lightgbm")

from celltrail.flavors.lightgbm_describer import LightGBMDescriber  # noqa: E402
from celltrail.flavors.lightgbm_probe import LightGBMProbe  # noqa: E402

rng = np.random.default_rng(0)
X = rng.normal(size=(60, 3))
y = (X[:, 0] > 0).astype(int)
PARAMS = {"objective": "binary", "max_depth": 2, "num_threads": 1, "verbose": -1, "min_data_in_leaf": 2}


class TestLightGBMProbe(ProbeContract):
    refuses_with = lgb.basic.LightGBMError

    def probe(self) -> Probe:
        return LightGBMProbe()

    def use(self) -> Any:
        data = lgb.Dataset(X, label=y)
        return lgb.train(PARAMS, data, 3, valid_sets=[data])

    def fails(self) -> None:
        lgb.train({**PARAMS, "bagging_fraction": -1}, lgb.Dataset(X, label=y), 3)

    def reached(self) -> Mapping[str, Any]:
        return {
            "train": lgb.train,
            "of the classes": lgb.sklearn.train,
            "cv": lgb.cv,
            "Dataset": lgb.Dataset,
            "predict": lgb.Booster.predict,
            "constructor": lgb.Dataset.__init__,
        }

    def replaced(self) -> Mapping[str, Any]:
        return {
            "train": lgb.train.__code__,
            "cv": lgb.cv.__code__,
            "Dataset": vars(lgb.Dataset)["__init__"],
            "predict": vars(lgb.Booster)["predict"],
            "rounds": vars(lgb.Booster)["eval_valid"],
        }


class TestLightGBMDescriber(DescriberContract):
    def describer(self) -> Describer:
        return LightGBMDescriber()

    def call(self) -> tuple[Call, Any]:
        data = lgb.Dataset(X, label=y)
        booster = lgb.train(PARAMS, data, 3)
        given = {"params": PARAMS, "train_set": data, "num_boost_round": 3, "valid_sets": [data]}
        return Call("fit", "lightgbm", "train", None, given, None), booster


class TestLightGBMDescriberOfAnEstimator(TestLightGBMDescriber):
    def call(self) -> tuple[Call, Any]:
        model = lgb.LGBMClassifier(n_estimators=3, n_jobs=1, verbose=-1).fit(X, y)
        return Call("fit", "sklearn", "fit", model, {"X": X, "y": y}, None), model


@pytest.mark.parametrize(
    ("measure", "better"), [("auc", True), ("ndcg@5", True), ("binary_logloss", False), ("mine", None)]
)
def test_the_direction_of_a_measure_is_the_librarys(measure: str, better: bool | None) -> None:
    table = {f"valid {measure}-mean": [0.1, 0.2], f"valid {measure}-stdv": [0.0, 0.5], "cvbooster": object()}
    call = Call("cross-validation", "lightgbm", "cv", None, {}, None)

    (fact,) = LightGBMDescriber().metrics(call, table)

    assert (f"cv.valid.{measure}.mean", [0.2], 0.5, better) == (
        fact.key,
        fact.values,
        fact.spread,
        fact.greater_is_better,
    )


def test_a_dataset_that_waits_to_be_built_waits_on() -> None:
    data = lgb.Dataset(X, label=y, feature_name=["a", "b", "c"])

    waiting = LightGBMDescriber().data(data)
    was_built = data._handle is not None
    built = LightGBMDescriber().data(data.construct())

    assert not was_built
    assert waiting is not None
    assert built is not None
    assert (None, 60) == (waiting.rows, built.rows)
    assert [["a", ""], ["b", ""], ["c", ""]] == built.columns
