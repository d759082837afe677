"""statsmodels' probe, flavor and describer keep the contracts of their seams."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from celltrail.flavors.models import Budget, SavedModel, save_model, state_of
from celltrail.flavors.protocol import Call, Describer, ModelFlavor, Probe
from celltrail.testing import DescriberContract, FlavorContract, ProbeContract

pytest.importorskip("statsmodels")

import statsmodels.api as sm
import statsmodels.base.model
import statsmodels.formula.api as smf

from celltrail.flavors.statsmodels_describer import StatsmodelsDescriber
from celltrail.flavors.statsmodels_flavor import StatsmodelsFlavor
from celltrail.flavors.statsmodels_probe import StatsmodelsProbe

rng = np.random.default_rng(0)
FRAME = pd.DataFrame({"a": rng.normal(size=60), "b": rng.normal(size=60)})
FRAME["y"] = (FRAME["a"] + rng.normal(size=60) > 0).astype(int)


class TestStatsmodelsProbe(ProbeContract):
    def probe(self) -> Probe:
        return StatsmodelsProbe()

    def use(self) -> Any:
        return smf.logit("y ~ a + b", FRAME).fit(disp=0)

    def fails(self) -> None:
        smf.logit("y ~ a", FRAME).fit(method="nothing of the kind", disp=0)

    def reached(self) -> Mapping[str, Any]:
        base = statsmodels.base.model
        return {"OLS": sm.OLS, "fit": sm.OLS.fit, "logit": sm.Logit.fit, "predict": base.Results.predict}

    def replaced(self) -> Mapping[str, Any]:
        base = statsmodels.base.model
        return {
            "OLS": vars(sm.regression.linear_model.RegressionModel)["fit"],
            "Logit": vars(sm.Logit)["fit"],
            "GLM": vars(sm.GLM)["fit"],
            "predict": vars(base.Results)["predict"],
            "definitions": vars(base.Model).get("__init_subclass__"),
        }


class TestStatsmodelsFlavor(FlavorContract):
    def flavor(self) -> ModelFlavor:
        return StatsmodelsFlavor()

    def model(self) -> Any:
        return smf.logit("y ~ a + b", FRAME).fit(disp=0)

    def stranger(self) -> Any:
        return FRAME

    def answers(self, model: Any) -> Sequence[float]:
        answers: list[float] = model.predict(FRAME).tolist()
        return answers

    def test_the_optimisers_callback_is_not_forgotten(self) -> None:
        model = self.model()
        callback = model.mle_settings["callback"]

        self.flavor().save(model, io.BytesIO())
        kept = save_model(model, Budget(10, 10**9))

        assert isinstance(kept, SavedModel)
        assert (True, "statsmodels") == (state_of(kept.data, kept.flavor) is not None, kept.flavor)
        assert callback is model.mle_settings["callback"] is not None


class TestStatsmodelsDescriber(DescriberContract):
    def describer(self) -> Describer:
        return StatsmodelsDescriber()

    def call(self) -> tuple[Call, Any]:
        model = sm.GLM(FRAME["y"], FRAME[["a", "b"]], family=sm.families.Binomial())
        result = model.fit()
        return Call("fit", "statsmodels", "fit", model, {"maxiter": 50}, None), result

    def test_what_results_compute_once_is_not_computed_for_the_user(self) -> None:
        call, result = self.call()
        before = sorted(result._results._cache)

        measured = self.describer().metrics(call, result)

        assert before == sorted(result._results._cache)
        assert {"aic": result.aic, "llf": result.llf} == {fact.key: fact.values[0] for fact in measured}


def test_a_family_is_told_by_its_name_and_its_link() -> None:
    call, _ = TestStatsmodelsDescriber().call()

    found = StatsmodelsDescriber().describe(call)

    assert {"family": "Binomial(Logit)", "maxiter": 50} == found.params_written
    assert "IRLS" == found.params["method"]
