"""How the record of a cell passes the door: every text in it, and every blob that it names.

`Trail.save` takes what comes from here and nothing else. What stays as it is (ids, digests, the author, class names)
is what `PASSES` does not name; a test walks every field of every record and asks for a decision on each new one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from celltrail.analysis.masking.spans import MASK, Numbering, count_masks
from celltrail.capture.door import Door
from celltrail.capture.door_blobs import mask_blobs
from celltrail.domain.ids import Digest
from celltrail.domain.record import (
    ArtifactRecord,
    CellRecord,
    DatasetRecord,
    EnvironmentRecord,
    ExecutionRecord,
    ExperimentIdentity,
    FileRecord,
    FitRecord,
    GitState,
    MaskedCell,
    MetricRecord,
    RunRecord,
    ScoredTable,
    SeriesRecord,
    SnapshotRecord,
)
from celltrail.domain.touches import FileTouch, Touches


@dataclass(slots=True)
class _Hand:
    """What each step is given: the door, the folder that holds the trail, the numbers of the document in hand."""

    door: Door
    base: str
    numbering: Numbering | None = None


Step = Callable[[Any, _Hand], Any]


def _text(value: str, hand: _Hand) -> str:
    return hand.door.mask(value, hand.numbering)


def _code(value: str, hand: _Hand) -> str:
    return hand.door.mask_code(value)


def _path(value: str, hand: _Hand) -> str:
    return hand.door.mask_path(value, hand.base)


def _json(value: Any, hand: _Hand) -> Any:
    return hand.door.mask_json(value, hand.numbering)


def _large_json(value: Any, hand: _Hand) -> Any:
    return hand.door.remembered(value, hand.door.mask_json)


def _records(values: list[Any], hand: _Hand) -> list[Any]:
    kept = [_masked(value, hand) for value in values]
    return kept if any(new is not old for new, old in zip(kept, values, strict=True)) else values


def _metric(value: Any, hand: _Hand) -> Any:
    """Mask a metric; three texts that have passed before, side by side, pass again."""
    texts = (value.key, value.function, value.target)
    if hand.door.is_clean(texts):
        return value
    kept = _masked(value, hand)
    if kept is value:
        hand.door.know_clean(texts)
    return kept


def _texts(values: list[str], hand: _Hand) -> list[str]:
    """Mask a list that comes with every run; what has passed as it is passes again."""
    together = tuple(values)
    if hand.door.is_clean(together):
        return values
    kept: list[str] = _json(values, hand)
    if kept is values:
        hand.door.know_clean(together)
    return kept


def _record(value: Any, hand: _Hand) -> Any:
    return _masked(value, hand)


def _documents(values: list[Any], hand: _Hand) -> list[Any]:
    """Mask records of which each is a document of its own: its columns are numbered through."""
    kept = [_masked(value, replace(hand, numbering=Numbering())) for value in values]
    return kept if any(new is not old for new, old in zip(kept, values, strict=True)) else values


_CELL_KEYS = frozenset(
    {"id", "cell_type", "source", "metadata", "outputs", "attachments", "execution_count"}  # digests, kinds, numbers
)


def _cells(values: list[dict[str, Any]], hand: _Hand) -> list[dict[str, Any]]:
    """Mask what of a notebook's cells stands in the record itself; sources and outputs are blobs."""
    # The very same dicts come with every run, but for the cell that ran.
    new = hand.door.not_passed(values)
    kept = {id(value): _cell(value, hand) for value in new}
    if any(kept[id(value)] is not value for value in new):
        return [kept.get(id(value), value) for value in values]
    hand.door.know_passed(new)
    return values


def _cell(value: dict[str, Any], hand: _Hand) -> dict[str, Any]:
    name, metadata = value.get("id"), value.get("metadata")
    changed: dict[str, Any] = {}
    if isinstance(name, str) and (masked := hand.door.mask(name)) is not name:
        changed["id"] = masked
    if metadata and (about := _large_json(metadata, hand)) is not metadata:
        changed["metadata"] = about
    if not _CELL_KEYS.issuperset(value):
        rest = {key: part for key, part in value.items() if key not in _CELL_KEYS}
        if (more := hand.door.mask_json(rest)) is not rest:
            value = {key: part for key, part in value.items() if key in _CELL_KEYS} | more
    return {**value, **changed} if changed else value


def _environment(value: EnvironmentRecord, hand: _Hand) -> EnvironmentRecord:
    # The store knows an environment by its being the same object.
    kept: EnvironmentRecord = hand.door.remembered(value, lambda record: _masked(record, hand))
    return kept


_TOUCHED = ("reads", "binds", "mutates", "maybe", "later", "deletes", "moved")


def _touches(value: Touches, hand: _Hand) -> Touches:
    """Mask names: none is a secret, but `globals()["…"] = 1` makes one of any text."""
    whole = "\n".join([*(name for part in _TOUCHED for name in getattr(value, part)), value.degraded])
    masked: Touches = value if hand.door.mask(whole) is whole else _masked(value, hand)
    return masked


def _names(values: tuple[str, ...], hand: _Hand) -> tuple[str, ...]:
    return tuple(hand.door.mask(name) for name in values)


