"""What the panels saved in the notebook say of its cells: the results that somebody had before these runs."""

from __future__ import annotations

import json
import os
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from celltrail.domain.forks import renew_in_child
from celltrail.domain.header import find_header

RUN_MIME = "application/vnd.celltrail.run.v1+json"
# Larger files are not searched: the cell should not wait for it. A rule of thumb: 20 MB are parsed in about 0.2 s.
_MOST_BYTES = 20 * 2**20


@dataclass(frozen=True, slots=True)
class _Cell:
    """A code cell of the file."""

    id: str | None
    source: str
    panel: dict[str, Any] | None


class SavedPanels:
    """The panels that the open notebook's file holds; the file is read again only when it has changed.

    A panel is remembered when a later saving of the file no longer has it: the front end empties a cell's outputs as
    the cell starts, and may save the notebook while the cell still runs.
    """

    def __init__(self) -> None:
        self._read: tuple[Path, int, int] | None = None
        self._cells: list[_Cell] = []
        self._lock = threading.RLock()
        renew_in_child(self, "_lock")

    def read(self, notebook: Path | None) -> None:
        """Read the file, if it is there and has changed since.

        Parameters
        ----------
        notebook : Path or None
            The notebook's file; None where it is not known.
        """
        with self._lock:
            state = _state(notebook)
            if state is None or state == self._read:
                return
            known = self._cells if self._read is not None and self._read[0] == state[0] else []
            before: dict[str | None, dict[str, Any] | None] = {cell.id: cell.panel for cell in known}
            before.pop(None, None)
            found = _code(state[0])
            self._cells = [replace(cell, panel=cell.panel or before.get(cell.id)) for cell in found]
            self._read = state

    def find(self, *, cell_id: str | None, source: str) -> dict[str, Any] | None:
        """Return the run's bundle that the saved notebook holds for a cell.

        Parameters
        ----------
        cell_id : str or None
            The cell; where the client gave none, the cell of equal source is meant, else the one of equal name.
        source : str
            The cell's source.

        Returns
        -------
        dict or None
            As the file holds it, unchecked: it may come from anybody. None where there is none.
        """
        name = _name(source)
        for is_it in (
            lambda cell: cell_id is not None and cell.id == cell_id,
            lambda cell: cell.source == source.rstrip("\n"),
            lambda cell: name is not None and _name(cell.source) == name,
        ):
            found = next((cell for cell in self._cells if is_it(cell)), None)
            if found is not None:
                return found.panel
        return None


def _state(notebook: Path | None) -> tuple[Path, int, int] | None:
    if notebook is None:
        return None
    try:
        told = os.stat(notebook)
    except OSError:
        return None
    return (notebook, told.st_mtime_ns, told.st_size) if told.st_size <= _MOST_BYTES else None


def _code(notebook: Path) -> list[_Cell]:
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8")).get("cells", [])
    except (OSError, ValueError, AttributeError):
        return []
    code = [cell for cell in cells if isinstance(cell, dict) and cell.get("cell_type") == "code"]
    return [_Cell(cell.get("id"), _source(cell), _panel(cell)) for cell in code]


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source", "")
    return ("".join(source) if isinstance(source, list) else str(source)).rstrip("\n")


def _name(source: str) -> str | None:
    header = find_header(source)
    return header.options.name if header is not None else None


def _panel(cell: dict[str, Any]) -> dict[str, Any] | None:
    """Return the cell's own run; the line of an earlier run that the cell only scored is none."""
    for output in cell.get("outputs", []):
        data = output.get("data") if isinstance(output, dict) else None
        panel = data.get(RUN_MIME) if isinstance(data, dict) else None
        if isinstance(panel, dict) and not panel.get("evaluates_later"):
            return panel
    return None
