"""Which cells are said not to be what "run all" would give, and what `fix` names: real shells, saved notebooks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from support.notebooks import Notebook
from support.standing import save

import celltrail
from celltrail.errors import UsageError
from celltrail.views.standing import read_cells

LOOP, BELOW = ["b", "for i in range(x):\n    row = [i]\nlast = row[0]"], ["c", "row = [9]"]
A, B, C = ["a", "x = 1"], ["b", "y = x + 1"], ["c", "z = y * 2"]
ZERO, ONE_MORE, TAKE = ["a", "n = 0"], ["b", "n += 1"], ["c", "m = n"]
SEED, DRAW = ["a", "import random\nrandom.seed(1)"], ["b", "n = random.random()"]
FRAME = ["a", "import pandas as pd\ndf = pd.DataFrame({'a': [1.0, 2.0, None], 's': ['p', 'q', 'r']})"]
FIT = ["b", "m.fit(X, y)"]
READ = "import pathlib\nrows = pathlib.Path('data.csv').read_text()"
USING = ["a", "xs = [4]\ndef f(v):\n    return math.sqrt(v)"]
IMPORTING, GROW = ["b", "import math\nr = f(xs[-1])"], ["c", "xs.append(9)\ny = math.floor(r)"]
MODEL = [
    "a",
    "from sklearn.datasets import load_iris\nfrom sklearn.linear_model import LogisticRegression\n"
    "X, y = load_iris(return_X_y=True)\nm = LogisticRegression(max_iter=500)",
]


@pytest.fixture
def told(notebook: Notebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return what plays cells, saves the notebook a minute later, and asks which cells are stale."""

    def tell(played: list[list[str]], saved: list[list[str]] | None = None) -> dict[str, Any]:
        if saved is not None:
            monkeypatch.setenv("CELLTRAIL_NOTEBOOK", str(tmp_path / "told.ipynb"))
        notebook.play(*played)
        if saved is not None:
            save(tmp_path / "told.ipynb", [(name, source) for name, source in saved])
        return dict(celltrail.lineage(stale=True).data)

    return tell


def reasons(found: dict[str, Any]) -> list[tuple[str, str, list[str]]]:
    """Return cell, reason and names of what was found."""
    return [(one["cell_id"], one["reason"], one["names"]) for one in found["stale"]]


POSTPONE = ["a", "from __future__ import annotations"]
QUIET = {
    "run from top to bottom": ([A, B, C], [A, B, C]),
    "the same cell run again": ([A, B, C, A, B], [A, B, C]),
    "a cell run again that reads what its loop binds": ([A, LOOP, A, LOOP], [A, LOOP]),
    "a loop that binds what a cell below binds, too": ([A, LOOP, BELOW, A, LOOP, BELOW], [A, LOOP, BELOW]),
    "a comment added": ([A, B, C], [["a", "# one\nx = 1  # more"], B, C]),
    "a docstring changed": (
        [["a", 'def f(v):\n    """One."""\n    return v'], ["b", "n = f(1)"]],
        [["a", 'def f(v):\n    """Another."""\n    return v'], ["b", "n = f(1)"]],
    ),
    "a name bound anew further below": ([A, B, ["d", "x = 9"]], [A, B, ["d", "x = 9"]]),
    "an edit run before it was saved": ([["a", "x = 2"], A, B], None),
    "a scratch cell deleted": ([A, ["s", "tmp = x + 5"], B], [A, B]),
    "rows dropped twice": ([FRAME, ["b", "df = df.dropna()"], ["b", "df = df.dropna()"], ["c", "n = len(df)"]], None),
    "a column set twice": ([FRAME, *[["b", "df['t'] = df['s'].str.upper()"]] * 2, ["c", "n = len(df)"]], None),
    "a model fitted twice": ([MODEL, FIT, FIT, ["c", "s = m.score(X, y)"]], None),
    "numbers drawn without a seed, twice": ([["a", "import random"], DRAW, DRAW, TAKE], None),
    "an iterator that went on": ([["a", "n = iter('abc')"], ["b", "v = next(n)"], ["b", "v = next(n)"]], None),
    "annotations postponed twice": (
        [POSTPONE, ["b", "def f(x: int):\n    return x"], POSTPONE, ["c", "n = f(1)"]],
        None,
    ),
    "a path added twice": ([*[["a", "import sys\nsys.path.append('/nowhere')"]] * 2, ["b", "import json"]], None),
    "a cell that imports, run again": ([USING, IMPORTING, GROW, IMPORTING], None),
    "a module that two cells import": (
        [["a", "import math"], ["b", "n = math.sqrt(4)"], ["c", "import math\nk = 1"], ["b", "n = math.sqrt(4)"]],
        [["a", "import math"], ["b", "n = math.sqrt(4)"], ["c", "import math\nk = 1"]],
    ),
    "a cell that did not run": ([A, C], [A, B, C]),
    "a file that is made once": (
        [["a", "import os\nif not os.path.exists('f'):\n    open('f', 'w').write('1')\ns = open('f').read()"]] * 2
        + [["b", "n = int(open('f').read())"]],
        None,
    ),
    "cells without ids": ([["", "x = 1"], ["", "y = x"]], [["p", "x = 1"], ["q", "y = x"]]),
    "the file of another notebook": ([A, B, C], [["p", "import os"], ["q", "os.getcwd()"]]),
}


