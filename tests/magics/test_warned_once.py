"""What Python shows a person once it shows once with celltrail loaded too."""

from __future__ import annotations

import sys
import types
import warnings
from collections.abc import Callable
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

Run = Callable[..., Any]


@pytest.fixture
def legacy(monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the name of a module whose `load` warns always of the same."""
    module = types.ModuleType("legacy")
    exec("import warnings\ndef load():\n    warnings.warn('load() will go away', UserWarning)", module.__dict__)
    monkeypatch.setitem(sys.modules, "legacy", module)
    return module.__name__


def test_a_warning_shown_once_is_not_shown_again_because_a_splitter_is_written_down(
    shell: InteractiveShell, run: Run, legacy: str
) -> None:
    run(
        shell,
        "from sklearn.base import BaseEstimator, ClassifierMixin\nfrom sklearn.model_selection import KFold\n"
        "class Mine(ClassifierMixin, BaseEstimator):\n"
        "    def __init__(self, cv=None):\n        self.cv = cv\n"
        "    def fit(self, X, y):\n        return self",
    )
    with warnings.catch_warnings(record=True) as shown:
        warnings.resetwarnings()
        warnings.simplefilter("default", UserWarning)
        run(shell, f"import {legacy}\n{legacy}.load()\n{legacy}.load()")
        run(shell, "mine = Mine(KFold(3)).fit(X, y)")
        run(shell, f"{legacy}.load()")

    assert ["load() will go away"] == [str(each.message) for each in shown if each.category is UserWarning]
