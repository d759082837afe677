"""Folding the log back into the database: one process at a time, and never between a cell's start and its end."""

from __future__ import annotations

import os

from celltrail.errors import TrailBusyError
from celltrail.store.locks import FileLock
from celltrail.store.store import Store

# While it waits for a reader nobody else can write, so it gives up soon; the next cell's end tries again.
WAIT_S = 0.2
# A reader looks through the log for each page, so it should stay small; folding costs about 5 ms a megabyte.
LARGEST_LOG_BYTES = 8 << 20
# A kernel folds between its cells, on a thread (capture/folding.py). One that runs cell after cell never finds the
# moment: beyond so many logs' length the end of a cell does it.
_MOST_LOGS = 4


def is_due(trail: Store) -> bool:
    """Say whether the log has grown so long that it is worth folding."""
    return _log_bytes(trail) >= LARGEST_LOG_BYTES


def fold_overlong(trail: Store) -> bool:
    """Fold a log that nobody has found the moment to fold; say whether it is empty now."""
    return checkpoint(trail, min_bytes=_MOST_LOGS * LARGEST_LOG_BYTES)


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
    try:
        if _log_bytes(trail) < min_bytes:
            return False
        lock = FileLock.take(trail.path / "checkpoint.lock")
    except OSError:
        return False  # a folder that has gone: nothing to fold
    if lock is None:
        return False
    with lock:
        try:
            return trail.db.fold_log(wait_s=WAIT_S)
        except TrailBusyError:
            return False


def _log_bytes(trail: Store) -> int:
    try:
        return os.stat(f"{trail.path}/trail.db-wal").st_size
    except OSError:
        return 0  # no log: nothing to fold
