"""How the cells of a notebook stand, by its file and what a session ran: the JSON of `lineage --stale` and `fix`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from celltrail.analysis.slicing import History, history_of
from celltrail.analysis.standing.doubts import unsure_of
from celltrail.analysis.standing.present import present_of
from celltrail.analysis.standing.rerunning import in_running_order, steps_of
from celltrail.analysis.standing.staleness import both_of, findings_of, left_over_of
from celltrail.analysis.standing.wording import follows, sentence
from celltrail.domain.lineage import FileTouch
from celltrail.domain.standing import Finding, NotebookCell, Standing, Step
from celltrail.store.read_touches import count_executions, read_executions
from celltrail.store.store import Store
from celltrail.views.recipe import slice_of_run
from celltrail.views.schema import Caution

# What is asked for unasked must take no time: so many cells take 17 ms (measured on 2 cores of 2.5 GHz).
_LONGEST = 200
_LARGEST_FILE = 50_000_000  # as `capture.notebook`: parsing takes 10 ms a megabyte
_LARGEST_COMPARED = 256 << 20  # of a file whose time has moved, to see whether its content has


def standing_of(history: History, notebook: Path | None) -> Standing:
    """Return how the cells of a notebook stand to what a session has in memory.

    Parameters
    ----------
    history : History
        Of the session.
    notebook : Path or None
        Its file; by default the one that the executions name.

    Returns
    -------
    Standing
        What is surely not as "run all" would give it, what may not be, and what to run.
    """
    executions = history.executions
    path = notebook or next((Path(one.notebook) for one in reversed(executions) if one.notebook), None)
    saved, saved_at = read_cells(path) if path is not None else (None, None)
    present = present_of(executions, saved, saved_at)
    sure = both_of(history, present, is_sure=True)
    findings = findings_of(sure, changed_files(history))
    unsure = unsure_of(both_of(history, present, is_sure=False), present, findings)
    ordered, moved = in_running_order(history, present) if findings else (present, [])
    steps = steps_of(both_of(history, ordered, is_sure=True), findings, moved) if findings else []
    return Standing(
        findings=tuple(findings),
        unsure=tuple(unsure),
        left_over=tuple(left_over_of(sure)),
        steps=tuple(steps),
        is_placed=present.is_placed,
        count=sum(one.place is not None for one in present.cells),
    )


def read_cells(path: Path) -> tuple[list[NotebookCell] | None, datetime | None]:
    """Return the cells of code in a notebook's file, and when it was written; None where there is none to read."""
    try:
        told = path.stat()
        if told.st_size > _LARGEST_FILE:
            return None, None
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None, None
    if not isinstance(document, dict) or document.get("nbformat") != 4:
        return None, None
    try:
        cells = [
            NotebookCell(one.get("id"), "".join(one["source"]))
            for one in document["cells"]
            if one["cell_type"] == "code"
        ]
    except (AttributeError, KeyError, TypeError):  # a file that breaks its format
        return None, None
    return cells, datetime.fromtimestamp(told.st_mtime, UTC)


def changed_files(history: History) -> frozenset[str]:
    """Return the files that are not any more what the session last knew them to be."""
    known: dict[str, FileTouch] = {}
    for one in history.executions:
        known.update({file.path: file for file in one.files if "://" not in file.path})
    return frozenset(path for path, file in known.items() if _has_changed(file))


def _has_changed(file: FileTouch) -> bool:
    if file.modified_ns is None:
        return False
    try:
        told = Path(file.path).stat()
    except OSError:
        return False  # gone: what was read of it still stands in memory, and nothing says that it would be another
    if told.st_size != file.size_bytes:
        return file.size_bytes is not None
    if told.st_mtime_ns == file.modified_ns or file.digest is None or told.st_size > _LARGEST_COMPARED:
        return False
    return _digest(Path(file.path)) != file.digest


def _digest(path: Path) -> str | None:
    from blake3 import blake3

    try:
        return blake3(max_threads=blake3.AUTO).update_mmap(path).hexdigest()
    except OSError:
        return None


def caution_for(trail: Store, session: str, execution: str, notebook: Path | None) -> Caution | None:
    """Return the gravest doubt about the code behind a run: that "run all" would give it something else.

    Parameters
    ----------
    trail : Store
        The store.
    session : str
        In which it ran.
    execution : str
        Global id of its execution.
    notebook : Path or None
        Its file.

    Returns
    -------
    Caution or None
        None where nothing is sure, and in sessions so long that asking would take time from the person.
    """
    if count_executions(trail, session) > _LONGEST:
        return None
    history = history_of(read_executions(trail, session))
    place = next((at for at, one in enumerate(history.executions) if one.id == execution), None)
    if place is None:
        return None
    executions = history.executions
    needed = {(executions[at].cell_id, executions[at].execution_count) for at in slice_of_run(history, place).places}
    saved, saved_at = read_cells(notebook) if notebook is not None else (None, None)
    found = findings_of(both_of(history, present_of(executions, saved, saved_at), is_sure=True))
    behind = [one for one in found if (one.cell_id, one.execution_count) in needed and not follows(one)]
    if not behind:
        return None
    first = [one for one in behind if (one.reason, one.cause_count) == (behind[0].reason, behind[0].cause_count)]
    return {"text": sentence(first), "consequence": "", "next": "%trail fix says what to run."}


def standing_object(standing: Standing) -> dict[str, Any]:
    """Return how cells stand as `lineage --stale --json` prints it."""
    return {
        "cells": standing.count,
        "is_placed": standing.is_placed,
        "stale": [_finding(one) for one in standing.findings],
        "unsure": [_finding(one) for one in standing.unsure],
        "left_over": [
            {
                "name": one.name,
                "cell_id": one.cell_id,
                "execution_count": one.execution_count,
                "is_there": one.is_there,
            }
            for one in standing.left_over
        ],
        "run": [_step(one) for one in standing.steps],
    }


def _finding(one: Finding) -> dict[str, Any]:
    cause = None
    if one.cause_cell_id is not None or one.cause_count is not None:
        cause = {"cell_id": one.cause_cell_id, "execution_count": one.cause_count}
    return {
        "cell_id": one.cell_id,
        "execution_count": one.execution_count,
        "reason": one.reason.value,
        "names": list(one.names),
        "cause": cause,
    }


def _step(one: Step) -> dict[str, Any]:
    return {"cell_id": one.cell_id, "execution_count": one.execution_count, "source": one.source, "why": one.why}
