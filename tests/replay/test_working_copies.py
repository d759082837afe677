"""A working copy holds the user's files as links; what is written, there or by an absolute path, changes none."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from celltrail.domain.lineage import FileTouch
from celltrail.replay.working_copy import WorkingCopy, make_working_copy


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with data beside its notebooks, and what a run wrote."""
    for name in ("data/x.csv", "notebooks/own.csv", "notebooks/out.csv", ".venv/big.bin", ".celltrail/trail.db"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("recorded")
    return tmp_path


def copy_of(project: Path, **more: Path) -> WorkingCopy:
    folder = project / "notebooks"
    files = [FileTouch((folder / "out.csv").as_posix(), "write")]
    return make_working_copy(folder, project, files, instead={str(project / name): it for name, it in more.items()})


def run_in(copy: WorkingCopy, code: str) -> str:
    """Run code as the replaying kernel runs a cell."""
    told = (str(copy.place), [str(one) for one in copy.protected], list(copy.written))
    script = f"from celltrail.replay.inside import protect\nprotect(*{told!r})\n{code}"
    done = subprocess.run(
        [sys.executable, "-c", script], check=False, capture_output=True, text=True, cwd=copy.folder
    )
    return (done.stdout or done.stderr).strip().splitlines()[-1] if done.stdout or done.stderr else ""


def contents(project: Path) -> dict[str, str]:
    return {str(path): path.read_text() for path in project.rglob("*") if path.is_file()}


def states(project: Path) -> dict[str, tuple[str, int, int]]:
    """Return content, mode and time of change."""
    told = {path: path.stat() for path in project.rglob("*") if path.is_file()}
    return {str(path): (path.read_text(), one.st_mode, one.st_mtime_ns) for path, one in told.items()}


def test_relative_paths_resolve_and_what_the_recipe_made_is_not_there(project: Path) -> None:
    copy = copy_of(project)

    found = run_in(copy, "import os; print(open('../data/x.csv').read(), os.path.exists('out.csv'))")

    assert "recorded False" == found
    assert not (copy.folder.parent / ".venv").exists()
    assert not (copy.folder.parent / ".celltrail").exists()
    copy.remove()


@pytest.mark.parametrize(
    "code",
    [
        "open('own.csv', 'w').write('new')",
        "open('own.csv', 'a').write('new')",
        "open('own.csv', 'r+').truncate(0)",
        "import pathlib; pathlib.Path('own.csv').unlink()",
        "import os; os.truncate('own.csv', 0)",
        "import os; open('z', 'w').write('new'); os.replace('z', 'own.csv')",
        "import shutil; shutil.rmtree('../data')",
        "import sqlite3; c = sqlite3.connect('own.csv'); c.close()",
        "open('out.csv', 'w').write('new')",
        "import os; os.chmod('own.csv', 0o600)",
        "import pathlib; pathlib.Path('own.csv').touch()",
    ],
)
def test_what_is_written_in_the_copy_stays_there(project: Path, code: str) -> None:
    before, copy = states(project), copy_of(project)

    run_in(copy, code)
    copy.remove()

    assert before == states(project)


def test_a_file_that_the_recipe_changed_is_no_link(project: Path) -> None:
    """A library that opens files in its own C code would write through it."""
    folder = project / "notebooks"
    files = [FileTouch((folder / "own.csv").as_posix(), mode) for mode in ("read", "both")]
    copy = make_working_copy(folder, project, files)

    assert not (copy.folder / "own.csv").is_symlink()
    assert "recorded" == (copy.folder / "own.csv").read_text()
    copy.remove()


@pytest.mark.parametrize(
    "code",
    [
        "open({path!r}, 'w')",
        "import os; os.remove({path!r})",
        "import os; os.rename({path!r}, 'elsewhere')",
        "import shutil; shutil.copyfile('own.csv', {path!r})",
    ],
)
def test_an_absolute_path_below_the_project_is_refused(project: Path, code: str) -> None:
    before, copy = contents(project), copy_of(project)

    said = run_in(copy, code.format(path=str(project / "data" / "x.csv")))
    copy.remove()

    assert said.startswith("PermissionError: ")
    assert "writes over nothing" in said
    assert before == contents(project)


def test_a_project_that_is_reached_by_a_link_is_protected_too(project: Path, tmp_path: Path) -> None:
    by_link = tmp_path.with_name(f"{tmp_path.name}-link")
    by_link.symlink_to(project)
    before, copy = contents(project), copy_of(project)

    said = run_in(copy, f"open({str(by_link / 'data' / 'x.csv')!r}, 'w')")
    copy.remove()

    assert "writes over nothing" in said
    assert before == contents(project)


def test_what_is_appended_to_goes_on_from_what_was_there(project: Path) -> None:
    copy = copy_of(project)

    assert "recorded, more" == run_in(
        copy, "f = open('own.csv', 'a'); f.write(', more'); f.close(); print(open('own.csv').read())"
    )
    copy.remove()


def test_nothing_of_a_copy_is_left(project: Path) -> None:
    before, copy = contents(project), copy_of(project)

    copy.remove()

    assert not copy.place.exists()
    assert before == contents(project)
