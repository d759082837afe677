"""What replays of runs came to, and the runs of a session: what a replay reads and the one thing that it writes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from celltrail.domain.run import Run
from celltrail.errors import TrailReadOnlyError
from celltrail.store.runs import load_runs
from celltrail.store.store import Store
from celltrail.store.values import json_in, json_out, text_in, time_in

# A replay may have taken hours: its verdict waits for a store that is busy.
WAIT_S = 30.0

ADD = """
INSERT INTO verdicts (run_id, verdict, content, author, replayed_at)
SELECT id, ?, ?, ?, ? FROM runs WHERE global_id = ?
"""
NEWEST = """
SELECT v.content FROM verdicts AS v JOIN runs AS r ON r.id = v.run_id
WHERE r.global_id = ? ORDER BY v.id DESC LIMIT 1
"""
RUNS_OF_EXECUTIONS = """
SELECT x.global_id, r.id FROM runs AS r JOIN executions AS x ON x.id = r.execution_id
JOIN sessions AS s ON s.id = x.session_id WHERE s.global_id = ? ORDER BY r.id
"""
SESSIONS = "SELECT global_id FROM sessions ORDER BY id"


def keep_verdict(trail: Store, run: str, verdict: str, content: Mapping[str, Any], *, author: str) -> None:
    """Keep what a replay came to; earlier verdicts stay, the newest stands.

    Parameters
    ----------
    trail : Store
        Open for writing.
    run : str
        Id of the run.
    verdict : str
        A value of `domain.verdict.Outcome`.
    content : mapping
        As `domain.verdict.verdict_object` gives it, masked.
    author : str
        Who replayed it.

    Raises
    ------
    TrailReadOnlyError
        If the trail is open only to read.
    """
    if trail.is_read_only:
        raise TrailReadOnlyError(f"{trail.path} is open only to read: the verdict can't be kept in it")
    with trail.db.atomic(wait_s=WAIT_S):
        values = (verdict, json_in(dict(content)), text_in(author), time_in(datetime.now(UTC)), run)
        trail.db.execute(ADD, values)


def newest_verdict(trail: Store, run: str) -> dict[str, Any] | None:
    """Return the verdict that stands for a run; None where it was never replayed."""
    with trail.db.reading():
        row = trail.db.row(NEWEST, (run,))
    return dict(json_out(row[0])) if row else None


def runs_of_session(trail: Store, session: str) -> dict[str, Run]:
    """Return the runs of a session by the ids of their executions."""
    with trail.db.reading():
        return {
            str(execution): run
            for execution, row in trail.db.rows(RUNS_OF_EXECUTIONS, (session,))
            for run in load_runs(trail, [row])
        }


def sessions_of(trail: Store) -> list[str]:
    """Return the global ids of all sessions, oldest first."""
    with trail.db.reading():
        return [str(row[0]) for row in trail.db.rows(SESSIONS)]
