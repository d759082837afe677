"""A real InteractiveShell with celltrail loaded, in a folder of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import celltrail
from celltrail.store.trail import Trail

PREPARE = """
import numpy as np
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import train_test_split
X, y = load_iris(return_X_y=True, as_frame=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
"""


@pytest.fixture
def plain_shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    """Return a shell in an empty project folder, celltrail not loaded."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "celltrail.toml").write_text("", encoding="utf-8")
    monkeypatch.delenv("CELLTRAIL_TRAIL", raising=False)
    InteractiveShell.clear_instance()
    config = Config()
    config.HistoryManager.hist_file = ":memory:"
    config.InteractiveShell.colors = "nocolor"
    shell = InteractiveShell.instance(config=config)
    yield shell
    shell.run_line_magic("unload_ext", "celltrail")
    shell.reset(new_session=False)
    shell.history_manager.end_session()
    InteractiveShell.clear_instance()


@pytest.fixture
def shell(plain_shell: InteractiveShell, run: Callable[..., Any]) -> InteractiveShell:
    """Return a shell with celltrail loaded and iris split into train and test."""
    run(plain_shell, "%load_ext celltrail")
    run(plain_shell, PREPARE)
    return plain_shell


@pytest.fixture
def run() -> Callable[..., Any]:
    """Return a function that runs a cell as a front end does, and demands success unless told otherwise."""

    def run_cell(shell: InteractiveShell, source: str, *, cell_id: str | None = None, fails: bool = False) -> Any:
        result = shell.run_cell(source, store_history=True, cell_id=cell_id)
        assert fails is not result.success, result.error_in_exec or result.error_before_exec
        return result

    return run_cell


@pytest.fixture
def trail(shell: InteractiveShell) -> Trail:
    """Return the trail that the shell writes to."""
    return celltrail.open_trail()
