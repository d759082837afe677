"""The executions of a session with what they touched, as lineage needs them."""

from __future__ import annotations

from typing import Any

from celltrail.domain.ids import Digest, ExecutionId, SessionId
from celltrail.domain.lineage import FileTouch, PastExecution, Touches
from celltrail.domain.record import RunStatus
from celltrail.store import blobs
from celltrail.store.store import Store
from celltrail.store.values import json_out, text_out, time_out

# What ran inside another execution is part of it.
EXECUTIONS = """
SELECT x.id, x.global_id, s.global_id, x.execution_count, c.text, n.path, x.source_id, x.status, x.started_at,
  x.duration_s, x.error_name, t.content, x.masked
FROM executions AS x JOIN sessions AS s ON s.id = x.session_id
LEFT JOIN names AS c ON c.id = x.cell_id LEFT JOIN notebooks AS n ON n.id = x.notebook_id
LEFT JOIN touches AS t ON t.id = x.touches_id
WHERE s.global_id = ? AND x.parent_id IS NULL AND x.status <> 'running' ORDER BY x.id
"""
FILES = """
SELECT f.execution_id, n.text, f.mode, f.size_bytes, f.modified_ns, f.digest, f.digest_status
FROM execution_files AS f JOIN names AS n ON n.id = f.path_id
JOIN executions AS x ON x.id = f.execution_id JOIN sessions AS s ON s.id = x.session_id
WHERE s.global_id = ? ORDER BY f.execution_id, n.text
"""
SESSION_OF = """
SELECT s.global_id FROM executions AS x JOIN sessions AS s ON s.id = x.session_id WHERE x.global_id = ?
"""

COUNT = """
SELECT count(*) FROM executions AS x JOIN sessions AS s ON s.id = x.session_id WHERE s.global_id = ?
"""
RUNS = """
SELECT x.global_id, r.global_id
FROM runs AS r JOIN executions AS x ON x.id = r.execution_id JOIN sessions AS s ON s.id = x.session_id
WHERE s.global_id = ? AND r.kind = 'run'
"""
# A trial, or a run of another trail, brings its session along, and nothing of what that touched.
SESSIONS = """
SELECT s.global_id FROM sessions AS s
WHERE EXISTS (SELECT 1 FROM executions AS x WHERE x.session_id = s.id AND x.touches_id IS NOT NULL)
ORDER BY s.id DESC LIMIT ?
"""


def read_executions(trail: Store, session: str) -> list[PastExecution]:
    """Return what a session has run.

    Parameters
    ----------
    trail : Store
        The store.
    session : str
        Its global id.

    Returns
    -------
    list of PastExecution
        In the order of their starts, those that have ended.
    """
    with trail.db.reading():
        files: dict[int, list[FileTouch]] = {}
        for row in trail.db.rows(FILES, (session,)):
            files.setdefault(row[0], []).append(_file(trail, row))
        rows = trail.db.rows(EXECUTIONS, (session,))
        sources = {row[6]: _source(trail, row[6]) for row in rows}
        return [_execution(row, sources[row[6]], tuple(files.get(row[0], ()))) for row in rows]


def count_executions(trail: Store, session: str) -> int:
    """Return how many executions a session has."""
    row = trail.db.row(COUNT, (session,))
    return int(row[0]) if row else 0


def session_of(trail: Store, execution: str) -> str | None:
    """Return the session in which an execution ran; None where there is no such execution."""
    row = trail.db.row(SESSION_OF, (execution,))
    return str(row[0]) if row else None


def run_ids_of_session(trail: Store, session: str) -> dict[str, str]:
    """Return by the id of an execution the id of the run that it is."""
    with trail.db.reading():
        return {str(row[0]): str(row[1]) for row in trail.db.rows(RUNS, (session,))}


def newest_sessions(trail: Store, limit: int) -> list[str]:
    """Return the global ids of the newest sessions of which it is known what their cells touched, newest first."""
    with trail.db.reading():
        return [str(row[0]) for row in trail.db.rows(SESSIONS, (limit,))]


def _execution(row: Any, source: str, files: tuple[FileTouch, ...]) -> PastExecution:
    return PastExecution(
        id=ExecutionId(row[1]),
        session_id=SessionId(row[2]),
        position=row[0],
        execution_count=row[3],
        cell_id=None if row[4] is None else text_out(row[4]),
        notebook=None if row[5] is None else text_out(row[5]),
        source=source,
        status=RunStatus(row[7]),
        started_at=time_out(row[8]),
        duration_s=row[9],
        error_name=None if row[10] is None else text_out(row[10]),
        masked=row[12],
        touches=None if row[11] is None else touches_from(json_out(row[11])),
        files=files,
    )


def touches_from(content: dict[str, Any]) -> Touches:
    """Return touches from what JSON kept of them."""
    found: dict[str, Any] = {name: tuple(one) if isinstance(one, list) else one for name, one in content.items()}
    return Touches(**found)


def _source(trail: Store, row: int) -> str:
    return blobs.read_row(trail.db, trail.path, row).decode("utf-8", "surrogatepass")


def _file(trail: Store, row: Any) -> FileTouch:
    _, path, mode, size, modified, digest, status = row
    kept = text_out(path)
    whole = kept if "://" in kept else (trail.path.parent / kept).as_posix()
    return FileTouch(whole, mode, size, modified, Digest(digest.hex()) if digest else None, status)
