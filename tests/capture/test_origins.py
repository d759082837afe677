"""Whose predictions were scored: known through every wrapping, or left open, never guessed against the evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import celltrail
from celltrail.capture.by_hand import current_kernel
from celltrail.capture.cell import OpenCell

PREPARE = """
import warnings; warnings.simplefilter("ignore")
import numpy as np, pandas as pd
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import BaggingClassifier
from sklearn.metrics import accuracy_score, mean_absolute_error, roc_auc_score, silhouette_score
from sklearn.model_selection import GridSearchCV, KFold, cross_val_predict, train_test_split
from sklearn.naive_bayes import GaussianNB
from sklearn.cluster import KMeans
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier
X, y = load_breast_cancer(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
class Holder:
    def __init__(self, model): self.model = model
    def guess(self, X): return self.model.predict(X) > 0
    def evaluate(self, X, y):
        flags = self.model.predict_proba(X)[:, 1] > 0.35
        return accuracy_score(y, flags)
def evaluate(truth, guessed, share=0.5):
    flags = np.where(guessed > share, 1, 0)
    return accuracy_score(truth, flags)
"""
MODELS = (
    "nb = GaussianNB().fit(X_train, y_train)",
    "tree = DecisionTreeClassifier(max_depth=3, random_state=0).fit(X_train, y_train)",
)
A = "accuracy_score(y_test, "

# What a later cell computes from the tree's predictions, and scores.
OF_THE_TREE = {
    "itself": "p = tree.predict(X_test)\n" + A + "p)",
    "slice": "p = tree.predict(X_test)\naccuracy_score(y_test[:100], p[:100])",
    "strided": "p = tree.predict(X_test)\naccuracy_score(y_test[::2], p[::2])",
    "mask": "p = tree.predict(X_test)\nm = y_test == 0\naccuracy_score(y_test[m], p[m])",
    "rows by number": "p = tree.predict(X_test)\ni = np.arange(50)\naccuracy_score(y_test[i], p[i])",
    "Series": A + "pd.Series(tree.predict(X_test)))",
    "indexed Series": "p = pd.Series(tree.predict(X_test), index=range(5, 5 + len(y_test)))\n" + A + "p)",
    "Series of strings": "p = pd.Series(tree.predict(X_test)).map({0: 'b', 1: 'm'})\n"
    "accuracy_score(pd.Series(y_test).map({0: 'b', 1: 'm'}), p)",
    "categories": "p = pd.Series(tree.predict(X_test)).astype('category')\n" + A + "p)",
    "other type": "p = tree.predict(X_test).astype('float32')\n" + A + "p)",
    "list": "p = list(tree.predict(X_test))\n" + A + "p)",
    "tolist": "p = tree.predict(X_test).tolist()\n" + A + "p)",
    "column": "p = tree.predict(X_test).reshape(-1, 1)\n" + A + "p)",
    "ravelled": "p = tree.predict(X_test).reshape(-1, 1).ravel()\n" + A + "p)",
    "sorted": "p = np.sort(tree.predict(X_test))\n" + A + "p)",
    "threshold": "proba = tree.predict_proba(X_test)\np = np.where(proba[:, 1] > .4, 1, 0)\n" + A + "p)",
    "threshold in the call": "proba = tree.predict_proba(X_test)\n" + A + "(proba[:, 1] > .4).astype(int))",
    "column of a copy": "proba = tree.predict_proba(X_test).copy()\nroc_auc_score(y_test, proba[:, 1])",
    "argmax": "p = tree.predict_proba(X_test).argmax(axis=1)\n" + A + "p)",
    "rounded": "p = tree.predict_proba(X_test)[:, 1].round()\n" + A + "p)",
    "frame": "df = pd.DataFrame({'y': y_test})\ndf['p'] = tree.predict(X_test) * 1.0\naccuracy_score(df.y, df.p)",
    "frame of scores": "df = pd.DataFrame(tree.predict_proba(X_test), columns=['no', 'yes'])\n"
    "roc_auc_score(y_test, df['yes'])",
    "dict": "d = {'p': tree.predict_proba(X_test)}\n" + A + "d['p'][:, 1] > .6)",
    "parts": "parts = []\nfor half in np.array_split(X_test, 2):\n    parts.append(tree.predict(half))\n"
    + A
    + "np.concatenate(parts))",
    "filled": "p = np.zeros(len(y_test))\nfor i in range(len(y_test)):\n    p[i] = tree.predict(X_test[[i]])[0]\n"
    + A
    + "p)",
    "function": "evaluate(y_test, tree.predict_proba(X_test)[:, 1])",
    "function of a threshold": "evaluate(y_test, 1 - tree.predict_proba(X_test)[:, 0], share=0.7)",
    "object": "Holder(tree).evaluate(X_test, y_test)",
    "object that guesses": "held = Holder(tree)\n" + A + "held.guess(X_test))",
    "comprehension": "[accuracy_score(y_test, tree.predict_proba(X_test)[:, 1] > t) for t in (.2, .8)]",
    "lambda": "f = lambda t: accuracy_score(y_test, tree.predict_proba(X_test)[:, 1] > t)\nf(.45)",
    "rebound": "p = tree.predict_proba(X_test)[:, 1]\nflags = p > .55\np = nb.predict_proba(X_test)[:, 1]\n"
    + A
    + "flags)",
    "beside another": "q = nb.predict(X_test)\np = tree.predict(X_test)\n" + A + "p)",
    "one of two in a loop": "for m in (nb, tree):\n    p = m.predict_proba(X_test)\nflags = p[:, 1] > .65\n"
    + A
    + "flags)",
    "score": "tree.score(X_test, y_test)",
}

# What no single model has made, or nobody can say of which.
OF_NOBODY = {
    "constant": A + "np.ones_like(y_test))",
    "read from elsewhere": "p = np.frombuffer(bytes(len(y_test)), dtype='uint8')\n" + A + "p)",
    "mean of two": "p = (nb.predict_proba(X_test) + tree.predict_proba(X_test))[:, 1] / 2 > .5\n" + A + "p)",
    "one of two": "p = nb.predict(X_test) if len(y_test) > 10**6 else tree.predict_proba(X_test)[:, 1] > .35\n"
    + A
    + "p)",
    "a model that was loaded": "import pickle\nsame = pickle.loads(pickle.dumps(tree)).set_params(max_depth=4)\n"
    "accuracy_score(y_test[::-1], same.predict(X_test)[::-1] > 2)",
}


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Any]]:
    """Return a function that runs a cell in a kernel that has fitted a bayes and a tree, in two runs."""
    folder: Path = tmp_path_factory.mktemp("origins")
    (folder / "celltrail.toml").touch()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("CELLTRAIL_TRAIL", raising=False)
        InteractiveShell.clear_instance()
        config = Config()
        config.HistoryManager.hist_file = ":memory:"
        shell = InteractiveShell.instance(config=config)

        def run(source: str) -> Any:
            result = shell.run_cell(source, store_history=True)
            result.raise_error()
            return result

        for source in ("%load_ext celltrail", PREPARE, *MODELS):
            run(source)
        yield run
        shell.run_line_magic("unload_ext", "celltrail")
        shell.reset(new_session=False)
        shell.history_manager.end_session()
        InteractiveShell.clear_instance()


def last_cell() -> OpenCell:
    """Return the cell that ran last."""
    kernel = current_kernel()
    assert kernel is not None
    assert kernel.last_cell is not None
    return kernel.last_cell


def owners_of_last_cell() -> list[str]:
    """Return the estimator behind each number of the cell that ran last; "nobody" where no fit has made it."""
    runs = celltrail.open_trail().search_runs()
    estimators = {fit.id: fit.estimator for run in runs for fit in run.fits}
    metrics = last_cell().record.metrics
    return [estimators[metric.fit_id] if metric.fit_id else "nobody" for metric in metrics]


def test_what_was_made_of_predictions_is_with_the_model_that_made_them(cells: Callable[[str], Any]) -> None:
    owners = {}
    for wrapping, source in OF_THE_TREE.items():
        cells(source)
        owners[wrapping] = set(owners_of_last_cell())

    assert {} == {wrapping: found for wrapping, found in owners.items() if found != {"DecisionTreeClassifier"}}


def test_what_no_one_model_has_made_is_with_none(cells: Callable[[str], Any]) -> None:
    owners = {}
    for case, source in OF_NOBODY.items():
        cells(source)
        owners[case] = set(owners_of_last_cell())

    assert {} == {case: found for case, found in owners.items() if found != {"nobody"}}


# What is scored of a model, and whether rows of it were trained on.
ROWS = {
    "rows of the training target": ("tree.fit(X_train, y_train)", "y_train[i]", "X_train[i]", True),
    "a mask of it": ("tree.fit(X_train, y_train)", "y_train[mask]", "X_train[mask]", True),
    "rows by another name": ("tree.fit(X_train, y_train)\nyi = y_train[i]", "yi", "X_train[i]", True),
    "the rows that were trained on": ("tree.fit(X[train], y[train])", "y[train]", "X[train]", True),
    "some of them": ("tree.fit(X[train], y[train])", "y[some]", "X[some]", True),
    "others": ("tree.fit(X[train], y[train])", "y[test]", "X[test]", False),
    "others by name": ("Xt, yt = X[train], y[train]\ntree.fit(Xt, yt)", "y[test]", "X[test]", False),
    "a split": ("tree.fit(X_train, y_train)", "y_test", "X_test", False),
    "rows of a split": ("tree.fit(X_train, y_train)", "y_test[i]", "X_test[i]", False),
    "scaled by the training": ("tree.fit(X_train, y_train)\nys = y_test - y_train.min()", "ys", "X_test", False),
}


def test_rows_that_were_picked_out_of_the_training_are_known_as_seen(cells: Callable[[str], Any]) -> None:
    cells(
        "train, test = next(KFold(3, shuffle=True, random_state=0).split(X))\n"
        "i, some, mask = np.arange(3, 90, 2), np.r_[test[:9], train[:1]], y_train == 1"
    )

    found = {}
    for case, (fit, target, rows, _) in ROWS.items():
        cells(f"{fit}\naccuracy_score({target}, tree.predict({rows}))")
        (metric,) = last_cell().record.metrics
        found[case] = metric.on_training_data

    assert {case: expected for case, (*_, expected) in ROWS.items()} == found
