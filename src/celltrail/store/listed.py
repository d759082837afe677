"""Which runs a list shows, and what their status is, as SQL. Apart from the filters: each cell that ends needs it."""

from __future__ import annotations

from collections.abc import Sequence

# Numbered, not forgotten, no trial and no repeat: what a list shows. The indexes of listed runs say the same.
IS_LISTED = "r.kind = 'run' AND r.forgotten_at IS NULL AND r.number IS NOT NULL"


def any_ids(column: str, ids: Sequence[int]) -> str:
    """Return `column IN (…)` for ids, which are our own integers."""
    return f"{column} IN ({', '.join(str(int(one)) for one in ids)})"


def status_sql(lost: Sequence[int]) -> str:
    """Return the expression for a run's status, given the sessions that are gone."""
    if not lost:
        return "r.status"
    sessions = ", ".join(str(int(one)) for one in lost)
    return (
        "CASE WHEN r.status = 'running' AND (SELECT x.session_id FROM executions AS x WHERE x.id = r.execution_id) "
        f"IN ({sessions}) THEN 'lost' ELSE r.status END"
    )
