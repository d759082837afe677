"""Matrices, curves and numbers that a cell takes of a model of an earlier one, and of what no model has made."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from celltrail.domain.run import Run as StoredRun
from celltrail.store.trail import Trail

Run = Callable[..., Any]
SCALER = "# celltrail: scaled\nfrom sklearn.preprocessing import StandardScaler\nscaler = StandardScaler().fit(X)\n"
FOREST = "clf = RandomForestClassifier(n_estimators=3, random_state=0).fit(X_train, y_train)"


def tables_of(trail: Trail, run: StoredRun) -> dict[str, Any]:
    """Return the tables of a run by name; a name that stands twice fails."""
    rows = [row for row in run.content.field("artifacts") if row["kind"] == "table"]
    assert len(rows) == len({row["name"] for row in rows})
    return {row["name"]: json.loads(trail.read_blob(row["digest"])) for row in rows}


def test_a_matrix_of_an_earlier_model_is_with_that_model(shell: InteractiveShell, run: Run, trail: Trail) -> None:
    run(shell, FOREST)
    run(shell, "from sklearn.metrics import confusion_matrix\nm = confusion_matrix(y_test, clf.predict(X_test))")

    (found,) = trail.search_runs()
    table = tables_of(trail, found)["confusion_matrix.y_test"]
    assert shell.user_ns["m"].tolist() == [row[1:] for row in table["rows"]]


def test_the_same_matrix_again_stands_once(shell: InteractiveShell, run: Run, trail: Trail) -> None:
    run(
        shell,
        FOREST + "\nfrom sklearn.metrics import confusion_matrix\nconfusion_matrix(y_train, clf.predict(X_train))",
    )
    for rows in ("", "", "[:20]"):
        run(shell, f"k = 20\nm = confusion_matrix(y_test{rows}, clf.predict(X_test){rows})")

    (found,) = trail.search_runs()
    assert {"confusion_matrix.y_train", "confusion_matrix.y_test", "confusion_matrix.y_test[:20]"} == set(
        tables_of(trail, found)
    )


def test_a_display_measures_once_and_with_the_key_of_its_function(
    shell: InteractiveShell, run: Run, trail: Trail
) -> None:
    run(
        shell,
        "import matplotlib; matplotlib.use('Agg')\nimport matplotlib.pyplot as plt\n"
        "from sklearn.metrics import RocCurveDisplay, roc_auc_score\nbinary = y_test == 1",
    )
    run(
        shell,
        "clf = LogisticRegression(max_iter=500).fit(X_train, y_train == 1)\n"
        "display = RocCurveDisplay.from_estimator(clf, X_test, binary)\n"
        "area = roc_auc_score(binary, clf.predict_proba(X_test)[:, 1])\nplt.close('all')",
    )

    (found,) = trail.search_runs()
    assert {"roc_auc_score.binary": shell.user_ns["area"]} == found.metrics
    assert [1] == [row["count"] for row in found.content.field("metrics")]
    assert {"roc_curve.binary"} == set(tables_of(trail, found))


def test_importances_name_the_columns(shell: InteractiveShell, run: Run, trail: Trail) -> None:
    run(shell, "from sklearn.inspection import permutation_importance")
    run(shell, FOREST + "\nfound = permutation_importance(clf, X_test, y_test, n_repeats=3, random_state=0)")

    (stored,) = trail.search_runs()
    table = tables_of(trail, stored)["permutation_importance.y_test"]
    held = shell.user_ns
    assert [*held["X_test"].columns] == [row[0] for row in table["rows"]]
    assert held["found"].importances_mean.tolist() == [row[1] for row in table["rows"]]
    assert 1 == len(stored.fits)


@pytest.mark.parametrize("first", ["baseline", "model"])
def test_a_baseline_beside_a_model_is_not_the_models_number(
    shell: InteractiveShell, run: Run, trail: Trail, first: str
) -> None:
    lines = ["dull = accuracy_score(y_test, guess)", "fine = accuracy_score(y_test, clf.predict(X_test))"]
    measured = lines if first == "baseline" else lines[::-1]
    run(shell, "\n".join([FOREST, "guess = np.zeros(len(y_test))", *measured]))

    (found,) = trail.search_runs()
    held = shell.user_ns
    assert {"accuracy_score.y_test": held["fine"], "accuracy_score.y_test.guess": held["dull"]} == found.metrics
    assert {"accuracy_score.y_test": held["fine"]} == found.fits[0].metrics
    assert "accuracy_score.y_test" == found.main_metric


def test_predictions_out_of_fold_are_on_unseen_rows(shell: InteractiveShell, run: Run, trail: Trail) -> None:
    run(
        shell,
        "from sklearn.model_selection import cross_val_predict\n"
        "oof = cross_val_predict(LogisticRegression(max_iter=500), X, y, cv=3)\nacc = accuracy_score(y, oof)",
    )

    (found,) = trail.search_runs()
    rows = [row for row in found.content.field("metrics") if row["function"] == "accuracy_score"]
    assert [(False, "cross-validation")] == [
        (row["on_training_data"], fit.kind) for row in rows for fit in found.fits if fit.id == row["fit_id"]
    ]


def test_a_transformer_that_is_all_a_run_has_is_kept(shell: InteractiveShell, run: Run, trail: Trail) -> None:
    run(
        shell,
        "# celltrail: scaled\nfrom sklearn.preprocessing import StandardScaler\nscaler = StandardScaler().fit(X)",
    )

    (found,) = trail.search_runs()
    assert (shell.user_ns["scaler"].mean_ == found.model().mean_).all()


def test_a_transformer_beside_a_model_is_not_kept(shell: InteractiveShell, run: Run, trail: Trail) -> None:
    run(
        shell,
        SCALER + FOREST,
    )

    (found,) = trail.search_runs()
    assert "RandomForestClassifier" == type(found.model()).__name__
