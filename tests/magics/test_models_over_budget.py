"""A model over the budget: the best of its experiment so far stays within reach in this kernel."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

import celltrail
from celltrail.capture import budget
from celltrail.errors import NotKeptError
from celltrail.magics.extension import unload
from celltrail.store.trail import Trail

Run = Callable[..., Any]
FIT = """# celltrail: stump
clf = LogisticRegression(C={C}, max_iter={n}).fit(X_train, y_train)
accuracy_score(y_test, clf.predict(X_test))
"""


@pytest.fixture(autouse=True)
def _no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "MODEL_BYTES", 100)


def test_the_best_so_far_is_within_reach_and_the_others_say_how_to_keep_them(
    shell: InteractiveShell, run: Run, trail: Trail, capsys: pytest.CaptureFixture[str]
) -> None:
    run(shell, FIT.format(C=1.0, n=500))
    best = shell.user_ns["clf"]
    run(shell, FIT.format(C=1e-9, n=501))  # far worse

    assert best is celltrail.run("stump#1").model()
    with pytest.raises(NotKeptError, match=r"celltrail\.keep\(clf\)"):
        celltrail.run("stump#2").model()
    reasons = [trail.run(f"stump#{number}").content.field("artifacts")[0]["reason"] for number in (1, 2)]
    assert [True, False] == ["the best so far stays in this kernel's memory" in one for one in reasons]


def test_a_better_one_takes_its_place_and_the_other_is_let_go(
    shell: InteractiveShell, run: Run, trail: Trail
) -> None:
    run(shell, FIT.format(C=1e-9, n=500))
    first = weakref.ref(shell.user_ns["clf"])
    run(shell, FIT.format(C=1.0, n=501))
    second = shell.user_ns["clf"]

    assert second is celltrail.run("stump#2").model()
    gc.collect()
    assert first() is None


def test_a_model_that_is_fitted_again_is_no_longer_what_its_run_made(
    shell: InteractiveShell, run: Run, trail: Trail
) -> None:
    run(shell, FIT.format(C=1.0, n=500))
    run(shell, "_ = clf.fit(X_train[:50], y_train[:50])")

    with pytest.raises(NotKeptError):
        celltrail.run("stump#1").model()


def test_a_loop_over_large_models_holds_the_best_of_them_alone(
    shell: InteractiveShell, run: Run, trail: Trail
) -> None:
    run(
        shell,
        """# celltrail: loop
import weakref
models = weakref.WeakSet()
for C in (1e-9, 1.0, 1e-8, 1e-7, 1e-6):
    clf = LogisticRegression(C=C, max_iter=500).fit(X_train, y_train)
    models.add(clf)
    score = accuracy_score(y_test, clf.predict(X_test))
del clf
""",
    )
    gc.collect()

    assert [1.0] == [model.C for model in shell.user_ns["models"]]


def test_nothing_is_held_when_celltrail_is_unloaded(shell: InteractiveShell, run: Run, trail: Trail) -> None:
    run(shell, FIT.format(C=1.0, n=500))
    model = weakref.ref(shell.user_ns.pop("clf"))
    unload(shell)
    gc.collect()

    assert model() is None
