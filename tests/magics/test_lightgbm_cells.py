"""What a cell that trains with LightGBM leaves in the trail, and that LightGBM notices nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from celltrail.domain.record import RunStatus
from celltrail.store.trail import Trail

pytest.importorskip("lightgbm")

Run = Callable[..., Any]

PREPARED = """
import lightgbm as lgb
two = y_train < 2
X_two, y_two = X_train[two], y_train[two]
X_val, y_val = X_test[y_test < 2], y_test[y_test < 2]
params = {"objective": "binary", "learning_rate": 0.3, "num_threads": 1, "verbose": -1, "min_data_in_leaf": 5}
dtrain = lgb.Dataset(X_two, label=y_two, free_raw_data=False)
dval = lgb.Dataset(X_val, label=y_val, reference=dtrain, free_raw_data=False)
"""


@pytest.fixture
def prepared(shell: InteractiveShell, run: Run) -> InteractiveShell:
    run(shell, PREPARED)
    return shell


def test_a_cell_that_trains_is_a_run_with_everything(prepared: InteractiveShell, run: Run, trail: Trail) -> None:
    run(
        prepared,
        "bst = lgb.train(params, dtrain, 20, valid_sets=[dtrain, dval], valid_names=['train', 'val'])\n"
        "value = accuracy_score(y_val, bst.predict(X_val) > .5)",
    )

    (found,) = trail.search_runs()
    (fit,) = found.fits
    assert ("bst", "lightgbm.Booster", "predictor") == (fit.name, fit.estimator, fit.kind)
    assert {**prepared.user_ns["params"], "num_boost_round": 20} == fit.params_written
    assert (0.3, "gbdt", 1) == tuple(fit.params[name] for name in ("learning_rate", "boosting", "bagging_fraction"))
    assert {"train.binary_logloss": 20, "val.binary_logloss": 20} == {
        name: len(values) for name, values in fit.curve.items()
    }
    assert [("X_two", "X"), ("y_two", "y"), ("X_val", "val.X"), ("y_val", "val.y")] == [
        (data["name"], data["role"]) for data in fit.inputs
    ]
    assert {"accuracy_score.y_val": prepared.user_ns["value"]} == fit.metrics
    bst, X_val = prepared.user_ns["bst"], prepared.user_ns["X_val"]
    assert bst.predict(X_val).tolist() == fit.model.predict(X_val).tolist()


def test_the_class_for_scikit_learn_is_one_fit_and_its_booster_the_same(
    prepared: InteractiveShell, run: Run, trail: Trail
) -> None:
    run(
        prepared,
        "import warnings\n"
        "clf = lgb.LGBMClassifier(n_estimators=400, learning_rate=0.9, min_child_samples=5, n_jobs=1, verbose=-1)\n"
        "with warnings.catch_warnings():\n"
        "    warnings.simplefilter('ignore')  # `eval_set` is called deprecated by 4.7, and all that 4.6 knows\n"
        "    clf.fit(X_two, y_two, eval_set=[(X_two, y_two), (X_val, y_val)],\n"
        "            callbacks=[lgb.early_stopping(2, verbose=False)])\n"
        "a = accuracy_score(y_val, clf.predict(X_val))\n"
        "b = f1_score(y_val, clf.booster_.predict(X_val) > .5)",
    )

    (found,) = trail.search_runs()
    (fit,) = found.fits
    assert ("clf", "LGBMClassifier", 0.9) == (fit.name, fit.estimator, fit.params["learning_rate"])
    assert {"valid_1.binary_logloss"} <= set(fit.curve)
    assert ["X", "y", "valid_1.X", "valid_1.y"] == [data["role"] for data in fit.inputs]
    assert {"accuracy_score.y_val", "f1_score.y_val"} == set(fit.metrics)
    (remark,) = [warning for warning in fit.warnings if warning.startswith("Remark: ")]
    rounds = len(fit.curve["valid_1.binary_logloss"])
    best = prepared.user_ns["clf"].best_iteration_
    assert f"Remark: stopped early: best round {best} of {rounds}, 400 asked" == remark


def test_cross_validation_is_one_record_with_its_last_round(
    prepared: InteractiveShell, run: Run, trail: Trail
) -> None:
    run(prepared, "table = lgb.cv({**params, 'metric': 'auc'}, dtrain, 5, nfold=3, seed=1)")

    (found,) = trail.search_runs()
    (fit,) = found.fits
    assert "cross-validation" == fit.kind
    assert prepared.user_ns["table"]["valid auc-mean"][-1] == found.metrics["cv.valid.auc.mean"]


def test_an_interrupted_training_keeps_its_curve_so_far(prepared: InteractiveShell, run: Run, trail: Trail) -> None:
    run(
        prepared,
        "def interrupts(env):\n    if env.iteration == 6:\n        raise KeyboardInterrupt\n",
    )
    run(prepared, "lgb.train(params, dtrain, 400, valid_sets=[dval], callbacks=[interrupts])", fails=True)

    (found,) = trail.search_runs()
    (fit,) = found.fits
    assert RunStatus.INTERRUPTED == found.status
    assert 7 == len(fit.curve["valid_0.binary_logloss"])
    assert "Remark: curve kept to round 7 of 400" in fit.warnings


def test_output_models_and_arguments_are_what_they_are_without_celltrail(
    prepared: InteractiveShell, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    source = (
        "history, mine = {}, dict(params)\n"
        "def told_by_mine(env): pass\n"
        "callbacks = [told_by_mine, lgb.log_evaluation(1), lgb.record_evaluation(history)]\n"
        "state = np.random.get_state()[1].tolist()\n"
        "bst = lgb.train(mine, dtrain, 5, valid_sets=[dval], callbacks=callbacks)\n"
        "told = (bst.model_to_string(), history, mine == params, len(callbacks), sorted(vars(bst)), "
        "vars(told_by_mine), state == np.random.get_state()[1].tolist())"
    )
    run(prepared, "%track off")
    run(prepared, source)
    plain, printed = prepared.user_ns["told"], capsys.readouterr().out
    run(prepared, "%track on")
    capsys.readouterr()

    run(prepared, source)

    assert plain == prepared.user_ns["told"]
    assert printed.splitlines() == capsys.readouterr().out.splitlines()[: len(printed.splitlines())]
    assert "valid_0's binary_logloss" in printed
