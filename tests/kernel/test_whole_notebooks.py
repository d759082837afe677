"""Whole notebooks run by nbclient and papermill: the same outputs as without celltrail, and one line a run."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from celltrail.domain.record import RunStatus
from celltrail.store.trail import Trail

pytestmark = pytest.mark.kernel

RUN_MIME = "application/vnd.celltrail.run.v1+json"
LOAD = "%load_ext celltrail"
CELLS = [
    "import warnings\nfrom sklearn.datasets import load_iris\nfrom sklearn.linear_model import LogisticRegression\n"
    "from sklearn.metrics import accuracy_score\nX, y = load_iris(return_X_y=True)",
    "import sys\nprint('out')\nprint('err', file=sys.stderr)\nwarnings.warn('mine')\n"
    "clf = LogisticRegression(max_iter=3).fit(X, y)\naccuracy_score(y, clf.predict(X))",
    "import asyncio\nfrom IPython.display import HTML, display\ndisplay(HTML('<b>first</b>'))\n"
    "await asyncio.sleep(0.01)\nprint('awaited')\nLogisticRegression(max_iter=500, C=2).fit(X, y)",
    "import pandas as pd\n%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\n"
    "pd.DataFrame({'a': [1, 2]})",
    "handle = display(1, display_id='changing')\nhandle.update(2)\n"
    "LogisticRegression(max_iter=500, C=3).fit(X, y).score(X, y)",
    "def helper(depth):\n    return helper(depth - 1) if depth else clf.fit(X, 'nothing')\nhelper(2)",
    "print('after the failure')",
]


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "celltrail.toml").touch()
    monkeypatch.delenv("CELLTRAIL_TRAIL", raising=False)
    monkeypatch.delenv("CELLTRAIL_NOTEBOOK", raising=False)
    return tmp_path


def make(*sources: str) -> nbformat.NotebookNode:
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(each) for each in sources], metadata=kernel)


def execute(folder: Path, *sources: str, **options: Any) -> nbformat.NotebookNode:
    notebook = make(*sources)
    NotebookClient(notebook, resources={"metadata": {"path": str(folder)}}, timeout=120, **options).execute()
    return notebook


def outputs_of(cell: nbformat.NotebookNode) -> list[Any]:
    """Return what a cell shows, without celltrail's own display; a kernel's process and addresses are its own."""
    shown = json.dumps([output for output in cell.outputs if RUN_MIME not in output.get("data", {})])
    return list(json.loads(re.sub(r"ipykernel_\d+|0x[0-9a-f]{6,}|cell_line: \d+", "", shown)))


def own_displays(notebook: nbformat.NotebookNode) -> list[int]:
    return [sum(RUN_MIME in output.get("data", {}) for output in cell.outputs) for cell in notebook.cells]


def test_a_whole_notebook_shows_what_it_shows_without_celltrail_and_one_line_for_each_run(tmp_path: Path) -> None:
    plain = execute(tmp_path, "pass", *CELLS, allow_errors=True)
    tracked = execute(tmp_path, LOAD, *CELLS, allow_errors=True)

    for without, within in zip(plain.cells[1:], tracked.cells[1:], strict=True):
        assert outputs_of(without) == outputs_of(within)
        assert without.execution_count == within.execution_count
    assert [0, 0, 1, 1, 0, 1, 1, 0] == own_displays(tracked)
    with Trail.open(tmp_path / ".celltrail", create=False) as trail:
        runs = trail.search_runs()
    assert [RunStatus.FAILED, *[RunStatus.FINISHED] * 3] == [run.status for run in runs]


def test_a_notebook_that_fails_stops_where_it_stops_without_celltrail(tmp_path: Path) -> None:
    raised = []
    for first in ("pass", LOAD):
        with pytest.raises(CellExecutionError) as caught:
            execute(tmp_path, first, "import celltrail\n1 / 0", "print('never')")
        raised.append((caught.value.ename, caught.value.evalue))

    assert [("ZeroDivisionError", "division by zero")] * 2 == raised


def test_a_notebook_run_again_by_nbclient_goes_on_with_the_same_experiments(tmp_path: Path) -> None:
    for c in (1, 2):
        execute(tmp_path, LOAD, CELLS[0], f"clf = LogisticRegression(max_iter=500, C={c}).fit(X, y)")

    with Trail.open(tmp_path / ".celltrail", create=False) as trail:
        assert ["logistic-regression#2", "logistic-regression#1"] == [run.reference for run in trail.search_runs()]


def test_papermill_with_injected_parameters_goes_on_with_the_same_experiment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    papermill = pytest.importorskip("papermill")
    monkeypatch.chdir(tmp_path)
    template = make(LOAD, "C = 1", CELLS[0], "clf = LogisticRegression(max_iter=500, C=C).fit(X, y)")
    template.cells[1].metadata["tags"] = ["parameters"]
    nbformat.write(template, tmp_path / "in.ipynb")

    for c in (2, 3):
        papermill.execute_notebook("in.ipynb", f"out-{c}.ipynb", parameters={"C": c}, progress_bar=False)

    with Trail.open(tmp_path / ".celltrail", create=False) as trail:
        newest, first = trail.search_runs()
    assert ("logistic-regression#2", "logistic-regression#1") == (newest.reference, first.reference)
    assert (3, 2) == (newest.params["C"], first.params["C"])
    done = nbformat.read(tmp_path / "out-3.ipynb", 4)
    assert 1 == sum(own_displays(done))
