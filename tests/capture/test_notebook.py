"""A snapshot gives the notebook back to the letter, as far as it was known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from celltrail.capture.notebook import restore_notebook, snapshot_notebook


def saved(tmp_path: Path, *cells: Any) -> Path:
    notebook = new_notebook(cells=list(cells), metadata={"kernelspec": {"name": "python3", "display_name": "P"}})
    path = tmp_path / "fraud.ipynb"
    nbformat.write(notebook, path)
    return path


def back(path: Path | None, executed: list[tuple[str | None, str]], **options: Any) -> tuple[str, dict[str, Any]]:
    snapshot, blobs = snapshot_notebook(path, executed, **options)
    document = restore_notebook(snapshot, lambda digest: blobs[digest])
    nbformat.validate(nbformat.from_dict(document))
    return snapshot.completeness, document


def test_a_saved_notebook_comes_back_to_the_letter(tmp_path: Path) -> None:
    picture = new_output("display_data", data={"image/png": "iVBOR" * 1000, "text/plain": "<Figure>"})
    stream = new_output("stream", text="fit\ndone\n")
    markdown = new_markdown_cell("# Ünï\n![a](attachment:a.png)", attachments={"a.png": {"image/png": "AAAA"}})
    code = new_code_cell("x = 1\n\nx\n", outputs=[stream, picture], execution_count=3, metadata={"tags": ["t"]})
    path = saved(tmp_path, markdown, code)

    completeness, document = back(path, [(code["id"], "x = 1\n\nx\n")])

    assert "saved" == completeness
    assert nbformat.read(path, 4) == nbformat.reads(json.dumps(document), 4)


def test_what_was_executed_is_laid_over_what_was_saved(tmp_path: Path) -> None:
    first = new_code_cell("a = 1", outputs=[new_output("stream", text="old")])
    second = new_code_cell("b = 2")
    path = saved(tmp_path, first, second)

    _, document = back(path, [(first["id"], "a = 5"), ("new-one", "c = 3"), (first["id"], "a = 7")])

    assert ["a = 7", "b = 2"] == ["".join(cell["source"]) for cell in document["cells"]][:2]
    assert {"a = 7", "b = 2", "c = 3"} == {"".join(cell["source"]) for cell in document["cells"]}
    assert [] == document["cells"][0]["outputs"]


def test_cells_without_an_id_are_found_by_their_source(tmp_path: Path) -> None:
    path = saved(tmp_path, new_code_cell("a = 1"), new_code_cell("b = 2"))

    _, document = back(path, [(None, "a = 1"), ("vscode-notebook-cell:/x#W0", "b = 2"), (None, "between = 0")])

    assert ["a = 1", "b = 2", "between = 0"] == ["".join(cell["source"]) for cell in document["cells"]]


def test_without_a_file_the_executed_sources_are_kept_in_order() -> None:
    completeness, document = back(None, [(None, "a = 1"), (None, "b = 2"), (None, "a = 1")])

    assert "executed" == completeness
    assert ["b = 2", "a = 1"] == ["".join(cell["source"]) for cell in document["cells"]]


def test_the_live_document_wins_over_the_file(tmp_path: Path) -> None:
    path = saved(tmp_path, new_code_cell("a = 1"))
    live = new_notebook(cells=[new_code_cell("a = 2")])

    completeness, document = back(path, [], live=live)

    assert "live" == completeness
    assert ["a = 2"] == document["cells"][0]["source"]


def test_rows_of_tables_are_not_kept_unless_asked(tmp_path: Path) -> None:
    frame = pd.DataFrame({"name": ["Ada Lovelace"], "age": [36]})
    data = {"text/html": frame.to_html(classes="dataframe"), "text/plain": str(frame)}
    path = saved(tmp_path, new_code_cell("frame", outputs=[new_output("execute_result", data=data)]))

    kept = json.dumps(back(path, [])[1])
    full = json.dumps(back(path, [], keeps_tables=True)[1])

    assert "Ada" not in kept
    assert "[table: 1 rows; name, age]" in kept
    assert "Ada" in full


def test_own_panels_are_kept_as_runs_and_drawn_again(tmp_path: Path) -> None:
    data = {"application/vnd.celltrail.run.v1+json": {"run": {"id": "01abc"}}, "text/plain": "forest#7"}
    path = saved(tmp_path, new_code_cell("fit", outputs=[new_output("display_data", data=data)]))

    snapshot, blobs = snapshot_notebook(path, [])
    drawn = restore_notebook(snapshot, lambda digest: blobs[digest], draw=lambda run: {"text/plain": f"drawn {run}"})

    assert {"text/plain": "drawn 01abc"} == drawn["cells"][0]["outputs"][0]["data"]
    assert not any(b"forest#7" in blob for blob in blobs.values())


def test_huge_outputs_are_replaced_by_one_line(tmp_path: Path) -> None:
    path = saved(tmp_path, new_code_cell("x", outputs=[new_output("stream", text="y" * 2_000_000)]))

    _, document = back(path, [])

    assert "[output of 2.0 MB was not kept]\n" == document["cells"][0]["outputs"][0]["text"]


def test_an_unchanged_cell_is_kept_once(tmp_path: Path) -> None:
    cells = [new_code_cell(f"x{number} = 1") for number in range(5)]
    path = saved(tmp_path, *cells)
    before = snapshot_notebook(path, [])[1]

    after = snapshot_notebook(path, [(cells[2]["id"], "x2 = 2")])[1]

    assert 1 == len(after.keys() - before.keys())


def test_a_file_that_is_no_notebook_does_not_stop_a_run(tmp_path: Path) -> None:
    path = tmp_path / "broken.ipynb"
    path.write_text("{", encoding="utf-8")

    assert "executed" == back(path, [(None, "a = 1")])[0]
    assert isinstance(next(iter(snapshot_notebook(path, [(None, "a")])[1])), str)
