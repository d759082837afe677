"""What each measure is called, what it is worth and which way is better, on real results."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest
from sklearn import metrics
from sklearn.cluster import KMeans
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import get_scorer, make_scorer
from sklearn.model_selection import (
    GridSearchCV,
    cross_val_predict,
    cross_val_score,
    cross_validate,
    learning_curve,
    permutation_test_score,
    validation_curve,
)
from sklearn.preprocessing import StandardScaler

from celltrail.capture.calls import CallSink
from celltrail.flavors.sklearn_directions import greater_is_better
from celltrail.flavors.sklearn_metrics import MetricFacts, metric_facts
from celltrail.flavors.sklearn_probe import SklearnProbe, metric_names

X, y = load_iris(return_X_y=True)
X = StandardScaler().fit_transform(X)
pred = np.where(np.arange(len(y)) % 10 == 0, 0, y)
X2, y2 = load_breast_cancer(return_X_y=True)
X2 = StandardScaler().fit_transform(X2)
model = LogisticRegression().fit(X, y)
binary = LogisticRegression().fit(X2, y2)
probability = binary.predict_proba(X2)[:, 1]


class Facts:
    """Hears of calls and keeps what they measured."""

    def __init__(self) -> None:
        self.all: list[MetricFacts] = []

    def opened(self, call: Any) -> None:
        pass

    def closed(self, call: Any, result: Any, error: BaseException | None) -> None:
        if error is None:
            self.all.extend(metric_facts(call, result))

    def report(self, step: str, failure: BaseException) -> None:
        raise failure

    @property
    def values(self) -> dict[str, float]:
        return {fact.key: fact.values[0] for fact in self.all if fact.values}

    def __getitem__(self, key: str) -> MetricFacts:
        return next(fact for fact in self.all if fact.key == key)


@pytest.fixture
def facts():
    facts = Facts()
    disarm = SklearnProbe().arm(CallSink(facts, facts.report))
    yield facts
    disarm()


@pytest.mark.parametrize(
    ("key", "measure"),
    [
        ("accuracy_score", lambda: metrics.accuracy_score(y, pred)),
        ("accuracy_score", lambda: metrics.accuracy_score(y_true=y, y_pred=pred, normalize=True)),
        ("accuracy_score.normalize=False", lambda: metrics.accuracy_score(y, pred, normalize=False)),
        ("accuracy_score.sample_weight", lambda: metrics.accuracy_score(y, pred, sample_weight=np.ones(150))),
        ("f1_score.macro", lambda: metrics.f1_score(y, pred, average="macro", zero_division=0)),
        ("f1_score.macro.labels=[0,1]", lambda: metrics.f1_score(y, pred, labels=[0, 1], average="macro")),
        ("fbeta_score.micro.beta=2", lambda: metrics.fbeta_score(y, pred, beta=2.0, average="micro")),
        ("precision_score.pos_label=0", lambda: metrics.precision_score(y2, y2, pos_label=0)),
        ("roc_auc_score", lambda: metrics.roc_auc_score(y2, probability)),
        ("roc_auc_score.ovr", lambda: metrics.roc_auc_score(y, model.predict_proba(X), multi_class="ovr")),
        ("roc_auc_score.max_fpr=0.1", lambda: metrics.roc_auc_score(y2, probability, max_fpr=0.1)),
        ("top_k_accuracy_score.k=1", lambda: metrics.top_k_accuracy_score(y, model.predict_proba(X), k=1)),
        ("mean_pinball_loss.alpha=0.9", lambda: metrics.mean_pinball_loss(y, pred, alpha=0.9)),
        ("cohen_kappa_score.weights=quadratic", lambda: metrics.cohen_kappa_score(y, pred, weights="quadratic")),
        ("silhouette_score", lambda: metrics.silhouette_score(X, pred)),
        ("adjusted_rand_score", lambda: metrics.adjusted_rand_score(y, pred)),
        ("auc", lambda: metrics.auc([0, 1], [0, 1])),
    ],
)
def test_the_key_says_what_changes_the_measure(facts, key, measure) -> None:
    value = measure()

    assert {key: float(value)} == facts.values


def test_target_and_prediction_are_named_by_argument(facts) -> None:
    metrics.roc_auc_score(y2, y_score=probability)
    metrics.silhouette_score(X, pred)
    metrics.auc([0, 1], [0, 1])

    expected = [("y_true", "y_score"), ("X", "labels"), (None, None)]
    assert expected == [(fact.target, fact.prediction) for fact in facts.all]


def test_a_metric_by_class_gives_a_value_a_class(facts) -> None:
    names = np.array(["setosa", "versicolor", "virginica"])

    metrics.recall_score(names[y], names[pred], average=None)
    metrics.mean_squared_error(X[:, :2], X[:, :2] + 1, multioutput="raw_values")

    expected = ["recall_score.class=setosa", "recall_score.class=versicolor", "recall_score.class=virginica"]
    assert [*expected, "mean_squared_error.output=0", "mean_squared_error.output=1"] == list(facts.values)


def test_several_measures_in_one_call_are_told_apart(facts) -> None:
    metrics.precision_recall_fscore_support(y, pred, average="macro")
    metrics.homogeneity_completeness_v_measure(y, pred)

    prf, hcv = "precision_recall_fscore_support.macro", "homogeneity_completeness_v_measure"
    expected = [f"{prf}.precision", f"{prf}.recall", f"{prf}.fscore"]
    expected += [f"{hcv}.homogeneity", f"{hcv}.completeness", f"{hcv}.v_measure"]
    assert expected == list(facts.values)


@pytest.mark.skipif(not hasattr(metrics, "class_likelihood_ratios"), reason="scikit-learn 1.2 and later have it")
def test_of_two_ratios_of_one_call_one_goes_up_and_one_down(facts) -> None:
    metrics.class_likelihood_ratios(y2, binary.predict(X2))

    assert ["class_likelihood_ratios.positive", "class_likelihood_ratios.negative"] == list(facts.values)
    assert facts["class_likelihood_ratios.negative"].greater_is_better is False


@pytest.mark.parametrize("as_dict", [True, False])
def test_a_classification_report_gives_its_measures_in_full(facts, as_dict) -> None:
    metrics.classification_report(y, pred, target_names=["a", "b", "c"], output_dict=as_dict)

    recall = metrics.recall_score(y, pred, average=None)
    assert metrics.accuracy_score(y, pred) == facts.values["classification_report.accuracy"]
    assert metrics.f1_score(y, pred, average="macro") == facts.values["classification_report.f1.macro"]
    assert metrics.f1_score(y, pred, average="weighted") == facts.values["classification_report.f1.weighted"]
    assert list(recall) == [facts.values[f"classification_report.recall.{name}"] for name in "abc"]
    table = facts["classification_report"].table
    assert ["a", "b", "c", "macro avg", "weighted avg"] == [row[0] for row in table["rows"]]


def test_a_report_warns_no_more_than_without(facts) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        metrics.classification_report([0, 1, 1], [0, 0, 0])
    with_us = len(caught)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        metrics.classification_report.__wrapped__([0, 1, 1], [0, 0, 0])

    assert len(caught) == with_us > 0


def test_matrices_and_curves_are_tables(facts) -> None:
    metrics.confusion_matrix(y, pred)
    metrics.roc_curve(y2, probability)
    metrics.precision_recall_curve(y2, probability)
    metrics.multilabel_confusion_matrix(y, pred)

    assert [[]] * 4 == [fact.values for fact in facts.all]
    confusion, roc, recall, _ = [fact.table for fact in facts.all]
    assert ["true", "0", "1", "2"] == confusion["columns"]
    assert [[0, 50, 0, 0], [1, 5, 45, 0], [2, 5, 0, 45]] == confusion["rows"]
    assert ["fpr", "tpr", "threshold"] == roc["columns"]
    assert recall["rows"][-1] == [1.0, 0.0, None]


def test_a_long_curve_is_thinned_and_says_so(facts) -> None:
    rng = np.random.default_rng(0)

    metrics.precision_recall_curve(rng.integers(0, 2, 5000), rng.random(5000))

    table = facts.all[0].table
    assert (1000, 5001) == (len(table["rows"]), table["thinned_from"])
    assert table["rows"][-1] == [1.0, 0.0, None]


def test_scores_and_scorers_are_keyed_by_what_they_measure(facts) -> None:
    score = model.score(X, y)
    f1 = get_scorer("f1_macro")(model, X, y)
    loss = get_scorer("neg_log_loss")(model, X, y)
    f2 = make_scorer(metrics.fbeta_score, beta=2, average="micro")(model, X, y)

    expected = {"score": score, "f1_score.macro": f1, "log_loss": -loss, "fbeta_score.micro.beta=2": f2}
    assert expected == facts.values
    assert [True, True, False, True] == [fact.greater_is_better for fact in facts.all]
    assert ["y", "y_true", "y_true", "y_true"] == [fact.target for fact in facts.all]


def test_an_unsupervised_score_is_of_its_data(facts) -> None:
    KMeans(3, n_init=1, random_state=0).fit(X).score(X)

    assert [("score", "X")] == [(fact.key, fact.target) for fact in facts.all]


def test_cross_validation_gives_mean_deviation_and_folds(facts) -> None:
    scores = cross_val_score(model, X, y)
    cross_val_score(model, X, y, scoring="f1_macro", cv=2)
    cross_validate(model, X, y, scoring=["accuracy", "f1_macro"], return_train_score=True, cv=2)
    cross_validate(model, X, y, cv=2)
    cross_val_predict(model, X, y, cv=2)

    assert ["cross_val_score.mean", "cross_val_score.std"] == [fact.key for fact in facts.all[:2]]
    assert list(scores) == facts.all[0].folds
    assert np.isclose([scores.mean(), scores.std()], [facts.all[0].values[0], facts.all[0].spread]).all()
    assert {fact.appends_target for fact in facts.all} == {False}
    expected = ["cross_val_score.f1_macro", "cross_validate.test_accuracy", "cross_validate.train_accuracy"]
    expected += ["cross_validate.test_f1_macro", "cross_validate.train_f1_macro", "cross_validate.test_score"]
    assert expected == [fact.key.removesuffix(".mean") for fact in facts.all[2:] if fact.key.endswith(".mean")]


def test_learning_and_validation_curves_are_tables_of_means(facts) -> None:
    sizes, _, test = learning_curve(model, X, y, cv=2, train_sizes=[0.5, 1.0], shuffle=True, random_state=0)
    validation_curve(model, X, y, param_name="C", param_range=[0.1, 1.0], cv=2)

    first, second = [fact.table for fact in facts.all]
    assert ["train_size", "train_mean", "train_std", "test_mean", "test_std"] == first["columns"]
    assert list(sizes) == [row[0] for row in first["rows"]]
    assert list(test.mean(axis=1)) == [row[3] for row in first["rows"]]
    assert ("C", [0.1, 1.0]) == (second["columns"][0], [row[0] for row in second["rows"]])


def test_a_permutation_test_gives_score_and_p_value(facts) -> None:
    permutation_test_score(model, X, y, cv=2, n_permutations=3, random_state=0)

    assert ["permutation_test_score", "permutation_test_score.pvalue"] == list(facts.values)


def test_a_search_gives_its_best_score_with_folds(facts) -> None:
    search = GridSearchCV(LogisticRegression(), {"C": [0.01, 1]}, cv=3).fit(X, y)

    best = facts["best_score"]
    assert [search.best_score_] == best.values
    assert [search.cv_results_[f"split{fold}_test_score"][search.best_index_] for fold in range(3)] == best.folds
    assert math.isclose(search.cv_results_["std_test_score"][search.best_index_], best.spread)


def test_directions_are_known_for_all_but_tables() -> None:
    unknown = {name for name in metric_names(metrics) if greater_is_better(name) is None}

    tables = {"confusion_matrix", "multilabel_confusion_matrix", "pair_confusion_matrix", "silhouette_samples"}
    tables |= {"confusion_matrix_at_thresholds", "metric_at_thresholds", "classification_report"}
    tables |= {"roc_curve", "precision_recall_curve", "det_curve", "class_likelihood_ratios"}
    assert set() == unknown - tables
    assert [True, False, False, False] == [
        greater_is_better(name)
        for name in ("roc_auc_score", "davies_bouldin_score", "log_loss", "mean_squared_error")
    ]
    assert greater_is_better("my_own_score") is None


def test_results_that_are_not_numbers_are_kept_as_they_are(facts) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        metrics.r2_score([1.0], [1.0])

    assert math.isnan(facts.all[0].values[0])
