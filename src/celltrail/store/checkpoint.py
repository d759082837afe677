"""Folding the log back into the database: one process at a time, and never between a cell's start and its end."""

from __future__ import annotations

from celltrail.errors import TrailBusyError
from celltrail.store.locks import FileLock
from celltrail.store.store import Store

# A reader looks through the log for each page, so it should stay small; folding costs about 5 ms a megabyte.
LARGEST_LOG_BYTES = 8 << 20
WAIT_S = 0.2


def checkpoint(trail: Store, *, min_bytes: int = 1) -> bool:
    """Fold the log into the database if it has grown, and nobody else is at it.

    Parameters
    ----------
    trail : Store
        Open for writing.
    min_bytes : int, optional
        Length of the log from which it is worth it.

    Returns
    -------
    bool
        Whether the log is empty now.
    """
    log = trail.path / "trail.db-wal"
    try:
        if log.stat().st_size < min_bytes or trail.db.in_transaction:
            return False
        lock = FileLock.take(trail.path / "checkpoint.lock")
    except OSError:
        return False  # no log, or a folder that has gone: nothing to fold
    if lock is None:
        return False
    with lock:
        try:
            # TRUNCATE holds the write lock all the while: SQLite before 3.51.3 can damage the database when a
            # connection writes during any other kind (https://sqlite.org/wal.html#walresetbug).
            found = trail.db.row("PRAGMA wal_checkpoint(TRUNCATE)")
        except TrailBusyError:
            return False
    return bool(found) and found[0] == 0  # type: ignore[index]  # bool(found) has seen to None
