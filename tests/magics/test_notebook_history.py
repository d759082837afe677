"""One cell's history through what people do to notebooks: rename, copy, restart, duplicate, split, merge."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell

import celltrail

Run = Callable[..., Any]
Open = Callable[[Path], None]

FOREST = "forest = RandomForestClassifier(n_estimators={n}, random_state=0).fit(X_train, y_train)\n"
LINEAR = "linear = LogisticRegression(max_iter={n}).fit(X_train, y_train)\n"
PREPARE = """
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
X_train, y_train = load_iris(return_X_y=True, as_frame=True)
"""


def write(path: Path, cells: Sequence[tuple[str, str]]) -> Path:
    made = [nbformat.v4.new_code_cell(source, id=cell_id) for cell_id, source in cells]
    nbformat.write(nbformat.v4.new_notebook(cells=made), path)
    return path


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    cells = [("prepare1", PREPARE), ("forest01", FOREST.format(n=2)), ("linear01", LINEAR.format(n=400))]
    return write(tmp_path / "churn.ipynb", cells)


@pytest.fixture
def open_in(plain_shell: InteractiveShell, run: Run, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Return a function that starts a notebook anew, as JupyterLab does: the kernel is told the path."""

    def open_notebook(path: Path) -> None:
        run(plain_shell, "%unload_ext celltrail")
        monkeypatch.setenv("JPY_SESSION_NAME", str(path))
        run(plain_shell, "%load_ext celltrail", cell_id="load0001")
        run(plain_shell, PREPARE, cell_id="prepare1")

    return open_notebook


def references() -> list[str]:
    return [found.reference for found in reversed(celltrail.open_trail().search_runs())]


def test_numbers_go_on_after_a_restart_also_for_an_edited_cell(
    plain_shell: InteractiveShell, run: Run, notebook: Path, open_in: Open
) -> None:
    open_in(notebook)
    run(plain_shell, FOREST.format(n=2), cell_id="forest01")
    open_in(notebook)
    run(plain_shell, LINEAR.format(n=401) + "# all of it is new", cell_id="forest01")

    assert ["random-forest#1", "random-forest#2"] == references()


def test_a_renamed_notebook_keeps_its_history(
    plain_shell: InteractiveShell, run: Run, notebook: Path, open_in: Open
) -> None:
    open_in(notebook)
    run(plain_shell, FOREST.format(n=2), cell_id="forest01")
    renamed = notebook.rename(notebook.with_name("churn-final.ipynb"))
    open_in(renamed)
    run(plain_shell, FOREST.format(n=3), cell_id="forest01")

    assert ["random-forest#1", "random-forest#2"] == references()


def test_a_copied_notebook_forks_its_experiments_and_names_the_parent(
    plain_shell: InteractiveShell, run: Run, notebook: Path, open_in: Open
) -> None:
    open_in(notebook)
    run(plain_shell, FOREST.format(n=2), cell_id="forest01")
    copy = Path(shutil.copy(notebook, notebook.with_name("copy.ipynb")))
    open_in(copy)
    run(plain_shell, FOREST.format(n=3), cell_id="forest01")
    open_in(notebook)
    run(plain_shell, FOREST.format(n=4), cell_id="forest01")

    trail = celltrail.open_trail()
    assert ["random-forest#1", "random-forest-2#1", "random-forest#2"] == references()
    assert "random-forest" == parent_of(trail, "random-forest-2")


def test_a_copied_cell_forks_and_the_first_keeps_the_history(
    plain_shell: InteractiveShell, run: Run, notebook: Path, open_in: Open
) -> None:
    open_in(notebook)
    run(plain_shell, FOREST.format(n=2), cell_id="forest01")
    run(plain_shell, FOREST.format(n=3), cell_id="pasted01")
    run(plain_shell, FOREST.format(n=4), cell_id="forest01")

    trail = celltrail.open_trail()
    assert ["random-forest#1", "random-forest-2#1", "random-forest#2"] == references()
    assert "random-forest" == parent_of(trail, "random-forest-2")


def test_the_first_part_of_a_split_cell_keeps_the_history(
    plain_shell: InteractiveShell, run: Run, notebook: Path, open_in: Open
) -> None:
    both = FOREST.format(n=2) + LINEAR.format(n=400)
    open_in(notebook)
    run(plain_shell, both, cell_id="forest01")
    run(plain_shell, FOREST.format(n=2), cell_id="forest01")
    run(plain_shell, LINEAR.format(n=400), cell_id="second01")

    assert ["logistic-regression#1", "logistic-regression#2", "logistic-regression-2#1"] == references()


def test_merged_cells_keep_the_history_of_the_first(
    plain_shell: InteractiveShell, run: Run, notebook: Path, open_in: Open
) -> None:
    open_in(notebook)
    run(plain_shell, FOREST.format(n=2), cell_id="forest01")
    run(plain_shell, LINEAR.format(n=400), cell_id="linear01")
    run(plain_shell, FOREST.format(n=2) + LINEAR.format(n=400), cell_id="forest01")

    assert ["random-forest#1", "logistic-regression#1", "random-forest#2"] == references()


def parent_of(trail: Any, experiment: str) -> str:
    (name,) = trail.db.row(
        "SELECT p.name FROM experiments AS e JOIN experiments AS p ON p.id = e.parent_id WHERE e.name = ?",
        (experiment,),
    )
    return str(name)