@pytest.mark.parametrize(("played", "saved"), QUIET.values(), ids=QUIET)
@pytest.mark.filterwarnings("ignore")
def test_nothing_is_said_of(played: Any, saved: Any, told: Any) -> None:
    if "sklearn" in str(played):
        pytest.importorskip("sklearn")
    if "pandas" in str(played):
        pytest.importorskip("pandas")

    found = told([[name or None, source] for name, source in played], saved)

    assert [] == found["stale"]
    assert [] == celltrail.fix().data["run"]


SAID = {
    "an input made anew": ([A, B, C, ["a", "x = 2"]], None, [("b", "stale", ["x"]), ("c", "follows", ["y"])]),
    "an input made anew, and saved": (
        [A, B, ["a", "x = 2"]],
        [["a", "x = 2"], B],
        [("b", "stale", ["x"])],
    ),
    "an edit": (
        [A, B, C],
        [["a", "x = 2"], B, C],
        [("a", "edited", ["x"]), ("b", "edited", ["x"]), ("c", "follows", ["y"])],
    ),
    "an edit of what is shown": ([A, ["b", "y = x\ny"]], [A, ["b", "y = x\nprint(y)"]], [("b", "edited", [])]),
    "a deleted cell": ([A, B], [B], [("b", "gone", ["x"])]),
    "a cell from further below": ([["d", "x = 5"], B, C], [B, C, ["d", "x = 5"]], [("b", "order", ["x"])]),
    "a counter run twice": ([ZERO, ONE_MORE, ONE_MORE, TAKE], None, [("b", "repeated", ["n"])]),
    "a list that grew twice": (
        [["a", "n = []"], *[["b", "n.append(1)"]] * 2, TAKE],
        None,
        [("b", "repeated", ["n"])],
    ),
    "numbers drawn twice from a seed": ([SEED, DRAW, DRAW, TAKE], None, [("b", "repeated", ["<rng:random>"])]),
    "a function's global": (
        [["a", "def f():\n    return k"], ["b", "k = 1"], ["c", "r = f()"], ["b", "k = 2"]],
        [["a", "def f():\n    return k"], ["b", "k = 2"], ["c", "r = f()"]],
        [("c", "stale", ["k"])],
    ),
    "another module by the same name": (
        [["a", "import math as m"], ["b", "n = m.sqrt(4)"], ["c", "import cmath as m"], ["b", "n = m.sqrt(4)"]],
        [["a", "import math as m"], ["b", "n = m.sqrt(4)"], ["c", "import cmath as m"]],
        [("b", "order", ["m"])],
    ),
    "an alias": (
        [["a", "xs = [1]\nys = xs"], ["b", "n = sum(ys)"], ["c", "xs.append(2)"]],
        [["a", "xs = [1]\nys = xs"], ["c", "xs.append(2)"], ["b", "n = sum(ys)"]],
        [("b", "stale", ["ys"])],
    ),
}


@pytest.mark.parametrize(("played", "saved", "said"), SAID.values(), ids=SAID)
def test_something_is_said_of(played: Any, saved: Any, said: Any, told: Any) -> None:
    found = told(played, saved)

    assert said == reasons(found)[: len(said)]


