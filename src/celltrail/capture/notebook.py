"""The notebook as it stood at a run, kept by cell so that what did not change is kept once; and brought back.

Known best is the live document; else the saved file with the executed sources laid over it; else the executed
sources alone, and then what comes back is partial.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from celltrail.analysis.source import text_digest
from celltrail.capture.door import current_door
from celltrail.capture.notebook_outputs import Blobs, add_blob, kept_outputs, restored_outputs
from celltrail.domain.ids import Digest
from celltrail.domain.record import SnapshotRecord

# A larger file is not read at each run (parsing takes 10 ms a megabyte): then the executed sources are kept.
_LARGEST_FILE = 50_000_000
_CELL_ID = re.compile(r"^[A-Za-z0-9_-]{1,64}$")  # nbformat 4.5


@dataclass(slots=True)
class _Saved:
    """A notebook file as it was when it was last read."""

    stamp: tuple[int, int]
    keeps_tables: bool
    cells: list[dict[str, Any]]
    sources: list[str]
    metadata: dict[str, Any]
    nbformat: list[int]
    blobs: Blobs
    ids: list[str] = field(init=False)  # of those cells that have one
    by_id: dict[Any, int] = field(init=False)
    by_source: dict[str, int] = field(init=False)  # of code

    def __post_init__(self) -> None:
        self.ids = [str(cell["id"]) for cell in self.cells if cell["id"] is not None]
        self.by_id, self.by_source = {}, {}
        for place, (cell, source) in enumerate(zip(self.cells, self.sources, strict=True)):
            self.by_id.setdefault(cell["id"], place)
            if cell["cell_type"] == "code":
                self.by_source.setdefault(source, place)


_read_before: dict[Path, _Saved] = {}


def snapshot_notebook(
    path: Path | None,
    executed: Iterable[tuple[str | None, str]],
    *,
    live: Mapping[str, Any] | None = None,
    keeps_tables: bool = False,
) -> tuple[SnapshotRecord, dict[Digest, bytes]]:
    """Return the notebook as it stands.

    Parameters
    ----------
    path : Path or None
        Of the notebook's file.
    executed : iterable of (str or None, str)
        Cell id and source of what this kernel has run, oldest first.
    live : mapping, optional
        The document that the front end holds, as nbformat 4.
    keeps_tables : bool
        Whether tables among the outputs keep their rows.

    Returns
    -------
    snapshot : SnapshotRecord
        Sources, outputs and attachments by digest.
    blobs : dict of Digest to bytes
        What the digests stand for.
    """
    saved, completeness = None, "live"
    if live is not None:
        saved = _split(live, (0, 0), keeps_tables=keeps_tables)
    elif path is not None:
        saved, completeness = _read(path, keeps_tables=keeps_tables), "saved"
    if saved is None:
        saved, completeness = _Saved((0, 0), keeps_tables, [], [], {}, [4, 5], {}), "executed"
    # What did not change is the very dict of the last time: the store knows it without looking into it.
    cells, blobs = saved.cells, dict(saved.blobs)
    if completeness != "live":
        cells = _lay_over(saved, executed, blobs)
    return (
        SnapshotRecord(
            completeness=_claimed(completeness),
            notebook=path.as_posix() if path is not None else None,
            metadata=saved.metadata,
            cells=cells,
            nbformat=saved.nbformat,
        ),
        blobs,
    )


def cell_ids_of(path: Path, *, keeps_tables: bool = False) -> list[str]:
    """Return the ids of a saved notebook's cells, in order; none where the file can't be read or has none."""
    saved = _read(path, keeps_tables=keeps_tables)
    return [] if saved is None else list(saved.ids)


def restore_notebook(
    snapshot: SnapshotRecord,
    read_blob: Callable[[Digest], bytes],
    *,
    draw: Callable[[str], dict[str, Any] | None] | None = None,
) -> dict[str, Any]:
    """Return the notebook of a snapshot as a document that nbformat can write.

    Parameters
    ----------
    snapshot : SnapshotRecord
        From the store.
    read_blob : callable
        Gives the content of a digest.
    draw : callable, optional
        Gives the MIME bundle of a run by its id, so that celltrail's own panels are drawn again.

    Returns
    -------
    dict
        Cells, metadata, nbformat, nbformat_minor. Sources are lists of lines, as Jupyter writes them.
    """
    cells = []
    for kept in snapshot.cells:
        cell: dict[str, Any] = {"cell_type": kept["cell_type"]}
        if kept.get("id") is not None and snapshot.nbformat >= [4, 5]:
            cell["id"] = kept["id"]
        cell["metadata"] = kept.get("metadata") or {}
        cell["source"] = read_blob(Digest(kept["source"])).decode("utf-8", "surrogatepass").splitlines(keepends=True)
        if kept.get("attachments"):
            cell["attachments"] = json.loads(read_blob(Digest(kept["attachments"])))
        if kept["cell_type"] == "code":
            cell["execution_count"] = kept.get("execution_count")
            cell["outputs"] = restored_outputs(kept.get("outputs"), read_blob, draw)
        cells.append(cell)
    major, minor = snapshot.nbformat
    return {"cells": cells, "metadata": snapshot.metadata, "nbformat": major, "nbformat_minor": minor}


def _claimed(completeness: str) -> Literal["live", "saved", "executed"]:
    return "live" if completeness == "live" else "saved" if completeness == "saved" else "executed"


def _read(path: Path, *, keeps_tables: bool) -> _Saved | None:
    """Return the saved file split by cell; the one read before while the file has not changed."""
    try:
        told = os.stat(path)
        stamp = (told.st_mtime_ns, told.st_size)
        known = _read_before.get(path)
        if known is not None and known.stamp == stamp and known.keeps_tables == keeps_tables:
            return known
        if told.st_size > _LARGEST_FILE:
            return None
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None  # not saved yet, or in the middle of being written
    saved = _split(document, stamp, keeps_tables=keeps_tables)
    if saved is not None:
        _read_before.clear()  # a kernel has one notebook
        _read_before[path] = saved
    return saved


def _split(document: Any, stamp: tuple[int, int], *, keeps_tables: bool) -> _Saved | None:
    """Return a document by cell; None for what is not nbformat 4."""
    if not isinstance(document, Mapping) or document.get("nbformat") != 4:
        return None
    blobs: Blobs = {}
    cells, sources = [], []
    for cell in document.get("cells", []):
        source = _joined(cell.get("source", ""))
        sources.append(source)
        kept = _cell(cell.get("id"), str(cell.get("cell_type", "raw")), source, blobs)
        kept["metadata"] = cell.get("metadata", {})
        kept["execution_count"] = cell.get("execution_count")
        kept["outputs"] = kept_outputs(cell.get("outputs", []), blobs, keeps_tables=keeps_tables)
        if attachments := cell.get("attachments"):
            kept["attachments"] = add_blob(json.dumps(attachments, sort_keys=True).encode(), blobs)
        cells.append(kept)
    nbformat = [4, int(document.get("nbformat_minor", 0))]
    metadata: dict[str, Any] = document.get("metadata", {})
    return _Saved(stamp, keeps_tables, cells, sources, metadata, nbformat, blobs)


def _cell(cell_id: Any, cell_type: str, source: str, blobs: Blobs) -> dict[str, Any]:
    digest = add_blob(source.encode("utf-8", "surrogatepass"), blobs)
    return {"id": cell_id, "cell_type": cell_type, "source": digest, "metadata": {}, "outputs": None}


def _joined(source: str | Sequence[str]) -> str:
    return source if isinstance(source, str) else "".join(source)


def _lay_over(saved: _Saved, executed: Iterable[tuple[str | None, str]], blobs: Blobs) -> list[dict[str, Any]]:
    """Return the saved cells with what was executed in its place; cells that the file does not have follow theirs."""
    places = _Places(saved)
    last: int | None = None
    for cell_id, source in _latest(executed):
        place = places.find(cell_id, source)
        if place is None:
            masked = current_door().mask_code(source)  # a digest of a secret could be guessed back
            stem = cell_id if cell_id is not None and _CELL_ID.match(cell_id) else text_digest(masked)[:12]
            name = next(name for name in _numbered(stem) if name not in places.by_id)
            place = places.insert(_executed_cell(name, source, blobs), source, after=last)
        elif places.sources[place] != source:
            # The saved outputs are those of the saved source.
            before = places.cells[place]
            changed = {**_executed_cell(before["id"], source, blobs), "metadata": before["metadata"]}
            places.change(place, {**before, **changed}, source)
        last = place
    return places.in_order()


class _Places:
    """Cells in order, found by id or source; each keeps its number, wherever others are put in."""

    def __init__(self, saved: _Saved) -> None:
        self.cells = list(saved.cells)
        self.sources = list(saved.sources)
        self.by_id = dict(saved.by_id)
        self._by_source = dict(saved.by_source)
        self._saved_count = len(self.cells)
        self._following: dict[int, int] = {}
        self._at_end: list[int] = []

    def find(self, cell_id: str | None, source: str) -> int | None:
        place = self.by_id.get(cell_id) if cell_id is not None else None
        # VS Code and nbclient give no id of the file's: then the same source is the same cell.
        return self._by_source.get(source) if place is None else place

    def insert(self, cell: dict[str, Any], source: str, *, after: int | None) -> int:
        place = len(self.cells)
        self.cells.append(cell)
        self.sources.append(source)
        if after is None:
            self._at_end.append(place)
        else:
            if after in self._following:
                self._following[place] = self._following[after]
            self._following[after] = place
        self._index(place)
        return place

    def change(self, place: int, cell: dict[str, Any], source: str) -> None:
        if self._by_source.get(self.sources[place]) == place:
            del self._by_source[self.sources[place]]
        self.cells[place], self.sources[place] = cell, source
        self._index(place)

    def in_order(self) -> list[dict[str, Any]]:
        if len(self.cells) == self._saved_count:
            return self.cells
        found = []
        for start in (*range(self._saved_count), *self._at_end):
            place: int | None = start
            while place is not None:
                found.append(self.cells[place])
                place = self._following.get(place)
        return found

    def _index(self, place: int) -> None:
        self.by_id.setdefault(self.cells[place]["id"], place)
        if self.cells[place]["cell_type"] == "code":
            self._by_source.setdefault(self.sources[place], place)


def _executed_cell(name: Any, source: str, blobs: Blobs) -> dict[str, Any]:
    """Return a cell that differs from the file, as the last time where it is as it was the last time."""
    cell, digest, content = _made(name, source)
    blobs[digest] = content
    return cell


@lru_cache(maxsize=600)
def _made(name: Any, source: str) -> tuple[dict[str, Any], Digest, bytes]:
    blobs: Blobs = {}
    cell = _cell(name, "code", source, blobs)
    ((digest, content),) = blobs.items()
    return cell, digest, content


def _latest(executed: Iterable[tuple[str | None, str]]) -> list[tuple[str | None, str]]:
    """Return each cell once, as it was run last, in the order of the last runs."""
    latest: dict[str, tuple[str | None, str]] = {}
    for cell_id, source in executed:
        key = f"id {cell_id}" if cell_id is not None else f"source {source}"
        latest.pop(key, None)
        latest[key] = (cell_id, source)
    return list(latest.values())


def _numbered(stem: str) -> Iterable[str]:
    yield stem
    number = 2
    while True:
        yield f"{stem[:60]}-{number}"
        number += 1
