"""The trail that stands in for one that can't be opened, so that the kernel's runs are kept all the same."""

from __future__ import annotations

import tempfile
from pathlib import Path

from celltrail.errors import TrailError
from celltrail.store.folder import fallback_folder
from celltrail.store.trail import Trail


def open_or_stand_in(folder: Path) -> Trail:
    """Open the trail in a folder; where it is damaged, too new or without room, one in the user's data folder.

    Parameters
    ----------
    folder : Path
        Where the trail should lie.

    Returns
    -------
    Trail
        Its first notice says what is wrong with the one asked for, and where runs are kept instead.

    Raises
    ------
    TrailError
        If none can be written anywhere: neither there, nor in the user's data folder, nor among temporary files.
    """
    try:
        return Trail.open(folder)
    except TrailError as error:
        asked = error
    for find in (fallback_folder, _temporary_folder):
        try:
            trail = Trail.open(find(folder))
        except (TrailError, OSError):
            continue
        trail.notices.insert(0, f"{asked} Until then runs are kept in {trail.path}")
        return trail
    raise asked


def _temporary_folder(_: Path) -> Path:
    # A name that nobody can guess: a folder among temporary files might be somebody else's.
    return Path(tempfile.mkdtemp(prefix="celltrail-"))
