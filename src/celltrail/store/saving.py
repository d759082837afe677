"""How a cell reaches the store within the time that it may take: committed, or spooled where the store is locked."""

from __future__ import annotations

import time
from contextlib import nullcontext

from celltrail.domain.record import CellRecord, RunStatus, SavedRun
from celltrail.errors import TrailBusyError, TrailReadOnlyError
from celltrail.store import checkpoint, spool, writer
from celltrail.store.store import Store


def save(trail: Store, cell: CellRecord, *, wait_s: float) -> SavedRun | None:
    """Commit a cell, and before it whatever waits in the spool; see `Trail.save`."""
    if trail.is_read_only:
        raise TrailReadOnlyError(f"{trail.path} is open only to read; open it with celltrail.open_trail()")
    deadline = time.monotonic() + wait_s
    try:
        if spool.waiting(trail.path):
            saved = _save_after_others(trail, cell, deadline)
        else:
            saved = writer.commit(trail, cell, wait_s=wait_s)
    except TrailBusyError:
        spool.spool(trail.path, cell)
        return None
    if cell.execution.status is not RunStatus.RUNNING:
        checkpoint.fold_overlong(trail)
    return saved


def _save_after_others(trail: Store, cell: CellRecord, deadline: float) -> SavedRun | None:
    with spool.hold(trail.path) or nullcontext() as lock:
        if lock is not None:
            spool.commit_spooled(trail, wait_s=max(0.0, deadline - time.monotonic()) / 2, but=cell)
        elif spool.waiting_of(trail.path, cell):
            # Whoever takes it in might commit that older record after this one.
            raise TrailBusyError(f"{trail.path} is taking in an older record of this cell")
        saved = writer.commit(trail, cell, wait_s=max(0.0, deadline - time.monotonic()))
        # Older records of this very cell, kept until now: we might have died before the commit.
        for path in spool.waiting_of(trail.path, cell):
            spool.discard(path)
    return saved
