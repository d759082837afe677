"""What a cell that trains with CatBoost leaves in the trail, and that CatBoost notices nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from celltrail.magics.extension import current
from celltrail.store.trail import Trail

pytest.importorskip("catboost")

Run = Callable[..., Any]

PREPARED = """
import catboost
from catboost import CatBoostClassifier, Pool
two = y_train < 2
X_two, y_two = X_train[two], y_train[two]
X_val, y_val = X_test[y_test < 2], y_test[y_test < 2]
quiet = {"thread_count": 1, "logging_level": "Silent", "allow_writing_files": False}
ptrain, pval = Pool(X_two, y_two), Pool(X_val, label=y_val)
"""


@pytest.fixture
def prepared(shell: InteractiveShell, run: Run) -> InteractiveShell:
    run(shell, PREPARED)
    return shell


def test_a_cell_that_trains_is_a_run_with_everything(prepared: InteractiveShell, run: Run, trail: Trail) -> None:
    run(
        prepared,
        "clf = CatBoostClassifier(iterations=300, depth=2, learning_rate=0.9, thread_count=1,\n"
        "                         logging_level='Silent', allow_writing_files=False)\n"
        "clf.fit(ptrain, eval_set=pval, early_stopping_rounds=3)\n"
        "value = accuracy_score(y_val, clf.predict(X_val))\nclf.score(X_val, y_val)",
    )

    (found,) = trail.search_runs()
    (fit,) = found.fits
    assert ("clf", "CatBoostClassifier", "predictor") == (fit.name, fit.estimator, fit.kind)
    assert {"iterations": 300, "depth": 2, "learning_rate": 0.9} == {
        name: (fit.params_written or {}).get(name) for name in ("iterations", "depth", "learning_rate")
    }
    assert ("SymmetricTree", 0.9) == (fit.params["grow_policy"], fit.params["learning_rate"])
    rounds = len(fit.curve["validation.Logloss"])
    best = prepared.user_ns["clf"].best_iteration_ + 1
    assert [f"Remark: stopped early: best round {best} of {rounds}, 300 asked"] == fit.warnings
    assert [("X_two", "X"), ("y_two", "y"), ("X_val", "validation.X"), ("y_val", "validation.y")] == [
        (data["name"], data["role"]) for data in fit.inputs
    ]
    assert {"accuracy_score.y_val", "score.y_val"} == set(fit.metrics)
    clf, X_val = prepared.user_ns["clf"], prepared.user_ns["X_val"]
    assert clf.predict(X_val).tolist() == fit.model.predict(X_val).tolist()


def test_its_own_train_and_plain_class_are_fits_as_well(prepared: InteractiveShell, run: Run, trail: Trail) -> None:
    run(
        prepared,
        "params = {**quiet, 'iterations': 4, 'loss_function': 'Logloss'}\n"
        "one = catboost.train(ptrain, params)\ntwo = catboost.CatBoost(params).fit(X_two, y_two)\n"
        "a = accuracy_score(y_val, two.predict(X_val, prediction_type='Class'))",
    )

    one, two = trail.search_runs()[0].fits
    assert ("one", "two") == (one.name, two.name)
    assert prepared.user_ns["params"] == one.params_written == two.params_written
    assert ["X_two", "y_two"] == [data["name"] for data in one.inputs] == [data["name"] for data in two.inputs]
    assert ({}, {"accuracy_score.y_val"}) == (one.metrics, set(two.metrics))


def test_cross_validation_is_one_record_with_its_last_round(
    prepared: InteractiveShell, run: Run, trail: Trail
) -> None:
    run(
        prepared,
        "table = catboost.cv(ptrain, {**quiet, 'iterations': 4, 'loss_function': 'Logloss'}, fold_count=2, seed=1)",
    )

    (found,) = trail.search_runs()
    (fit,) = found.fits
    table = prepared.user_ns["table"]
    assert "cross-validation" == fit.kind
    assert table["test-Logloss-mean"].iloc[-1] == found.metrics["cv.test.Logloss.mean"]


def test_a_long_training_commits_its_curve_on_the_way(prepared: InteractiveShell, run: Run, trail: Trail) -> None:
    seen: list[Any] = []

    def commit() -> None:
        loaded = current()
        assert loaded is not None
        for cell in loaded.kernel.cells.running():
            loaded.recorder.commit(cell)
        (run_so_far,) = trail.search_runs()
        seen.append((run_so_far.fits[0].curve, list(run_so_far.fits[0].warnings)))

    prepared.user_ns["commit"] = commit
    run(
        prepared,
        "class Commits:\n"
        "    def after_iteration(self, info):\n"
        "        if info.iteration == 30:\n"
        "            commit()\n"
        "        return True\n"
        "clf = CatBoostClassifier(iterations=40, thread_count=1, logging_level='Silent')\n"
        "clf.fit(ptrain, eval_set=pval, callbacks=[Commits()])",
    )

    ((curve, remarks),) = seen
    rounds = len(curve["learn.Logloss"])
    assert 20 < rounds < 40
    assert [f"Remark: curve kept to round {rounds} of 40"] == remarks
    (found,) = trail.search_runs()
    assert 40 == len(found.fits[0].curve["validation.Logloss"])
    assert [] == [file["path"] for file in found.files if "catboost_info" in file["path"]]


def test_output_models_and_arguments_are_what_they_are_without_celltrail(
    prepared: InteractiveShell, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    source = (
        "import re\nmine = {'iterations': 4, 'thread_count': 1, 'allow_writing_files': False, 'random_seed': 1}\n"
        "state = np.random.get_state()[1].tolist()\n"
        "clf = CatBoostClassifier(**mine).fit(X_two, y_two, eval_set=(X_val, y_val), verbose=True)\n"
        "told = (clf.predict_proba(X_val).tolist(), sorted(vars(clf)), clf.get_params(), mine['iterations'], "
        "state == np.random.get_state()[1].tolist())"
    )

    def lines() -> list[str]:  # without how long each round took
        return [line.partition("total:")[0] for line in capsys.readouterr().out.splitlines()]

    run(prepared, "%track off")
    run(prepared, source)
    plain, printed = prepared.user_ns["told"], lines()
    run(prepared, "%track on")
    capsys.readouterr()

    run(prepared, source)

    assert plain == prepared.user_ns["told"]
    assert printed == lines()[: len(printed)]
    assert any("learn:" in line for line in printed)
