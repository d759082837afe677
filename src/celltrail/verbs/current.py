"""Which trail is meant: the kernel's own where celltrail is loaded, else the one found upwards from here.

`CELLTRAIL_TRAIL` names it outright (`store.locate`). A trail opened here stays open, because runs fetch what is large
when it is asked for; a forked child opens its own.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from celltrail.errors import TrailError, TrailNotFoundError

if TYPE_CHECKING:
    from celltrail.config import TrackMode
    from celltrail.domain.record import SessionRecord
    from celltrail.domain.run import Run
    from celltrail.store.trail import Trail
    from celltrail.verbs.helping import Door


class Kernel(Protocol):
    """A kernel in which celltrail is loaded (`capture.kernel.Kernel`), as far as verbs need it."""

    trail: Trail
    session: SessionRecord
    notebook: Path | None
    mode: TrackMode
    keeps_tables: bool


# Twice what a cell's end waits for a locked store: a verb was asked for, but may well be about something else.
_WAIT_S = 2.0

_opened: dict[tuple[int, Path, bool], Trail] = {}


@dataclass(slots=True)
class Context:
    """Where and how a verb was asked.

    Attributes
    ----------
    door : {"shell", "cell", "python"}
        Which of the three doors.
    cwd : Path
        From where a trail is looked for, and where files are written.
    kernel : Kernel or None
        The kernel, where celltrail is loaded in one.
    offer_cell : callable or None
        Puts a new cell below the current one.
    """

    door: Door
    cwd: Path
    kernel: Kernel | None = None
    offer_cell: Callable[[str], None] | None = None

    @property
    def notebook(self) -> Path | None:
        """The open notebook; None where none is known."""
        return self.kernel.notebook if self.kernel is not None else None

    def trail(self, *, writing: bool = False) -> Trail:
        """Return the current trail.

        Parameters
        ----------
        writing : bool, default False
            Whether the verb changes it. Reading opens it read-only, so that looking never writes.

        Returns
        -------
        Trail
            Open; not to be closed by the verb.

        Raises
        ------
        TrailNotFoundError
            If there is none at or above the working directory.
        """
        if self.kernel is not None:
            return _caught_up(self.kernel.trail)
        return open_found(self.cwd, writing=writing)

    def find(self, reference: str) -> Run:
        """Return the run that a reference names here."""
        return self.trail().run(reference, notebook=str(self.notebook) if self.notebook else None)


def context(door: Door, offer_cell: Callable[[str], None] | None = None) -> Context:
    """Return where we stand."""
    return Context(door, Path.cwd(), _loaded_kernel(), offer_cell)


def _caught_up(trail: Trail) -> Trail:
    """Commit runs that wait in the spool, so that they can be named and seen; where that can't be, they wait on."""
    from celltrail.store.spool import take_in

    if not (trail.is_read_only or trail.db.is_foreign):
        with contextlib.suppress(TrailError):
            take_in(trail, wait_s=_WAIT_S)
    return trail


def _loaded_kernel() -> Kernel | None:
    # In a shell nothing of `capture` is imported, and asking must not import it.
    by_hand = sys.modules.get("celltrail.capture.by_hand")
    found: Kernel | None = by_hand.current_kernel() if by_hand is not None else None
    return found


def open_found(start: Path, *, writing: bool = False) -> Trail:
    """Open the trail that is found upwards from a folder; never make one.

    Parameters
    ----------
    start : Path
        A folder.
    writing : bool, default False
        Whether it must take changes.

    Returns
    -------
    Trail
        Shared by all who ask in this process.

    Raises
    ------
    TrailNotFoundError
        If there is none.
    """
    from celltrail.store.locate import find_trail_folder

    folder = find_trail_folder(None, start)
    if not (folder / "trail.db").exists():
        raise TrailNotFoundError(
            f"There is no trail at {folder} yet. Run a cell that trains after %load_ext celltrail, "
            "or name a trail in CELLTRAIL_TRAIL."
        )
    return open_folder(folder, writing=writing)


def open_folder(folder: Path, *, writing: bool = False) -> Trail:
    """Open a trail's folder once for this process."""
    from celltrail.store.trail import Trail

    key = (os.getpid(), folder, writing)
    if key not in _opened:
        _opened[key] = Trail.open(folder, create=False, read_only=not writing)
    return _opened[key]


def close_all() -> None:
    """Close what this process opened here."""
    for key in [each for each in _opened if each[0] == os.getpid()]:
        _opened.pop(key).close()


def open_at(path: Path) -> Trail:
    """Open the trail at a folder, or in a project folder.

    Parameters
    ----------
    path : Path
        `.celltrail`, or the folder in which it lies.

    Returns
    -------
    Trail
        Open for reading and writing, where the folder can be written.

    Raises
    ------
    TrailNotFoundError
        If there is none.
    """
    folder = path.expanduser().absolute()
    for each in (folder, folder / ".celltrail"):
        if (each / "trail.db").exists():
            return open_folder(each, writing=True)
    raise TrailNotFoundError(f"There is no trail at {folder}: neither trail.db nor .celltrail lies in it.")