def test_fix_names_who_has_to_run_before(told: Any) -> None:
    told([ZERO, ["s", "other = 1"], ONE_MORE, ONE_MORE, TAKE])

    assert ["a", "b", "c"] == [one["cell_id"] for one in celltrail.fix().data["run"]]


def test_fix_puts_back_what_a_cell_on_the_way_binds_otherwise(notebook: Notebook, told: Any) -> None:
    below = ["d", "x = 9\nw = x"]
    told([A, B, below], [["a", "x = 2"], B, below])

    steps = [[one["cell_id"], one["source"]] for one in celltrail.fix().data["run"]]
    notebook.play(*steps)

    assert [] == celltrail.lineage(stale=True).data["stale"]
    assert (9, 3, 9) == tuple(notebook.shell.user_ns[name] for name in "xyw")


def test_a_cell_that_stands_too_far_below_is_to_be_moved(told: Any) -> None:
    told([["d", "x = 5"], B], [B, ["d", "x = 5"]])

    steps = celltrail.fix().data["run"]

    assert ["d", "b"] == [one["cell_id"] for one in steps]
    assert "move it above" in steps[0]["why"]


def test_what_a_deleted_cell_made_is_to_be_had_by_its_recipe(told: Any) -> None:
    told([A, B], [B])

    found = celltrail.fix()

    assert [] == found.data["run"]
    assert any("%recipe x" in one for one in found.data["remarks"])


def test_a_name_that_nobody_used_since_is_left_over_and_no_alarm(told: Any) -> None:
    found = told([A, ["s", "tmp = 5"], B], [A, B])

    assert [("tmp", False)] == [(one["name"], one["is_there"]) for one in found["left_over"]]
    assert [] == found["stale"]


@pytest.mark.parametrize("saved", [[A, LOOP], [A, LOOP, BELOW]], ids=["alone", "bound below, too"])
def test_what_a_loop_binds_comes_from_code_of_the_notebook_when_its_cell_runs_again(saved: Any, told: Any) -> None:
    found = told([*saved, *saved], saved)

    assert ([], []) == (found["stale"], found["left_over"])


