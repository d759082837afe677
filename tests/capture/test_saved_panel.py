"""What the notebook's file says of a cell, however the front end saves it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from celltrail.capture.saved_panel import RUN_MIME, SavedPanels


def cell(source: str, panel: dict[str, Any] | None, cell_id: str = "a") -> dict[str, Any]:
    outputs = [] if panel is None else [{"output_type": "display_data", "data": {RUN_MIME: panel}}]
    return {"cell_type": "code", "id": cell_id, "source": source, "outputs": outputs}


def notebook(path: Path, *cells: Any) -> Path:
    path.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    return path


def read(path: Path | None) -> SavedPanels:
    panels = SavedPanels()
    panels.read(path)
    return panels


def test_a_cell_is_found_by_its_id_its_source_and_its_name(tmp_path: Path) -> None:
    panels = read(notebook(tmp_path / "a.ipynb", cell("# celltrail: forest\nfit()", {"run": 1})))

    assert {"run": 1} == panels.find(cell_id="a", source="other")
    assert {"run": 1} == panels.find(cell_id=None, source="# celltrail: forest\nfit()\n")
    assert {"run": 1} == panels.find(cell_id="b", source="%%track forest\nother()")
    assert panels.find(cell_id="b", source="other") is None


def test_a_cell_without_output_does_not_take_that_of_its_namesake(tmp_path: Path) -> None:
    twins = cell("# celltrail: forest", None), cell("# celltrail: forest", {"run": 1}, "b")
    panels = read(notebook(tmp_path / "a.ipynb", *twins))

    assert panels.find(cell_id="a", source="# celltrail: forest") is None


def test_a_panel_outlives_a_saving_while_its_cell_runs(tmp_path: Path) -> None:
    path = notebook(tmp_path / "a.ipynb", cell("fit()", {"run": 1}))
    panels = read(path)

    panels.read(notebook(path, cell("fit() ", None)))
    while_it_runs = panels.find(cell_id="a", source="fit()")
    panels.read(notebook(path, cell("fit()", {"run": "the next"})))

    assert {"run": 1} == while_it_runs
    assert {"run": "the next"} == panels.find(cell_id="a", source="fit()")


def test_the_line_of_an_earlier_run_is_not_the_cells_own(tmp_path: Path) -> None:
    panels = read(notebook(tmp_path / "a.ipynb", cell("score()", {"run": 1, "evaluates_later": True})))

    assert panels.find(cell_id="a", source="score()") is None


def test_a_file_that_is_no_notebook_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "torn.ipynb").write_text('{"cells": [{"cell_type": "code", "out', encoding="utf-8")

    for path in (None, tmp_path / "absent.ipynb", tmp_path / "torn.ipynb", notebook(tmp_path / "odd.ipynb", 7, {})):
        assert read(path).find(cell_id="a", source="fit()") is None
