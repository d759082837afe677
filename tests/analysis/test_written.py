"""Written parameters are those of the source; what can't be known is not guessed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn import linear_model
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from celltrail.analysis.written import written_params


class Unread:
    @property
    def value(self) -> Any:
        raise AssertionError("read")

    def __repr__(self) -> str:
        raise AssertionError("shown")


NAMESPACE: dict[str, Any] = {
    "RandomForestClassifier": RandomForestClassifier,
    "GridSearchCV": GridSearchCV,
    "Pipeline": Pipeline,
    "StandardScaler": StandardScaler,
    "linear_model": linear_model,
    "np": np,
    "depth": 12,
    "cfg": {"max_depth": 3, "n_jobs": None},
    "small": np.float64(0.5),
    "unread": Unread(),
    "scaler": StandardScaler(),
    "make": lambda: None,
}
FOREST = "RandomForestClassifier"


def spelled(cell: str) -> str:
    return cell.replace("RF(", "RandomForestClassifier(").replace("SS(", "StandardScaler(")


@pytest.mark.parametrize(
    ("cells", "variable", "class_name", "expected"),
    [
        (["clf = RF(max_depth=8, bootstrap=False)"], "clf", FOREST, {"max_depth": 8, "bootstrap": False}),
        (["clf = RF()"], "clf", FOREST, {}),
        (["clf = RF(200, max_depth=depth)"], "clf", FOREST, {"n_estimators": 200, "max_depth": 12}),
        (["clf = RF(**cfg)"], "clf", FOREST, {"max_depth": 3, "n_jobs": None}),
        (["clf = RF(max_depth=cfg['max_depth'])"], "clf", FOREST, {"max_depth": 3}),
        (["clf = RF(max_features=small)"], "clf", FOREST, {"max_features": 0.5}),
        (["m = linear_model.Ridge(1e-3, tol=10**-4)"], "m", "Ridge", {"alpha": 0.001, "tol": 0.0001}),
        (["m = linear_model.Ridge(alpha=-np.inf)"], "m", "Ridge", {"alpha": float("-inf")}),
        (["m = linear_model.Ridge(alpha=np.float64(3))"], "m", "Ridge", {"alpha": {"repr": "np.float64(3)"}}),
        (["m = linear_model.Ridge(alpha=unread.value)"], "m", "Ridge", {"alpha": {"repr": "unread.value"}}),
        (["m = linear_model.Ridge(alpha=unread)"], "m", "Ridge", {"alpha": {"repr": "unread"}}),
        (["linear_model.Ridge(alpha=2).fit(X, y)"], None, "Ridge", {"alpha": 2}),
        (["clf = RF(max_depth=8).fit(X, y)"], "clf", FOREST, {"max_depth": 8}),
        (["clf.fit(X, y)", "clf = RF(max_depth=8)"], "clf", FOREST, {"max_depth": 8}),
        (["clf = RF(max_depth=1)", "clf = RF(max_depth=2)"], "clf", FOREST, {"max_depth": 1}),
        (
            ["clf.set_params(max_depth=4)\nclf.n_jobs = 2", "clf = RF(max_depth=8, n_jobs=1)"],
            "clf", FOREST, {"max_depth": 4, "n_jobs": 2},
        ),
        (
            ["b = clone(a).set_params(max_depth=5)", "a = RF(n_jobs=1)"],
            "b", FOREST, {"n_jobs": 1, "max_depth": 5},
        ),
        (
            ["for d in (1, 2):\n    clf = RF(max_depth=d)\n    clf.fit(X, y)"],
            "clf", FOREST, {"max_depth": {"repr": "d"}},
        ),
        (
            ["models = {'rf': RF(max_depth=8), 'lr': Ridge()}\nfor m in models.values(): m.fit(X, y)"],
            "m", FOREST, {"max_depth": 8},
        ),
        (["def make():\n    return RF(max_depth=6)\nclf = make()"], "clf", FOREST, {"max_depth": 6}),
        (["other = RF(max_depth=6)\nclf = load('m.pkl')"], "clf", FOREST, None),
        (["m = [RF(max_depth=1), RF(max_depth=2)]"], "clf", FOREST, None),
        (["%matplotlib inline\nclf = RF(max_depth=8)\n!ls"], "clf", FOREST, {"max_depth": 8}),
        (["clf = RF(*unread)"], "clf", FOREST, None),
        (["clf = RF(max_depth="], "clf", FOREST, None),
        (["clf = clf"], "clf", FOREST, None),
        ([], "clf", FOREST, None),
    ],
)  # fmt: skip
def test_the_constructor_call_is_read(
    cells: list[str], variable: str | None, class_name: str, expected: dict[str, Any] | None
) -> None:
    assert expected == written_params([spelled(cell) for cell in cells], variable, class_name, NAMESPACE)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (
            "pipe = make_pipeline(SS(), RF(max_depth=3), memory=None)",
            {"randomforestclassifier__max_depth": 3, "memory": None},
        ),
        (
            "pipe = Pipeline([('scale', SS(with_mean=False)), ('clf', RF(n_jobs=2))])",
            {"scale__with_mean": False, "clf__n_jobs": 2},
        ),
        ("pipe = Pipeline(steps=[('clf', RF(5))])", {"clf__n_estimators": 5}),
        ("clf = RF(7)\npipe = make_pipeline(scaler, clf)", {"randomforestclassifier__n_estimators": 7}),
        ("s = [('a', SS(copy=False))]\npipe = Pipeline(s)", {"a__copy": False}),
        (
            "pipe = make_pipeline(SS(copy=True), SS(copy=False))",
            {"standardscaler-1__copy": True, "standardscaler-2__copy": False},
        ),
    ],
)  # fmt: skip
def test_steps_of_a_pipeline_have_their_names(cell: str, expected: dict[str, Any]) -> None:
    assert expected == written_params([spelled(cell)], "pipe", "Pipeline", NAMESPACE)


def test_a_search_shows_its_grid_and_its_estimator() -> None:
    cell = "s = GridSearchCV(RandomForestClassifier(n_jobs=1), {'max_depth': [2, 4], 'x': np.logspace(0, 1)}, cv=5)"

    found = written_params([cell], "s", "GridSearchCV", NAMESPACE)

    assert {
        "estimator": {"repr": "RandomForestClassifier(n_jobs=1)"},
        "estimator__n_jobs": 1,
        "param_grid": {"max_depth": [2, 4], "x": {"repr": "np.logspace(0, 1)"}},
        "cv": 5,
    } == found


def test_a_class_written_in_the_notebook_is_known_by_its_own_signature() -> None:
    class Mine:
        def __init__(self, rate: float, *, depth: int = 1) -> None:
            raise AssertionError("run")

    found = written_params(["m = Mine(0.5, depth=2)"], "m", "Mine", {"Mine": Mine})

    assert {"rate": 0.5, "depth": 2} == found
