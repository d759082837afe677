"""Where a run happened: environment, git, machine, notebook, cell, session."""

from __future__ import annotations

import json
from typing import Any

from celltrail.domain.record import Keeping
from celltrail.store import blobs
from celltrail.store.notebooks import IMPORTED_PATH
from celltrail.store.store import Store
from celltrail.store.values import json_out, text_out, time_out

ENVIRONMENT = """
SELECT e.digest, e.content_id FROM runs AS r JOIN environments AS e ON e.id = r.environment_id WHERE r.id = ?
"""
GIT = """
SELECT g.commit_id, g.branch, g.is_dirty, b.digest, g.status FROM runs AS r
JOIN git_states AS g ON g.id = r.git_id LEFT JOIN blobs AS b ON b.id = g.diff_id WHERE r.id = ?
"""
MACHINE = "SELECT wall_s, cpu_s, peak_memory_bytes, gpu_memory_bytes FROM runs WHERE id = ?"
SNAPSHOT = """
SELECT s.completeness, n.path, s.nbformat, s.metadata_id, s.cells FROM runs AS r
JOIN snapshots AS s ON s.id = r.snapshot_id LEFT JOIN notebooks AS n ON n.id = s.notebook_id WHERE r.id = ?
"""
CELL_VERSIONS = """
SELECT c.cell_id, c.cell_type, s.digest, o.digest, c.content
FROM json_each(?) AS j JOIN cell_versions AS c ON c.id = j.value
LEFT JOIN blobs AS s ON s.id = c.source_id LEFT JOIN blobs AS o ON o.id = c.outputs_id ORDER BY j.key
"""
EXECUTION = """
SELECT x.global_id, n.path, c.text, x.execution_count, s.global_id, s.author, s.host, s.client, x.started_at
FROM runs AS r JOIN executions AS x ON x.id = r.execution_id
JOIN sessions AS s ON s.id = x.session_id
LEFT JOIN notebooks AS n ON n.id = x.notebook_id
LEFT JOIN names AS c ON c.id = x.cell_id
WHERE r.id = ?
"""


def read_environment(trail: Store, run: int) -> dict[str, Any]:
    """Return interpreter, distributions, platform, hardware, threads, and git; empty where nothing is known."""
    row = trail.db.row(ENVIRONMENT, (run,))
    found = dict(json_out(blobs.read_row(trail.db, trail.path, row[1]))) if row else {}
    git = read_git(trail, run)
    return {**found, "git": git} if git is not None else found


def read_environment_digest(trail: Store, run: int) -> str:
    """Return the digest of the environment; empty where it is not known."""
    row = trail.db.row(ENVIRONMENT, (run,))
    return str(row[0].hex()) if row else ""


def read_git(trail: Store, run: int) -> dict[str, Any] | None:
    """Return where the code stood: the fields of `domain.record.GitState`; None where that is not known."""
    row = trail.db.row(GIT, (run,))
    if row is None:
        return None
    commit, branch, is_dirty, diff, status = row
    return {
        "commit": commit,
        "branch": text_out(branch) if branch is not None else None,
        "is_dirty": None if is_dirty is None else bool(is_dirty),
        "diff_digest": diff.hex() if diff else None,
        "status": Keeping(status),
    }


def read_machine(trail: Store, run: int) -> dict[str, Any] | None:
    """Return what the execution cost: the fields of `domain.record.MachineUse`; None where that is not known."""
    wall_s, cpu_s, memory, gpu_memory = trail.db.rows(MACHINE, (run,))[0]
    if wall_s is None:
        return None
    return {"wall_s": wall_s, "cpu_s": cpu_s, "peak_memory_bytes": memory, "gpu_memory_bytes": gpu_memory}


def read_snapshot(trail: Store, run: int) -> dict[str, Any] | None:
    """Return the notebook as it stood: the fields of `domain.record.SnapshotRecord`, content by digest."""
    row = trail.db.row(SNAPSHOT, (run,))
    if row is None:
        return None
    completeness, notebook, nbformat, metadata, cells = row
    return {
        "completeness": completeness,
        "notebook": _full_path(trail, notebook),
        "metadata": json_out(blobs.read_row(trail.db, trail.path, metadata)),
        "cells": [_cell(row) for row in trail.db.rows(CELL_VERSIONS, (cells,))],
        "nbformat": json.loads(nbformat),
    }


def read_execution(trail: Store, run: int) -> dict[str, Any]:
    """Return which cell ran where: id, notebook, cell_id, execution_count, session, author, host, client."""
    execution, notebook, cell, count, session, author, host, client, started_at = trail.db.rows(EXECUTION, (run,))[0]
    return {
        "id": execution,
        "notebook": _full_path(trail, notebook),
        "cell_id": text_out(cell) if cell is not None else None,
        "execution_count": count,
        "session": session,
        "author": text_out(author),
        "host": host,
        "client": client,
        "started_at": time_out(started_at),
    }


def _full_path(trail: Store, path: str | None) -> str | None:
    """Return a notebook's path as this machine knows it; one of another trail as it was there."""
    if path is None:
        return None
    kept = text_out(path)
    if kept.startswith(IMPORTED_PATH):
        return kept.partition("/")[2]
    return (trail.path.parent / kept).as_posix()


def _cell(row: Any) -> dict[str, Any]:
    cell_id, cell_type, source, outputs, content = row
    return {
        "id": text_out(cell_id),
        "cell_type": cell_type,
        "source": source.hex() if source else None,
        "outputs": outputs.hex() if outputs else None,
        **json_out(content),
    }
