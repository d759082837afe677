"""A real kernel that is interrupted in celltrail's own work, thirty times."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from celltrail.domain.record import RunStatus
from celltrail.store.trail import Trail

pytestmark = pytest.mark.kernel

TESTS = Path(__file__).parent.parent
PREPARE = (
    "from sklearn.datasets import load_iris\nfrom sklearn.linear_model import LogisticRegression\n"
    "from sklearn.metrics import accuracy_score\nfrom support.striking import interrupt_in\n"
    "%load_ext celltrail\nX, y = load_iris(return_X_y=True)"
)
FIT = (
    "clf = LogisticRegression(C={c}, max_iter=300).fit(X, y)\nacc = accuracy_score(y, clf.predict(X))\n"
    "print('ran {c}')"
)
# A cell's own code stands between the two: the point of its start is armed by the cell before it.
ARM = "arm = interrupt_in('{point}', {at}); struck = arm.__enter__()"
DISARM = "arm.__exit__(None, None, None)"


def test_thirty_interrupts_in_the_hooks_of_a_kernel_are_each_heard_once_and_cost_no_run(
    start_kernel: Callable[..., Any], tmp_path: Path
) -> None:
    kernel = start_kernel(PYTHONPATH=str(TESTS))
    kernel.run(PREPARE)
    kernel.run(FIT.format(c=0.5), cell_id="abc")
    chance, kept = random.Random(20), [0.5]
    for number in range(30):
        point, steps = (("start", 900), ("end", 5000))[number % 2]
        waits = "await asyncio.sleep(0.2)\n" if number % 3 == 2 else ""
        source = f"import asyncio\n{waits}" + FIT.format(c=number + 1)
        arm = ARM.format(point=point, at=chance.randrange(steps))
        if point == "start":
            kernel.run(arm)  # strikes in the next cell's start
        shown = kernel.run(source if point == "start" else f"{arm}\n{source}", cell_id="abc")

        told = (number, point, bool(waits), shown)
        if point == "end":
            kept.append(number + 1)
            assert f"ran {number + 1}\n" == shown["stdout"], told
            # ipykernel hears an interrupt after an await cell's end, and drops it.
            assert ("ok" if waits else "error") == shown["status"], told
        else:
            assert "error" == shown["status"], told
            assert "" == shown["stdout"], told
            assert ("CancelledError" if waits else "KeyboardInterrupt") == shown["error"]["ename"], told
        assert "" == shown["stderr"], told
        assert "ok" == kernel.run(DISARM)["status"]

    assert "ok" == kernel.run("6 * 7")["status"]
    with Trail.open(tmp_path / ".celltrail", create=False) as trail:
        finished = [run for run in trail.search_runs() if run.status is RunStatus.FINISHED]
        assert kept == [run.params["C"] for run in reversed(finished)]
        assert all("accuracy_score.y" in run.metrics for run in finished)
