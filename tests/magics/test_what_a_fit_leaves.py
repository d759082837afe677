"""What a fit leaves in its run, also where it fails, warns, or can't be kept."""

from __future__ import annotations

import builtins
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from celltrail.domain.record import RunStatus
from celltrail.errors import NotKeptError
from celltrail.magics.extension import current
from celltrail.store.trail import Trail

Run = Callable[..., Any]


def test_partial_fit_again_and_again_is_one_fit(shell: InteractiveShell, run: Run, trail: Trail) -> None:
    run(
        shell,
        "from sklearn.linear_model import SGDClassifier\nsgd = SGDClassifier(alpha=0.01, random_state=0)\n"
        "for start in range(0, 100, 20):\n"
        "    sgd.partial_fit(X_train[start:start + 20], y_train[start:start + 20], classes=[0, 1, 2])\n"
        "value = accuracy_score(y_test, sgd.predict(X_test))",
    )

    (found,) = trail.search_runs()
    assert ["sgd"] == [fit.name for fit in found.fits]
    assert {"accuracy_score.y_test": shell.user_ns["value"]} == found.metrics
    assert 0.01 == found.params["alpha"]


def test_a_fit_that_fails_keeps_parameters_and_inputs(shell: InteractiveShell, run: Run, trail: Trail) -> None:
    run(shell, "clf = LogisticRegression(C=0.25)\nclf.fit(X_train, y_train[:5])", fails=True)

    (found,) = trail.search_runs()
    (fit,) = found.fits
    assert RunStatus.FAILED == found.status
    assert {"C": 0.25} == fit.params_written
    assert ["X_train", "y_train[:5]"] == [data["name"] for data in fit.inputs]
    assert fit.error is not None
    assert fit.error.startswith("ValueError: ")


def test_a_convergence_warning_is_kept_and_shown_as_ever(shell: InteractiveShell, run: Run, trail: Trail) -> None:
    fit = "LogisticRegression(max_iter=2).fit(X_train, y_train)"
    source = (
        f"import warnings\nwarnings.simplefilter('always')\n{fit}\nwarnings.warn('mine', ResourceWarning, source=X)"
    )
    run(shell, "%track off")
    with warnings.catch_warnings(record=True) as plain:
        run(shell, source)
    run(shell, "%track on")

    with warnings.catch_warnings(record=True) as shown:
        run(shell, source)

    told = [[(str(one.message), one.category, one.lineno, one.source) for one in seen] for seen in (plain, shown)]
    assert told[0] == told[1]
    assert 2 == len(shown)
    assert shown[1].source is shell.user_ns["X"]
    (found,) = trail.search_runs()
    (warning,) = found.fits[0].warnings
    assert warning.startswith("ConvergenceWarning: lbfgs failed to converge")


@pytest.mark.parametrize(
    ("source", "seed"),
    [("np.random.seed(7)", 7), ("rng = np.random.default_rng(11)", 11), ("SEED = 3", 3), ("pass", None)],
)
def test_the_seed_of_a_cell_is_known(
    shell: InteractiveShell, run: Run, trail: Trail, source: str, seed: int | None
) -> None:
    used = "SEED" if "SEED" in source else "None"
    run(shell, f"{source}\nRandomForestClassifier(n_estimators=2, random_state={used}).fit(X_train, y_train)")

    assert [seed] == [found.content.field("seed") for found in trail.search_runs()]


def test_parameters_written_in_an_earlier_cell_are_told_from_defaults(
    shell: InteractiveShell, run: Run, trail: Trail
) -> None:
    run(shell, "depth = 4\nclf = RandomForestClassifier(n_estimators=2, max_depth=depth)")
    run(shell, "clf.set_params(random_state=1)\nclf.fit(X_train, y_train)")

    (found,) = trail.search_runs()
    assert {"n_estimators": 2, "max_depth": 4, "random_state": 1} == found.fits[0].params_written
    assert "gini" == found.fits[0].params["criterion"] == found.params["criterion"]


def test_sparse_data_and_a_list_as_target_are_inputs(shell: InteractiveShell, run: Run, trail: Trail) -> None:
    run(
        shell,
        "from scipy import sparse\nS = sparse.csr_matrix(X_train.to_numpy())\nlabels = y_train.tolist()\n"
        "clf = LogisticRegression(max_iter=500).fit(S, labels)\n"
        "truth = y_test.tolist()\nvalue = accuracy_score(truth, clf.predict(sparse.csr_matrix(X_test.to_numpy())))",
    )

    (found,) = trail.search_runs()
    assert [("S", "X", 112), ("labels", "y", 112)] == [
        (data["name"], data["role"], data["rows"]) for data in found.fits[0].inputs
    ]
    assert {"accuracy_score.truth": shell.user_ns["value"]} == found.metrics
    assert "accuracy_score.truth" == found.main_metric


