"""Notices once when the trail grows large or its disk full; measured off the cell's path."""

from __future__ import annotations

import time

from celltrail.capture.kernel import Kernel
from celltrail.store.size import room_of

_EVERY_S = 600.0  # a folder of a hundred thousand files takes a second to measure


def watch_room(kernel: Kernel) -> None:
    """Measure the trail soon, unless that was done a little while ago.

    Parameters
    ----------
    kernel : Kernel
        Its `room.short` is set where a person is to be told, with the next cell.
    """
    watch, now = kernel.room, time.monotonic()
    if watch.short is not None or now < watch.measured_at + _EVERY_S:
        return
    watch.measured_at = now

    def job() -> None:
        room = room_of(kernel.trail.path)
        if room.is_short(most_bytes=watch.most_bytes, least_free=watch.least_free):
            watch.short = room

    kernel.late.submit(job)
