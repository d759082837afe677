"""Kernels that are interrupted, killed, shared by subshells: what is shown, and what the trail then holds."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from celltrail.domain.record import RunStatus
from celltrail.store.trail import Trail

pytestmark = pytest.mark.kernel

StartKernel = Callable[..., Any]

PREPARE = (
    "from pathlib import Path\nimport asyncio, time\nimport celltrail\nfrom sklearn.datasets import load_iris\n"
    "from sklearn.linear_model import LogisticRegression\n%load_ext celltrail\nX, y = load_iris(return_X_y=True)"
)
FIT = "clf = LogisticRegression(max_iter=500, C={c}).fit(X, y)\nPath('{sign}').touch()\n"


def wait_for(sign: Path, *, timeout_s: float = 60) -> None:
    until = time.monotonic() + timeout_s
    while not sign.exists():
        assert time.monotonic() < until, f"{sign.name} did not come"
        time.sleep(0.05)


def doctor(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("celltrail")), "doctor"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)


def test_interrupted_cells_are_interrupted_runs_and_the_kernel_goes_on(
    start_kernel: StartKernel, tmp_path: Path
) -> None:
    kernel = start_kernel()
    kernel.run(PREPARE)
    shown = []
    # An interrupt does not wake ipykernel's loop (7.4 with tornado 6.6): an await that waits for one thing goes on.
    for c, waiting in ((2, "time.sleep(60)"), (3, "for _ in range(600): await asyncio.sleep(0.1)")):
        message = kernel.start(FIT.format(c=c, sign=f"sign{c}") + waiting, cell_id="cell0001")
        wait_for(tmp_path / f"sign{c}")
        time.sleep(0.5)
        kernel.manager.interrupt_kernel()
        shown.append(kernel.wait(message))
    last = FIT.format(c=4, sign="sign4") + "await asyncio.sleep(0)\nprint('heard')\n6 * 7"
    after = kernel.run(last, cell_id="cell0001")

    assert ["KeyboardInterrupt", "CancelledError"] == [each["error"]["ename"] for each in shown]
    assert "ok" == after["status"]
    with Trail.open(tmp_path / ".celltrail", create=False) as trail:
        assert "heard\n" == after["stdout"]
        assert ["heard\n"] == [each["text"] for each in trail.run("last").outputs if each["output_type"] == "stream"]
        assert [
            ("logistic-regression#3", RunStatus.FINISHED, 4),
            ("logistic-regression#2", RunStatus.INTERRUPTED, 3),
            ("logistic-regression#1", RunStatus.INTERRUPTED, 2),
        ] == [(run.reference, run.status, run.params["C"]) for run in trail.search_runs()]


def test_a_killed_kernel_costs_nothing_that_was_committed_and_doctor_says_all_is_well(
    start_kernel: StartKernel, tmp_path: Path
) -> None:
    kernel = start_kernel()
    kernel.run(PREPARE)
    kernel.run(FIT.format(c=1, sign="sign1"), cell_id="cell0001")
    kernel.start(
        FIT.format(c=2, sign="sign2") + "for step in range(600):\n"
        "    celltrail.log_metric('loss', 1 / (step + 1), step=step)\n    time.sleep(0.1)",
        cell_id="cell0001",
    )
    wait_for(tmp_path / "sign2")
    time.sleep(7)  # the first commit on the way comes after five seconds

    kernel.kill()
    before = doctor(tmp_path)
    again = start_kernel()
    again.run(PREPARE)
    again.run(FIT.format(c=3, sign="sign3"), cell_id="cell0001")

    assert (0, True) == (before.returncode, before.stdout.startswith("All is well.")), before
    with Trail.open(tmp_path / ".celltrail", create=False) as trail:
        newest, lost, whole = trail.search_runs()
        assert [RunStatus.FINISHED, RunStatus.LOST, RunStatus.FINISHED] == [newest.status, lost.status, whole.status]
        assert ["logistic-regression#3", "logistic-regression#2", "logistic-regression#1"] == [
            newest.reference,
            lost.reference,
            whole.reference,
        ]
        assert 2 == lost.params["C"]
        assert len(lost.metric_history("loss")) > 10
        assert whole.model() is not None
    after = doctor(tmp_path)
    assert (0, True) == (after.returncode, after.stdout.startswith("All is well.")), after


def test_cells_of_a_subshell_run_beside_those_of_the_kernel(start_kernel: StartKernel, tmp_path: Path) -> None:
    kernel = start_kernel()
    kernel.run(PREPARE)
    if not (subshell := create_subshell(kernel)):
        pytest.skip("this kernel has no subshells")

    message = kernel.start(
        FIT.format(c=2, sign="sign2") + "while not Path('sign3').exists():\n    time.sleep(0.05)\n"
        "celltrail.log_metric('whose', 2)"
    )
    wait_for(tmp_path / "sign2")
    run_in_subshell(kernel, subshell, "celltrail.log_metric('whose', 3)\n" + FIT.format(c=3, sign="sign3"))
    shown = kernel.wait(message)

    assert "ok" == shown["status"], shown
    wait_for(tmp_path / "sign3")
    time.sleep(2)
    with Trail.open(tmp_path / ".celltrail", create=False) as trail:
        assert [(2, 2.0), (3, 3.0)] == sorted((run.params["C"], run.metrics["whose"]) for run in trail.search_runs())


def create_subshell(kernel: Any) -> str | None:
    client = kernel.client
    client.control_channel.send(client.session.msg("create_subshell_request", {}))
    content = client.get_control_msg(timeout=30)["content"]
    return content.get("subshell_id")


def run_in_subshell(kernel: Any, subshell: str, source: str) -> None:
    client = kernel.client
    message = client.session.msg("execute_request", {"code": source, "silent": False, "store_history": True})
    message["header"]["subshell_id"] = subshell
    client.shell_channel.send(message)
