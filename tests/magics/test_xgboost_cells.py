"""What a cell that trains with XGBoost leaves in the trail, and that XGBoost notices nothing."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from celltrail.domain.record import RunStatus
from celltrail.magics.extension import current
from celltrail.store.trail import Trail

pytest.importorskip("xgboost")

Run = Callable[..., Any]

PREPARED = """
import xgboost as xgb
two = y_train < 2
X_two, y_two = X_train[two], y_train[two]
X_val, y_val = X_test[y_test < 2], y_test[y_test < 2]
params = {"objective": "binary:logistic", "eta": 0.3, "max_depth": 2, "nthread": 1}
dtrain = xgb.DMatrix(X_two, label=y_two)
dval = xgb.DMatrix(X_val, y_val)
"""
TRAIN = (
    "bst = xgb.train(params, dtrain, 20, evals=[(dtrain, 'train'), (dval, 'val')], verbose_eval=False)\n"
    "value = accuracy_score(y_val, bst.predict(dval) > .5)"
)


@pytest.fixture
def prepared(shell: InteractiveShell, run: Run) -> InteractiveShell:
    run(shell, PREPARED)
    return shell


def test_a_cell_that_trains_is_a_run_with_everything(prepared: InteractiveShell, run: Run, trail: Trail) -> None:
    run(prepared, TRAIN)

    (found,) = trail.search_runs()
    (fit,) = found.fits
    assert ("bst", "xgboost.Booster", "predictor") == (fit.name, fit.estimator, fit.kind)
    assert {
        "objective": "binary:logistic",
        "eta": 0.3,
        "max_depth": 2,
        "nthread": 1,
        "num_boost_round": 20,
    } == fit.params_written
    assert ("gbtree", 1) == (fit.params["booster"], fit.params["subsample"])
    assert {"train.logloss": 20, "val.logloss": 20} == {name: len(values) for name, values in fit.curve.items()}
    assert [("X_two", "X"), ("y_two", "y"), ("X_val", "val.X"), ("y_val", "val.y")] == [
        (data["name"], data["role"]) for data in fit.inputs
    ]
    assert all(data["digest"] for data in fit.inputs)
    assert {"accuracy_score.y_val": prepared.user_ns["value"]} == fit.metrics
    (metric,) = found.content.field("metrics")
    assert metric["on_training_data"] is False
    dval, bst = prepared.user_ns["dval"], prepared.user_ns["bst"]
    assert bst.predict(dval).tolist() == fit.model.predict(dval).tolist()


def test_a_score_on_the_rows_behind_the_matrix_is_on_training_data(
    prepared: InteractiveShell, run: Run, trail: Trail
) -> None:
    run(prepared, "bst = xgb.train(params, dtrain, 3)\naccuracy_score(y_two, bst.predict(dtrain) > .5)")

    (metric,) = trail.search_runs()[0].content.field("metrics")
    assert metric["on_training_data"] is True


def test_the_class_for_scikit_learn_is_one_fit_and_its_booster_the_same(
    prepared: InteractiveShell, run: Run, trail: Trail
) -> None:
    run(
        prepared,
        "clf = xgb.XGBClassifier(n_estimators=30, max_depth=2, early_stopping_rounds=2, n_jobs=1)\n"
        "clf.fit(X_two, y_two, eval_set=[(X_two, y_two), (X_val, y_val)], verbose=False)\n"
        "a = accuracy_score(y_val, clf.predict(X_val))\n"
        "b = f1_score(y_val, clf.get_booster().predict(dval) > .5)",
    )

    (found,) = trail.search_runs()
    (fit,) = found.fits
    assert ("clf", "XGBClassifier") == (fit.name, fit.estimator)
    assert {"n_estimators": 30, "max_depth": 2, "early_stopping_rounds": 2, "n_jobs": 1} == fit.params_written
    assert (2, 0.3) == (fit.params["max_depth"], fit.params["learning_rate"])
    assert {"validation_0.logloss", "validation_1.logloss"} == set(fit.curve)
    assert ["X", "y", "validation_1.X", "validation_1.y"] == [data["role"] for data in fit.inputs]
    assert {"accuracy_score.y_val", "f1_score.y_val"} == set(fit.metrics)


def test_early_stopping_is_said(prepared: InteractiveShell, run: Run, trail: Trail) -> None:
    run(
        prepared,
        "bst = xgb.train({**params, 'eta': 1}, dtrain, 400, evals=[(dval, 'val')], early_stopping_rounds=2, "
        "verbose_eval=False)\nrounds, best = bst.num_boosted_rounds(), bst.best_iteration + 1",
    )

    (fit,) = trail.search_runs()[0].fits
    rounds, best = prepared.user_ns["rounds"], prepared.user_ns["best"]
    assert rounds < 400
    assert [f"Remark: stopped early: best round {best} of {rounds}, 400 asked"] == fit.warnings


def test_cross_validation_is_one_record_with_its_last_round(
    prepared: InteractiveShell, run: Run, trail: Trail
) -> None:
    run(prepared, "table = xgb.cv(params, dtrain, 5, nfold=3, metrics=['auc'], seed=1)")

    (found,) = trail.search_runs()
    (fit,) = found.fits
    table = prepared.user_ns["table"]
    assert "cross-validation" == fit.kind
    assert table["test-auc-mean"].iloc[-1] == found.metrics["cv.test.auc.mean"]
    assert {"train.auc", "test.auc"} == set(fit.curve)


def test_searches_and_cross_validation_of_its_estimators_are_scikit_learns(
    prepared: InteractiveShell, run: Run, trail: Trail
) -> None:
    run(
        prepared,
        "from sklearn.model_selection import GridSearchCV, cross_val_score\n"
        "clf = xgb.XGBClassifier(n_estimators=3, n_jobs=1)\n"
        "gs = GridSearchCV(clf, {'max_depth': [1, 2]}, cv=2).fit(X_two, y_two)\n"
        "folds = cross_val_score(clf, X_two, y_two, cv=2)",
    )

    fits = trail.search_runs()[0].fits
    assert [("gs", "search"), ("clf", "cross-validation")] == [(fit.name, fit.kind) for fit in fits]


def test_an_interrupted_training_keeps_its_curve_so_far(prepared: InteractiveShell, run: Run, trail: Trail) -> None:
    run(
        prepared,
        "class Interrupts(xgb.callback.TrainingCallback):\n"
        "    def after_iteration(self, model, epoch, evals_log):\n"
        "        if epoch == 6:\n"
        "            raise KeyboardInterrupt\n"
        "        return False\n",
    )
    run(
        prepared,
        "xgb.train(params, dtrain, 400, evals=[(dval, 'val')], verbose_eval=False, callbacks=[Interrupts()])",
        fails=True,
    )

    (found,) = trail.search_runs()
    (fit,) = found.fits
    assert RunStatus.INTERRUPTED == found.status
    assert 7 == len(fit.curve["val.logloss"])
    assert "Remark: curve kept to round 7 of 400" in fit.warnings


@pytest.mark.parametrize(
    "train",
    [
        "xgb.train(params, dtrain, 9, evals=[(dval, 'validation_0')], verbose_eval=False, callbacks=[Commits()])",
        "xgb.XGBClassifier(n_estimators=9, n_jobs=1, callbacks=[Commits()])"
        ".fit(X_two, y_two, eval_set=[(X_val, y_val)], verbose=False)",
    ],
)
def test_a_long_training_commits_its_curve_on_the_way(
    prepared: InteractiveShell, run: Run, trail: Trail, train: str
) -> None:
    seen: list[Any] = []

    def commit() -> None:  # as the autosave does, on its own thread
        loaded = current()
        assert loaded is not None
        for cell in loaded.kernel.cells.running():
            loaded.recorder.commit(cell)
        (run_so_far,) = trail.search_runs()
        seen.append((run_so_far.status, run_so_far.fits[0].curve, list(run_so_far.fits[0].warnings)))

    prepared.user_ns["commit"] = commit
    run(
        prepared,
        "import threading\n"
        "class Commits(xgb.callback.TrainingCallback):\n"
        "    def after_iteration(self, model, epoch, evals_log):\n"
        "        if epoch == 4:\n"
        "            thread = threading.Thread(target=commit)\n"
        "            thread.start()\n"
        "            thread.join()\n"
        "        return False\n",
    )
    run(prepared, train)

    ((status, curve, remarks),) = seen
    assert RunStatus.RUNNING == status
    assert 5 == len(curve["validation_0.logloss"])
    assert ["Remark: curve kept to round 5 of 9"] == remarks
    (fit,) = trail.search_runs()[0].fits
    assert (9, []) == (len(fit.curve["validation_0.logloss"]), list(fit.warnings))


def test_output_models_and_arguments_are_what_they_are_without_celltrail(
    prepared: InteractiveShell, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    source = (
        "import pickle\nhistory, mine = {}, dict(params)\ncallbacks = [xgb.callback.EarlyStopping(rounds=50)]\n"
        "state = np.random.get_state()[1].tolist()\n"
        "bst = xgb.train(mine, dtrain, 5, evals=[(dval, 'val')], evals_result=history, callbacks=callbacks)\n"
        "told = (bytes(bst.save_raw()), history, mine == params, len(callbacks), vars(bst).keys() - {'handle'}, "
        "state == np.random.get_state()[1].tolist())"
    )
    run(prepared, "%track off")
    run(prepared, source)
    plain, printed = prepared.user_ns["told"], capsys.readouterr().out
    run(prepared, "%track on")
    capsys.readouterr()

    run(prepared, source)

    assert plain == prepared.user_ns["told"]
    assert printed.splitlines() == capsys.readouterr().out.splitlines()[: len(printed.splitlines())]
    assert "val-logloss" in printed


def test_neither_a_matrix_nor_its_source_is_kept_alive(prepared: InteractiveShell, run: Run, trail: Trail) -> None:
    run(prepared, "frame = X_two.copy()\nmatrix = xgb.DMatrix(frame, label=y_two)")
    gone = [weakref.ref(prepared.user_ns[name]) for name in ("frame", "matrix")]

    run(prepared, "bst = xgb.train(params, matrix, 2)")
    run(prepared, "del frame, matrix")
    gc.collect()

    assert [None, None] == [reference() for reference in gone]
    assert ["frame", "y_two"] == [data["name"] for data in trail.search_runs()[0].fits[0].inputs]


def test_a_matrix_made_from_something_that_is_gone_is_still_known(
    prepared: InteractiveShell, run: Run, trail: Trail
) -> None:
    run(prepared, "matrix = xgb.DMatrix(X_two.drop(columns='petal width (cm)'), label=y_two)")
    run(prepared, "bst = xgb.train(params, matrix, 2)")

    features, target = trail.search_runs()[0].fits[0].inputs
    assert (3, "X", "y_two") == (len(features["columns"]), features["role"], target["name"])
    assert features["digest"]