def test_a_model_that_cant_be_pickled_is_one_reason_and_the_run_stays(
    shell: InteractiveShell, run: Run, trail: Trail, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    run(
        shell,
        "import threading\nfrom sklearn.pipeline import make_pipeline\n"
        "from sklearn.preprocessing import FunctionTransformer\nlock = threading.Lock()\n"
        "pipe = make_pipeline(FunctionTransformer(lambda X, held=lock: X), LogisticRegression(max_iter=500))\n"
        "_ = pipe.fit(X_train, y_train)",
    )

    (found,) = trail.search_runs()
    (model,) = [one for one in found.content.field("artifacts") if one["kind"] == "model"]
    assert ("not kept", None) == (model["status"], model["digest"])
    assert 1 == len(model["reason"].splitlines())
    with pytest.raises(NotKeptError):
        found.model()
    assert "" == capsys.readouterr().err


def test_a_lambda_in_a_model_travels_with_it(shell: InteractiveShell, run: Run, trail: Trail) -> None:
    run(
        shell,
        "from sklearn.pipeline import make_pipeline\nfrom sklearn.preprocessing import FunctionTransformer\n"
        "pipe = make_pipeline(FunctionTransformer(lambda X: X * 2), LogisticRegression(max_iter=500))\n"
        "pred = pipe.fit(X_train, y_train).predict(X_test)",
    )

    (found,) = trail.search_runs()
    assert (shell.user_ns["pred"] == found.model().predict(shell.user_ns["X_test"])).all()


def test_a_model_comes_back_and_predicts_the_same(shell: InteractiveShell, run: Run, trail: Trail) -> None:
    run(shell, "clf = RandomForestClassifier(n_estimators=5, random_state=0).fit(X_train, y_train)")

    (found,) = trail.search_runs()
    held = shell.user_ns
    for model in (found.model(), found.model("clf"), found.fits[0].model):
        assert (held["clf"].predict_proba(held["X_test"]) == model.predict_proba(held["X_test"])).all()


def test_a_model_over_the_budget_is_not_kept_until_asked_for(shell: InteractiveShell, run: Run, trail: Trail) -> None:
    run(
        shell,
        "from sklearn.base import BaseEstimator, ClassifierMixin\n"
        "class Heavy(ClassifierMixin, BaseEstimator):\n"
        "    def fit(self, X, y):\n"
        "        self.ballast_ = np.random.default_rng(0).integers(0, 255, 40_000_000, dtype='u1')\n"
        "        return self\n"
        "heavy = Heavy().fit(X_train, y_train)",
    )
    (found,) = trail.search_runs()
    (model,) = [one for one in found.content.field("artifacts") if one["kind"] == "model"]
    assert "not kept" == model["status"]
    assert "celltrail.keep" in model["reason"]

    run(shell, "import celltrail\ncelltrail.keep(heavy)")

    (again,) = trail.search_runs()
    assert (shell.user_ns["heavy"].ballast_ == again.model().ballast_).all()


def test_files_read_and_written_are_on_record(
    shell: InteractiveShell, run: Run, trail: Trail, tmp_path: Path
) -> None:
    (tmp_path / "in.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    opened = builtins.open
    run(
        shell,
        "import pandas as pd\nframe = pd.read_csv('in.csv')\n"
        "clf = LogisticRegression(max_iter=500).fit(X_train, y_train)\n"
        "pd.Series(clf.predict(X_test)).to_csv('out.csv')\n"
        "with open('large.bin', 'wb') as file:\n    file.write(bytes(5_000_000))",
    )

    loaded = current()
    assert loaded is not None
    assert loaded.kernel.late.wait(10)
    (found,) = trail.search_runs()
    files = {Path(file["path"]).name: file for file in found.files}
    assert {"in.csv": "read", "out.csv": "write", "large.bin": "write"} == {
        name: file["mode"] for name, file in files.items()
    }
    assert {"kept"} == {file["digest_status"] for file in files.values()}
    assert all(file["digest"] for file in files.values())
    assert builtins.open is opened


def test_a_model_kept_by_name_in_the_cell_that_fits_it_is_one_model(
    shell: InteractiveShell, run: Callable[..., Any], trail: Trail
) -> None:
    run(
        shell,
        "import celltrail\nclf = RandomForestClassifier(n_estimators=3, random_state=0).fit(X_train, y_train)\n"
        "celltrail.keep(clf)",
    )

    (kept,) = [row for row in trail.run("last").content.field("artifacts") if row["kind"] == "model"]
    assert ("clf", "kept") == (kept["name"], kept["status"])
    assert 3 == len(trail.run("last").model().estimators_)


def test_a_cell_without_an_id_that_was_committed_on_the_way_stays_in_its_experiment(
    shell: InteractiveShell, run: Run, trail: Trail
) -> None:
    fit = "clf = LogisticRegression(C={c}, max_iter=200).fit(X_train, y_train)\n"
    commit = "from celltrail.magics.extension import current\ncurrent().witness._commit_running()\n"
    score = "acc = accuracy_score(y_test, clf.predict(X_test))"

    run(shell, fit.format(c=1) + score)
    run(shell, fit.format(c=2) + commit + score)

    assert ["logistic-regression#2", "logistic-regression#1"] == [one.reference for one in trail.search_runs()]