def test_a_file_that_was_changed_by_somebody_else_makes_its_reader_stale(told: Any, tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    data.write_text("a\n1\n")
    told([["a", READ]])
    data.write_text("a\n1\n2\n")

    found = celltrail.lineage(stale=True)

    assert [("a", "file", [data.as_posix()])] == reasons(found.data)
    assert "data.csv changed after cell [2] read it" in found.text


def test_a_file_that_was_only_touched_makes_nothing_stale(told: Any, tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    data.write_text("a\n1\n")
    told([["a", READ]])
    os.utime(data, (time.time() + 60,) * 2)

    assert [] == celltrail.lineage(stale=True).data["stale"]


def test_a_cell_that_did_not_run_is_a_doubt_and_no_alarm(told: Any) -> None:
    found = told([A, B], [A, ["q", "x = 7"], B])

    assert [] == found["stale"]
    assert [("b", ["x"])] == [(one["cell_id"], one["names"]) for one in found["unsure"]]


LIST, HOLD, ELSE = ["a", "xs = [1]"], ["b", "d = {'l': xs}"], ["e", "xs = [9]"]
APART = {
    "the new one was changed": [["c", "xs.append(2)"]],
    "the new one was changed before its name went to another": [["c", "xs.append(2)"], ELSE],
    "the new one was changed by another name": [["c", "e = {'l': xs}"], ELSE, ["f", "e['l'].append(2)"]],
    "the new one was changed as its name went to another": [["c", "e = {'l': xs}"], ["f", f"e.clear()\n{ELSE[1]}"]],
    "the old one was changed": [["c", "d['l'].append(2)"]],
}


@pytest.mark.parametrize("since", APART.values(), ids=APART)
def test_who_holds_one_of_two_lists_is_a_doubt_once_either_is_changed(since: Any, told: Any) -> None:
    found = told([LIST, HOLD, LIST, *since], [LIST, HOLD, *since])

    assert [] == found["stale"]
    assert [("b", ["xs"])] == [(one["cell_id"], one["names"]) for one in found["unsure"]]


def test_who_holds_a_module_that_was_imported_again_is_no_doubt(told: Any) -> None:
    cells = [["a", "import math\nk = 2\ndef f():\n    return []"], ["b", "d = {'l': f(), 'k': [math.pi, k]}"]]
    since = ["c", "d['l'].append(2)"]

    assert [] == told([*cells, cells[0], since], [*cells, since])["unsure"]


@pytest.mark.parametrize("since", [[], [ELSE], [["c", "n = len(xs)"], ["f", "del xs"]]])
def test_two_lists_that_nobody_changed_are_no_doubt(since: Any, told: Any) -> None:
    assert [] == told([LIST, HOLD, LIST, *since], [LIST, HOLD, *since])["unsure"]


def test_the_words_name_cell_consequence_and_what_to_run(told: Any, notebook: Notebook) -> None:
    told([A, B, C], [["a", "x = 2"], B, C])

    shown = notebook.shell.run_line_magic("lineage", "--stale")._repr_mimebundle_()

    assert 'Cell [2] was edited after it ran: "run all" would give another x.' in shown["text/plain"]
    assert "To run, in this order: [2], [3], [4]" in shown["text/plain"]
    assert "&quot;run all&quot;" in shown["text/html"]


def test_source_in_what_fix_shows_is_escaped(told: Any, notebook: Notebook) -> None:
    told([["a", "x = '<b>'"], B, ["a", "x = '<i>'"]], [["a", "x = '<u>'"], B])

    shown = notebook.shell.run_line_magic("trail", "fix")._repr_mimebundle_()

    assert "&lt;u&gt;" in shown["text/html"]
    assert "<u>" not in shown["text/html"]


def test_the_shell_tells_of_the_newest_session(told: Any, tmp_path: Path) -> None:
    told([A, B, ["a", "x = 2"]])

    done = subprocess.run(
        [sys.executable, "-m", "celltrail.cli", "lineage", "--stale", "--json"],
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )

    assert [("b", "stale", ["x"])] == reasons(json.loads(done.stdout)), done.stderr


@pytest.mark.parametrize(
    "cells", ["3", "[3]", "null", '[{"cell_type": "code"}]', '[{"cell_type": "code", "source": [1]}]']
)
def test_a_file_that_is_no_whole_notebook_is_no_error(cells: str, told: Any, tmp_path: Path) -> None:
    (tmp_path / "odd.ipynb").write_text(f'{{"nbformat": 4, "cells": {cells}}}')

    assert (None, None) == read_cells(tmp_path / "odd.ipynb")


def test_stale_is_about_the_whole_notebook(notebook: Notebook) -> None:
    with pytest.raises(UsageError, match="leave the other words out"):
        celltrail.lineage("x", stale=True)


TRACKED = "%%track first\nimport celltrail\nc = y * 2\ncelltrail.log_metric('c', c)"


def cautions(notebook: Notebook, capsys: pytest.CaptureFixture[str], cell: list[str]) -> str:
    """Run a tracked cell and return the text that is shown under it."""
    capsys.readouterr()
    notebook.shell.run_cell(cell[1], store_history=True, cell_id=cell[0])
    return capsys.readouterr().out


def test_the_panel_says_that_a_cell_behind_the_run_was_edited(
    notebook: Notebook, told: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    told([A, B], [["a", "x = 2"], B, ["t", TRACKED]])

    shown = cautions(notebook, capsys, ["t", TRACKED])

    assert 'Cell [2] was edited after it ran: "run all" would give another x.' in shown
    assert "%trail fix" in shown


def test_the_panel_says_nothing_where_the_cells_behind_the_run_stand_as_they_ran(
    notebook: Notebook, told: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    told([A, B, ["s", "aside = 1"]], [A, B, ["s", "aside = 2"], ["t", TRACKED]])

    assert "edited" not in cautions(notebook, capsys, ["t", TRACKED])


def test_a_line_asks_nothing_of_the_cells_behind_the_run(
    notebook: Notebook, told: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is drawn under every cell that trains, and the asking grows with the session and the notebook's file."""
    line = TRACKED.partition("\n")[2]
    told([A, B], [["a", "x = 2"], B, ["t", line]])

    shown = cautions(notebook, capsys, ["t", line])

    assert "#1" in shown
    assert "edited" not in shown


def test_the_panel_says_nothing_where_a_cell_that_imports_was_run_again(
    notebook: Notebook, told: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    told([USING, IMPORTING, GROW, IMPORTING])

    assert "run all" not in cautions(notebook, capsys, ["t", TRACKED])
