"""Processes, threads, forks and sudden deaths around one trail; the store is the only thing that they share."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from support.cells import Kernel, keep

from celltrail.domain.ids import new_id
from celltrail.domain.record import ArtifactRecord, RunStatus
from celltrail.store import checkpoint, gc, liveness
from celltrail.store.trail import Trail

TESTS = Path(__file__).parent.parent
WRITER = """
import os
import sys
from pathlib import Path
from support.cells import Kernel, keep
from celltrail.domain.ids import ArtifactId, new_id
from celltrail.domain.record import ArtifactRecord, SeriesRecord
from celltrail.store import liveness
from celltrail.store.trail import Trail

folder, count = Path(sys.argv[1]), int(sys.argv[2])
trail = Trail.open(folder)
kernel = Kernel(folder.parent / "a.ipynb")
lock = liveness.hold_kernel_lock(trail, kernel.session)
for number in range(count):
    cell = kernel.trains(f"source {number} of {os.getpid()}", name="shared")
    digest = keep(cell, bytes([number % 256]) * 70_000)[0]
    cell.run.artifacts = [ArtifactRecord(ArtifactId(new_id()), "m", "model", "x", digest)]
    cell.run.series = [SeriesRecord("loss", list(range(500)), [0.5] * 500, [0.1] * 500)]
    saved = trail.save(cell, wait_s=10)
    print(cell.run.id, saved.number, flush=True)
