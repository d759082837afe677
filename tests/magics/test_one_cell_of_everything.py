"""One cell with a pipeline, a search, a cross-validation, a metric and a figure; and what stays as it was."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

import celltrail
from celltrail.domain.run import Run as StoredRun

Run = Callable[..., Any]

EARLY = """
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.model_selection import GridSearchCV, cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
X, y = load_iris(return_X_y=True, as_frame=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
"""

EVERYTHING = """
pipe = make_pipeline(StandardScaler(), RandomForestClassifier(n_estimators=5, max_depth=3, random_state=0))
pipe.fit(X_train, y_train)
search = GridSearchCV(LogisticRegression(max_iter=500), {"C": [0.1, 1.0]}, cv=3).fit(X_train, y_train)
scores = cross_val_score(pipe, X_train, y_train, cv=3)
pred = pipe.predict(X_test)
acc = accuracy_score(y_test, pred)
fig, ax = plt.subplots()
_ = ax.plot(scores)
plt.close(fig)
"""


def everything(shell: InteractiveShell, run: Run) -> StoredRun:
    """Run the cell and return the only run that it left."""
    run(shell, EARLY)
    run(shell, "%load_ext celltrail")
    run(shell, EVERYTHING)
    (found,) = celltrail.open_trail().search_runs()
    return found


def test_everything_in_one_cell_is_one_run_under_the_right_names(plain_shell: InteractiveShell, run: Run) -> None:
    found = everything(plain_shell, run)

    held = plain_shell.user_ns
    assert ["pipe", "search", "pipe"] == [fit.name for fit in found.fits]
    assert ["pipeline", "search", "cross-validation"] == [fit.kind for fit in found.fits]
    assert {
        "pipe:accuracy_score.y_test": held["acc"],
        "search:best_score": held["search"].best_score_,
        "cross_val_score.mean": held["scores"].mean(),
        "cross_val_score.std": held["scores"].std(),
    } == pytest.approx(dict(found.metrics))
    assert 3 == found.params["pipe.randomforestclassifier__max_depth"]
    assert 3 == found.params["pipe:randomforestclassifier__max_depth"]
    assert {"accuracy_score.y_test"} == set(found.fits[0].metrics)
    assert {"best_score"} == set(found.fits[1].metrics)


def test_every_trial_and_every_fold_is_kept(plain_shell: InteractiveShell, run: Run) -> None:
    found = everything(plain_shell, run)

    search = found.fits[1].search
    assert search is not None
    columns = search["trials"]["columns"]
    results = plain_shell.user_ns["search"].cv_results_
    assert [0.1, 1.0] == [row[columns.index("param_C")] for row in search["trials"]["rows"]]
    for split in range(3):
        name = f"split{split}_test_score"
        assert results[name].tolist() == [row[columns.index(name)] for row in search["trials"]["rows"]]
    (mean,) = [row for row in found.content.field("metrics") if row["key"] == "cross_val_score.mean"]
    assert plain_shell.user_ns["scores"].tolist() == mean["folds"]


def test_the_users_objects_pickle_clone_and_compare_as_before(plain_shell: InteractiveShell, run: Run) -> None:
    everything(plain_shell, run)

    run(
        plain_shell,
        "import copy, pickle\nfrom sklearn.base import clone\nimport sklearn.metrics\n"
        "again = pickle.loads(pickle.dumps([pipe, search, accuracy_score, pipe.predict]))\n"
        "same = (again[0].predict(X_test) == pred).all() and (again[3](X_test) == pred).all()\n"
        "is_itself = accuracy_score is sklearn.metrics.accuracy_score and again[2] is accuracy_score\n"
        "cloned = clone(pipe).get_params().keys() == pipe.get_params().keys()\n"
        "deep = (copy.deepcopy(search).predict(X_test) == search.predict(X_test)).all()\n"
        "bytes_now = pickle.dumps([pipe, search, accuracy_score, type(pipe)])\n"
        "names = [name for held in (pipe, search) for name in vars(held)]",
    )

    held = plain_shell.user_ns
    assert all(held[name] for name in ("same", "is_itself", "cloned", "deep"))
    assert b"celltrail" not in held["bytes_now"]
    assert [] == [name for name in held["names"] if "celltrail" in name]


WRITTEN_IN_A_CELL = """
import cloudpickle
from sklearn.base import BaseEstimator, ClassifierMixin
class Mine(ClassifierMixin, BaseEstimator):
    def __init__(self, answer=1):
        self.answer = answer
    def fit(self, X, y):
        self.classes_ = [self.answer]
        return self
    def predict(self, X):
        return [self.answer for _ in range(len(X))]
mine = Mine(answer=2).fit(X_train, y_train)
score = mine.score(X_test, y_test)
with open("mine.pickle", "wb") as file:
    file.write(cloudpickle.dumps(mine))
"""


def test_a_pickle_of_a_class_of_a_cell_loads_where_celltrail_is_not(
    plain_shell: InteractiveShell, run: Run, tmp_path: Path
) -> None:
    run(plain_shell, EARLY)
    run(plain_shell, "%load_ext celltrail")
    run(plain_shell, WRITTEN_IN_A_CELL)

    elsewhere = (
        "import pickle, sys\nsys.modules['celltrail'] = None\n"
        "mine = pickle.load(open('mine.pickle', 'rb'))\nprint(mine.predict([0, 0]))\nmine.fit([0], [1])"
    )
    command = [sys.executable, "-c", elsewhere]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ("[2, 2]\n", "", 0) == (done.stdout, done.stderr, done.returncode)
    assert b"celltrail" not in (tmp_path / "mine.pickle").read_bytes()
    (found,) = celltrail.open_trail().search_runs()
    assert {"answer": 2} == found.fits[0].params_written
    assert plain_shell.user_ns["score"] == found.metrics["score.y_test"]
    assert found.model().predict([0]) == [2]
