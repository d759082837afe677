"""What a cell that fits with statsmodels leaves in the trail, and that statsmodels notices nothing."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from celltrail.store.trail import Trail

pytest.importorskip("statsmodels")

Run = Callable[..., Any]

PREPARED = """
import pandas as pd
import statsmodels.api as sm, statsmodels.formula.api as smf
from sklearn.metrics import mean_absolute_error
frame = X_train.set_axis(["sl", "sw", "pl", "pw"], axis=1).assign(y=(y_train == 2).astype(int), g=y_train % 2)
new = X_test.set_axis(["sl", "sw", "pl", "pw"], axis=1)
target, held = frame["y"], (y_test == 2).astype(int)
columns, held_columns = sm.add_constant(frame[["sl", "sw"]]), sm.add_constant(new[["sl", "sw"]])
"""


@pytest.fixture
def prepared(shell: InteractiveShell, run: Run) -> InteractiveShell:
    run(shell, PREPARED)
    return shell


def test_a_linear_model_is_a_run_with_everything(prepared: InteractiveShell, run: Run, trail: Trail) -> None:
    run(
        prepared,
        "res = sm.OLS(target, columns).fit(cov_type='HC1')\n"
        "value = mean_absolute_error(held, res.predict(held_columns))",
    )

    (found,) = trail.search_runs()
    (fit,) = found.fits
    assert ("res", "OLS", "predictor") == (fit.name, fit.estimator, fit.kind)
    assert ({"cov_type": "HC1"}, "pinv") == (fit.params_written, fit.params["method"])
    assert [("columns", "X"), ("target", "y")] == [(data["name"], data["role"]) for data in fit.inputs]
    assert prepared.user_ns["value"] == fit.metrics["mean_absolute_error.held"]
    res = prepared.user_ns["res"]
    assert {"rsquared": res.rsquared, "aic": res.aic, "bic": res.bic} == {
        key: fit.metrics[key] for key in ("rsquared", "aic", "bic")
    }
    assert res.params.tolist() == fit.model.params.tolist()


def test_a_formula_is_a_parameter_and_its_frame_an_input(prepared: InteractiveShell, run: Run, trail: Trail) -> None:
    run(
        prepared,
        "logit = smf.logit('y ~ sl + sw', frame).fit(disp=0)\n"
        "a = accuracy_score(target, logit.predict(frame) > .5)\nb = accuracy_score(held, logit.predict(new) > .5)",
    )

    (found,) = trail.search_runs()
    (fit,) = found.fits
    assert ("Logit", {"formula": "y ~ sl + sw"}) == (fit.estimator, fit.params_written)
    assert ["frame", "y"] == [data["name"] for data in fit.inputs]
    on_training = {row["key"]: row["on_training_data"] for row in found.content.field("metrics")}
    assert (True, False) == (on_training["accuracy_score.target"], on_training["accuracy_score.held"])


def test_the_forecast_of_a_time_series_is_tied_to_its_fit(prepared: InteractiveShell, run: Run, trail: Trail) -> None:
    run(
        prepared,
        "from statsmodels.tsa.arima.model import ARIMA\n"
        "series = pd.Series(np.random.default_rng(0).normal(size=60).cumsum())\n"
        "one = ARIMA(series[:50], order=(1, 1, 0)).fit()\ntwo = ARIMA(series[:50], order=(0, 1, 1)).fit()\n"
        "a = mean_absolute_error(series[50:], one.forecast(10))\n"
        "b = mean_absolute_error(series[50:], two.forecast(10))",
    )

    one, two = trail.search_runs()[0].fits
    told = {"order": [1, 1, 0], "trend": "n"}
    assert told == one.params_written
    assert prepared.user_ns["a"] == one.metrics["mean_absolute_error.series[50:]"]
    assert prepared.user_ns["b"] == two.metrics["mean_absolute_error.series[50:]"]


def test_a_fit_that_did_not_converge_says_so(prepared: InteractiveShell, run: Run, trail: Trail) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        run(prepared, "logit = smf.logit('y ~ sl + sw + pl', frame).fit(disp=0, maxiter=2)")

    (fit,) = trail.search_runs()[0].fits
    assert "Remark: did not converge (2 iterations)" in fit.warnings


def test_a_fit_that_tries_again_within_itself_is_one(prepared: InteractiveShell, run: Run, trail: Trail) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        run(prepared, "mixed = smf.mixedlm('y ~ sl', frame, groups=frame['g']).fit(maxiter=1)")

    (found,) = trail.search_runs()
    assert [("mixed", None)] == [(fit.name, fit.error) for fit in found.fits]


def test_results_and_warnings_are_what_they_are_without_celltrail(
    prepared: InteractiveShell, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    source = (
        "import warnings\n"
        "with warnings.catch_warnings(record=True) as heard:\n"
        "    warnings.simplefilter('always')\n"
        "    logit = smf.logit('y ~ sl + sw + pl', frame).fit(maxiter=2)\n"
        "    mixed = smf.mixedlm('y ~ sl', frame, groups=frame['g']).fit(maxiter=1)\n"
        "glm = sm.GLM(target, columns, family=sm.families.Binomial()).fit()\n"
        "where = [one.filename.rpartition('/')[2].partition('-')[0] for one in heard]\n"
        "told = ([(str(one.message), one.lineno) for one in heard], where,\n"
        "        [logit.params.tolist(), mixed.params.tolist(), glm.params.tolist()],\n"
        "        [sorted(vars(res._results)) for res in (logit, mixed, glm)],\n"
        "        [sorted(getattr(res._results, '_cache', ())) for res in (logit, mixed, glm)],\n"
        "        logit.mle_settings['callback'] is None, sorted(vars(glm.model)))"
    )
    run(prepared, "%track off")
    run(prepared, source)
    plain, printed = prepared.user_ns["told"], capsys.readouterr().out
    run(prepared, "%track on")
    capsys.readouterr()

    run(prepared, source)

    assert plain == prepared.user_ns["told"]
    assert printed.splitlines() == capsys.readouterr().out.splitlines()[: len(printed.splitlines())]
    assert plain[0], "there are warnings to compare"
