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
        if os.stat(f"{trail.path}/trail.db-wal").st_size < min_bytes or trail.db.in_transaction:
            return False
        lock = FileLock.take(trail.path / "checkpoint.lock")
    except OSError:
        return False  # no log, or a folder that has gone: nothing to fold
    if lock is None:
        return False
    with lock:
        try:
            return trail.db.fold_log(wait_s=WAIT_S)
        except TrailBusyError:
            return False