PASSES: Mapping[type, Mapping[str, Step]] = {
    ExecutionRecord: {
        "notebook": _path,
        "cell_id": _text,
        "source": _code,
        "error_name": _text,
        "error_message": _text,
        "touches": _touches,
        "touched_files": _records,
    },
    FileTouch: {"path": _path},
    Touches: {**dict.fromkeys(_TOUCHED, _names), "degraded": _text},
    ExperimentIdentity: {
        "name": _text,
        "notebook": _path,
        "cell_id": _text,
        "source": _code,
        "notebook_cell_ids": _texts,
    },
    RunRecord: {
        # Parameters come first: what a name gives away here is then known in every other text.
        "params": _json,
        "fits": _records,
        "identity": _record,
        "source": _code,
        "error": _text,
        "note": _text,
        "tags": _json,
        "main_metric": _text,
        "series": _records,
        "inputs": _documents,
        "files": _records,
        "artifacts": _records,
        "cautions": _json,
        "unknown": _json,
        "environment": _environment,
        "snapshot": _record,
        "git": _record,
    },
    FitRecord: {
        "params": _json,
        "params_written": _json,
        "name": _text,
        "variable": _text,
        "error": _text,
        "warnings": _json,
        "inputs": _documents,
        "search": _json,
    },
    ScoredTable: {"artifact": _record},
    SeriesRecord: {"key": _text},
    MetricRecord: {"key": _text, "function": _text, "target": _text},
    DatasetRecord: {
        "name": _text,
        "columns": _json,
        "column_digests": _json,
        "profile": _large_json,
        "reason": _text,
        "derived_from": _json,
    },
    FileRecord: {"path": _path, "details": _json},
    ArtifactRecord: {"name": _text, "reason": _text, "details": _json},
    SnapshotRecord: {"notebook": _path, "metadata": _large_json, "cells": _cells},
    GitState: {"branch": _text},
    EnvironmentRecord: {"distributions": _json, "threads": _json},
}
"""What of each record passes the door, and how."""


def mask_cell(cell: CellRecord, door: Door, *, base: str) -> MaskedCell:
    """Return the record of a cell as it may be kept.

    Parameters
    ----------
    cell : CellRecord
        As capture knows it; not changed.
    door : Door
        The door.
    base : str
        The folder that holds the trail, as POSIX text: paths below it are kept relative to it.

    Returns
    -------
    MaskedCell
        Shares with `cell` whatever held nothing to mask.
    """
    hand = _Hand(door, base)
    if cell.run is not None:
        for named in (cell.run.params, cell.run.tags, *(fit.params for fit in cell.run.fits)):
            door.learn_from(named)
    run = _masked(cell.run, hand) if cell.run is not None else None
    execution: ExecutionRecord = _masked(cell.execution, hand)
    if execution.source is not cell.execution.source:
        execution.masked = _added(execution.source, cell.execution.source)
    metrics = [_metric(value, hand) for value in cell.metrics]
    if all(new is old for new, old in zip(metrics, cell.metrics, strict=True)):
        metrics = cell.metrics
    tables = _records(cell.tables, hand)
    blobs, run, tables = mask_blobs(cell.blobs, run, tables, door)
    if run is not None and cell.run is not None and run is not cell.run:
        run.masked = _counts(run, cell.run, blobs)
    kept = CellRecord(cell.session, execution, run, metrics, tables, blobs)
    is_same = all(getattr(kept, name) is getattr(cell, name) for name in _PARTS)
    return MaskedCell(cell if is_same else kept)


_PARTS = tuple(part.name for part in fields(CellRecord))


def mask_record(record: Any, door: Door, *, base: str) -> Any:
    """Return a record that comes late, a file or a dataset, as it may be kept."""
    return _masked(record, _Hand(door, base, Numbering() if isinstance(record, DatasetRecord) else None))


def _masked(record: Any, hand: _Hand) -> Any:
    changes = {}
    for name, step in PASSES[type(record)].items():
        value = getattr(record, name)
        if value and (kept := step(value, hand)) is not value:
            changes[name] = kept
    return replace(record, **changes) if changes else record


def _added(kept: str, source: str) -> int:
    """Return how many masks were put into a source; those that it brought along are its own."""
    return sum(count_masks(kept).values()) - len(MASK.findall(source))


def _counts(run: RunRecord, original: RunRecord, blobs: Mapping[Digest, bytes]) -> dict[str, dict[str, int]]:
    """Return how many values are masked in the source and in the outputs, by kind."""
    own = count_masks(original.source)
    counts = {kind: count - own.get(kind, 0) for kind, count in count_masks(run.source).items()}
    source = {kind: count for kind, count in counts.items() if count > 0}
    shown: dict[str, int] = {}
    for artifact, before in zip(run.artifacts, original.artifacts, strict=True):
        if artifact.kind == "output" and artifact.digest is not None and artifact.digest != before.digest:
            shown = count_masks(blobs[artifact.digest].decode("utf-8", "surrogatepass"))
    return {place: found for place, found in (("source", source), ("outputs", shown)) if found}
