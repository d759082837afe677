"""Which experiment a run belongs to: a table of what people do to cells and notebooks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.cells import SOURCE, Kernel

from celltrail.domain.record import SavedRun
from celltrail.store.experiments import default_name
from celltrail.store.trail import Trail

EDITED = SOURCE.replace("max_depth=8", "max_depth=12")
UNLIKE = "for colour in palette:\n    print(colour)\n"


@dataclass
class Desk:
    """A trail, a folder with notebooks, and kernels to run them in."""

    folder: Path
    trail: Trail

    def notebook(self, name: str) -> Path:
        path = self.folder / name
        path.write_text("{}")
        return path

    def run(self, kernel: Kernel, source: str = SOURCE, **more: object) -> SavedRun:
        saved = self.trail.save(kernel.trains(source, **more), wait_s=1)  # type: ignore[arg-type]
        assert saved is not None
        return saved


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Trail.open(tmp_path / ".celltrail") as trail:
        yield Desk(tmp_path, trail)


def the_same_cell_edited(desk: Desk) -> SavedRun:
    kernel = Kernel(desk.notebook("a.ipynb"))
    desk.run(kernel)
    return desk.run(kernel, UNLIKE, depth=1)


def a_kernel_restart(desk: Desk) -> SavedRun:
    path = desk.notebook("a.ipynb")
    desk.run(Kernel(path))
    return desk.run(Kernel(path), EDITED)


def a_renamed_notebook(desk: Desk) -> SavedRun:
    path = desk.notebook("a.ipynb")
    desk.run(Kernel(path, cell_ids=["c1", "c2", "c3"]))
    renamed = path.rename(desk.folder / "b.ipynb")
    return desk.run(Kernel(renamed, cell_ids=["c1", "c2", "c9"]), EDITED)


def a_renamed_notebook_whose_cells_are_not_known(desk: Desk) -> SavedRun:
    path = desk.notebook("a.ipynb")
    desk.run(Kernel(path, cell_ids=["c1", "c2"]))
    return desk.run(Kernel(path.rename(desk.folder / "b.ipynb")), EDITED)


def a_renamed_notebook_in_which_another_cell_ran_first(desk: Desk) -> SavedRun:
    path = desk.notebook("a.ipynb")
    desk.run(Kernel(path, cell_ids=["c1", "c2"]))
    kernel = Kernel(path.rename(desk.folder / "b.ipynb"), cell_ids=["c1", "c2", "new"])
    first = kernel.trains()
    first.run = None
    first.metrics = []
    first.execution.cell_id = "new"
    desk.trail.save(first, wait_s=1)
    return desk.run(kernel, EDITED)


def a_copied_notebook(desk: Desk) -> SavedRun:
    desk.run(Kernel(desk.notebook("a.ipynb"), cell_ids=["c1", "c2"]))
    return desk.run(Kernel(desk.notebook("copy.ipynb"), cell_ids=["c1", "c2"]))


def another_notebook_with_the_same_code(desk: Desk) -> SavedRun:
    desk.run(Kernel(desk.notebook("a.ipynb"), cell_ids=["c1", "c2"]))
    return desk.run(Kernel(desk.notebook("b.ipynb"), cell_ids=["x1", "x2"]), cell="x1")


def a_copied_cell(desk: Desk) -> SavedRun:
    kernel = Kernel(desk.notebook("a.ipynb"), cell_ids=["c1", "c2"])
    desk.run(kernel)
    return desk.run(kernel, cell="c2")


def the_second_part_of_a_split_cell(desk: Desk) -> SavedRun:
    kernel = Kernel(desk.notebook("a.ipynb"), cell_ids=["c1", "c2"])
    desk.run(kernel, "import numpy as np\nprices = load(2)\nprices.plot()\n" + SOURCE)
    return desk.run(kernel, "prices.plot()\n", cell="c2")


def an_old_notebook_whose_ids_are_new_at_each_opening(desk: Desk) -> SavedRun:
    path = desk.notebook("a.ipynb")
    desk.run(Kernel(path, cell_ids=["c1", "c2"]))
    return desk.run(Kernel(path, cell_ids=["n1", "n2"]), EDITED, cell="n1")


def a_notebook_run_again_by_nbclient(desk: Desk) -> SavedRun:
    path = desk.notebook("a.ipynb")
    desk.run(Kernel(path, client="nbclient"), cell=None)
    return desk.run(Kernel(path, client="nbclient"), cell=None, depth=9)


def a_notebook_edited_and_run_again_by_nbclient(desk: Desk) -> SavedRun:
    path = desk.notebook("a.ipynb")
    desk.run(Kernel(path, client="nbclient"), cell=None)
    return desk.run(Kernel(path, client="nbclient"), EDITED, cell=None)


def a_second_cell_after_the_same_pattern_in_nbclient(desk: Desk) -> SavedRun:
    kernel = Kernel(desk.notebook("a.ipynb"), client="nbclient")
    desk.run(kernel, cell=None)
    return desk.run(kernel, EDITED, cell=None)


def an_edited_line_in_a_terminal(desk: Desk) -> SavedRun:
    kernel = Kernel(None, client="ipython")
    desk.run(kernel, cell=None)
    return desk.run(kernel, EDITED, cell=None)


def the_same_address_in_vscode(desk: Desk) -> SavedRun:
    kernel = Kernel(desk.notebook("a.ipynb"), client="vscode")
    desk.run(kernel, cell="vscode-notebook-cell:/a.ipynb#W0sZmlsZQ==")
    return desk.run(kernel, UNLIKE, cell="vscode-notebook-cell:/a.ipynb#W0sZmlsZQ==")


def a_cell_that_moved_in_vscode(desk: Desk) -> SavedRun:
    path = desk.notebook("a.ipynb")
    desk.run(Kernel(path), cell="vscode-notebook-cell:/a.ipynb#W0sZmlsZQ==")
    return desk.run(Kernel(path), EDITED, cell="vscode-notebook-cell:/a.ipynb#W3sZmlsZQ==")


def another_cell_at_an_old_address_of_vscode(desk: Desk) -> SavedRun:
    path = desk.notebook("a.ipynb")
    desk.run(Kernel(path), cell="vscode-notebook-cell:/a.ipynb#W0sZmlsZQ==")
    return desk.run(Kernel(path), UNLIKE, cell="vscode-notebook-cell:/a.ipynb#W0sZmlsZQ==")


def a_header_given_later(desk: Desk) -> SavedRun:
    kernel = Kernel(desk.notebook("a.ipynb"))
    desk.run(kernel)
    return desk.run(kernel, EDITED, name="forest")


def a_header_of_the_trail_in_another_notebook(desk: Desk) -> SavedRun:
    desk.run(Kernel(desk.notebook("a.ipynb")), name="forest")
    return desk.run(Kernel(desk.notebook("b.ipynb")), EDITED, cell="x1", name="forest")


def another_header_in_the_same_cell(desk: Desk) -> SavedRun:
    kernel = Kernel(desk.notebook("a.ipynb"))
    desk.run(kernel, name="forest")
    return desk.run(kernel, EDITED, name="boost")


def a_header_taken_away(desk: Desk) -> SavedRun:
    kernel = Kernel(desk.notebook("a.ipynb"))
    desk.run(kernel, name="forest")
    return desk.run(kernel, EDITED)


@pytest.mark.parametrize(
    ("case", "experiment", "number", "said"),
    [
        (the_same_cell_edited, "random-forest", 2, ""),
        (a_kernel_restart, "random-forest", 2, ""),
        (a_renamed_notebook, "random-forest", 2, ""),
        (a_renamed_notebook_whose_cells_are_not_known, "random-forest", 2, ""),
        (a_renamed_notebook_in_which_another_cell_ran_first, "random-forest", 2, ""),
        (a_copied_notebook, "random-forest-2", 1, "forked from random-forest"),
        (another_notebook_with_the_same_code, "random-forest-2", 1, ""),
        (a_copied_cell, "random-forest-2", 1, "forked from random-forest"),
        (the_second_part_of_a_split_cell, "random-forest-2", 1, ""),
        (an_old_notebook_whose_ids_are_new_at_each_opening, "random-forest", 2, "likeness"),
        (a_notebook_run_again_by_nbclient, "random-forest", 2, ""),
        (a_notebook_edited_and_run_again_by_nbclient, "random-forest", 2, "likeness"),
        (a_second_cell_after_the_same_pattern_in_nbclient, "random-forest-2", 1, ""),
        (an_edited_line_in_a_terminal, "random-forest", 2, "likeness"),
        (the_same_address_in_vscode, "random-forest", 2, ""),
        (a_cell_that_moved_in_vscode, "random-forest", 2, "likeness"),
        (another_cell_at_an_old_address_of_vscode, "random-forest-2", 1, ""),
        (a_header_given_later, "forest", 2, "random-forest is now forest"),
        (a_header_of_the_trail_in_another_notebook, "forest", 2, ""),
        (another_header_in_the_same_cell, "boost", 1, ""),
        (a_header_taken_away, "forest", 2, ""),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_a_run_goes_to(desk: Desk, case: Callable[[Desk], SavedRun], experiment: str, number: int, said: str) -> None:
    saved = case(desk)

    assert (experiment, number) == (saved.experiment, saved.number)
    assert said in saved.said
    assert bool(said) == bool(saved.said)


def test_a_fork_records_its_parent(desk: Desk) -> None:
    a_copied_notebook(desk)

    assert [("random-forest-2", "random-forest")] == desk.trail.db.rows(
        "SELECT e.name, p.name FROM experiments AS e JOIN experiments AS p ON p.id = e.parent_id"
    )


def test_a_renamed_notebook_remembers_its_old_path_and_leaves_no_second_one(desk: Desk) -> None:
    a_renamed_notebook_in_which_another_cell_ran_first(desk)

    assert [("b.ipynb",)] == desk.trail.db.rows("SELECT path FROM notebooks")
    assert [("a.ipynb",)] == desk.trail.db.rows("SELECT path FROM notebook_paths")


def test_an_experiment_is_named_after_the_last_estimator_of_its_first_run(desk: Desk) -> None:
    kernel = Kernel(desk.notebook("a.ipynb"))
    cell = kernel.trains(estimator="RandomForestClassifier")
    cell.run.identity.estimator = None
    assert "cell" == desk.trail.save(cell, wait_s=1).experiment

    cell.run.identity.estimator = "HistGradientBoostingClassifier"

    assert "hist-gradient-boosting" == desk.trail.save(cell, wait_s=1).experiment


@pytest.mark.parametrize(
    ("estimator", "name"),
    [
        ("RandomForestClassifier", "random-forest"),
        ("LinearSVC", "linear-svc"),
        ("KMeans", "k-means"),
        ("KNeighborsRegressor", "k-neighbors"),
        ("GridSearchCV", "grid-search"),
        ("SVC", "svc"),
        ("XGBClassifier", "xgb"),
        ("Classifier", "classifier"),
        ("Überwald", "berwald"),
        ("_", "cell"),
        (None, "cell"),
    ],
)
def test_the_name_of_an_estimator_becomes_the_name_of_an_experiment(estimator: str | None, name: str) -> None:
    assert name == default_name(estimator)
