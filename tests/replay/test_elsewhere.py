"""A run made under another scikit-learn: identical in its own environment made anew; here it is said what differs."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import sklearn
from replay.test_trials import CELLS
from support.notebooks import Notebook, notebook_in

import celltrail
from celltrail.domain.verdict import Outcome
from celltrail.replay.environment import make_environment
from celltrail.replay.working_copy import expose_celltrail

pytestmark = [pytest.mark.kernel, pytest.mark.long]

OTHER = "1.6.1"
PLAY = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
for source in ["%load_ext celltrail", *json.loads(sys.argv[1]), "%unload_ext celltrail"]:
    shell.run_cell(source, store_history=True).raise_error()
"""


@pytest.fixture
def notebook(tmp_path: Path) -> Iterator[Notebook]:
    """A notebook in whose trail a run of here has a run made elsewhere beside it."""
    with notebook_in(tmp_path) as notebook:
        yield notebook.play(*CELLS)


def test_a_run_made_under_another_scikit_learn_is_identical_in_its_own_environment_alone(
    notebook: Notebook, tmp_path: Path
) -> None:
    elsewhere = make_environment(celltrail.run("forest#1"), tmp_path / "elsewhere", instead={"scikit-learn": OTHER})
    expose_celltrail(tmp_path / "packages")
    project = tmp_path / "project"
    project.mkdir()
    (project / "celltrail.toml").touch()
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "packages")}
    command = [str(elsewhere.python), "-c", PLAY, json.dumps(CELLS)]
    subprocess.run(command, cwd=project, env=environment, check=True, capture_output=True)
    os.chdir(project)
    notebook.shell.run_line_magic("reload_ext", "celltrail")

    here = celltrail.replay("forest#1")
    there = celltrail.replay("forest#1", env=True)

    assert OTHER == dict(row[:2] for row in celltrail.run("forest#1").environment["distributions"])["scikit-learn"]
    assert here.verdict in (Outcome.CLOSE, Outcome.DIFFERENT)
    assert (f"scikit-learn {OTHER} → {sklearn.__version__}",) == here.environment.differences
    assert (Outcome.IDENTICAL, (), True) == (
        there.verdict,
        there.environment.differences,
        there.environment.is_rebuilt,
    )
    assert {"1 model", "1 metric"} <= set(there.compared)