trail.close()
"""


def a_writer(folder: Path, count: int) -> subprocess.Popen[str]:
    environment = os.environ | {"PYTHONPATH": str(TESTS)}
    command = [sys.executable, "-c", WRITER, str(folder), str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def test_two_processes_that_save_at_once_lose_nothing_and_share_the_numbers(tmp_path: Path) -> None:
    folder = tmp_path / ".celltrail"

    writers = [a_writer(folder, 60) for _ in range(2)]
    said = [line.split() for writer in writers for line in writer.communicate()[0].splitlines()]

    with Trail.open(folder) as trail:
        kept = trail.db.rows("SELECT global_id, number FROM runs ORDER BY number")
    assert [0, 0] == [writer.returncode for writer in writers]
    assert list(range(1, 121)) == [number for _, number in kept]
    assert sorted(kept) == sorted((run, int(number)) for run, number in said)


def test_threads_share_one_trail(tmp_path: Path) -> None:
    with Trail.open(tmp_path / ".celltrail") as trail:
        kernel = Kernel(tmp_path / "a.ipynb")
        cells = [kernel.trains(f"source {number}", depth=number, name="shared") for number in range(40)]

        threads = [threading.Thread(target=trail.save, args=(cell,), kwargs={"wait_s": 10}) for cell in cells]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert [(number,) for number in range(1, 41)] == trail.db.rows("SELECT number FROM runs ORDER BY number")


def test_the_log_is_folded_though_another_thread_reads_just_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint, "WAIT_S", 60)
    reads, may_end = threading.Event(), threading.Event()
    with Trail.open(tmp_path / ".celltrail") as trail:
        trail.save(Kernel(tmp_path / "a.ipynb").trains(), wait_s=1)

        def read() -> None:
            with trail.db.reading():
                reads.set()
                may_end.wait(60)

        reader, soon = threading.Thread(target=read), threading.Timer(0.2, may_end.set)
        reader.start()
        reads.wait(60)
        soon.start()
        is_empty = checkpoint.checkpoint(trail)
        reader.join()
        soon.join()

    assert is_empty


@pytest.mark.skipif(sys.platform == "win32", reason="no fork there")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_child_records_nothing_and_leaves_its_parents_trail_whole(tmp_path: Path) -> None:
    with Trail.open(tmp_path / ".celltrail") as trail:
        kernel = Kernel(tmp_path / "a.ipynb")
        trail.save(kernel.trains(depth=1), wait_s=1)

        child = os.fork()
        if child == 0:
            answer = trail.save(kernel.trains(depth=2), wait_s=1)
            trail.close()
            os._exit(0 if answer is None else 1)
        _, status = os.waitpid(child, 0)
        saved = trail.save(kernel.trains(depth=3), wait_s=1)

        assert 0 == status
        assert 2 == saved.number
        assert [("ok",)] == trail.db.rows("PRAGMA integrity_check")


@pytest.mark.skipif(sys.platform == "win32", reason="no kill -9 there")
@pytest.mark.parametrize("after", [1, 2, 3, 5, 8, 13])
def test_a_writer_killed_at_any_moment_loses_nothing_that_was_committed(tmp_path: Path, after: int) -> None:
    folder = tmp_path / ".celltrail"
    writer = a_writer(folder, 100_000)
    assert writer.stdout is not None
    said = [writer.stdout.readline().split() for _ in range(after)]
    time.sleep(0.0007 * after)  # somewhere within the next save
    writer.send_signal(signal.SIGKILL)
    said += [line.split() for line in writer.communicate()[0].splitlines(keepends=True) if line.endswith("\n")]

    with Trail.open(folder) as trail:
        kept = {run for (run,) in trail.db.rows("SELECT global_id FROM runs")}
        digests = [digest for (digest,) in trail.db.rows("SELECT lower(hex(digest)) FROM blobs")]
        assert [("ok",)] == trail.db.rows("PRAGMA integrity_check")
        assert [] == trail.db.rows("PRAGMA foreign_key_check")
        assert all(trail.read_blob(digest) is not None for digest in digests)
        saved = trail.save(Kernel(tmp_path / "a.ipynb").trains(name="shared"), wait_s=1)
    assert {run for run, _ in said} <= kept
    assert len(kept) + 1 == saved.number


def test_a_kernel_that_died_leaves_its_run_lost_with_what_was_committed(tmp_path: Path) -> None:
    folder = tmp_path / ".celltrail"
    with Trail.open(folder) as trail:
        kernel = Kernel(tmp_path / "a.ipynb")
        lock = liveness.hold_kernel_lock(trail, kernel.session)
        cell = kernel.trains(status=RunStatus.RUNNING)
        trail.save(cell, wait_s=1)
        assert set() == liveness.dead_sessions(trail)
        lock.release()  # what the operating system does when a process dies

        assert 1 == len(liveness.dead_sessions(trail))
    with Trail.open(folder) as trail:
        assert [("lost", 1)] == trail.db.rows("SELECT status, number FROM runs")
        assert [("lost",)] == trail.db.rows("SELECT status FROM executions")
        assert (0.9,) == trail.db.row("SELECT last FROM metrics")


def test_a_run_that_was_lost_before_it_made_anything_has_a_number(tmp_path: Path) -> None:
    folder = tmp_path / ".celltrail"
    with Trail.open(folder) as trail:
        cell = Kernel(tmp_path / "a.ipynb").trains(status=RunStatus.RUNNING, name="slow")
        cell.run.fits, cell.metrics = [], []
        trail.save(cell, wait_s=1)

        assert 1 == liveness.record_lost(trail)

        assert [("lost", 1)] == trail.db.rows("SELECT status, number FROM runs")
        assert 0 == liveness.record_lost(trail)


def test_a_living_kernel_of_another_process_is_not_declared_dead(tmp_path: Path) -> None:
    folder = tmp_path / ".celltrail"
    writer = a_writer(folder, 100_000)
    assert writer.stdout is not None
    writer.stdout.readline()

    with Trail.open(folder) as trail:
        host, boot_id, lock_name = trail.db.row("SELECT host, boot_id, lock_name FROM sessions")
        is_dead_while_it_lives = liveness.is_dead(folder, host=host, boot_id=boot_id, lock_name=lock_name)
        writer.kill()
        writer.communicate()
        is_dead_after = liveness.is_dead(folder, host=host, boot_id=boot_id, lock_name=lock_name)

    assert not is_dead_while_it_lives
    assert is_dead_after


def test_kernels_of_other_machines_are_never_judged(tmp_path: Path) -> None:
    with Trail.open(tmp_path / ".celltrail") as trail:
        kernel = Kernel(tmp_path / "a.ipynb")
        kernel.session.host, kernel.session.boot_id = "elsewhere", "other"
        trail.save(kernel.trains(status=RunStatus.RUNNING), wait_s=1)

        assert 0 == liveness.record_lost(trail)
        assert ("running",) == trail.db.row("SELECT status FROM runs")


@pytest.mark.skipif(sys.platform == "win32", reason="no fork there")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_worker_that_outlives_its_kernel_does_not_make_it_look_alive(tmp_path: Path) -> None:
    with Trail.open(tmp_path / ".celltrail") as trail:
        kernel = Kernel(tmp_path / "a.ipynb")
        lock = liveness.hold_kernel_lock(trail, kernel.session)
        trail.save(kernel.trains(status=RunStatus.RUNNING), wait_s=1)
        waiting, living = os.pipe(), os.pipe()
        child = os.fork()
        if child == 0:
            os.close(waiting[1])
            os.write(living[1], b"!")
            os.read(waiting[0], 1)
            os._exit(0)
        os.close(waiting[0])
        os.read(living[0], 1)

        lock.release()
        is_dead = 1 == len(liveness.dead_sessions(trail))
        for end in (waiting[1], *living):
            os.close(end)
        os.waitpid(child, 0)

        assert is_dead


def test_content_that_another_process_swept_is_written_anew(tmp_path: Path) -> None:
    folder = tmp_path / ".celltrail"
    kernel = Kernel(tmp_path / "a.ipynb")
    with Trail.open(folder) as trail, Trail.open(folder) as sweeper:
        cells = [kernel.trains(depth=depth) for depth in (1, 2)]
        for cell in cells:
            digests = keep(cell, b"small", b"large" * 20_000)
            cell.run.artifacts = [ArtifactRecord(new_id(), "m", "model", "x", digest) for digest in digests]
        trail.save(cells[0], wait_s=1)
        trail.db.execute("UPDATE runs SET forgotten_at = '2026-01-01T00:00:00.000000Z'")
        swept = gc.collect_garbage(sweeper, youngest_s=-1)

        trail.save(cells[1], wait_s=1)

        assert swept.blobs > 0
        assert [b"small", b"large" * 20_000] == [trail.read_blob(digest) for digest in digests]
        assert [] == trail.db.rows("PRAGMA foreign_key_check")


def test_a_save_interrupted_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    with Trail.open(tmp_path / ".celltrail") as trail:
        cell = Kernel(tmp_path / "a.ipynb").trains()
        digest = keep(cell, b"x" * 100)[0]
        cell.run.artifacts = [ArtifactRecord("id", "m", "unheard of", "x", digest)]

        with pytest.raises(sqlite3.IntegrityError):
            trail.save(cell, wait_s=1)
        cell.run.artifacts = []
        saved = trail.save(cell, wait_s=1)

        assert 1 == saved.number
        assert (1,) == trail.db.row("SELECT count(*) FROM executions")
