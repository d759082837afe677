"""A run's environment made anew: whole or not at all, in time, and what could not be had is said by name."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import time
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest
from replay.conftest import MakeRun
from support.wheels import make_source, make_wheel

from celltrail.errors import EnvironmentNotMadeError
from celltrail.replay.environment import make_environment
from celltrail.replay.environment_cache import KeptEnvironment, remove_environments
from celltrail.store.locks import FileLock
from celltrail.verbs.care import gc
from celltrail.verbs.current import Context


def says(python: Path, code: str) -> str:
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def children() -> set[psutil.Process]:
    """Return what this process has started, workers and trackers of earlier tests among them."""
    return set(psutil.Process().children(recursive=True))


def test_an_environment_has_the_versions_of_the_run_and_its_python(
    make_run: MakeRun, index: Path, tmp_path: Path
) -> None:
    run = make_run(["alpha", "1.0"], ["beta", "0.5"], ["ipykernel", "7.0"])

    made = make_environment(run, tmp_path / "made")

    assert "1.0 0.5" == says(made.python, "import alpha, beta; print(alpha.__version__, beta.__version__)")
    assert f"{sys.version_info[:2]}" == says(made.python, "import sys; print(sys.version_info[:2])")
    assert (3, (), ()) == (made.packages, made.missing, made.remarks)
    assert {"OMP_NUM_THREADS": "3"} == made.variables
    assert tmp_path / "made" / "pylock.toml" == made.lock
    assert made.lock.exists()


def test_without_a_kernel_in_the_run_one_is_added_and_said(make_run: MakeRun, index: Path, tmp_path: Path) -> None:
    made = make_environment(make_run(["alpha", "1.0"]), tmp_path / "made")

    assert ("added, so that a kernel can start: ipykernel 7.0",) == made.remarks
    assert "1.0" == says(made.python, "import alpha; print(alpha.__version__)")


def test_adding_a_kernel_never_moves_what_the_run_had(make_run: MakeRun, index: Path, tmp_path: Path) -> None:
    make_wheel(
        index,
        "ipykernel",
        "8.0",
        {"ipykernel/__init__.py": "", "ipykernel/kernelapp.py": "import alpha"},
        requires=["alpha>=2"],
    )

    made = make_environment(make_run(["alpha", "1.0"]), tmp_path / "made")

    assert "ipykernel 7.0" in made.remarks[0]
    assert "1.0" == says(made.python, "import alpha; print(alpha.__version__)")


def test_the_same_environment_is_made_once(make_run: MakeRun, index: Path, own_cache: Path) -> None:
    run, other = make_run(["alpha", "1.0"]), make_run(["alpha", "2.0"])

    first, again, different = make_environment(run), make_environment(run), make_environment(other)

    assert (False, True, False) == (first.is_cached, again.is_cached, different.is_cached)
    assert first.python == again.python
    assert first.python != different.python
    assert own_cache in first.python.parents
    assert first.remarks == again.remarks


def test_what_an_ended_build_left_in_the_cache_is_made_anew(make_run: MakeRun, index: Path) -> None:
    run = make_run(["alpha", "1.0"])
    first = make_environment(run)
    (first.lock.parent / "celltrail.json").unlink()
    first.lock.write_text("half")

    again = make_environment(run)

    assert not again.is_cached
    assert "1.0" == says(again.python, "import alpha; print(alpha.__version__)")


def test_a_folder_that_can_not_be_made_and_half_a_version_are_one_line_each(
    make_run: MakeRun, index: Path, tmp_path: Path
) -> None:
    run = make_run(["alpha", "1.0"])
    (tmp_path / "file").touch()

    with pytest.raises(EnvironmentNotMadeError, match="can't be made"):
        make_environment(run, tmp_path / "file" / "new")
    with pytest.raises(EnvironmentNotMadeError, match="--python 3 names no minor version"):
        make_environment(run, tmp_path / "new", python="3")


def test_an_environment_that_is_gone_already_is_not_removed_again(tmp_path: Path) -> None:
    gone = KeptEnvironment(tmp_path / "gone", "3.11.7", 1, datetime(2026, 1, 1, tzinfo=UTC), 1, is_in_use=False)

    assert [] == remove_environments([gone])


def test_gc_removes_environments_that_nobody_uses_and_the_next_replay_makes_its_own_again(
    make_run: MakeRun, index: Path, own_cache: Path, tmp_path: Path
) -> None:
    old, new, busy = make_run(["alpha", "1.0"]), make_run(["alpha", "2.0"]), make_run(["beta", "0.5"])
    made = {name: make_environment(run) for name, run in {"old": old, "new": new, "busy": busy}.items()}
    shell = Context("shell", tmp_path)
    two_hours_ago = time.time() - 7200
    for name in ("old", "busy"):
        os.utime(made[name].lock.parent / "celltrail.json", (two_hours_ago, two_hours_ago))
    with subprocess.Popen([made["busy"].python, "-c", "input()"], stdin=subprocess.PIPE) as program:
        would = gc(shell, environments=True, dry_run=True)
        done = gc(shell, environments=True)
        program.communicate(b"")

    assert [str(made["old"].lock.parent)] == [each["path"] for each in would.data["environments"]]
    assert would.data["environments"] == done.data["environments"]
    assert "Would remove 1 rebuilt environment of 3, " in would.text
    assert [False, True, True] == [made[name].python.exists() for name in ("old", "new", "busy")]
    assert (False, True) == (make_environment(old).is_cached, make_environment(new).is_cached)


def test_what_does_not_build_is_missing_by_name_and_the_rest_goes_in(
    make_run: MakeRun, index: Path, tmp_path: Path
) -> None:
    make_source(index, "broken", "1.0", build="raise SystemExit('no compiler here')")

    made = make_environment(make_run(["alpha", "1.0"], ["broken", "1.0"]), tmp_path / "made")

    assert [("broken", "1.0")] == [(one.name, one.version) for one in made.missing]
    assert "build" in made.missing[0].reason
    assert "1.0" == says(made.python, "import alpha; print(alpha.__version__)")


def test_a_file_that_is_not_the_locked_one_any_more_is_not_installed(
    make_run: MakeRun, index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(["alpha", "1.0"], ["beta", "0.5"])
    make_environment(run, tmp_path / "first")
    make_wheel(index, "alpha", "1.0", {"alpha.py": "__version__ = 'another'\n"})
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "empty"))

    made = make_environment(run, tmp_path / "second")

    assert ["alpha"] == [one.name for one in made.missing]
    assert "Hash mismatch" in made.missing[0].reason


def test_when_the_time_is_up_nothing_is_left_and_nothing_runs_on(
    make_run: MakeRun, index: Path, tmp_path: Path
) -> None:
    make_source(index, "endless", "1.0", build="import time; time.sleep(600)")
    before = children()

    with pytest.raises(EnvironmentNotMadeError, match=r"After 4 s uv was not done.*--timeout SECONDS"):
        make_environment(make_run(["endless", "1.0"]), tmp_path / "made", timeout_s=4)

    assert not (tmp_path / "made").exists()
    assert not children() - before


def test_an_interrupt_ends_uv_and_leaves_nothing(make_run: MakeRun, index: Path, tmp_path: Path) -> None:
    make_source(index, "endless", "1.0", build="import time; time.sleep(600)")
    before = children()

    def interrupt(line: str) -> None:
        if "endless" in line:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_environment(make_run(["endless", "1.0"]), tmp_path / "made", on_progress=interrupt)

    assert not (tmp_path / "made").exists()
    assert not children() - before


def test_two_processes_do_not_make_the_same_environment_at_once(make_run: MakeRun, index: Path) -> None:
    run = make_run(["alpha", "1.0"])
    made = make_environment(run)

    def interrupt(line: str) -> None:
        if "another process is making" in line:
            raise KeyboardInterrupt

    lock = FileLock.take(Path(f"{made.lock.parent}.lock"))
    assert lock is not None
    with lock, pytest.raises(KeyboardInterrupt):
        make_environment(run, on_progress=interrupt)

    assert make_environment(run).is_cached


def test_a_folder_in_use_is_left_alone(make_run: MakeRun, index: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("all of it")

    with pytest.raises(EnvironmentNotMadeError, match="in use already"):
        make_environment(make_run(["alpha", "1.0"]), tmp_path / "mine")

    assert "all of it" == (tmp_path / "mine" / "thesis.tex").read_text()


def test_a_python_that_is_not_here_is_one_error_that_names_the_others(
    make_run: MakeRun, index: Path, tmp_path: Path
) -> None:
    here = f"{sys.version_info[0]}.{sys.version_info[1]}"

    with pytest.raises(EnvironmentNotMadeError, match=rf"Python 3\.99 is not on this machine.*{here}.*--python"):
        make_environment(make_run(["alpha", "1.0"], python="3.99.1"), tmp_path / "made")


def test_another_python_is_taken_where_it_is_named_and_said(make_run: MakeRun, index: Path, tmp_path: Path) -> None:
    run = make_run(["alpha", "1.0"], ["ipykernel", "7.0"], python="3.99.1")

    made = make_environment(run, tmp_path / "made", python=sys.executable)

    assert f"Python {made.version} instead of 3.99.1, another minor version" in made.remarks
    assert "1.0" == says(made.python, "import alpha; print(alpha.__version__)")


def test_without_uv_one_error_says_what_to_type(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run = make_run(["alpha", "1.0"])
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sysconfig, "get_path", lambda _: str(tmp_path))

    with pytest.raises(EnvironmentNotMadeError, match=r'pip install "celltrail\[replay\]"'):
        make_environment(run, tmp_path / "made")


@pytest.mark.skipif(sys.platform == "win32", reason="a script that can be run")
def test_an_uv_that_knows_no_lock_files_is_one_error(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    old = tmp_path / "uv"
    old.write_text("#!/bin/sh\necho uv 0.4.30\n")
    old.chmod(0o755)
    monkeypatch.setattr(sysconfig, "get_path", lambda _: str(tmp_path))

    with pytest.raises(EnvironmentNotMadeError, match=r"uv 0\.4\.30.*0\.6\.15 is the first"):
        make_environment(make_run(["alpha", "1.0"]), tmp_path / "made")
