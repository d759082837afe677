"""Disks that are read-only, full, far away or damaged."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.cells import SOURCE, Kernel, keep

from celltrail.domain.ids import ArtifactId, new_id
from celltrail.domain.keep_rule import KeepRule
from celltrail.domain.record import ArtifactRecord
from celltrail.errors import TrailDamagedError, TrailError, TrailReadOnlyError, TrailVersionError
from celltrail.store import folder as folders
from celltrail.store import migrate
from celltrail.store.annotate import forget
from celltrail.store.checkpoint import checkpoint
from celltrail.store.doctor import examine
from celltrail.store.free_models import free_models
from celltrail.store.gc import collect_garbage
from celltrail.store.locate import find_trail_folder
from celltrail.store.size import room_of
from celltrail.store.trail import Trail

# The step that comes after those that there are.
NEXT = migrate.schema_version() + 1


def mount(*words: str) -> None:
    done = subprocess.run(["mount", *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"mounting is refused here: {done.stderr.strip()}")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of two megabytes."""
    if shutil.which("mount") is None:
        pytest.skip("no mount on this platform")
    place = tmp_path / "disk"
    place.mkdir()
    mount("-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place))
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_folder_that_cannot_be_written_gives_way_to_the_users_data_folder(
    disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    mount("-o", "remount,ro", str(disk))

    with Trail.open(disk / ".celltrail") as trail:
        saved = trail.save(Kernel(disk / "a.ipynb").trains(), wait_s=1)

        assert 1 == saved.number
        assert trail.path.is_relative_to(tmp_path / "data" / "celltrail")
        assert 1 == len(trail.notices)
        assert str(trail.path) in trail.notices[0]
    with Trail.open(disk / ".celltrail") as again:
        assert (1,) == again.db.row("SELECT count(*) FROM runs")


@pytest.mark.parametrize("is_killed", [False, True])
def test_a_trail_on_a_read_only_disk_is_read_to_the_last_committed_row(disk: Path, is_killed: bool) -> None:
    child = os.fork()
    if child == 0:
        trail = Trail.open(disk / ".celltrail")
        trail.save(Kernel(disk / "a.ipynb").trains(), wait_s=1)
        if is_killed:
            os.kill(os.getpid(), signal.SIGKILL)
        trail.close()
        os._exit(0)
    os.waitpid(child, 0)
    mount("-o", "remount,ro", str(disk))

    with Trail.open(disk / ".celltrail", read_only=True) as trail:
        assert (1,) == trail.db.row("SELECT number FROM runs")
        assert trail.is_read_only
        with pytest.raises(TrailReadOnlyError):
            trail.save(Kernel(None).trains(), wait_s=1)


@pytest.mark.parametrize("room", [0, 60_000])
def test_a_full_disk_is_one_line_and_leaves_the_earlier_runs_whole(disk: Path, room: int) -> None:
    with Trail.open(disk / ".celltrail") as trail:
        kernel = Kernel(disk / "a.ipynb")
        trail.save(kernel.trains(depth=0), wait_s=1)
        filler = disk / "filler"
        filler.write_bytes(b"x" * max(0, shutil.disk_usage(disk).free - room))
        cell = kernel.trains(depth=1)
        digest = keep(cell, os.urandom(60_000))[0]
        cell.run.artifacts = [ArtifactRecord("a" * 26, "m", "model", "x", digest)]

        with pytest.raises(TrailError) as caught:
            trail.save(cell, wait_s=1)
        filler.unlink()
        saved = trail.save(cell, wait_s=1)

        assert "\n" not in str(caught.value)
        assert 2 == saved.number
        assert [("ok",)] == trail.db.rows("PRAGMA integrity_check")
        assert cell.blobs[digest] == trail.read_blob(digest)


def test_a_large_content_that_does_not_fit_leaves_no_half_of_it(disk: Path) -> None:
    with Trail.open(disk / ".celltrail") as trail:
        cell = Kernel(disk / "a.ipynb").trains()
        keep(cell, os.urandom(3_000_000))

        with pytest.raises(TrailError, match="celltrail gc"):
            trail.save(cell, wait_s=1)

        assert [] == [path for path in (trail.path / "blobs").rglob("*") if path.is_file()]


def test_a_network_disk_is_written_without_a_log_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "OneDrive - Bank"

    with Trail.open(place / ".celltrail") as trail:
        saved = trail.save(Kernel(place / "a.ipynb").trains(), wait_s=1)

        assert 1 == saved.number
        assert ("delete",) == trail.db.row("PRAGMA journal_mode")
        assert 1 == len(trail.notices)
        assert "OneDrive" in trail.notices[0]


def test_mounts_are_told_apart_by_their_kind(disk: Path) -> None:
    assert "" == folders.why_unsafe_for_wal(disk)
    assert ("tmpfs", disk) in [(kind, path) for path, kind in folders._mounts()]


def test_a_damaged_store_says_what_to_type(tmp_path: Path) -> None:
    folder = tmp_path / ".celltrail"
    Trail.open(folder).close()
    (folder / "trail.db").write_bytes(b"not a database, whatever it says" * 400)

    for is_read_only in (False, True):
        with pytest.raises(TrailDamagedError, match=r"mv .*trail\.db"):
            Trail.open(folder, read_only=is_read_only)


def test_a_page_damaged_while_the_trail_is_open_is_named(tmp_path: Path) -> None:
    with Trail.open(tmp_path / ".celltrail") as trail:
        kernel = Kernel(tmp_path / "a.ipynb")
        for depth in range(30):
            trail.save(kernel.trains(depth=depth), wait_s=1)
    data = bytearray((tmp_path / ".celltrail" / "trail.db").read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    (tmp_path / ".celltrail" / "trail.db").write_bytes(data)

    with pytest.raises(TrailDamagedError), Trail.open(tmp_path / ".celltrail") as trail:
        trail.save(Kernel(tmp_path / "a.ipynb").trains(), wait_s=1)


def test_a_store_of_a_newer_celltrail_is_refused_with_both_versions(tmp_path: Path) -> None:
    folder = tmp_path / ".celltrail"
    with Trail.open(folder) as trail:
        trail.db.execute("PRAGMA user_version = 99")

        with pytest.raises(TrailVersionError, match="restart this kernel"):
            trail.save(Kernel(tmp_path / "a.ipynb").trains(), wait_s=1)

    for is_read_only in (False, True):
        with pytest.raises(TrailVersionError, match=rf"schema 99.*schema {migrate.schema_version()}"):
            Trail.open(folder, read_only=is_read_only)


def test_a_reader_does_not_guess_at_an_older_schema(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / ".celltrail"
    Trail.open(folder).close()
    steps = (*migrate.migrations(), migrate.Migration(NEXT, "more", "CREATE TABLE more (x);\n"))
    monkeypatch.setattr(migrate, "migrations", lambda: steps)

    with pytest.raises(TrailVersionError, match=f"schema {NEXT - 1} of an older celltrail"):
        Trail.open(folder, read_only=True)


def test_a_store_too_large_to_be_copied_unasked_says_how_to_upgrade_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / ".celltrail"
    Trail.open(folder).close()
    steps = (*migrate.migrations(), migrate.Migration(NEXT, "more", "CREATE TABLE more (x);\n"))
    monkeypatch.setattr(migrate, "migrations", lambda: steps)
    monkeypatch.setattr(migrate, "LARGEST_SILENT_COPY_BYTES", 1000)

    with pytest.raises(TrailError, match="CELLTRAIL_UPGRADE=1"):
        Trail.open(folder)
    monkeypatch.setenv("CELLTRAIL_UPGRADE", "1")

    with Trail.open(folder) as trail:
        assert (NEXT,) == trail.db.row("PRAGMA user_version")


def test_a_step_of_the_schema_is_applied_with_its_record_after_a_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / ".celltrail"
    with Trail.open(folder) as trail:
        trail.save(Kernel(tmp_path / "a.ipynb").trains(), wait_s=1)
    for number in (NEXT, NEXT + 1, NEXT + 2):
        steps = (*migrate.migrations(), migrate.Migration(number, "more", f"CREATE TABLE more_{number} (x);\n"))
        monkeypatch.setattr(migrate, "migrations", lambda steps=steps: steps)
        Trail.open(folder).close()

    with Trail.open(folder) as trail:
        assert [(number,) for number in range(1, NEXT + 3)] == trail.db.rows("SELECT number FROM migrations")
        assert (NEXT + 2,) == trail.db.row("PRAGMA user_version")
    copies = sorted(folder.glob("trail.before-*.db"))
    assert [f"trail.before-{number:04d}" for number in (NEXT + 1, NEXT + 2)] == [path.name[:17] for path in copies]


def test_a_step_that_fails_leaves_the_store_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / ".celltrail"
    Trail.open(folder).close()
    steps = (
        *migrate.migrations(),
        migrate.Migration(NEXT, "bad", "CREATE TABLE more (x);\nCREATE TABLE more (x);\n"),
    )
    monkeypatch.setattr(migrate, "migrations", lambda: steps)

    with pytest.raises(Exception, match="already exists"):
        Trail.open(folder)
    monkeypatch.undo()

    with Trail.open(folder) as trail:
        assert [] == trail.db.rows("SELECT name FROM sqlite_schema WHERE name = 'more'")
        assert (NEXT - 1,) == trail.db.row("PRAGMA user_version")


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    import sqlite3

    folder = tmp_path / ".celltrail"
    folder.mkdir()
    other = sqlite3.connect(folder / "trail.db")
    other.execute("CREATE TABLE theirs (x)")
    other.commit()
    other.close()

    with pytest.raises(TrailError, match="another program"):
        Trail.open(folder)


@pytest.mark.parametrize("marker", ["celltrail.toml", "pyproject.toml", ".git"])
def test_the_trail_lies_at_the_root_of_the_project(tmp_path: Path, marker: str) -> None:
    (tmp_path / marker).touch()
    deep = tmp_path / "notebooks" / "week 1"
    deep.mkdir(parents=True)

    assert tmp_path / ".celltrail" == find_trail_folder(deep / "a.ipynb", Path("/"))


def test_without_a_project_the_trail_lies_beside_the_notebook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".git").mkdir()
    (tmp_path / "work").mkdir()

    assert tmp_path / "work" / ".celltrail" == find_trail_folder(tmp_path / "work" / "a.ipynb", Path("/"))
    assert tmp_path / ".celltrail" == find_trail_folder(tmp_path / "a.ipynb", Path("/"))
    assert tmp_path / "work" / ".celltrail" == find_trail_folder(None, tmp_path / "work")


def test_the_variable_names_the_trail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CELLTRAIL_TRAIL", str(tmp_path / "mine"))

    assert tmp_path / "mine" == find_trail_folder(tmp_path / "a.ipynb", tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_a_trail_in_a_folder_shared_by_a_group_is_the_groups(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o2775)

    with Trail.open(shared / ".celltrail") as trail:
        assert 0o2770 == trail.path.stat().st_mode & 0o7777
        assert 0o660 == (trail.path / "trail.db").stat().st_mode & 0o777


def save_with_model(trail: Trail, kernel: Kernel, score: float) -> None:
    cell = kernel.trains(SOURCE + f"# {score}", score=score)
    assert cell.run is not None
    (digest,) = keep(cell, os.urandom(150_000))
    fit = cell.run.fits[0].id
    model = ArtifactRecord(ArtifactId(new_id()), "clf", "model", "", digest, 150_000, fit_id=fit)
    cell.run.artifacts.append(model)
    trail.save(cell, wait_s=1)


def let_hours_pass(trail: Trail) -> None:
    with trail.db.atomic():
        trail.db.execute("UPDATE blobs SET created_at = '2020'")
        trail.db.execute("UPDATE runs SET saved_at = '2020'")
    checkpoint(trail)


def fill(disk: Path) -> None:
    with contextlib.suppress(OSError), (disk / "filler").open("wb") as file:
        while True:
            file.write(bytes(4096))
            file.flush()
    assert 0 == shutil.disk_usage(disk).free


def test_a_full_disk_has_room_again_after_a_sweep_of_models(disk: Path) -> None:
    with Trail.open(disk / ".celltrail") as trail:
        kernel = Kernel(disk / "a.ipynb")
        for score in (0.9, 0.5, 0.6):
            save_with_model(trail, kernel, score)
        let_hours_pass(trail)
        fill(disk)
        assert room_of(trail.path).is_disk_short(0.1)

        tried = free_models(trail, KeepRule(best=1), dry_run=True)
        done = free_models(trail, KeepRule(best=1))

        assert (2, 300_000) == (done.models, done.size_bytes) == (tried.models, tried.size_bytes)
        assert shutil.disk_usage(disk).free > 150_000
        assert examine(trail).is_well


def test_a_full_disk_has_room_again_after_forgotten_runs_are_swept(disk: Path) -> None:
    with Trail.open(disk / ".celltrail") as trail:
        kernel = Kernel(disk / "a.ipynb")
        for score in (0.9, 0.5):
            save_with_model(trail, kernel, score)
        forget(trail, trail.run("last"))
        let_hours_pass(trail)
        fill(disk)

        done = collect_garbage(trail)

        assert 1 == len(done.runs)
        assert shutil.disk_usage(disk).free > 100_000
        assert examine(trail).is_well
        assert 1 == len(trail.search_runs())
