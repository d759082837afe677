"""`celltrail demo`, with real kernels."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from celltrail.errors import CelltrailError
from celltrail.store.trail import Trail
from celltrail.tour import demo, example_notebooks, execute
from celltrail.verbs.current import Context


def write_notebook(path: Path, *sources: str) -> Path:
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(each) for each in sources]), path)
    return path


def celltrail_demo(cwd: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "CELLTRAIL_TRAIL"}
    return subprocess.run(
        [sys.executable, "-m", "celltrail.cli", "demo", *words],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


@pytest.mark.kernel
def test_the_demo_leaves_executed_notebooks_a_trail_and_says_what_to_type(tmp_path: Path) -> None:
    done = celltrail_demo(tmp_path)

    assert 0 == done.returncode, done.stderr
    place = tmp_path / "celltrail-demo"
    for path in example_notebooks():
        executed = nbformat.read(place / path.name, as_version=4)
        assert all(cell.execution_count for cell in executed.cells if cell.cell_type == "code")
    with_numbers = [run for run in Trail.open(place / ".celltrail", read_only=True).search_runs() if run.number]
    assert 6 <= len(with_numbers)
    assert f"cd {place.name}" in done.stdout
    assert "forest#1" in done.stdout
    assert "100%" in done.stderr


@pytest.mark.kernel
def test_a_notebook_of_which_a_cell_fails_is_kept_as_far_as_it_came(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "fails.ipynb", "print('first')", "1 / 0", "print('never')")

    with pytest.raises(CelltrailError, match="cell 2 failed with ZeroDivisionError"):
        execute(path)

    outputs = [cell.outputs for cell in nbformat.read(path, as_version=4).cells]
    assert "first\n" == outputs[0][0].text
    assert "ZeroDivisionError" == outputs[1][0].ename
    assert [] == outputs[2]


@pytest.mark.kernel
def test_a_kernel_that_dies_is_said_and_not_waited_for(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "dies.ipynb", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")

    with pytest.raises(CelltrailError, match="the kernel died in cell 1"):
        execute(path)


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "notes.txt").write_text("keep", encoding="utf-8")

    with pytest.raises(CelltrailError, match="in use already"):
        demo(Context("shell", tmp_path), folder="mine")

    assert ["notes.txt"] == [path.name for path in mine.iterdir()]


def test_the_examples_are_found_in_the_order_in_which_they_are_read() -> None:
    names = [path.name for path in example_notebooks()]

    assert ["01", "02", "03", "04"] == [name[:2] for name in names]
