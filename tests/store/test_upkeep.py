"""Forgetting, sweeping, examining, backing up, and what people write on a run."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files as resources
from pathlib import Path

import pytest
from support.stored import ACCURACY, Workshop, a_fit, a_full_cell, a_metric, content

from celltrail.domain.ids import ArtifactId, FitId, new_id
from celltrail.domain.record import ArtifactRecord, RunStatus, SnapshotRecord
from celltrail.errors import (
    ExperimentNotFoundError,
    RunNotFoundError,
    TrailDamagedError,
    TrailReadOnlyError,
    UsageError,
)
from celltrail.store import gc
from celltrail.store.annotate import bring_back, forget, rename_experiment, set_note, set_tag
from celltrail.store.backup import back_up
from celltrail.store.blobs import blob_path
from celltrail.store.doctor import examine, sqlite_doubt
from celltrail.store.gc import collect_garbage
from celltrail.store.liveness import hold_kernel_lock
from celltrail.store.trail import Trail


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    with Trail.open(tmp_path / ".celltrail") as trail:
        yield Workshop(trail)


def with_file(shop: Workshop, data: bytes, **more: object):
    """Save a run that keeps a file."""
    cell = shop.cell(fits=[a_fit()], **more)
    artifact = ArtifactRecord(ArtifactId(new_id()), "f", "file", "text/plain", content(cell, data), len(data))
    assert cell.run is not None
    cell.run.artifacts.append(artifact)
    return shop.keep(cell)


def age(trail: Trail) -> None:
    """Let two hours pass for all content."""
    with trail.db.atomic():
        trail.db.execute("UPDATE blobs SET created_at = '2020-01-01T00:00:00.000000Z'")
    for path in (trail.path / "blobs").glob("*/*"):
        os.utime(path, (time.time() - 7200,) * 2)


def files(trail: Trail) -> set[str]:
    return {path.name for path in (trail.path / "blobs").glob("*/*")}


def test_a_forgotten_run_is_gone_from_every_list_and_can_come_back(shop: Workshop) -> None:
    first, second = shop.save(metrics={ACCURACY: 0.9}), shop.save()

    gone = forget(shop.trail, first)

    assert [second] == shop.trail.search_runs() == shop.trail.runs_of("forest")
    assert first.id == gone.id
    with pytest.raises(RunNotFoundError, match=r"forest#1 was forgotten. Bring it back with: %trail forget --undo"):
        shop.trail.run("forest#1")
    assert first == bring_back(shop.trail, "forest#1") == shop.trail.run("forest#1")


def test_a_run_takes_its_repeats_along(shop: Workshop) -> None:
    runs = [shop.save(source="same", metrics={ACCURACY: 0.9}) for _ in range(3)]

    forget(shop.trail, runs[0])
    left = shop.trail.db.rows("SELECT count(*) FROM runs WHERE forgotten_at IS NULL")
    back = bring_back(shop.trail, runs[0].id)

    assert [(0,)] == left
    assert 3 == back.repeats
    assert 2 == len(shop.trail.repeats_of(back))


def test_numbers_of_forgotten_runs_are_not_given_again(shop: Workshop) -> None:
    forget(shop.trail, shop.save())
    collect_garbage(shop.trail)

    assert 2 == shop.save().number


def test_a_running_run_is_not_forgotten(shop: Workshop) -> None:
    lock = hold_kernel_lock(shop.trail, shop.session)
    cell = shop.cell(fits=[a_fit()], status=RunStatus.RUNNING)
    run = shop.keep(cell)

    with pytest.raises(UsageError, match="forest#1 is still running"):
        forget(shop.trail, run)

    lock.release()
    assert RunStatus.LOST == shop.trail.run("forest#1").status
    assert ["forest#1"] == [one.reference for one in shop.trail.search_runs("status = 'lost'")]
    assert [] == shop.trail.search_runs("status = 'running'")


def test_a_sweep_removes_the_run_its_content_and_nothing_else(shop: Workshop) -> None:
    kept, gone = with_file(shop, b"k" * 100_000), with_file(shop, b"g" * 100_000)
    shop.keep(a_full_cell(shop))
    whole = shop.trail.run("last")
    pictures, outputs = whole.figures, whole.outputs
    age(shop.trail)
    forget(shop.trail, gone)

    swept = collect_garbage(shop.trail)

    assert ("forest#2",) == swept.runs
    assert 1 == swept.files
    assert swept.size_bytes > 100_000
    with pytest.raises(RunNotFoundError):
        bring_back(shop.trail, gone.id)
    assert b"k" * 100_000 == shop.trail.read_blob(kept.content.field("artifacts")[0]["digest"])
    assert pictures == shop.trail.run("last").figures
    assert outputs == shop.trail.run("last").outputs
    assert examine(shop.trail).is_well
    assert [] == shop.trail.db.rows("PRAGMA foreign_key_check")


def test_a_sweep_that_dies_leaves_a_sound_trail(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    run = with_file(shop, b"x" * 100_000)
    forget(shop.trail, run)
    age(shop.trail)
    unlink, kept = Path.unlink, files(shop.trail)

    def dies(path: Path, missing_ok: bool = False) -> None:
        unlink(path, missing_ok)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", dies)
        with pytest.raises(KeyboardInterrupt):
            collect_garbage(shop.trail)

    assert len(kept) - 1 == len(files(shop.trail))
    assert examine(shop.trail).is_well
    assert collect_garbage(shop.trail).blobs > 0, "the next gc finishes it"


def test_a_dry_run_says_exactly_what_the_sweep_then_does(shop: Workshop) -> None:
    for letter in (b"a", b"b", b"c"):
        forget(shop.trail, with_file(shop, letter * 100_000))
    with_file(shop, b"a" * 100_000)
    age(shop.trail)
    stray = blob_path(shop.trail.path, "ab" * 32)
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"of a writer that died")
    os.utime(stray, (time.time() - 7200,) * 2)
    before = files(shop.trail)

    said = collect_garbage(shop.trail, dry_run=True)
    untouched = files(shop.trail)
    done = collect_garbage(shop.trail)

    assert said.is_dry
    assert before == untouched
    assert replace(said, is_dry=False) == done
    assert (3, 3) == (len(done.runs), done.files)
    assert len(before) - 3 == len(files(shop.trail))
    assert (0, 0, ()) == (collect_garbage(shop.trail).files, collect_garbage(shop.trail).blobs, done.runs[3:])


def test_young_content_is_never_swept(shop: Workshop) -> None:
    forget(shop.trail, with_file(shop, b"g" * 100_000))

    swept = collect_garbage(shop.trail)

    assert (("forest#1",), 0, 0) == (swept.runs, swept.blobs, swept.files)
    assert 1 == len(files(shop.trail))


def test_pictures_named_only_inside_outputs_are_kept(shop: Workshop) -> None:
    cell = shop.cell(fits=[a_fit()])
    picture = content(cell, b"p" * 100_000)
    outputs = content(cell, b'[{"data": {"image/png": {"celltrail_blob": "%s"}}}]' % picture.encode())
    assert cell.run is not None
    cell.run.snapshot = SnapshotRecord(
        "live", None, {}, [{"id": "a", "cell_type": "code", "source": None, "outputs": outputs}]
    )
    shop.keep(cell)
    age(shop.trail)

    collect_garbage(shop.trail)

    assert b"p" * 100_000 == shop.trail.read_blob(picture)


def test_kernels_that_remember_rows_go_on_after_a_sweep(shop: Workshop, tmp_path: Path) -> None:
    run = shop.save()
    with Trail.open(tmp_path / ".celltrail") as other:
        forget(other, run)
        collect_garbage(other)

    again = shop.save(metrics={ACCURACY: 0.9})

    assert again == shop.trail.run("last")
    assert examine(shop.trail).is_well


def test_metrics_that_a_swept_cell_took_stay(shop: Workshop) -> None:
    run = shop.save()
    scoring = shop.cell("other", fits=[a_fit()])
    scoring.metrics = [a_metric(run.id, FitId(run.fits[0].id), ACCURACY, 0.75)]
    forget(shop.trail, shop.keep(scoring))

    collect_garbage(shop.trail)

    assert {ACCURACY: 0.75} == shop.trail.run(run.id).metrics
    assert 0.75 == shop.trail.run(run.id).metric_history(ACCURACY)[0].value


def test_the_sweep_knows_every_table_that_hangs_on_a_run() -> None:
    with _fresh() as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        parents = {"runs": gc.SWEEP_RUN, "fits": gc.SWEEP_RUN, "series": gc.SWEEP_RUN}
        parents |= {"executions": gc.SWEEP_EXECUTION + gc.SWEEP_RUN}
        missing = [
            (table, parent)
            for table in tables
            for _, _, parent, *_ in db.execute(f"PRAGMA foreign_key_list({table})")
            if parent in parents and not any(f" {table} " in f"{sql} " for sql in parents[parent])
        ]

    assert [] == missing


def _fresh() -> contextlib.closing[sqlite3.Connection]:
    db = sqlite3.connect(":memory:")
    db.executescript((resources("celltrail.store.migrations") / "0001_initial.sql").read_text(encoding="utf-8"))
    return contextlib.closing(db)


def test_a_read_only_trail_is_not_changed(shop: Workshop, tmp_path: Path) -> None:
    run = shop.save()

    with Trail.open(tmp_path / ".celltrail", read_only=True) as reader:
        for change in (
            lambda: forget(reader, run),
            lambda: set_note(reader, run, "x"),
            lambda: collect_garbage(reader),
        ):
            with pytest.raises(TrailReadOnlyError):
                change()
        assert run == reader.run("forest#1")
        assert [run] == reader.search_runs("params.max_depth like '8'")


def test_a_note_and_tags_are_written_on_a_run(shop: Workshop) -> None:
    run = shop.save(tags={"owner": "me"})

    set_note(shop.trail, run, "try deeper\ud800")
    set_tag(shop.trail, run, "data", "v2")
    tagged = set_tag(shop.trail, run, "owner", "you")

    assert "try deeper\ud800" == tagged.note
    assert {"data": "v2", "owner": "you"} == tagged.tags
    assert {"owner": "you"} == set_tag(shop.trail, run, "data", None).tags
    with pytest.raises(UsageError, match="needs a name"):
        set_tag(shop.trail, run, " ", "x")


def test_an_experiment_is_renamed_and_keeps_its_numbers(shop: Workshop) -> None:
    shop.save("forest")
    shop.save("boost")

    rename_experiment(shop.trail, "forest", "trees")

    assert 1 == shop.trail.run("trees#1").number
    with pytest.raises(UsageError, match="'boost' already"):
        rename_experiment(shop.trail, "trees", "boost")
    with pytest.raises(ExperimentNotFoundError, match=r"No experiment is called 'tree'. Near: trees"):
        rename_experiment(shop.trail, "tree", "oak")
    for name in ("7up", "", "a b", "best", "a#1"):
        with pytest.raises(UsageError, match="can't name an experiment"):
            rename_experiment(shop.trail, "trees", name)


def test_a_healthy_trail_is_called_so_in_five_lines(shop: Workshop) -> None:
    shop.keep(a_full_cell(shop))

    found = examine(shop.trail)

    assert found.is_well
    assert (1, 0, 0, 1, 0) == (found.runs, found.forgotten, found.lost, found.experiments, found.spooled)
    assert {"models", "outputs", "notebooks", "data facts", "runs"} >= found.sizes.keys() >= {"models", "runs"}
    assert found.size_bytes == sum(found.sizes.values())
    assert 5 == len(found.lines())
    assert "1 run in 1 experiment" in found.lines()[0]
    assert "wal" == found.journal


def test_missing_and_corrupt_content_is_named(shop: Workshop) -> None:
    first, second = with_file(shop, b"1" * 100_000), with_file(shop, b"2" * 100_000)
    digests = [run.content.field("artifacts")[0]["digest"] for run in (first, second)]
    blob_path(shop.trail.path, digests[0]).unlink()
    blob_path(shop.trail.path, digests[1]).write_bytes(b"3" * 100_000)

    found = examine(shop.trail)

    assert not found.is_well
    assert ((digests[0],), (digests[1],)) == (found.missing, found.corrupt)
    assert "1 piece missing" in found.lines()[2]
    assert "1 piece corrupt" in found.lines()[2]


def test_what_waits_is_told(shop: Workshop) -> None:
    cell = shop.cell(fits=[a_fit()], status=RunStatus.RUNNING)
    shop.keep(cell)
    forget(shop.trail, shop.save())

    found = examine(shop.trail)

    assert (1, 1) == (found.lost, found.forgotten)
    assert "1 lost run (their kernel died), 1 forgotten run" in found.lines()[3]


def test_an_old_sqlite_is_named_with_its_fault() -> None:
    assert "older than 3.51.3: has the WAL reset bug" in sqlite_doubt((3, 40, 1))
    assert "" == sqlite_doubt((3, 51, 3))


def test_a_backup_is_a_whole_trail(shop: Workshop, tmp_path: Path) -> None:
    run = shop.keep(a_full_cell(shop))

    made = back_up(shop.trail, tmp_path / "copy")

    assert (1, 1) == (made.runs, made.files)
    with Trail.open(made.path) as copy:
        assert repr(run) == repr(copy.run("forest#1"))
        assert run.figures == copy.run("forest#1").figures
        assert examine(copy).is_well
    with pytest.raises(UsageError, match="exists already"):
        back_up(shop.trail, tmp_path / "copy")


def test_a_backup_of_a_damaged_trail_is_refused(shop: Workshop, tmp_path: Path) -> None:
    run = with_file(shop, b"1" * 100_000)
    blob_path(shop.trail.path, run.content.field("artifacts")[0]["digest"]).write_bytes(b"2" * 100_000)

    with pytest.raises(TrailDamagedError, match="not what was written"):
        back_up(shop.trail, tmp_path / "copy")

    assert [".celltrail"] == sorted(path.name for path in tmp_path.iterdir())
