"""Locks that the operating system drops when their process dies, on files of the trail."""

from __future__ import annotations

import contextlib
import os
import sys
import weakref
from pathlib import Path
from typing import Self

# Beyond whatever a lock file says about its owner: Windows forbids others to read the bytes that are locked.
_WINDOWS_OFFSET = 1 << 30

_held: weakref.WeakSet[FileLock] = weakref.WeakSet()


class FileLock:
    """A lock on a file, held until `release` or the end of the process; make one with `FileLock.take`."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor: int | None = descriptor
        _held.add(self)

    @classmethod
    def take(cls, path: Path, *, content: bytes = b"") -> Self | None:
        """Take the lock, or return None where somebody holds it.

        Parameters
        ----------
        path : Path
            The file; made where it is missing.
        content : bytes, optional
            What to write into it for others to read.

        Returns
        -------
        FileLock or None
            None where another process, or this one, holds it.

        Raises
        ------
        OSError
            If the file can't be opened.
        """
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        if not _lock(descriptor):
            os.close(descriptor)
            return None
        if content:
            os.ftruncate(descriptor, 0)
            os.write(descriptor, content)
        return cls(path, descriptor)

    def release(self) -> None:
        """Give the lock back; twice does nothing."""
        # Taken away before it is closed: of two threads, or an interrupt in between, none closes it a second time,
        # when its number may be that of somebody else's file.
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            # Closing is enough, and in a forked child it is all that may be done: an unlock would unlock the parent.
            os.close(descriptor)
        _held.discard(self)

    def retire(self) -> None:
        """Give the lock back for good: its file goes too. Nothing in a forked child."""
        if self._descriptor is not None:
            self.release()
            with contextlib.suppress(OSError):
                self.path.unlink()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def is_held(path: Path) -> bool:
    """Say whether some living process, this one included, holds the lock; False where there is no file."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    except OSError:
        return True  # it can't be told: nobody is declared dead on a doubt
    try:
        return not _lock(descriptor, is_shared=True)
    finally:
        os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int, *, is_shared: bool = False) -> bool:
        del is_shared  # Windows knows none here; a probe holds it for microseconds
        os.lseek(descriptor, _WINDOWS_OFFSET, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            os.lseek(descriptor, 0, os.SEEK_SET)
        return True

else:
    import fcntl

    # flock, not lockf: a lockf of ours would be gone as soon as anybody in this process opened and closed the file.
    def _lock(descriptor: int, *, is_shared: bool = False) -> bool:
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if is_shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _let_go_in_child() -> None:
        # A forked worker that outlives its kernel must not make it look alive.
        for lock in list(_held):
            lock.release()

    os.register_at_fork(after_in_child=_let_go_in_child)
