"""`restore`: to the letter, never over what is there, and what has changed since."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from blake3 import blake3

import celltrail
from celltrail.capture.door import Door
from celltrail.capture.door_record import mask_cell
from celltrail.capture.notebook import snapshot_notebook
from celltrail.domain.ids import Digest
from celltrail.domain.record import CellRecord, FileRecord, Keeping
from celltrail.errors import NotKeptError, UsageError
from celltrail.store.trail import Trail
from celltrail.verbs.current import Context
from celltrail.verbs.restore import restore, with_whence
from celltrail.verbs.since import changed_cells

RecordCell = Callable[[str, str], None]
Record = Callable[..., CellRecord]


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


@pytest.fixture
def notebook(project: Path, record: Record) -> Path:
    """Save a notebook of three cells and a run of its last one, nb#1."""
    document = nbformat.v4.new_notebook()
    document.cells = [
        nbformat.v4.new_markdown_cell("# Fraud", id="words"),
        nbformat.v4.new_code_cell("load()", id="load"),
        nbformat.v4.new_code_cell("fit()", id="cell-nb"),
    ]
    path = project / "fraud.ipynb"
    nbformat.write(document, path)
    snapshot, blobs = snapshot_notebook(path, [("cell-nb", "fit()")])
    cell = record("nb", "fit()", depth=4, score=0.7, minutes=40, snapshot=snapshot)
    cell.execution.notebook = path.as_posix()
    cell.blobs.update(blobs)
    with Trail.open(project / ".celltrail") as trail:
        trail.save(cell, wait_s=1.0)
    return path


def test_a_notebook_comes_back_as_a_new_file_each_time(shell_door: Context, notebook: Path) -> None:
    before = notebook.read_bytes()

    first = restore(shell_door, run="nb#1", notebook=True)
    second = restore(shell_door, run="nb#1", notebook=True)

    assert notebook.with_name("fraud.nb-1.ipynb") == Path(first.data["file"])
    assert notebook.with_name("fraud.nb-1-2.ipynb") == Path(second.data["file"])
    assert before == notebook.read_bytes()
    back = nbformat.read(first.data["file"], as_version=4)
    nbformat.validate(back)
    assert ["# Fraud", "load()", "fit()"] == [cell.source for cell in back.cells]
    assert "partial" not in first.text


def test_cells_that_changed_since_are_named_with_the_way_back(shell_door: Context, notebook: Path) -> None:
    document = nbformat.read(notebook, as_version=4)
    document.cells[1].source = "load(clean=True)"
    nbformat.write(document, notebook)

    answer = restore(shell_door, run="nb#1")

    assert (
        "Since then cell 2 (load(clean=True)) changed. The notebook as it stood: restore nb#1 --notebook"
        in answer.aside
    )


def test_where_only_executed_sources_were_known_it_says_partial(
    shell_door: Context, project: Path, record: Record
) -> None:
    snapshot, blobs = snapshot_notebook(None, [(None, "load()"), (None, "fit()")])
    cell = record("alone", "fit()", depth=4, score=0.7, minutes=50, snapshot=snapshot)
    cell.blobs.update(blobs)
    with Trail.open(project / ".celltrail") as trail:
        trail.save(cell, wait_s=1.0)

    answer = restore(shell_door, run="alone#1", notebook=True)

    assert "It is partial" in answer.text
    assert answer.data["partial"]


def test_a_run_without_a_notebook_says_what_is_there(shell_door: Context) -> None:
    with pytest.raises(NotKeptError, match=r"Its cell is there: restore forest#2"):
        restore(shell_door, run="forest#2", notebook=True)


def test_files_that_changed_since_are_named(shell_door: Context, project: Path, record: Record) -> None:
    (project / "train.csv").write_text("a,b\n1,2\n")
    digest = Digest(blake3(b"a,b\n1,2\n").hexdigest())
    read = FileRecord("train.csv", "read", 8, None, digest, Keeping.KEPT)
    gone = FileRecord("old.csv", "read", 8, None, digest, Keeping.KEPT)
    with Trail.open(project / ".celltrail") as trail:
        cell = record("reader", "fit()", depth=4, score=0.7, minutes=50, files=[read, gone])
        trail.save(cell, wait_s=1.0)
    unchanged = restore(shell_door, run="reader#1").aside

    (project / "train.csv").write_text("a,b\n1,3\n")

    assert "Since then old.csv is gone." in unchanged
    assert "Since then train.csv changed, old.csv is gone." in restore(shell_door, run="reader#1").aside


def test_changed_new_and_missing_cells_are_named(tmp_path: Path) -> None:
    now = nbformat.v4.new_notebook()
    for cell_id, source in (("a", "load()"), ("b", "split(0.3)"), ("c", "fit()"), ("e", "plot()")):
        now.cells.append(nbformat.v4.new_code_cell(source, id=cell_id))
    path = tmp_path / "fraud.ipynb"
    nbformat.write(now, path)

    said = changed_cells({"a": "load()", "b": "split(0.2)", "c": "fit(1)", "d": "clean()"}, path, own="c")

    assert ["cell 2 (split(0.3)) changed", "cell 4 (plot()) is new", "a cell is gone (clean())"] == said


def test_restoring_masked_source_says_how_much_is_masked_and_what_to_do(project: Path, record: Record) -> None:
    source = "who = 'ann@x.org'  # ann@x.org, bob@x.org\n"
    masked = mask_cell(record("mailing", source, depth=1, score=0.5, minutes=40), Door(), base="")
    with Trail.open(project / ".celltrail") as trail:
        trail.save(masked, wait_s=5)

    answer = restore(Context("shell", project), run="mailing#1")

    assert "who = '‹masked:email:1›'  # ‹masked:email:1›, ‹masked:email:2›\n" == answer.text
    assert answer.aside.startswith(
        "3 values in it are masked (3 e-mail addresses): put your own where ‹masked:…› stands before you run it."
    )
    assert {"email": 3} == answer.data["masked"]


def test_a_cell_is_not_changed_because_its_values_were_masked(tmp_path: Path) -> None:
    cell = nbformat.v4.new_code_cell("login('ann@x.org')")
    path = tmp_path / "n.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)

    assert [] == changed_cells({cell["id"]: "login('‹masked:email:1›')"}, path, None)
    assert 1 == len(changed_cells({cell["id"]: "logout('‹masked:email:1›')"}, path, None))
