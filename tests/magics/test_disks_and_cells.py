"""Bad disks under a loaded celltrail: the cell goes on as without it, and one line says what to do."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

import celltrail
from celltrail.store.migrate import schema_version
from celltrail.store.trail import Trail

Run = Callable[..., Any]
Said = pytest.CaptureFixture[str]

LOG = "import celltrail\ncelltrail.log_metric('gain', {value})\n40 + 2"


def said_by_us(capsys: Said) -> list[str]:
    return [line for line in capsys.readouterr().err.splitlines() if line.strip()]


def mount(*words: str) -> None:
    done = subprocess.run(["mount", *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"mounting is refused here: {done.stderr.strip()}")


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project on a disk of two megabytes of its own; the user's data folder lies elsewhere."""
    if shutil.which("mount") is None:
        pytest.skip("no mount on this platform")
    place = tmp_path / "disk"
    place.mkdir()
    mount("-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place))
    (place / "celltrail.toml").touch()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    yield place
    os.chdir("/")
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture
def home_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data"


def test_on_a_read_only_disk_runs_go_to_the_users_data_folder_and_one_line_says_so(
    plain_shell: InteractiveShell, run: Run, disk: Path, tmp_path: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(disk)
    mount("-o", "remount,ro", str(disk))

    run(plain_shell, "%load_ext celltrail")
    (line,) = said_by_us(capsys)
    result = run(plain_shell, LOG.format(value=1))

    assert "can't be written (Read-only file system)" in line
    assert str(tmp_path / "data" / "celltrail") in line
    assert 42 == result.result
    assert [] == said_by_us(capsys)
    assert ["cell#1"] == [found.reference for found in celltrail.open_trail().search_runs()]


def test_a_full_disk_costs_the_record_not_the_cell_and_room_heals_it(
    plain_shell: InteractiveShell, run: Run, disk: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(disk)
    run(plain_shell, "%load_ext celltrail")
    run(plain_shell, LOG.format(value=1))
    capsys.readouterr()
    filler = disk / "filler"
    fill(filler)

    result = run(plain_shell, LOG.format(value=2) + " ** 2")
    lines = said_by_us(capsys)
    filler.unlink()
    run(plain_shell, LOG.format(value=3))

    assert 44 == result.result
    assert 1 == len(lines), lines
    assert "no room left on the disk" in lines[0]
    assert "celltrail gc" in lines[0]
    newest, first = celltrail.open_trail().search_runs()
    assert (3.0, 1.0) == (newest.metrics["gain"], first.metrics["gain"])
    assert [] == said_by_us(capsys)


def test_loading_on_a_full_disk_keeps_runs_elsewhere(
    plain_shell: InteractiveShell, run: Run, disk: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(disk)
    (disk / "filler").write_bytes(bytes(shutil.disk_usage(disk).free))

    run(plain_shell, "%load_ext celltrail")
    result = run(plain_shell, "%%track forest\n" + LOG.format(value=2))

    (line,) = said_by_us(capsys)
    assert "runs are kept in" in line
    assert 42 == result.result
    assert ["forest#1"] == [found.reference for found in celltrail.open_trail().search_runs()]


def damage_middle(data: bytes) -> bytes:
    return data[:4096] + os.urandom(len(data) - 4096)


def damage_length(data: bytes) -> bytes:
    return data[: len(data) // 3]


def damage_kind(_: bytes) -> bytes:
    return b"this is no database " * 500


@pytest.mark.parametrize("damage", [damage_middle, damage_length, damage_kind])
def test_a_damaged_trail_is_named_and_left_alone_while_runs_are_kept_elsewhere(
    plain_shell: InteractiveShell,
    run: Run,
    tmp_path: Path,
    home_elsewhere: Path,
    capsys: Said,
    damage: Callable[[bytes], bytes],
) -> None:
    run(plain_shell, "%load_ext celltrail")
    for value in range(5):
        run(plain_shell, LOG.format(value=value))
    run(plain_shell, "%unload_ext celltrail")
    file = tmp_path / ".celltrail" / "trail.db"
    file.write_bytes(damage(file.read_bytes()))
    before = file.read_bytes()
    capsys.readouterr()

    run(plain_shell, "%load_ext celltrail")
    result = run(plain_shell, "%%track forest\n" + LOG.format(value=7))

    lines = said_by_us(capsys)
    assert 42 == result.result
    assert 1 == len(lines), lines
    assert f"{file} is damaged" in lines[0]
    assert "celltrail doctor" in lines[0]
    assert "mv " in lines[0]
    assert str(home_elsewhere) in lines[0]
    assert before == file.read_bytes()
    assert ["forest#1"] == [found.reference for found in celltrail.open_trail().search_runs()]


def test_a_trail_of_a_newer_celltrail_is_refused_with_both_versions_and_the_cell_runs(
    plain_shell: InteractiveShell, run: Run, tmp_path: Path, home_elsewhere: Path, capsys: Said
) -> None:
    with Trail.open(tmp_path / ".celltrail") as trail:
        trail.db.execute("PRAGMA user_version = 99")

    run(plain_shell, "%load_ext celltrail")
    result = run(plain_shell, "%%track forest\n" + LOG.format(value=7))

    (line,) = said_by_us(capsys)
    assert "schema 99" in line
    assert f"with schema {schema_version()}" in line
    assert 42 == result.result


def test_a_trail_upgraded_while_the_kernel_runs_is_said_once_and_the_cell_runs(
    plain_shell: InteractiveShell, run: Run, tmp_path: Path, capsys: Said
) -> None:
    run(plain_shell, "%load_ext celltrail")
    run(plain_shell, LOG.format(value=1))
    capsys.readouterr()
    with sqlite3.connect(tmp_path / ".celltrail" / "trail.db") as newer:
        newer.execute("PRAGMA user_version = 99")
    newer.close()

    results = [run(plain_shell, LOG.format(value=value)) for value in (2, 3)]

    (line,) = said_by_us(capsys)
    assert "restart this kernel" in line
    assert [42, 42] == [result.result for result in results]


def test_a_locked_trail_holds_a_cell_for_little_and_the_next_one_commits_it(
    plain_shell: InteractiveShell, run: Run, tmp_path: Path, capsys: Said
) -> None:
    run(plain_shell, "%load_ext celltrail")
    run(plain_shell, LOG.format(value=1))
    capsys.readouterr()
    holder = sqlite3.connect(tmp_path / ".celltrail" / "trail.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")

    took_s = [seconds(run, plain_shell, source) for source in ("x = 1", LOG.format(value=2), LOG.format(value=3))]
    lines = said_by_us(capsys)
    holder.execute("ROLLBACK")
    holder.close()
    result = run(plain_shell, LOG.format(value=4))

    # 0.05 s at the start and 1 s at the end, and a second for a busy machine.
    assert all(each < 2.05 for each in took_s), took_s
    assert 1 == len(lines), lines
    assert "celltrail doctor" in lines[0]
    assert 42 == result.result
    assert [4.0, 3.0, 2.0, 1.0] == [found.metrics["gain"] for found in celltrail.open_trail().search_runs()]
    assert [] == list((tmp_path / ".celltrail" / "spool").glob("*.json"))


def test_a_run_that_waited_for_a_locked_trail_can_be_noted_at_once(
    plain_shell: InteractiveShell, run: Run, tmp_path: Path
) -> None:
    run(plain_shell, "%load_ext celltrail")
    holder = sqlite3.connect(tmp_path / ".celltrail" / "trail.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    run(plain_shell, LOG.format(value=1))
    holder.execute("ROLLBACK")
    holder.close()

    plain_shell.run_line_magic("trail", "note last the first")  # not by a cell, whose start commits what waits

    assert ["the first"] == [found.note for found in celltrail.open_trail().search_runs()]


def test_where_nothing_at_all_can_be_written_cells_run_and_one_line_says_so(
    plain_shell: InteractiveShell, run: Run, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not Path("/proc/self").exists():
        pytest.skip("needs a folder in which nobody can write")
    monkeypatch.setenv("CELLTRAIL_TRAIL", "/proc/nowhere/.celltrail")
    monkeypatch.setenv("XDG_DATA_HOME", "/proc/nowhere")
    monkeypatch.setattr(tempfile, "tempdir", "/proc/nowhere")

    run(plain_shell, "%load_ext celltrail")
    result = run(plain_shell, "%%track forest\n40 + 2")

    (line,) = said_by_us(capsys)
    assert "CELLTRAIL_TRAIL" in line
    assert "Cells run untracked." in line
    assert 42 == result.result


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))


def seconds(run: Run, shell: InteractiveShell, source: str) -> float:
    started = time.perf_counter()
    run(shell, source)
    return time.perf_counter() - started


AS_NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
SCRIPT = """
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config
import sys
config = Config()
config.HistoryManager.enabled = False
shell = InteractiveShell.instance(config=config)
shell.run_cell("%load_ext celltrail")
result = shell.run_cell("%%track forest\\nimport celltrail\\ncelltrail.log_metric('gain', 1)\\n40 + 2")
assert 42 == result.result, result
import celltrail
print([found.reference for found in celltrail.open_trail().search_runs()])
"""


@pytest.mark.parametrize("whose", ["the project's folder", "the trail", "the home folder too"])
def test_a_user_without_permission_to_write_keeps_runs_where_they_may(
    tmp_path: Path, whose: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.name != "posix" or os.getuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("needs root, to become a user with fewer rights")
    can_run = [*AS_NOBODY, sys.executable, "-c", "import celltrail, IPython"]
    if subprocess.run(can_run, capture_output=True, check=False).returncode != 0:
        pytest.skip("this Python can't be run by other users")
    for folder in [*reversed(tmp_path.parents), tmp_path]:
        if folder.owner() == "root" and folder.is_relative_to(tempfile.gettempdir()) and folder.name:
            folder.chmod(folder.stat().st_mode | 0o055)
    project, home = tmp_path / "project", tmp_path / "home"
    project.mkdir()
    home.mkdir()
    if whose != "the home folder too":
        os.chown(home, 65534, 65534)
    if whose == "the trail":
        with Trail.open(project / ".celltrail"):
            os.chown(project, 65534, 65534)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    os.chown(temporary, 65534, 65534)
    environment = {"HOME": str(home), "PATH": os.environ["PATH"], "TMPDIR": str(temporary)}

    done = subprocess.run(
        [*AS_NOBODY, sys.executable, "-c", SCRIPT],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert 0 == done.returncode, done.stderr
    assert "['forest#1']" in done.stdout
    lines = [line for line in done.stderr.splitlines() if line.startswith("celltrail:")]
    assert 1 == len(lines), done.stderr
    assert "runs are kept in" in lines[0]
    assert "Traceback" not in done.stderr


def test_loading_while_the_trail_is_locked_goes_on_and_the_run_is_committed_later(
    plain_shell: InteractiveShell, run: Run, tmp_path: Path, capsys: Said
) -> None:
    Trail.open(tmp_path / ".celltrail").close()
    holder = sqlite3.connect(tmp_path / ".celltrail" / "trail.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")

    run(plain_shell, "%load_ext celltrail")
    result = run(plain_shell, LOG.format(value=1))
    lines = said_by_us(capsys)
    holder.execute("ROLLBACK")
    holder.close()
    run(plain_shell, LOG.format(value=2))

    assert 42 == result.result
    assert 1 == len(lines), lines
    assert [2.0, 1.0] == [found.metrics["gain"] for found in celltrail.open_trail().search_runs()]
