"""XGBoost's probe and describer keep the contracts of their seams."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from celltrail.flavors.protocol import Call, Describer, Probe
from celltrail.testing import DescriberContract, ProbeContract

xgb = pytest.importorskip("xgboost")

from celltrail.flavors.xgboost_describer import XGBoostDescriber  # noqa: E402
from celltrail.flavors.xgboost_probe import XGBoostProbe  # noqa: E402

rng = np.random.default_rng(0)
X = rng.normal(size=(60, 3))
y = (X[:, 0] > 0).astype(int)
PARAMS = {"objective": "binary:logistic", "max_depth": 2, "nthread": 1}


class TestXGBoostProbe(ProbeContract):
    refuses_with = xgb.core.XGBoostError

    def probe(self) -> Probe:
        return XGBoostProbe()

    def use(self) -> Any:
        data = xgb.DMatrix(X, label=y)
        return xgb.train(PARAMS, data, 3, evals=[(data, "train")], verbose_eval=False)

    def fails(self) -> None:
        xgb.train({**PARAMS, "max_depth": -1}, xgb.DMatrix(X, label=y), 3)

    def reached(self) -> Mapping[str, Any]:
        return {
            "train": xgb.train,
            "cv": xgb.training.cv,
            "DMatrix": xgb.DMatrix,
            "predict": xgb.Booster.predict,
            "constructor": xgb.DMatrix.__init__,
        }

    def replaced(self) -> Mapping[str, Any]:
        cells = xgb.train.__closure__ or ()
        return {
            "train": next(cell.cell_contents for cell in cells if callable(cell.cell_contents)),
            "DMatrix": vars(xgb.DMatrix)["__init__"],
            "QuantileDMatrix": vars(xgb.QuantileDMatrix)["__init__"],
            "predict": vars(xgb.Booster)["predict"],
            "callbacks": vars(xgb.callback.CallbackContainer)["before_training"],
        }


class TestXGBoostDescriber(DescriberContract):
    def describer(self) -> Describer:
        return XGBoostDescriber()

    def call(self) -> tuple[Call, Any]:
        data = xgb.DMatrix(X, label=y)
        booster = xgb.train(PARAMS, data, 3)
        given = {"params": PARAMS, "dtrain": data, "num_boost_round": 3, "evals": [(data, "train")]}
        return Call("fit", "xgboost", "train", None, given, None), booster


class TestXGBoostDescriberOfAnEstimator(TestXGBoostDescriber):
    def call(self) -> tuple[Call, Any]:
        model = xgb.XGBClassifier(n_estimators=3, n_jobs=1)
        model.fit(X, y, eval_set=[(X, y)], verbose=False)
        return Call("fit", "sklearn", "fit", model, {"X": X, "y": y, "eval_set": [(X, y)]}, None), model


def test_resolved_parameters_bear_the_name_that_was_written() -> None:
    data = xgb.DMatrix(X, label=y)
    params = {**PARAMS, "eta": 0.25, "reg_alpha": 0.5}
    call = Call("fit", "xgboost", "train", None, {"params": params, "dtrain": data}, None)

    outcome = XGBoostDescriber().outcome(call, xgb.train(params, data, 2))

    resolved = outcome.params or {}
    assert (0.25, 0.5, 2, 1) == tuple(resolved[key] for key in ("eta", "reg_alpha", "max_depth", "subsample"))
    assert {"learning_rate", "alpha"}.isdisjoint(resolved)


@pytest.mark.parametrize(
    ("measure", "better"),
    [("auc", True), ("ndcg@5", True), ("rmse", False), ("poisson-nloglik", False), ("mine", None)],
)
def test_the_direction_of_a_measure_is_the_librarys(measure: str, better: bool | None) -> None:
    table = {f"test-{measure}-mean": [0.1, 0.2], f"test-{measure}-std": [0.0, 0.5]}
    call = Call("cross-validation", "xgboost", "cv", None, {}, None)

    (fact,) = XGBoostDescriber().metrics(call, table)

    assert (f"cv.test.{measure}.mean", [0.2], 0.5, better) == (
        fact.key,
        fact.values,
        fact.spread,
        fact.greater_is_better,
    )


def test_a_matrix_whose_making_was_not_seen_tells_its_shape() -> None:
    record = XGBoostDescriber().data(xgb.DMatrix(X, feature_names=["a", "b", "c"]))

    assert record is not None
    assert (60, ["a", "b", "c"]) == (record.rows, [name for name, _ in record.columns or []])
