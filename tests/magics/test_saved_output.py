"""A notebook that comes with somebody's saved output, run in a trail that does not hold that run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

import celltrail
from celltrail.display.bundle import bundle
from celltrail.views.runs import run_view
from celltrail.views.schema import RUN_MIME

Run = Callable[..., Any]
CELL = """\
# celltrail: forest
clf = RandomForestClassifier(n_estimators=10, max_depth={depth}, random_state=0).fit(X_train, y_train)
acc = accuracy_score(y_test, clf.predict(X_test))
"""


def save(path: Path, panel: object) -> None:
    """Write the notebook as a front end does: one cell with one output."""
    output = {"output_type": "display_data", "data": {RUN_MIME: panel}}
    one = {"cell_type": "code", "id": "a", "source": CELL.format(depth=1), "outputs": [output]}
    path.write_text(json.dumps({"cells": [one]}), encoding="utf-8")


@pytest.fixture
def their_panel(plain_shell: InteractiveShell, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run the cell in another trail, and save the notebook with its output; here the trail is empty."""
    monkeypatch.setenv("CELLTRAIL_NOTEBOOK", str(tmp_path / "fraud.ipynb"))
    monkeypatch.setenv("CELLTRAIL_TRAIL", str(tmp_path / "theirs"))
    run(plain_shell, "%load_ext celltrail")
    run(plain_shell, PREPARE)
    run(plain_shell, CELL.format(depth=1), cell_id="a")
    trail = celltrail.open_trail()
    panel = bundle(run_view(trail, trail.run("last"), mode="line"))[RUN_MIME]
    save(tmp_path / "fraud.ipynb", panel)
    run(plain_shell, "%unload_ext celltrail")
    monkeypatch.setenv("CELLTRAIL_TRAIL", str(tmp_path / "mine"))
    return panel


PREPARE = """
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split
X, y = load_iris(return_X_y=True, as_frame=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
"""


def test_the_line_says_once_what_the_saved_output_said(
    plain_shell: InteractiveShell, run: Run, their_panel: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    run(plain_shell, "%load_ext celltrail")
    run(plain_shell, PREPARE)
    run(plain_shell, CELL.format(depth=3), cell_id="a")
    first = capsys.readouterr().out
    run(plain_shell, CELL.format(depth=4), cell_id="a")

    score = their_panel["headline"]["text"]
    assert f"saved output says {score} ({their_panel['run']['author']}" in first
    assert "max_depth 1→3" in first
    assert "saved output says" not in capsys.readouterr().out


def test_an_output_of_this_trail_is_no_news(
    plain_shell: InteractiveShell,
    run: Run,
    their_panel: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("CELLTRAIL_TRAIL", str(tmp_path / "theirs"))
    run(plain_shell, "%load_ext celltrail")
    run(plain_shell, PREPARE)
    run(plain_shell, CELL.format(depth=3), cell_id="a")

    assert "saved output says" not in capsys.readouterr().out


def test_a_malformed_panel_changes_nothing(
    plain_shell: InteractiveShell,
    run: Run,
    their_panel: Any,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    save(tmp_path / "fraud.ipynb", {**their_panel, "saved": {"metrics": "all good"}})
    run(plain_shell, "%load_ext celltrail")
    run(plain_shell, PREPARE)
    run(plain_shell, CELL.format(depth=3), cell_id="a")

    assert "forest#1" in capsys.readouterr().out
