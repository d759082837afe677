"""Cells that fit or measure again and again: a simulation, a bootstrap. They go on as fast as ever, nearly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from celltrail.capture.budget import FITS_OF_A_CELL, MEASURES_OF_A_CELL, model_budget
from celltrail.store.trail import Trail

Run = Callable[..., Any]

MINE = """
from sklearn.base import BaseEstimator, ClassifierMixin
class Mine(ClassifierMixin, BaseEstimator):
    def __init__(self, shift=0):
        self.shift = shift
    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self
    def predict(self, X):
        return np.zeros(len(X), int)
"""


def test_a_simulation_keeps_its_first_fits_and_says_how_many_more_there_were(
    shell: InteractiveShell, run: Run, trail: Trail
) -> None:
    run(shell, MINE)
    run(shell, f"for shift in range({FITS_OF_A_CELL + 20}):\n    mine = Mine(shift).fit(X_train, y_train)")

    (found,) = trail.search_runs()
    assert FITS_OF_A_CELL == len(found.fits)
    assert list(range(FITS_OF_A_CELL)) == [fit.params["shift"] for fit in found.fits]
    assert any(text.startswith("20 more fits were not recorded.") for text in found.content.field("cautions"))


def test_a_model_beyond_the_last_recorded_fit_is_not_taken_for_an_earlier_one(
    shell: InteractiveShell, run: Run, trail: Trail
) -> None:
    run(shell, MINE)
    run(
        shell,
        f"mine = Mine()\nfor shift in range({FITS_OF_A_CELL + 1}):\n"
        "    mine.set_params(shift=shift).fit(X_train, y_train)\naccuracy_score(y_test, mine.predict(X_test))",
    )

    (found,) = trail.search_runs()
    (metric,) = found.content.field("metrics")
    assert metric["fit_id"] is None


def test_a_bootstrap_keeps_its_first_measures_and_says_how_many_more_there_were(
    shell: InteractiveShell, run: Run, trail: Trail
) -> None:
    run(shell, "clf = LogisticRegression(max_iter=500).fit(X_train, y_train)\npred = clf.predict(X_test)")
    run(
        shell,
        "rng = np.random.default_rng(0)\ntarget = y_test.to_numpy()\n"
        f"for _ in range({MEASURES_OF_A_CELL + 5}):\n    rows = rng.integers(0, len(pred), len(pred))\n"
        "    accuracy_score(target[rows], pred[rows])\n",
    )

    (found,) = trail.search_runs()
    counts = [metric["count"] for metric in found.content.field("metrics")]
    assert MEASURES_OF_A_CELL >= sum(counts)


def test_partial_fit_without_end_is_one_fit(shell: InteractiveShell, run: Run, trail: Trail) -> None:
    run(
        shell,
        "from sklearn.naive_bayes import GaussianNB\nnb = GaussianNB()\n"
        f"for _ in range({FITS_OF_A_CELL + 10}):\n    nb.partial_fit(X_train, y_train, classes=[0, 1, 2])",
    )

    (found,) = trail.search_runs()
    assert 1 == len(found.fits)
    assert [] == (found.content.field("cautions") or [])


@pytest.mark.parametrize(("spent_s", "seconds"), [(0.0, 0.05), (0.98, 0.02), (1.0, 0.0), (5.0, 0.0)])
def test_the_models_of_one_cell_share_a_second(spent_s: float, seconds: float) -> None:
    budget = model_budget(0.1, is_bounded=True, spent_s=spent_s, fits_s=10.0)

    assert seconds == pytest.approx(budget.seconds)
