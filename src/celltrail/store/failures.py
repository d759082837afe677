"""SQLite's errors in the user's words: what is wrong with which file, and what to type."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from types import TracebackType

from celltrail.errors import TrailBusyError, TrailDamagedError, TrailError, TrailReadOnlyError

_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_READ_ONLY = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM}


class failures_named:  # noqa: N801  used as a verb: with failures_named(path)
    """Raise SQLite's errors as celltrail's own; a mistake of ours (bad SQL, a broken rule) stays what it is.

    A class, since every statement runs under it and a generator takes three times as long.
    """

    __slots__ = ("_path",)

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        """Nothing to begin."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Name what was raised."""
        if isinstance(error, sqlite3.Error):
            named = name_failure(error, self._path)
            if named is not None:
                raise named from error


def name_failure(error: sqlite3.Error, path: Path) -> TrailError | None:
    """Return what an error of SQLite's means to the user, or None where it is our own mistake."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return None
    code &= 0xFF  # the rest tells which system call, for maintainers: it stays in the cause
    if code in _BUSY:
        return TrailBusyError(f"{path} is locked by another process; try again, or see who with: celltrail doctor")
    if code in _DAMAGED:
        return TrailDamagedError(
            f"{path} is damaged ({error}). Nothing is written to it any more. See what can be saved with: "
            f"celltrail doctor; or set it aside and start anew with: mv {path} {path}.damaged"
        )
    if code in _READ_ONLY:
        return TrailReadOnlyError(f"{path} can't be written ({error}). Name another folder in CELLTRAIL_TRAIL.")
    if code == sqlite3.SQLITE_FULL:
        return TrailError(f"no room left on the disk of {path}; nothing was written. Make room with: celltrail gc")
    if code in {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}:
        return TrailError(f"{path} can't be read or written ({error}). Look at the disk, then: celltrail doctor")
    return None
