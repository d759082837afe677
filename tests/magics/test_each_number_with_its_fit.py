"""Each number is with the fit that it scored, in whatever cell and however it was computed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from celltrail.store.trail import Trail
from celltrail.views.runs import run_view

Run = Callable[..., Any]

BINARY = """
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import average_precision_score, classification_report, recall_score, roc_auc_score
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier
import pandas as pd
Xb, yb = load_breast_cancer(return_X_y=True, as_frame=True)
Xb_train, Xb_test, yb_train, yb_test = train_test_split(Xb, yb, random_state=0)
"""
TWO_MODELS = (
    "nb = GaussianNB().fit(Xb_train, yb_train)",
    "tree = DecisionTreeClassifier(max_depth=3, random_state=0).fit(Xb_train, yb_train)",
)


@pytest.fixture
def two_models(shell: InteractiveShell, run: Run) -> InteractiveShell:
    """Return a shell in which a bayes and a tree were fitted, in two cells."""
    run(shell, BINARY)
    for source in TWO_MODELS:
        run(shell, source)
    return shell


def by_model(trail: Trail) -> dict[str, dict[str, float]]:
    """Return the metrics of each run, by the class of its only fit."""
    return {found.fits[0].estimator: dict(found.metrics) for found in trail.search_runs()}


@pytest.mark.parametrize(
    ("bound", "scored", "key"),
    [
        ("proba = tree.predict_proba(Xb_test)", "roc_auc_score(yb_test, proba[:, 1])", "roc_auc_score.yb_test"),
        ("proba = tree.predict_proba(Xb_test)[:, 1]", "roc_auc_score(yb_test, proba)", "roc_auc_score.yb_test"),
        (
            "proba = tree.predict_proba(Xb_test)",
            "recall_score(yb_test, (proba[:, 1] > 0.3).astype(int))",
            "recall_score.yb_test",
        ),
        (
            "proba = tree.predict_proba(Xb_test)\nthreshold = 0.3\nflags = (proba[:, 1] > threshold).astype(int)",
            "recall_score(yb_test, flags)",
            "recall_score.yb_test",
        ),
        ("pred = tree.predict(Xb_test)", "accuracy_score(yb_test, pd.Series(pred))", "accuracy_score.yb_test"),
        ("pred = pd.Series(tree.predict(Xb_test))", "accuracy_score(yb_test, pred)", "accuracy_score.yb_test"),
        ("pred = tree.predict(Xb_test)", "accuracy_score(yb_test[:100], pred[:100])", "accuracy_score.yb_test[:100]"),
        ("pred = list(tree.predict(Xb_test))", "accuracy_score(yb_test, pred)", "accuracy_score.yb_test"),
        ("", "tree.score(Xb_test, yb_test)", "score.yb_test"),
        (
            "def evaluate(model, features, truth):\n    return accuracy_score(truth, model.predict(features))",
            "evaluate(tree, Xb_test, yb_test)",
            "accuracy_score.yb_test",
        ),
        (
            "from sklearn.metrics import make_scorer, fbeta_score\nscorer = make_scorer(fbeta_score, beta=2)",
            "scorer(tree, Xb_test, yb_test)",
            "fbeta_score.beta=2.yb_test",
        ),
    ],
)
def test_a_later_number_is_with_the_model_that_it_scored(
    two_models: InteractiveShell, run: Run, trail: Trail, bound: str, scored: str, key: str
) -> None:
    run(two_models, bound)
    run(two_models, f"value = {scored}")

    assert {"GaussianNB": {}, "DecisionTreeClassifier": {key: two_models.user_ns["value"]}} == by_model(trail)


def test_two_models_of_two_cells_are_both_scored_in_a_third(
    two_models: InteractiveShell, run: Run, trail: Trail
) -> None:
    run(
        two_models,
        "a = accuracy_score(yb_test, nb.predict(Xb_test))\nb = accuracy_score(yb_test, tree.predict(Xb_test))",
    )

    held = two_models.user_ns
    assert {
        "GaussianNB": {"accuracy_score.yb_test": held["a"]},
        "DecisionTreeClassifier": {"accuracy_score.yb_test": held["b"]},
    } == by_model(trail)


def test_a_loop_over_five_models_scores_each(shell: InteractiveShell, run: Run, trail: Trail) -> None:
    run(shell, BINARY + "from sklearn.dummy import DummyClassifier\nfrom sklearn.linear_model import RidgeClassifier")
    run(
        shell,
        "zoo = {'nb': GaussianNB(), 'tree': DecisionTreeClassifier(random_state=0), 'no': DummyClassifier(),\n"
        "       'ridge': RidgeClassifier(), 'forest': RandomForestClassifier(n_estimators=3, random_state=0)}\n"
        "said = {}\n"
        "for name, model in zoo.items():\n"
        "    pred = model.fit(Xb_train, yb_train).predict(Xb_test)\n"
        "    said[type(model).__name__] = accuracy_score(yb_test, pred)",
    )

    (found,) = trail.search_runs()
    assert shell.user_ns["said"] == {fit.name: fit.metrics["accuracy_score.yb_test"] for fit in found.fits}
    assert 5 == len(found.fits)
    assert {f"{name}:accuracy_score.yb_test": value for name, value in shell.user_ns["said"].items()} == found.metrics
    assert 3 == found.params["RandomForestClassifier:n_estimators"] == found.params["n_estimators"]


FOLDS = """
from sklearn.model_selection import KFold
scores = []
for train, test in KFold(4, shuffle=True, random_state=0).split(X):
    clf = LogisticRegression(max_iter=500, C=0.5)
    clf.fit(X.iloc[train], y.iloc[train])
    scores.append(accuracy_score(y.iloc[test], clf.predict(X.iloc[test])))
