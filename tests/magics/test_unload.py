"""Nothing of celltrail stays behind `%unload_ext celltrail`."""

from __future__ import annotations

import builtins
import gc
import io
import os
import sqlite3
import sys
import urllib.request
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from IPython.core import interactiveshell
from IPython.core.interactiveshell import InteractiveShell

Run = Callable[..., Any]

PREPARED = """
import sklearn.metrics, sklearn.model_selection, sklearn.ensemble, sklearn.linear_model, sklearn.pipeline, sklearn.svm
from sklearn.base import BaseEstimator
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score
class Mine(BaseEstimator):
    def fit(self, X, y):
        return self
X, y = load_iris(return_X_y=True)
"""


def loaded_classes(cls: type) -> Iterator[type]:
    yield cls
    for child in type.__subclasses__(cls):
        yield from loaded_classes(child)


def wrapped_things(shell: InteractiveShell) -> dict[str, Any]:
    """Return every thing that celltrail puts something of its own in the place of, by a name."""
    import sklearn.metrics
    import sklearn.model_selection
    from sklearn.base import BaseEstimator

    found: dict[str, Any] = {
        "builtins.open": builtins.open,
        "io.open": io.open,
        "os.open": os.open,
        "io_open": interactiveshell.io_open,
        "sqlite3.connect": sqlite3.connect,
        "urlopen": urllib.request.urlopen,
        "showwarning": warnings.showwarning,
        "supports_dir_fd": frozenset(os.supports_dir_fd),
        "meta_path": tuple(sys.meta_path),
    }
    for cls in {ancestor for loaded in loaded_classes(BaseEstimator) for ancestor in loaded.__mro__}:
        for name, held in vars(cls).items():
            # Python keeps `__slotnames__` in each class of which it pickles an object.
            if name not in ("__abstractmethods__", "_abc_impl", "__slotnames__"):
                found[f"{cls.__module__}.{cls.__qualname__}.{name}"] = held
    for module in (sklearn.metrics, sklearn.model_selection):
        for name, function in vars(module).items():
            if not callable(function):
                continue
            found[f"{name} itself"] = function
            found[f"{name} code"] = getattr(function, "__code__", None)
            for place, cell in enumerate(getattr(function, "__closure__", None) or ()):
                found[f"{name} cell {place}"] = cell.cell_contents
    found["transformers"] = tuple(map(id, shell.input_transformers_cleanup))
    found["checkers"] = tuple(map(id, shell.prefilter_manager.checkers))
    found["displays"] = tuple(getattr(shell.display_pub, "_hooks", ()))
    for event, callbacks in shell.events.callbacks.items():
        found[f"event {event}"] = tuple(callbacks)
    for kind, magics in shell.magics_manager.magics.items():
        found[f"{kind} magics"] = frozenset(magics)
        found.update({f"{kind} {name}": magic for name, magic in magics.items()})
    return found


def test_every_wrapped_thing_is_what_it_was(plain_shell: InteractiveShell, run: Run) -> None:
    gc.collect()  # classes that other tests have left
    run(plain_shell, PREPARED)
    run(plain_shell, "%unload_ext celltrail")  # IPython makes its own magics at their first use
    before = wrapped_things(plain_shell)

    run(plain_shell, "%load_ext celltrail")
    during = wrapped_things(plain_shell)
    run(plain_shell, "clf = RandomForestClassifier(2).fit(X, y)\naccuracy_score(y, clf.predict(X))")
    run(plain_shell, "class Late(BaseEstimator):\n    def fit(self, X, y):\n        return self\nLate().fit(X, y)")
    late_during = plain_shell.user_ns["Late"].__dict__["fit"]
    run(plain_shell, "%unload_ext celltrail")

    after = wrapped_things(plain_shell)
    assert [] == [name for name, held in before.items() if not _is_same(held, after[name])]
    assert [] == [name for name in after if name not in before and "Late" not in name]
    assert "function" == type(plain_shell.user_ns["Late"].__dict__["fit"]).__name__ != type(late_during).__name__
    changed = [name for name, held in before.items() if not _is_same(held, during[name])]
    assert any("fit" in name for name in changed), "the test looks where something is put"
    assert any("accuracy_score" in name for name in changed)


def _is_same(one: Any, other: Any) -> bool:
    return one is other or (isinstance(one, tuple | frozenset) and one == other)
