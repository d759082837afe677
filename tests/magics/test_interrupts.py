"""Interrupts that arrive in celltrail's own work: each ends the step it meets, never the run, and is heard once."""

from __future__ import annotations

import random
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from support.striking import interrupt_in

from celltrail.domain.record import RunStatus
from celltrail.store.trail import Trail

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to oneself there"),
    # One that meets the end of a generator nobody waits for is reported by Python so; it is handed on all the same.
    pytest.mark.filterwarnings("ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning"),
]

Run = Callable[..., Any]
TRACEBACK = "Traceback (most recent call last)"
FIT = (
    "clf = LogisticRegression(C={c}, max_iter=200).fit(X_train, y_train)\n"
    "acc = accuracy_score(y_test, clf.predict(X_test))"
)
# Evenly over what each takes when nothing is new any more: steps as `support.killing` counts them.
STEPS = {"start": 900, "end": 6000}


def seeded(point: str, count: int) -> list[int]:
    chance = random.Random(point)
    return [0, STEPS[point] * 10, *(chance.randrange(STEPS[point]) for _ in range(count))]


def test_an_interrupt_at_the_end_of_a_cell_is_reported_once_and_its_run_is_kept(
    shell: InteractiveShell, run: Run, trail: Trail, capsys: pytest.CaptureFixture[str]
) -> None:
    run(shell, FIT.format(c=0.5))
    for number, at in enumerate(seeded("end", 14), start=2):
        capsys.readouterr()
        with interrupt_in("end", at) as struck:
            result = run(shell, FIT.format(c=number), fails=True)

        said = capsys.readouterr()
        assert isinstance(result.error_in_exec, KeyboardInterrupt), (at, struck)
        assert 1 == said.out.count(TRACEBACK), (at, struck, said.out)
        assert "Error in callback" not in said.out + said.err
        kept = trail.run("last")
        assert (number, RunStatus.FINISHED) == (kept.params["C"], kept.status), (at, struck)
        assert shell.user_ns["acc"] == kept.metrics["accuracy_score.y_test"], (at, struck)
        assert number == kept.number
    assert run(shell, "6 * 7").result == 42


def test_an_interrupt_at_the_start_of_a_cell_stops_it_before_its_first_line(
    shell: InteractiveShell, run: Run, trail: Trail, capsys: pytest.CaptureFixture[str]
) -> None:
    run(shell, FIT.format(c=0.5))
    for at in seeded("start", 8):
        capsys.readouterr()
        with interrupt_in("start", at) as struck:
            result = run(shell, "ran = True\n" + FIT.format(c=7), fails=True)

        said = capsys.readouterr()
        assert isinstance(result.error_in_exec, KeyboardInterrupt), (at, struck)
        assert 1 == said.out.count(TRACEBACK), (at, struck, said.out)
        assert "Error in callback" not in said.out + said.err
        assert "ran" not in shell.user_ns
        assert [] == shell.ast_transformers
    run(shell, FIT.format(c=8))
    assert [(2, 8), (1, 0.5)] == [(one.number, one.params["C"]) for one in trail.search_runs()]
    assert [(0,)] == trail.db.rows("SELECT count(*) FROM executions WHERE status = 'running'")


def test_an_interrupt_within_a_fit_s_recording_goes_on_to_the_user_s_code(
    shell: InteractiveShell, run: Run, trail: Trail
) -> None:
    run(shell, FIT.format(c=0.5))
    for point, at in (("fit opened", 3), ("fit opened", 100), ("fit closed", 3), ("fit closed", 300)):
        with interrupt_in(point, at):
            result = run(shell, FIT.format(c=9) + "\nreached = True", fails=True)

        assert isinstance(result.error_in_exec, KeyboardInterrupt)
        assert "reached" not in shell.user_ns
    run(shell, FIT.format(c=10))

    assert 10 == trail.run("last").params["C"]
    assert 1 == len(trail.run("last").fits)


def test_the_handler_that_the_user_set_hears_of_the_interrupt(
    shell: InteractiveShell, run: Run, tmp_path: Path
) -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: heard.append(number))
    try:
        for point in ("start", "end"):
            with interrupt_in(point, 50):
                assert run(shell, "6 * 7").result == 42
    finally:
        signal.signal(signal.SIGINT, before)

    assert [signal.SIGINT, signal.SIGINT] == heard


def test_hooks_leave_the_handler_of_interrupts_as_it_was(shell: InteractiveShell, run: Run) -> None:
    before = signal.getsignal(signal.SIGINT)

    run(shell, FIT.format(c=1))

    assert before is signal.getsignal(signal.SIGINT)