"""


def test_a_k_fold_written_by_hand_reads_as_mean_and_deviation(
    shell: InteractiveShell, run: Run, trail: Trail
) -> None:
    run(shell, FOLDS)

    (found,) = trail.search_runs()
    scores = shell.user_ns["scores"]
    assert scores == [fit.metrics["accuracy_score.y.iloc[test]"] for fit in found.fits]
    view = run_view(trail, found, mode="panel")
    assert view["headline"] is not None
    assert pytest.approx(sum(scores) / 4) == view["headline"]["value"]
    assert 1 == len(view["fits"]) == len(view["metrics"])
    assert "(4)" in view["metrics"][0]["text"]
    assert 0.5 == found.params["C"]


def test_a_printed_report_gives_its_measures(two_models: InteractiveShell, run: Run, trail: Trail) -> None:
    run(two_models, "pred = tree.predict(Xb_test)")
    run(two_models, "print(classification_report(yb_test, pred))")

    run(two_models, "expected = classification_report(yb_test, pred, output_dict=True)")
    report = two_models.user_ns["expected"]
    assert {
        "classification_report.accuracy.yb_test": report["accuracy"],
        "classification_report.f1.macro.yb_test": report["macro avg"]["f1-score"],
        "classification_report.f1.weighted.yb_test": report["weighted avg"]["f1-score"],
        "classification_report.recall.0.yb_test": report["0"]["recall"],
        "classification_report.recall.1.yb_test": report["1"]["recall"],
    } == by_model(trail)["DecisionTreeClassifier"]


def test_a_score_by_hand_is_kept_unconfirmed(two_models: InteractiveShell, run: Run, trail: Trail) -> None:
    run(two_models, "pred = tree.predict(Xb_test)")
    run(two_models, "acc = (pred == yb_test).mean()")

    (found,) = [one for one in trail.search_runs() if one.metrics]
    assert "DecisionTreeClassifier" == found.fits[0].estimator
    assert {"acc": two_models.user_ns["acc"]} == found.metrics
    assert [False] == [row["is_confirmed"] for row in found.content.field("metrics")]


def test_a_number_that_a_metric_gave_is_no_second_measure(
    two_models: InteractiveShell, run: Run, trail: Trail
) -> None:
    run(two_models, "pred = tree.predict(Xb_test)\nacc = accuracy_score(yb_test, pred)")

    assert {"accuracy_score.yb_test"} == set(by_model(trail)["DecisionTreeClassifier"])


def test_scaling_before_a_fit_leaves_its_names_short(shell: InteractiveShell, run: Run, trail: Trail) -> None:
    run(
        shell,
        "from sklearn.preprocessing import StandardScaler\nscaler = StandardScaler()\n"
        "scaled = scaler.fit_transform(X_train)\n"
        "clf = LogisticRegression(C=0.5, max_iter=500).fit(scaled, y_train)\n"
        "accuracy_score(y_test, clf.predict(scaler.transform(X_test)))",
    )

    (found,) = trail.search_runs()
    assert ["transformer", "predictor"] == [fit.kind for fit in found.fits]
    assert {"accuracy_score.y_test"} == set(found.metrics)
    assert (0.5, 0.5) == (found.params["C"], found.params["clf.C"])
    assert True is found.params["scaler.with_mean"]
    assert 1 == len(run_view(trail, found, mode="line")["fits"])


@pytest.mark.parametrize("scored", ["X_train, y_train", "X_train[:50], y_train[:50]"])
def test_a_score_on_rows_seen_in_training_never_speaks_for_the_run(
    shell: InteractiveShell, run: Run, trail: Trail, scored: str
) -> None:
    features, truth = scored.split(", ")
    run(
        shell,
        "clf = LogisticRegression(max_iter=500).fit(X_train, y_train)\n"
        f"accuracy_score({truth}, clf.predict({features}))\naccuracy_score(y_test, clf.predict(X_test))",
    )

    (found,) = trail.search_runs()
    assert "accuracy_score.y_test" == found.main_metric
    assert [True, False] == [row["on_training_data"] for row in found.content.field("metrics")]
