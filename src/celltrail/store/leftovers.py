"""Files that processes which died left in a trail's folder, and that nobody will ever use."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

from celltrail.store.liveness import is_of_here
from celltrail.store.locks import is_held
from celltrail.store.store import Store

# A file is written under a dot and an id, and renamed once it is whole: what still bears such a name never will be.
_UNFINISHED = re.compile(r"\.[0-9a-z]{26}|\.trail\.before-.*")


def left_over(trail: Store, youngest_s: float) -> Iterator[Path]:
    """Find what dead processes left: unfinished files, and the locks of kernels of this machine that are gone.

    Parameters
    ----------
    trail : Store
        Open for writing.
    youngest_s : float
        Seconds; what is younger stays, whoever may be at it.

    Yields
    ------
    Path
        A file that may go.
    """
    oldest = time.time() - youngest_s
    for path in (*trail.path.glob(".*"), *trail.path.glob("spool/.*")):
        if _UNFINISHED.fullmatch(path.name) and _is_old(path, oldest):
            yield path
    for path in (trail.path / "kernels").glob("*.lock"):
        if _is_old(path, oldest) and not is_held(path) and _is_from_here(path):
            yield path


def _is_old(path: Path, oldest: float) -> bool:
    try:
        return path.is_file() and path.stat().st_mtime <= oldest
    except OSError:
        return False


def _is_from_here(path: Path) -> bool:
    """Say whether a kernel of this machine wrote a lock; whether one of another machine lives can't be told."""
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
        return is_of_here(str(about["host"]), str(about["boot_id"]))
    except (OSError, ValueError, KeyError, TypeError):
        return True  # it died before it had written who it is
