"""A tracked cell in a real kernel: what is shown, and what a killed kernel leaves."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import IPython
import pytest

from celltrail.domain.record import RunStatus
from celltrail.store.trail import Trail

pytestmark = pytest.mark.kernel

RUN_MIME = "application/vnd.celltrail.run.v1+json"
PREPARE = (
    "from sklearn.datasets import load_iris\nfrom sklearn.linear_model import LogisticRegression\n"
    "from sklearn.metrics import accuracy_score\n%load_ext celltrail\nX, y = load_iris(return_X_y=True)"
)
FIT = "clf = LogisticRegression(max_iter=500).fit(X, y)\nprint('fitted')\naccuracy_score(y, clf.predict(X))"

StartKernel = Callable[..., Any]


def trail_in(folder: Path) -> Trail:
    return Trail.open(folder / ".celltrail", create=False)


def test_a_tracked_cell_shows_its_own_output_and_one_line_more(start_kernel: StartKernel, tmp_path: Path) -> None:
    kernel = start_kernel()
    kernel.run(PREPARE)

    shown = kernel.run(FIT, cell_id="abc")

    assert "ok" == shown["status"]
    assert "fitted\n" == shown["stdout"]
    assert "" == shown["stderr"]
    assert shown["result"] is not None
    (line,) = shown["displays"]
    assert {RUN_MIME, "text/html", "text/plain"} == set(line)
    assert "logistic-regression#1" in line["text/plain"]


def test_loading_prints_one_line(start_kernel: StartKernel) -> None:
    shown = start_kernel().run("%load_ext celltrail")

    assert 1 == shown["stdout"].count("\n")
    assert "nothing leaves this machine" in shown["stdout"]
    assert "" == shown["stderr"]


def test_a_killed_kernel_leaves_a_lost_run_with_what_was_committed_on_the_way(
    start_kernel: StartKernel, tmp_path: Path
) -> None:
    kernel = start_kernel()
    kernel.run(PREPARE)
    kernel.run(FIT)
    kernel.start("import time\nclf = LogisticRegression(C=2, max_iter=500).fit(X, y)\ntime.sleep(60)")
    time.sleep(7)

    kernel.kill()

    with trail_in(tmp_path) as trail:
        lost, whole = trail.search_runs()
        assert (RunStatus.LOST, RunStatus.FINISHED) == (lost.status, whole.status)
        assert 2 == lost.params["C"]
        assert "accuracy_score.y" in whole.metrics


def test_an_interrupted_await_cell_is_an_interrupted_run(start_kernel: StartKernel, tmp_path: Path) -> None:
    kernel = start_kernel()
    kernel.run(PREPARE)
    message = kernel.start(FIT + "\nimport asyncio\nfor _ in range(600): await asyncio.sleep(0.1)")
    time.sleep(3)

    kernel.manager.interrupt_kernel()
    shown = kernel.wait(message)

    assert "error" == shown["status"]
    with trail_in(tmp_path) as trail:
        assert [RunStatus.INTERRUPTED] == [run.status for run in trail.search_runs()]


def test_numbers_go_on_after_a_restart(start_kernel: StartKernel, tmp_path: Path) -> None:
    for depth in (1, 2):
        kernel = start_kernel()
        kernel.run(PREPARE)
        kernel.run(FIT.replace("500", f"50{depth}"), cell_id="abc")
        kernel.close()

    with trail_in(tmp_path) as trail:
        assert ["logistic-regression#2", "logistic-regression#1"] == [run.reference for run in trail.search_runs()]


@pytest.mark.skipif(IPython.version_info < (9,), reason="IPython before 9 keeps no record of outputs")
def test_figures_and_tables_are_kept_without_rows(start_kernel: StartKernel, tmp_path: Path) -> None:
    kernel = start_kernel()
    kernel.run(PREPARE)

    shown = kernel.run(
        "%matplotlib inline\nimport matplotlib.pyplot as plt, pandas as pd\n"
        + FIT
        + "\nplt.plot([1, 2])\nplt.show()\n"
        "pd.DataFrame({'secret_column': ['secret value']})"
    )

    assert "ok" == shown["status"], shown
    with trail_in(tmp_path) as trail:
        (run,) = trail.search_runs()
        (figure,) = run.figures
        assert figure.startswith(b"\x89PNG")
        assert "secret_column" in str(run.outputs)
        assert "secret value" not in str(run.outputs)


def test_a_figure_is_kept_with_all_else_of_its_cell(start_kernel: StartKernel, tmp_path: Path) -> None:
    kernel = start_kernel()
    kernel.run(
        "from sklearn.metrics import accuracy_score\nimport matplotlib.pyplot as plt\n"
        "from sklearn.datasets import load_iris\nfrom sklearn.linear_model import LogisticRegression\n"
        "from sklearn.model_selection import GridSearchCV, cross_val_score\nX, y = load_iris(return_X_y=True)"
    )
    kernel.run("%load_ext celltrail")

    kernel.run(
        "search = GridSearchCV(LogisticRegression(max_iter=500), {'C': [0.1, 1.0]}, cv=3, n_jobs=2).fit(X, y)\n"
        "scores = cross_val_score(search.best_estimator_, X, y, cv=3, n_jobs=2)\n"
        "acc = accuracy_score(y[:50], search.predict(X)[:50])\n_ = plt.plot(scores)\nplt.show()"
    )

    with trail_in(tmp_path) as trail:
        (run,) = trail.search_runs()
        assert {"best_score", "cross_val_score.mean", "cross_val_score.std", "accuracy_score.y[:50]"} == set(
            run.metrics
        )
        (figure,) = run.figures
        assert figure.startswith(b"\x89PNG")
        assert 2 == len(run.fits[0].search["trials"]["rows"])
