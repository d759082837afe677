"""Every estimator and every measure of scikit-learn is on record, whichever of the two was imported first."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import sklearn.metrics
from support import every_estimator, every_metric
from support.laboratory import KNOWN_MISSES, laboratory

TABLE = Path(__file__).with_name("coverage_table.py")

# One of each kind that is captured in a way of its own.
SAMPLE = (
    "BayesianGaussianMixture",
    "CountVectorizer",
    "DBSCAN",
    "EmpiricalCovariance",
    "FeatureUnion",
    "FrozenEstimator",
    "GridSearchCV",
    "HalvingGridSearchCV",
    "HistGradientBoostingClassifier",
    "IsolationForest",
    "IsotonicRegression",
    "KNeighborsClassifier",
    "LocalOutlierFactor",
    "LogisticRegression",
    "MLPClassifier",
    "MultiOutputClassifier",
    "Pipeline",
    "RandomForestRegressor",
    "StackingClassifier",
    "StandardScaler",
)


def test_one_estimator_of_each_kind_is_captured_in_full(tmp_path: Path) -> None:
    with laboratory(tmp_path, every_estimator.PREPARE) as room:
        chosen = [one for one in every_estimator.specimens() if one.name in SAMPLE]
        misses = {one.name: room.misses_of_estimator(one) for one in chosen}

    assert {} == {name: found for name, found in misses.items() if found}
    assert len(SAMPLE) - 1 <= len(misses)  # older versions have no FrozenEstimator


@pytest.mark.skipif(
    not hasattr(sklearn.metrics, "root_mean_squared_error"),
    reason="written for scikit-learn 1.4 and later",
)
def test_every_metric_and_display_is_on_record_with_the_fit_that_it_scored(tmp_path: Path) -> None:
    with laboratory(tmp_path, every_metric.PREPARE) as room:
        fits = room.fit_models()
        misses = {use.call: room.misses_of_metric(use, fits) for use in every_metric.uses()}

    assert {} == {call: found for call, found in misses.items() if found}
    assert 60 <= len({use.name for use in every_metric.uses()})


@pytest.mark.long
@pytest.mark.parametrize("order", ["--import-first", "--load-first"])
def test_every_estimator_is_captured_whatever_is_imported_first(order: str) -> None:
    done = subprocess.run([sys.executable, TABLE, "--json", order], capture_output=True, text=True, check=False)

    assert 0 == done.returncode, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    missed = {name: misses for name, misses in found["estimators"].items() if misses}
    assert {} == {name: misses for name, misses in missed.items() if name not in KNOWN_MISSES}
    assert 0.98 <= 1 - len(missed) / len(found["estimators"])
    assert 200 <= len(found["estimators"])
    assert {} == {call: misses for call, misses in found["calls of metrics and displays"].items() if misses}
