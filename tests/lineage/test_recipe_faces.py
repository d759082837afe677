"""The faces of a recipe: shown, as JSON, as a script and a notebook, from a kernel and from the trail alone."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from support.cells import Kernel
from support.notebooks import Notebook

import celltrail
from celltrail.errors import CelltrailError, NotFoundError, UsageError
from celltrail.store.trail import Trail


def script_gives(source: str, name: str, folder: Path) -> str:
    """Run a script in a clean interpreter, and return what a name is at its end."""
    done = subprocess.run(
        [sys.executable, "-c", f"{source}\nprint(repr({name}))"],
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
    )
    return done.stdout.strip() or done.stderr


def test_a_failed_cell_is_wrapped_as_it_failed(notebook: Notebook, tmp_path: Path) -> None:
    notebook.play("xs = []", 'xs.append("""a\n  b""")\nxs.append(1 / 0)\nxs.append(3)', "n = list(xs)")

    recipe = celltrail.recipe("n")

    assert "except ZeroDivisionError:" in recipe.executions[1].code
    assert repr(["a\n  b"]) == script_gives(recipe.source, "n", tmp_path)


def test_annotations_that_an_earlier_cell_postpones_are_postponed_in_the_recipe(
    notebook: Notebook, tmp_path: Path
) -> None:
    notebook.play(
        "a = 1",
        "from __future__ import annotations\nb = 2",
        "def plain():\n    return 3",
        "def typed(x: Unknown) -> Unknown:\n    return plain() + x",
        "n = typed(a)\nm = plain()",
    )

    assert [1, 2, 3, 4, 5] == notebook.slice_of("n")
    assert [3] == notebook.slice_of("plain")
    assert "4" == script_gives(celltrail.recipe("n").source, "n", tmp_path)


def test_a_failed_cell_that_postpones_annotations_is_wrapped_so_that_it_compiles(
    notebook: Notebook, tmp_path: Path
) -> None:
    notebook.play("xs = []", "# first\nfrom __future__ import annotations\nxs.append(1)\n1 / 0", "n = len(xs)")

    recipe = celltrail.recipe("n")

    compile(recipe.executions[1].code, "cell", "exec")
    assert "1" == script_gives(recipe.source, "n", tmp_path)


def test_an_error_of_the_notebook_s_own_is_told_from_others(notebook: Notebook, tmp_path: Path) -> None:
    notebook.play("class Mine(Exception):\n    pass\nxs = []", "xs.append(1)\nraise Mine", "n = len(xs)")

    assert "1" == script_gives(celltrail.recipe("n").source, "n", tmp_path)


def test_a_notebook_of_the_recipe_is_valid_and_runs(notebook: Notebook, tmp_path: Path) -> None:
    notebook.play(["a", "n = 0"], ["b", "n += 1"], ["b", "n += 1"], ["c", "x = 9"])

    celltrail.recipe("n", output=str(tmp_path / "n.ipynb"))

    document = nbformat.read(tmp_path / "n.ipynb", 4)
    nbformat.validate(document)
    assert ["n = 0", "n += 1", "n += 1"] == [cell.source for cell in document.cells]
    assert (4, 5) == (document.nbformat, document.nbformat_minor)


@pytest.mark.kernel
def test_a_notebook_of_the_recipe_gives_the_value(notebook: Notebook, tmp_path: Path) -> None:
    notebook.play("xs = [1]", "ys = xs\nys.append(2)\nys.append(oh)", "total = sum(xs)")

    document = celltrail.recipe("total").to_notebook()
    document.cells.append(nbformat.v4.new_code_cell("total"))
    NotebookClient(document, resources={"metadata": {"path": str(tmp_path)}}).execute()

    assert "3" == document.cells[-1].outputs[0].data["text/plain"]


def test_a_file_that_is_there_is_never_written_over(notebook: Notebook, tmp_path: Path) -> None:
    notebook.play("n = 1")
    (tmp_path / "n.py").write_text("mine")

    with pytest.raises(UsageError, match="never writes over a file"):
        celltrail.recipe("n", output="n.py")

    assert "mine" == (tmp_path / "n.py").read_text()
    assert [] == list(tmp_path.glob(".*.part"))


@pytest.mark.parametrize("place", ["missing/recipe.py", "celltrail.toml/recipe.py"])
def test_a_place_where_nothing_can_be_written_is_said(notebook: Notebook, place: str) -> None:
    notebook.play("n = 1")

    with pytest.raises(CelltrailError, match="can't be written"):
        celltrail.recipe("n", output=place)


def test_another_kind_of_file_is_refused(notebook: Notebook) -> None:
    notebook.play("n = 1")

    with pytest.raises(UsageError, match=r"recipe\.ipynb or recipe\.py"):
        celltrail.recipe("n", output="n.txt")


def test_a_name_that_is_misspelt_is_answered_with_the_nearest(notebook: Notebook) -> None:
    notebook.play("total_price = 1")

    with pytest.raises(NotFoundError, match="Did you mean total_price"):
        celltrail.recipe("totl_price")


def test_a_name_that_was_there_before_is_said_to_be_so(notebook: Notebook) -> None:
    notebook.shell.user_ns["early"] = 5
    notebook.play("n = early + 1")

    with pytest.raises(NotFoundError, match="before %load_ext celltrail"):
        celltrail.recipe("early")
    assert ("early",) == celltrail.recipe("n").unknown
    assert "early: made by no cell" in celltrail.recipe("n").remarks[0]


def test_magics_are_written_so_that_they_run_as_a_script(notebook: Notebook, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    notebook.play("%cd data", "%%time\n%precision 3\nx = !echo hello\nn = len(x)")

    source = celltrail.recipe("n").source

    assert "1" == script_gives(source, "n", tmp_path)


def test_the_shell_gives_the_recipe_when_the_kernel_is_gone(notebook: Notebook, tmp_path: Path) -> None:
    notebook.play("n = 1", "other = 2", "n += 1")
    notebook.shell.run_line_magic("unload_ext", "celltrail")

    done = subprocess.run(
        [sys.executable, "-m", "celltrail.cli", "recipe", "n", "--json"],
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )

    notebook.shell.run_line_magic("load_ext", "celltrail")
    assert ["n = 1", "n += 1"] == [one["source"] for one in json.loads(done.stdout)["executions"]], done.stderr


def test_the_shell_passes_over_sessions_of_which_nothing_is_known(notebook: Notebook, tmp_path: Path) -> None:
    notebook.play("n = 1", "n += 1")
    notebook.shell.run_line_magic("unload_ext", "celltrail")
    with Trail.open(tmp_path / ".celltrail") as trail:
        # As a trial, or a run of another trail, brings it along.
        trail.save(Kernel(None).trains("n = 3"), wait_s=1.0)

    told = [
        subprocess.run(
            [sys.executable, "-m", "celltrail.cli", *words, "--json"],
            check=False,
            capture_output=True,
            text=True,
            cwd=tmp_path,
        ).stdout
        for words in (["recipe", "n"], ["lineage", "--cells"])
    ]

    notebook.shell.run_line_magic("load_ext", "celltrail")
    assert ["n = 1", "n += 1"] == [one["source"] for one in json.loads(told[0])["executions"]]
    assert [["n"], ["n"]] == [one["writes"] for one in json.loads(told[1]) if one["writes"]]


def test_a_run_is_made_again_with_all_that_it_read(notebook: Notebook) -> None:
    notebook.play(
        "a = 2", "b = 3", "%%track first\nc = a * 2\nimport celltrail\ncelltrail.log_metric('c', c)", "c = 0"
    )

    assert [1, 3] == notebook.slice_of("first#1")
    assert [1, 3] == notebook.slice_of("first#1:c")
    assert [4] == notebook.slice_of("c")


def test_the_magic_shows_the_cells(notebook: Notebook) -> None:
    notebook.play("n = '<b>'")

    shown = notebook.shell.run_line_magic("recipe", "n")

    data = shown._repr_mimebundle_()
    assert "&lt;b&gt;" in data["text/html"]
    assert "n: 1 cell" in data["text/plain"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("recipe model", "model was made by no cell that celltrail has seen in this session. Run the cell"),
        ("recipe r#1:", "recipe r#1:  On one side of the colon"),
        ("recipe :x", "recipe :x  On one side of the colon"),
        ("lineage :x", "lineage :x  On one side of the colon"),
        ("lineage x --cells", "lineage --cells is about all cells: leave x out, or type lineage x"),
        ("lineage --cells", "No cell has read or written a variable yet."),
    ],
)
def test_what_can_not_be_answered_is_said_in_one_line(notebook: Notebook, line: str, said: str) -> None:
    printed = io.StringIO()

    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        notebook.shell.run_cell(f"%{line}")

    assert said in printed.getvalue()
    assert 1 == len(printed.getvalue().strip().splitlines())


def test_an_unknown_name_is_one_line_in_a_cell(notebook: Notebook) -> None:
    notebook.play("price = 1")
    printed = io.StringIO()

    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed), contextlib.suppress(Exception):
        notebook.shell.run_line_magic("recipe", "prise")

    assert "Traceback" not in printed.getvalue()
