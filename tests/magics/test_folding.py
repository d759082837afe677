"""The log is folded into the trail between cells, by a thread: no cell's end waits for it."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from celltrail.capture.folding import fold_later
from celltrail.capture.kernel import Kernel
from celltrail.magics import extension
from celltrail.store import checkpoint
from celltrail.store.connection import Connection
from celltrail.store.trail import Trail

LOGS = "import celltrail\ncelltrail.log_metric('auc', 0.5)"


@pytest.fixture
def kernel(shell: Any) -> Kernel:
    loaded = extension.current()
    assert loaded is not None
    return loaded.kernel


@pytest.fixture
def folded_by(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of the threads that fold from now on."""
    names: list[str] = []
    fold_log = Connection.fold_log

    def noted(connection: Connection, *, wait_s: float) -> bool:
        names.append(threading.current_thread().name)
        return fold_log(connection, wait_s=wait_s)

    monkeypatch.setattr(Connection, "fold_log", noted)
    return names


def log_bytes(trail: Trail) -> int:
    return Path(f"{trail.path}/trail.db-wal").stat().st_size


def test_a_long_log_is_folded_after_the_cell_by_a_thread(
    shell: Any, run: Any, kernel: Kernel, folded_by: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint, "WAIT_S", 60)  # however slowly the end of the cell reads what it shows
    run(shell, LOGS)
    monkeypatch.setattr(checkpoint, "LARGEST_LOG_BYTES", log_bytes(kernel.trail) + 1)

    run(shell, LOGS)
    assert kernel.late.wait(60)

    assert ["celltrail-late"] == folded_by
    assert 0 == log_bytes(kernel.trail)


def test_nothing_is_folded_while_a_cell_runs(
    shell: Any, run: Any, kernel: Kernel, folded_by: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fold_and_wait() -> tuple[bool, bool, list[str]]:
        is_due = checkpoint.is_due(kernel.trail)
        fold_later(kernel)
        return is_due, kernel.late.wait(60), list(folded_by)

    run(shell, LOGS)
    shell.user_ns["fold_and_wait"] = fold_and_wait
    monkeypatch.setattr(checkpoint, "LARGEST_LOG_BYTES", 1)

    run(shell, "found = fold_and_wait()")

    assert (True, True, []) == shell.user_ns["found"]


def test_a_log_that_nobody_finds_the_moment_to_fold_is_folded_by_the_end_of_a_cell(
    shell: Any, run: Any, kernel: Kernel, folded_by: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint, "LARGEST_LOG_BYTES", 1)

    run(shell, LOGS)

    assert threading.current_thread().name == folded_by[-1]
