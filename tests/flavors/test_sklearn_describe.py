"""What estimators are, how they are set and what they kept of their training."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from sklearn.cluster import DBSCAN, KMeans
from sklearn.compose import ColumnTransformer
from sklearn.covariance import GraphicalLasso
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    BaggingClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
)
from sklearn.feature_selection import RFECV
from sklearn.linear_model import LassoCV, LassoLarsIC, LogisticRegression, SGDClassifier
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.neighbors import KernelDensity, KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.utils import all_estimators

from celltrail.flavors.sklearn_curves import kept_scores, training_curves
from celltrail.flavors.sklearn_describe import describe_estimator, kind_of, search_summary, trains

X, y = load_iris(return_X_y=True)
X = StandardScaler().fit_transform(X)


@pytest.mark.parametrize(
    ("estimator", "kind", "is_run"),
    [
        (LogisticRegression(), "predictor", True),
        (KMeans(), "clusterer", True),
        (DBSCAN(), "clusterer", True),
        (IsolationForest(), "detector", True),
        (GaussianMixture(), "predictor", True),
        (KernelDensity(), "predictor", True),
        (StandardScaler(), "transformer", False),
        (PCA(), "transformer", False),
        (ColumnTransformer([("scale", StandardScaler(), [0])]), "transformer", False),
        (make_pipeline(StandardScaler(), LogisticRegression()), "pipeline", True),
        (make_pipeline(StandardScaler(), PCA()), "pipeline", False),
        (make_pipeline(StandardScaler(), "passthrough"), "pipeline", False),
        (GridSearchCV(make_pipeline(PCA(), SVC()), {}), "search", True),
    ],
)
def test_kind_and_whether_it_makes_a_run(estimator, kind, is_run) -> None:
    assert (kind, is_run) == (kind_of(estimator), trains(estimator))


@pytest.mark.filterwarnings("ignore:.*is deprecated:FutureWarning")
def test_every_estimator_of_scikit_learn_can_be_described() -> None:
    described = {}
    for name, cls in all_estimators():
        try:
            estimator = cls()
        except TypeError:  # wants other estimators
            continue
        described[name] = describe_estimator(estimator)

    assert 180 < len(described)
    assert all(json.dumps(one.params) for one in described.values())
    assert not any(one.contains_training_rows for one in described.values())


def test_parameters_keep_their_type() -> None:
    def double(x):
        return 2 * x

    forest = RandomForestClassifier(max_depth=np.int64(3), class_weight={0: 1}, random_state=np.random.RandomState(0))
    function = FunctionTransformer(double)
    search = SGDClassifier(alpha=np.float64(0.5), tol=-math.inf)

    params = describe_estimator(forest).params
    assert (3, int, True) == (params["max_depth"], type(params["max_depth"]), params["bootstrap"])
    assert {"repr": "{0: 1}"} == params["class_weight"]
    assert "0x" not in params["random_state"]["repr"]
    name = describe_estimator(function).params["func"]["repr"]
    assert name.endswith("test_parameters_keep_their_type.<locals>.double")
    assert (0.5, -math.inf) == tuple(describe_estimator(search).params[key] for key in ("alpha", "tol"))


def test_parameters_of_steps_are_there_by_step() -> None:
    params = describe_estimator(make_pipeline(StandardScaler(), SVC(C=3))).params

    assert 3 == params["svc__C"]
    assert {"repr": "SVC(C=3)"} == params["svc"]


@pytest.mark.parametrize(
    ("estimator", "holds"),
    [
        (KNeighborsClassifier(), True),
        (SVC(), True),
        (make_pipeline(StandardScaler(), SVC()), True),
        (GridSearchCV(SVC(), {"C": [1]}), True),
        (BaggingClassifier(KNeighborsClassifier(), n_estimators=3), True),
        (DBSCAN(), True),
        (KernelDensity(), True),
        (LinearSVC(), False),
        (RandomForestClassifier(n_estimators=5), False),
        (make_pipeline(StandardScaler(), LogisticRegression()), False),
    ],
)
def test_models_that_contain_training_rows_are_marked(estimator, holds) -> None:
    estimator.fit(X, y)

    assert holds == describe_estimator(estimator).contains_training_rows


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_curves_that_the_library_keeps_are_read() -> None:
    net = MLPClassifier((5,), max_iter=12, early_stopping=True, random_state=0).fit(X, y)
    boosted = GradientBoostingClassifier(n_estimators=7, subsample=0.8).fit(X, y)
    histogram = HistGradientBoostingClassifier(max_iter=5, early_stopping=True).fit(X, y)

    curves = training_curves(make_pipeline(StandardScaler(), net))
    assert {"loss_curve", "validation_scores"} == set(curves)
    assert net.loss_curve_ == curves["loss_curve"]
    since_1_3 = {"oob_scores": 7} if hasattr(boosted, "oob_scores_") else {}
    assert {"train_score": 7, "oob_improvement": 7, **since_1_3} == {
        name: len(values) for name, values in training_curves(boosted).items()
    }
    assert {"train_score", "validation_score"} == set(training_curves(histogram))
    assert {} == training_curves(LogisticRegression().fit(X, y))


def test_paths_of_candidates_are_curves_too() -> None:
    paths = {
        "mse_path": LassoCV(cv=3, max_iter=5000).fit(X, y),
        "criterion": LassoLarsIC().fit(X, y),
        "mean_test_score": RFECV(LogisticRegression(), cv=2).fit(X, y),
    }
    if hasattr(glasso := GraphicalLasso(alpha=0.1).fit(X), "costs_"):  # since scikit-learn 1.3
        paths["dual_gap"] = glasso

    lengths = {name: len(training_curves(model)[name]) for name, model in paths.items()}
    assert len(paths["mse_path"].alphas_) == lengths["mse_path"]
    assert len(paths["criterion"].alphas_) == lengths["criterion"]
    assert 4 == lengths["mean_test_score"]
    assert 0 < lengths.get("dual_gap", 1)
    assert paths["mse_path"].mse_path_[0].mean() == pytest.approx(training_curves(paths["mse_path"])["mse_path"][0])


def test_scores_on_rows_held_out_of_the_training_are_kept() -> None:
    forest = RandomForestClassifier(60, oob_score=True, random_state=0).fit(X, y)
    net = MLPClassifier((4,), max_iter=30, early_stopping=True, random_state=0, tol=1.0).fit(X, y)

    assert {"oob_score": forest.oob_score_} == kept_scores(make_pipeline(StandardScaler(), forest))
    assert {"best_validation_score": net.best_validation_score_} == kept_scores(net)
    assert {} == kept_scores(RandomForestClassifier(2).fit(X, y))


def test_rounds_of_boosting_libraries_are_read() -> None:
    class Boosted:
        def __init__(self) -> None:
            self.evals_result_ = {"validation_0": {"logloss": [0.6, 0.5]}}

    assert {"validation_0.logloss": [0.6, 0.5]} == training_curves(Boosted())


def test_a_search_is_summed_up_with_all_trials() -> None:
    grid = [{"C": [0.1, 1]}, {"C": [10], "kernel": ["linear"]}]
    search = GridSearchCV(SVC(), grid, cv=3, scoring=["accuracy", "f1_macro"], refit="f1_macro").fit(X, y)

    summary = search_summary(search)

    assert search.best_params_ == summary["best_params"]
    assert (search.best_score_, 3) == (summary["best_score"], summary["n_splits"])
    assert math.isclose(search.best_score_, sum(summary["best_folds"]) / 3)
    table = summary["trials"]
    assert ["param_C", "param_kernel"] == table["columns"][:2]
    assert [[0.1, None], [1, None], [10, "linear"]] == [row[:2] for row in table["rows"]]
    assert {"split2_test_accuracy", "std_test_f1_macro", "rank_test_f1_macro"} <= set(table["columns"])
    assert json.dumps(summary)


def test_a_search_that_chose_nothing_says_so() -> None:
    search = RandomizedSearchCV(SVC(), {"C": [1, 2]}, n_iter=2, cv=2, scoring=["accuracy"], refit=False).fit(X, y)

    summary = search_summary(search)

    assert (None, None, None) == (summary["best_score"], summary["best_params"], summary["best_folds"])
    assert 2 == len(summary["trials"]["rows"])
    assert search_summary(SVC()) is None
