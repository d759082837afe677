"""How the room of a trail is told."""

from __future__ import annotations

from collections.abc import Mapping

from celltrail.store.size import Room
from celltrail.views.numbers import size_text

SWEEP = "%trail gc --models --keep best:3,last,registered"


def room_words(room: Room, least_free: float) -> str:
    """Say that room is short, and what to type.

    Parameters
    ----------
    room : Room
        The trail on its disk.
    least_free : float
        Share of free disk, in [0, 1], below which that is said too.

    Returns
    -------
    str
        One line.
    """
    what = f"the trail takes {size_text(room.size_bytes)}"
    if room.is_disk_short(least_free):
        share = 100 * room.free_bytes / room.disk_bytes
        what += f", and {share:.0f} % of its disk is free ({size_text(room.free_bytes)}): runs may soon not be kept"
    return f"{what}. Make room with: {SWEEP} (with --dry-run it shows what would go)"


def kinds_words(sizes: Mapping[str, int]) -> str:
    """Write where the room goes: `models 380 MB, notebooks 12 MB, runs 18 MB`."""
    return ", ".join(f"{kind} {size_text(size)}" for kind, size in sizes.items() if size)
