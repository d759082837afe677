"""What dead processes leave in a trail's folder, and who takes it away."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.cells import Kernel, keep

from celltrail.domain.ids import new_id
from celltrail.domain.record import ArtifactRecord, CellRecord
from celltrail.store import spool
from celltrail.store.blobs import blob_path
from celltrail.store.checkpoint import checkpoint
from celltrail.store.gc import collect_garbage
from celltrail.store.liveness import hold_kernel_lock, new_session
from celltrail.store.trail import Trail


@pytest.fixture
def trail(tmp_path: Path) -> Iterator[Trail]:
    with Trail.open(tmp_path / ".celltrail") as opened:
        yield opened


def age(path: Path) -> Path:
    os.utime(path, (time.time() - 7200,) * 2)
    return path


def test_unfinished_files_of_dead_writers_are_swept_once_they_are_old(trail: Trail) -> None:
    (trail.path / "spool").mkdir()
    old = [trail.path / f".{new_id()}", trail.path / "spool" / f".{new_id()}", trail.path / ".trail.before-0002.x.db"]
    young = trail.path / "spool" / f".{new_id()}"
    for path in (*old, young):
        path.write_bytes(b"half")
    for path in old:
        age(path)

    said = collect_garbage(trail, dry_run=True)
    done = collect_garbage(trail)

    assert 3 == said.files == done.files
    assert [True, False, False, False] == [path.exists() for path in (young, *old)]
    assert (trail.path / ".gitignore").exists()


def test_locks_of_dead_kernels_are_swept_and_those_of_living_and_of_other_machines_stay(trail: Trail) -> None:
    dead, living, elsewhere = (new_session(author="ann") for _ in range(3))
    elsewhere.host, elsewhere.boot_id = "elsewhere", "another"
    locks = {session.id: hold_kernel_lock(trail, session) for session in (dead, living, elsewhere)}
    locks[dead.id].release()
    locks[elsewhere.id].release()
    for lock in locks.values():
        age(lock.path)

    swept = collect_garbage(trail)

    assert 1 == swept.files
    assert {living.lock_name, elsewhere.lock_name} == {path.name for path in (trail.path / "kernels").iterdir()}
    locks[living.id].release()


def test_a_kernel_that_ends_in_order_leaves_no_lock(trail: Trail) -> None:
    hold_kernel_lock(trail, new_session(author="ann")).retire()

    assert [] == list((trail.path / "kernels").iterdir())


def test_a_long_reader_does_not_hold_the_cell_that_folds_the_log(trail: Trail) -> None:
    trail.save(Kernel(None).trains(), wait_s=1)
    reader = sqlite3.connect(trail.path / "trail.db", isolation_level=None, check_same_thread=False)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM runs").fetchone()
    trail.save(Kernel(None).trains(depth=9), wait_s=1)

    started = time.monotonic()
    is_folded = checkpoint(trail)
    waited_s = time.monotonic() - started
    reader.close()

    assert not is_folded
    assert waited_s < 2
    assert checkpoint(trail)


def waits_in_spool(trail: Trail, cell: CellRecord) -> None:
    other = sqlite3.connect(trail.path / "trail.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert trail.save(cell, wait_s=0) is None
    other.execute("ROLLBACK")
    other.close()


def test_what_waits_of_a_cell_stays_until_a_newer_record_of_it_is_committed(trail: Trail) -> None:
    cell = Kernel(None).trains()
    waits_in_spool(trail, cell)
    broken = CellRecord(cell.session, cell.execution, cell.run, cell.metrics)
    assert broken.run is not None
    broken.run.artifacts = [ArtifactRecord("id", "m", "unheard of", "x", None)]

    with pytest.raises(sqlite3.IntegrityError):
        trail.save(broken, wait_s=1)
    still = spool.waiting(trail.path)
    broken.run.artifacts = []
    saved = trail.save(broken, wait_s=1)

    assert 1 == len(still)
    assert still[0].name.startswith(cell.execution.id)
    assert [] == spool.waiting(trail.path)
    assert saved is not None
    assert 1 == saved.number


def test_a_file_that_a_power_cut_left_short_is_written_anew(trail: Trail) -> None:
    kernel = Kernel(None)
    cells = [kernel.trains(depth=depth) for depth in (1, 2)]
    for cell in cells:
        (digest,) = keep(cell, b"large" * 20_000)
        assert cell.run is not None
        cell.run.artifacts = [ArtifactRecord(new_id(), "m", "model", "x", digest)]
    trail.save(cells[0], wait_s=1)
    blob_path(trail.path, digest).write_bytes(b"")

    trail.save(cells[1], wait_s=1)

    assert b"large" * 20_000 == trail.read_blob(digest)
