"""A locked store costs the cell no more than it may, and no run is lost by it."""

from __future__ import annotations

import math
import sqlite3
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.cells import Kernel

from celltrail.domain import record
from celltrail.domain.record import CellRecord, Keeping, RunStatus
from celltrail.errors import TrailError
from celltrail.store import spool
from celltrail.store.late import fill_git
from celltrail.store.trail import Trail

Json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=5,
)
st.register_type_strategy(datetime, st.datetimes(timezones=st.just(UTC)))
st.register_type_strategy(float, st.floats(allow_nan=False))


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[tuple[Trail, sqlite3.Connection]]:
    with Trail.open(tmp_path / ".celltrail") as trail:
        other = sqlite3.connect(trail.path / "trail.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        yield trail, other
        other.close()


@given(st.data())
def test_a_record_survives_the_round_trip_through_json(data: st.DataObject) -> None:
    cell = data.draw(
        st.builds(
            CellRecord,
            session=st.from_type(record.SessionRecord),
            execution=st.from_type(record.ExecutionRecord),
            run=st.none()
            | st.builds(
                record.RunRecord,
                params=st.dictionaries(st.text(), Json, max_size=3),
                fits=st.lists(
                    st.builds(
                        record.FitRecord,
                        params=st.dictionaries(st.text(), Json, max_size=2),
                        params_written=st.none() | st.dictionaries(st.text(), Json, max_size=2),
                        search=st.none() | st.dictionaries(st.text(), Json, max_size=2),
                        inputs=st.lists(
                            st.builds(record.DatasetRecord, profile=st.none() | st.dictionaries(st.text(), Json)),
                            max_size=1,
                        ),
                    ),
                    max_size=1,
                ),
                inputs=st.just([]),
                artifacts=st.lists(
                    st.builds(record.ArtifactRecord, details=st.dictionaries(st.text(), Json, max_size=1)), max_size=1
                ),
                environment=st.none()
                | st.builds(
                    record.EnvironmentRecord,
                    machine=st.dictionaries(st.text(), Json, max_size=1),
                    threads=st.just({}),
                ),
                snapshot=st.none(),
            ),
            metrics=st.lists(st.from_type(record.MetricRecord), max_size=1),
            blobs=st.dictionaries(st.text(max_size=4), st.binary(max_size=20), max_size=2),
        )
    )

    assert cell == spool.cell_from_json(spool.cell_to_json(cell))


def test_a_number_that_is_not_one_survives_too(tmp_path: Path) -> None:
    cell = Kernel(tmp_path / "a.ipynb").trains(score=math.nan, depth={"$float": "mine", "x": [math.inf]})

    again = spool.cell_from_json(spool.cell_to_json(cell))

    assert math.isnan(again.metrics[0].values[0])
    assert {"$float": "mine", "x": [math.inf]} == again.run.fits[0].params["max_depth"]


@pytest.mark.parametrize("wait_s", [0.05, 0.4])
def test_a_locked_store_holds_the_cell_no_longer_than_it_may(
    locked: tuple[Trail, sqlite3.Connection], tmp_path: Path, wait_s: float
) -> None:
    trail, _ = locked
    started = time.monotonic()

    saved = trail.save(Kernel(tmp_path / "a.ipynb").trains(), wait_s=wait_s)

    assert None is saved
    # A quarter of a second for a busy machine: the wait itself is exact.
    assert time.monotonic() - started < wait_s + 0.25
    assert 1 == len(spool.waiting(trail.path))


def test_a_spooled_cell_is_committed_by_the_next_save(
    locked: tuple[Trail, sqlite3.Connection], tmp_path: Path
) -> None:
    trail, other = locked
    kernel = Kernel(tmp_path / "a.ipynb")
    trail.save(kernel.trains(depth=1), wait_s=0.01)
    other.execute("ROLLBACK")

    saved = trail.save(kernel.trains(depth=2), wait_s=1)

    assert 2 == saved.number
    assert [] == spool.waiting(trail.path)


def test_a_spooled_cell_is_committed_by_the_next_opening(
    locked: tuple[Trail, sqlite3.Connection], tmp_path: Path
) -> None:
    trail, other = locked
    trail.save(Kernel(tmp_path / "a.ipynb").trains(), wait_s=0.01)
    other.execute("ROLLBACK")

    with Trail.open(trail.path) as again:
        assert [(1,)] == again.db.rows("SELECT number FROM runs")


def test_a_later_record_of_the_same_cell_takes_the_place_of_the_spooled_one(
    locked: tuple[Trail, sqlite3.Connection], tmp_path: Path
) -> None:
    trail, other = locked
    early = Kernel(tmp_path / "a.ipynb").trains(status=RunStatus.RUNNING)
    late = replace(early, execution=replace(early.execution, status=RunStatus.FINISHED))
    late.run = replace(early.run, status=RunStatus.FINISHED)
    trail.save(early, wait_s=0.01)
    other.execute("ROLLBACK")

    trail.save(late, wait_s=1)

    assert [("finished",)] == trail.db.rows("SELECT status FROM runs")
    assert [] == spool.waiting(trail.path)


@pytest.mark.parametrize("status", [RunStatus.RUNNING, RunStatus.FINISHED])
def test_a_later_record_outlives_another_process_that_has_the_earlier_one_in_hand(
    locked: tuple[Trail, sqlite3.Connection], tmp_path: Path, status: RunStatus
) -> None:
    trail, other = locked
    early = Kernel(tmp_path / "a.ipynb").trains(status=RunStatus.RUNNING)
    late = replace(early, execution=replace(early.execution, status=status))
    late.run = replace(early.run, status=status, params={"epochs": 2})
    other.execute("ROLLBACK")
    with Trail.open(trail.path) as second:
        other.execute("BEGIN IMMEDIATE")
        trail.save(early, wait_s=0.01)
        another = threading.Thread(target=spool.take_in, args=(second,), kwargs={"wait_s": 10})
        another.start()
        time.sleep(0.5)  # it has read the earlier record, and waits for the store

        waits = trail.save(late, wait_s=0.05)
        other.execute("ROLLBACK")
        another.join()

    assert None is waits
    with Trail.open(trail.path) as again:
        assert [("lost" if status is RunStatus.RUNNING else "finished",)] == again.db.rows("SELECT status FROM runs")
        assert 2 == again.run(late.run.id).params["epochs"]
        assert [] == spool.waiting(trail.path)


def test_a_late_fact_reaches_a_run_that_waits_in_the_spool(
    locked: tuple[Trail, sqlite3.Connection], tmp_path: Path
) -> None:
    trail, other = locked
    cell = Kernel(tmp_path / "a.ipynb").trains()
    pending = record.GitState("c0ffee", "main")
    cell.run.git = pending
    trail.save(cell, wait_s=0.01)
    other.execute("ROLLBACK")

    fill_git(trail, [cell.run.id], replace(pending, status=Keeping.KEPT), None)

    assert [("kept",)] == trail.db.rows("SELECT g.status FROM runs JOIN git_states AS g ON g.id = git_id")


def test_a_late_fact_waits_for_another_process_that_takes_its_run_in(
    locked: tuple[Trail, sqlite3.Connection], tmp_path: Path
) -> None:
    trail, other = locked
    cell = Kernel(tmp_path / "a.ipynb").trains()
    pending = record.GitState("c0ffee", "main")
    cell.run.git = pending
    trail.save(cell, wait_s=0.01)
    other.execute("ROLLBACK")
    turn = spool.hold(trail.path)
    late = threading.Thread(target=fill_git, args=(trail, [cell.run.id], replace(pending, status=Keeping.KEPT), None))

    late.start()
    time.sleep(0.1)
    spool.commit_spooled(trail, wait_s=1)
    turn.release()
    late.join()

    assert [("kept",)] == trail.db.rows("SELECT g.status FROM runs JOIN git_states AS g ON g.id = git_id")


def test_a_spool_that_cannot_be_written_is_said_in_one_line(
    locked: tuple[Trail, sqlite3.Connection], tmp_path: Path
) -> None:
    trail, _ = locked
    (trail.path / "spool").write_text("in the way")

    with pytest.raises(TrailError, match="not kept") as caught:
        trail.save(Kernel(tmp_path / "a.ipynb").trains(), wait_s=0.01)

    assert "\n" not in str(caught.value)


def test_a_spooled_file_that_cannot_be_read_is_set_aside_and_said(tmp_path: Path) -> None:
    with Trail.open(tmp_path / ".celltrail") as trail:
        (trail.path / "spool").mkdir()
        (trail.path / "spool" / "half.json").write_text('{"session": ')

    with Trail.open(tmp_path / ".celltrail") as trail:
        assert 1 == len(trail.notices)
        assert "set aside" in trail.notices[0]
        assert [] == spool.waiting(trail.path)
