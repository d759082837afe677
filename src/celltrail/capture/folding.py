"""Folds the log into the trail after a cell, off its path, and never while a cell runs."""

from __future__ import annotations

import time

from celltrail.capture.kernel import Kernel
from celltrail.store import checkpoint

# The cell that asks is itself open for a few more milliseconds. A person who ran all cells has started the next one
# by then: its end asks again.
_TRIES, _PAUSE_S = 20, 0.005


def fold_later(kernel: Kernel) -> None:
    """Fold the log soon, if it has grown and no cell runs then.

    Parameters
    ----------
    kernel : Kernel
        Its late thread does it; where that never finds a moment, `Trail.save` does it in the end.
    """
    if not checkpoint.is_due(kernel.trail):
        return

    def job() -> None:
        for _ in range(_TRIES):
            if not kernel.cells.running():
                checkpoint.checkpoint(kernel.trail, min_bytes=checkpoint.LARGEST_LOG_BYTES)
                return
            time.sleep(_PAUSE_S)

    kernel.late.submit(job)
