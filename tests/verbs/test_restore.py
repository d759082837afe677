"""`restore`: to the letter, never over what is there, and what has changed since."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import celltrail
from celltrail.errors import UsageError
from celltrail.verbs.current import Context
from celltrail.verbs.restore import restore, with_whence
from celltrail.verbs.since import changed_cells

RecordCell = Callable[[str, str], None]


def test_a_shell_prints_the_cell_to_the_letter_and_the_rest_beside_it(shell_door: Context) -> None:
    answer = restore(shell_door, run="forest#2")

    assert celltrail.run("forest#2").source == answer.text
    assert "pip install scikit-learn==1.0.1" in answer.aside


def test_a_notebook_is_offered_the_cell_below_with_its_origin(project: Path) -> None:
    offered: list[str] = []

    answer = restore(Context("cell", project, offer_cell=offered.append), run="forest#2")

    run = celltrail.run("forest#2")
    assert [f"# restored from forest#2, 2026-11-12\n{run.source}"] == offered
    assert "forest#2 is in the cell below." in answer.text


def test_the_origin_stands_below_cell_magics_and_only_once(project: Path, record_cell: RecordCell) -> None:
    record_cell("timed", "%%time\n# restored from forest#1, 2026-11-01\nfit()\n")

    assert "%%time\n# restored from timed#1, 2026-11-12\nfit()\n" == with_whence(celltrail.run("timed#1"))


def test_a_file_is_written_but_never_over_one(shell_door: Context, project: Path) -> None:
    restore(shell_door, run="forest#2", output="forest.py")

    assert celltrail.run("forest#2").source in (project / "forest.py").read_text()
    with pytest.raises(UsageError, match="never writes over"):
        restore(shell_door, run="forest#1", output="forest.py")


def test_changed_new_and_missing_cells_are_named(tmp_path: Path) -> None:
    import nbformat

    now = nbformat.v4.new_notebook()
    for cell_id, source in (("a", "load()"), ("b", "split(0.3)"), ("c", "fit()"), ("e", "plot()")):
        now.cells.append(nbformat.v4.new_code_cell(source, id=cell_id))
    path = tmp_path / "fraud.ipynb"
    nbformat.write(now, path)

    said = changed_cells({"a": "load()", "b": "split(0.2)", "c": "fit(1)", "d": "clean()"}, path, own="c")

    assert ["cell 2 changed", "cell 4 is new", "a cell is gone: clean()"] == said
