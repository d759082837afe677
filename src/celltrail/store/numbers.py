"""A run's number in its experiment: given once there is something to number, given back by a repeat."""

from __future__ import annotations

from celltrail.domain.record import RunStatus
from celltrail.store.connection import Connection

RUN = "SELECT experiment_id, number, repeat_of, repeats, kind, fingerprint FROM runs WHERE id = ?"
NEWEST = """
SELECT id, number, status, fingerprint FROM runs
WHERE experiment_id = ? AND number IS NOT NULL AND kind = 'run' AND id <> ? AND forgotten_at IS NULL
ORDER BY number DESC LIMIT 1
"""
REPEATED = "SELECT id, number, status, fingerprint FROM runs WHERE id = ? AND forgotten_at IS NULL"
# The sampled digests agree, or the fingerprints would not: this is about frames that differ outside the sample.
DIFFERING_INPUTS = """
SELECT 1 FROM inputs AS a JOIN inputs AS b ON b.run_id = ? AND b.fit = a.fit AND b.position = a.position
JOIN datasets AS x ON x.id = a.dataset_id JOIN datasets AS y ON y.id = b.dataset_id
JOIN names AS role ON role.id = a.role_id
WHERE a.run_id = ? AND a.name_id = b.name_id AND a.role_id = b.role_id AND x.digest <> y.digest
  AND role.text NOT IN ('y_pred', 'y_score', 'y_prob', 'y_proba', 'labels', 'labels_pred', 'pred_decision')
LIMIT 1
"""
GIVE = "UPDATE experiments SET next_number = next_number + 1 WHERE id = ? RETURNING next_number - 1"
GIVE_BACK = "UPDATE experiments SET next_number = next_number - 1 WHERE id = ? AND next_number = ? + 1"
WRITE = "UPDATE runs SET number = ?, repeat_of = ? WHERE id = ?"

REPEATABLE = {RunStatus.FINISHED, RunStatus.FAILED}


def settle(connection: Connection, run: int, status: RunStatus, *, has_events: bool) -> None:
    """Give a run its number, or make it a repeat of the newest numbered run; inside a transaction.

    Parameters
    ----------
    connection : Connection
        In a transaction.
    run : int
        Row of `runs`, with its inputs written.
    status : RunStatus
        How it stands.
    has_events : bool
        Whether it has a fit, a metric or a log. Without one a running cell has no number yet.
    """
    experiment, number, repeat_of, repeats, kind, fingerprint = connection.execute(RUN, (run,)).fetchone()
    if kind != "run":
        return
    original = _original(connection, run, experiment, number, repeat_of)
    if (
        repeats == 1
        and status in REPEATABLE
        and original
        and _is_same(connection, run, fingerprint, status, original)
    ):
        if number is not None:
            connection.execute(GIVE_BACK, (experiment, number))
        if number is not None or repeat_of != original[0]:
            connection.execute(WRITE, (None, original[0], run))
        return
    if number is None and (has_events or status is not RunStatus.RUNNING):
        # `fetchall`, not `fetchone`: SQLite holds a statement with RETURNING open until its last row is read.
        given = connection.execute(GIVE, (experiment,)).fetchall()[0][0]
        connection.execute(WRITE, (given, None, run))


def at_once(
    connection: Connection, experiment: int, status: RunStatus, fingerprint: bytes | None, *, has_events: bool
) -> int | None:
    """Return the number of a run that is about to be written, given here; inside a transaction.

    Parameters
    ----------
    connection : Connection
        In a transaction.
    experiment : int
        Row of its experiment.
    status, fingerprint, has_events
        As of the run.

    Returns
    -------
    int or None
        None where only `settle` can tell, with its inputs written: it may be a repeat, or has nothing to number yet.
    """
    if not (has_events or status is not RunStatus.RUNNING):
        return None
    newest = connection.execute(NEWEST, (experiment, 0)).fetchone()
    if newest and status in REPEATABLE and newest[2] == status and newest[3] == fingerprint is not None:
        return None
    return int(connection.execute(GIVE, (experiment,)).fetchall()[0][0])


def _original(
    connection: Connection, run: int, experiment: int, number: int | None, repeat_of: int | None
) -> tuple[int, int, str, bytes | None] | None:
    """Return the run of which this one may be a repeat: once settled it stays with the one that it repeats."""
    found: tuple[int, int, str, bytes | None] | None
    if repeat_of is not None:
        found = connection.execute(REPEATED, (repeat_of,)).fetchone()
    else:
        found = connection.execute(NEWEST, (experiment, run)).fetchone()
    # A run that others have followed keeps its number.
    return None if found and number is not None and found[1] > number else found


def _is_same(
    connection: Connection,
    run: int,
    fingerprint: bytes | None,
    status: RunStatus,
    original: tuple[int, int, str, bytes | None],
) -> bool:
    row, _, its_status, its_fingerprint = original
    if fingerprint is None or fingerprint != its_fingerprint or status != its_status:
        return False
    return connection.execute(DIFFERING_INPUTS, (row, run)).fetchone() is None
