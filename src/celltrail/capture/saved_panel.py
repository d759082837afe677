"""What the panel saved in the notebook says of a cell: the result that somebody had before this run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from celltrail.domain.header import find_header

RUN_MIME = "application/vnd.celltrail.run.v1+json"
# Larger files are not searched: the cell should not wait for it. A rule of thumb: 20 MB are parsed in about 0.2 s.
_MOST_BYTES = 20 * 2**20


def find_saved_panel(notebook: Path | None, *, cell_id: str | None, source: str) -> dict[str, Any] | None:
    """Return the run's bundle that the saved notebook holds for a cell.

    Parameters
    ----------
    notebook : Path or None
        The notebook's file, as last saved.
    cell_id : str or None
        The cell; where the client gave none, the cell of equal source is meant, else the one of equal name.
    source : str
        The cell's source.

    Returns
    -------
    dict or None
        None where there is no file, no such cell, or no panel in it.
    """
    if notebook is None or not notebook.is_file() or notebook.stat().st_size > _MOST_BYTES:
        return None
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8")).get("cells", [])
    except (ValueError, AttributeError):
        return None
    code = [cell for cell in cells if isinstance(cell, dict) and cell.get("cell_type") == "code"]
    for is_it in (
        lambda cell: cell_id is not None and cell.get("id") == cell_id,
        lambda cell: _source(cell) == source.rstrip("\n"),
        lambda cell: _name(_source(cell)) is not None and _name(_source(cell)) == _name(source),
    ):
        found = next((cell for cell in code if is_it(cell)), None)
        if found is not None:
            return _panel(found)
    return None


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source", "")
    return ("".join(source) if isinstance(source, list) else str(source)).rstrip("\n")


def _name(source: str) -> str | None:
    header = find_header(source)
    return header.options.name if header is not None else None


def _panel(cell: dict[str, Any]) -> dict[str, Any] | None:
    for output in cell.get("outputs", []):
        panel = output.get("data", {}).get(RUN_MIME) if isinstance(output, dict) else None
        if isinstance(panel, dict):
            return panel
    return None
