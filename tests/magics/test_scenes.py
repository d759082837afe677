"""Cells that end, nest and begin in unusual ways: each leaves the right run under the right experiment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import IPython
import pytest
from IPython.core.interactiveshell import InteractiveShell

import celltrail
from celltrail.domain.record import RunStatus
from celltrail.store.trail import Trail

Run = Callable[..., Any]

FIT = (
    "clf = LogisticRegression(max_iter=500).fit(X_train, y_train)\nprint(accuracy_score(y_test, clf.predict(X_test)))"
)


@pytest.mark.parametrize(
    "source",
    [
        f"%%track named\n%%time\n{FIT}",
        f"%%time\n%%track named\n{FIT}",
        f"%%track named\n%%capture shown\n{FIT}",
        f"%%capture shown\n%%track named\n{FIT}",
        f"%%time\n# celltrail: named\n{FIT}",
        f"get_ipython().run_cell_magic('track', 'named', {FIT!r})",
    ],
)
def test_other_cell_magics_above_and_below_the_header_leave_one_run(
    shell: InteractiveShell, run: Run, trail: Trail, source: str
) -> None:
    run(shell, source)
    again = run(shell, "1 + 1")

    (found,) = trail.search_runs()
    assert "named#1" == found.reference
    assert "accuracy_score.y_test" in found.metrics
    assert "clf" == found.fits[0].name
    assert 2 == again.result


def test_what_capture_hides_stays_hidden_and_the_cell_is_still_a_run(
    shell: InteractiveShell, run: Run, trail: Trail, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()

    run(shell, f"%%capture shown\n{FIT}")

    assert "0.9" in shell.user_ns["shown"].stdout
    assert "celltrail" not in shell.user_ns["shown"].stdout
    assert "logistic-regression#1" in capsys.readouterr().out
    assert ["logistic-regression#1"] == [found.reference for found in trail.search_runs()]


def test_a_nested_cell_that_fails_fails_alone(shell: InteractiveShell, run: Run, trail: Trail) -> None:
    inner = "LogisticRegression(max_iter=500).fit(X_train, y_train)\\n1 / 0"
    run(
        shell,
        f"inner = get_ipython().run_cell('{inner}')\n"
        "outer = RandomForestClassifier(n_estimators=2).fit(X_train, y_train)",
    )

    by_name = {found.experiment: found for found in trail.search_runs()}
    assert {"logistic-regression": RunStatus.FAILED, "random-forest": RunStatus.FINISHED} == {
        name: found.status for name, found in by_name.items()
    }
    assert isinstance(shell.user_ns["inner"].error_in_exec, ZeroDivisionError)


def test_a_failing_cell_raises_what_it_raised_and_the_next_one_is_a_run(
    shell: InteractiveShell, run: Run, trail: Trail
) -> None:
    failed = run(shell, FIT + "\nraise LookupError('mine')", fails=True)
    run(shell, FIT)

    assert "mine" == failed.error_in_exec.args[0]
    assert [RunStatus.FINISHED, RunStatus.FAILED] == [found.status for found in trail.search_runs()]


def test_a_cell_that_does_not_compile_is_no_run(shell: InteractiveShell, run: Run, trail: Trail) -> None:
    failed = run(shell, "%%track named\nthis is no python", fails=True)
    run(shell, f"%%track named\n{FIT}")

    assert isinstance(failed.error_before_exec, SyntaxError)
    assert ["named#1"] == [found.reference for found in trail.search_runs()]


def test_an_interrupt_in_the_middle_of_a_fit_is_an_interrupted_run_and_tracking_goes_on(
    shell: InteractiveShell, run: Run, trail: Trail
) -> None:
    run(
        shell,
        "from sklearn.base import BaseEstimator, ClassifierMixin\n"
        "class Slow(ClassifierMixin, BaseEstimator):\n"
        "    def fit(self, X, y):\n        raise KeyboardInterrupt\n",
    )
    interrupted = run(shell, "Slow().fit(X_train, y_train)", fails=True)
    run(shell, FIT)

    assert isinstance(interrupted.error_in_exec, KeyboardInterrupt)
    assert [("logistic-regression", RunStatus.FINISHED), ("slow", RunStatus.INTERRUPTED)] == [
        (found.experiment, found.status) for found in trail.search_runs()
    ]


def test_a_cell_that_loads_and_then_trains_is_a_run(plain_shell: InteractiveShell, run: Run) -> None:
    prepare = (
        "from sklearn.datasets import load_iris\nfrom sklearn.linear_model import LogisticRegression\n"
        "X, y = load_iris(return_X_y=True)\n"
    )
    result = run(plain_shell, f"{prepare}%load_ext celltrail\nLogisticRegression(max_iter=500).fit(X, y).score(X, y)")
    run(plain_shell, "LogisticRegression(max_iter=400).fit(X, y).score(X, y)")

    assert result.result > 0.9
    assert ["logistic-regression-2#1", "logistic-regression#1"] == [
        found.reference for found in celltrail.open_trail().search_runs()
    ]


def test_reloading_in_the_middle_of_a_cell_breaks_nothing(shell: InteractiveShell, run: Run) -> None:
    result = run(shell, f"{FIT}\n%reload_ext celltrail\n41 + 1")
    run(shell, "RandomForestClassifier(n_estimators=2).fit(X_train, y_train)")

    assert 42 == result.result
    assert [("random-forest#1", RunStatus.FINISHED), ("logistic-regression#1", RunStatus.FINISHED)] == [
        (found.reference, found.status) for found in celltrail.open_trail().search_runs()
    ]


def test_a_thread_that_logs_reaches_the_only_running_run(shell: InteractiveShell, run: Run, trail: Trail) -> None:
    run(
        shell,
        "import threading, celltrail\n"
        "logging = threading.Thread(target=celltrail.log_metric, args=('gain', 0.5))\n"
        "logging.start()\nlogging.join()",
    )

    (found,) = trail.search_runs()
    assert 0.5 == found.metrics["gain"]


def test_a_thread_that_outlives_its_cell_is_told_what_to_do(shell: InteractiveShell, run: Run) -> None:
    run(shell, "x = 1")
    raised: list[BaseException] = []

    def log() -> None:
        try:
            celltrail.log_metric("gain", 1)
        except celltrail.CelltrailError as error:
            raised.append(error)

    thread = threading.Thread(target=log)
    thread.start()
    thread.join()

    assert "Call it in a cell" in str(raised[0])


def test_an_edited_cell_keeps_its_experiment_and_a_copied_one_is_a_fork(
    shell: InteractiveShell, run: Run, trail: Trail
) -> None:
    run(shell, FIT, cell_id="aaaa1111")
    run(shell, FIT.replace("500", "400"), cell_id="aaaa1111")
    run(shell, FIT.replace("500", "401"), cell_id="bbbb2222")

    assert ["logistic-regression-2#1", "logistic-regression#2", "logistic-regression#1"] == [
        found.reference for found in trail.search_runs()
    ]


def test_without_cell_ids_an_edited_cell_keeps_its_experiment(
    shell: InteractiveShell, run: Run, trail: Trail
) -> None:
    run(shell, FIT)
    run(shell, FIT.replace("500", "400"))
    run(shell, "forest = RandomForestClassifier(n_estimators=2).fit(X_train, y_train)")

    assert ["random-forest#1", "logistic-regression#2", "logistic-regression#1"] == [
        found.reference for found in trail.search_runs()
    ]


@pytest.mark.skipif(IPython.version_info < (9,), reason="IPython before 9 keeps no record of outputs")
def test_what_a_cell_printed_and_returned_is_kept_with_its_own_run(
    shell: InteractiveShell, run: Run, trail: Trail
) -> None:
    run(shell, "print('an earlier cell')")
    run(shell, FIT + "\nprint('mine')\n6 * 7")

    (found,) = trail.search_runs()
    kept = str(found.outputs)
    assert "mine" in kept
    assert "'text/plain': '42'" in kept
    assert "an earlier cell" not in kept
