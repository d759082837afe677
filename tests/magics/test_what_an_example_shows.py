"""Cells as the example notebooks have them, and what their runs say."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

import celltrail
from celltrail.capture.guard import guarded
from celltrail.store.trail import Trail
from celltrail.views.runs import run_view

Run = Callable[..., Any]


def test_the_curve_that_a_library_keeps_comes_back_without_times(
    shell: InteractiveShell, run: Run, trail: Trail
) -> None:
    run(
        shell,
        "from sklearn.ensemble import GradientBoostingClassifier\n"
        "boost = GradientBoostingClassifier(n_estimators=20, random_state=0).fit(X_train, y_train)",
    )

    (found,) = trail.search_runs()
    assert list(shell.user_ns["boost"].train_score_) == found.fits[0].curve["train_score"]
    assert 20 == len(run_view(trail, found, mode="panel")["fits"][0]["curve"]["train_score"])


def test_data_that_no_fit_has_seen_speaks_before_the_score_of_a_search(
    shell: InteractiveShell, run: Run, trail: Trail
) -> None:
    run(
        shell,
        "from sklearn.model_selection import GridSearchCV\n"
        "search = GridSearchCV(LogisticRegression(max_iter=500), {'C': [0.1, 1]}, cv=3).fit(X_train, y_train)\n"
        "accuracy_score(y_test, search.predict(X_test))",
    )

    (found,) = trail.search_runs()
    assert "accuracy_score.y_test" == found.main_metric
    assert "best_score" in found.metrics


def test_runs_of_one_name_from_two_cells_have_no_other_cells_between_them(
    shell: InteractiveShell, run: Run, trail: Trail
) -> None:
    for cell, depth in (("one", 2), ("two", 3)):
        source = "\n".join(
            [
                "# celltrail: forest",
                f"m = RandomForestClassifier(5, max_depth={depth}, random_state=0).fit(X_train, y_train)",
                "accuracy_score(y_test, m.predict(X_test))",
            ]
        )
        run(shell, source, cell_id=cell)

    view = run_view(trail, trail.run("forest#2"), mode="panel")
    answer = celltrail.compare("forest#1", "forest#2")
    assert ["max_depth"] == [change["name"] for change in view["changed"]]
    assert "other cell " not in answer.text


def test_a_step_that_fails_prints_no_traceback_where_nobody_set_up_a_log(capfd: pytest.CaptureFixture[str]) -> None:
    own = logging.getLogger("celltrail")
    is_heard, own.propagate = own.propagate, False  # pytest hears what is handed up

    try:
        with guarded("figure", {}):
            raise ValueError("no canvas")
    finally:
        own.propagate = is_heard

    assert "" == capfd.readouterr().err
