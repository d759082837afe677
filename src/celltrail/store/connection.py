"""One connection to `trail.db`: how it is opened, locked, shared by threads, kept from forked children.

What stands in the tables is none of its business.
"""

from __future__ import annotations

import contextlib
import ctypes
import math
import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

from celltrail.errors import TrailBusyError, TrailError
from celltrail.store.failures import failures_named

APPLICATION_ID = 0x43544C31  # "CTL1": says `file`, and we, that this is a trail
OLDEST_SQLITE = (3, 37, 0)  # STRICT tables
READ_WAIT_S = 5.0
# A transaction that has to wait asks again as often as this: a longer wait would be set, and set back, for each cell.
_ASK_EVERY_S = 0.05
_STATEMENTS = 400  # one cell's end and its line take about a hundred; Python keeps 128 ready unless told

_open: weakref.WeakSet[Connection] = weakref.WeakSet()


class State(NamedTuple):
    """How often a trail was changed, by others and here, and which run the last change was of, where only one was."""

    others: int
    changes: int
    changed_by: str | None

    def but_for(self, run: str | None) -> tuple[int, int]:
        """Return what is equal while nothing has changed; the saving of a run is left out, if nothing came after."""
        return self.others, self.changes - (run is not None and run == self.changed_by)


class Connection:
    """A SQLite connection that threads share, and that a forked child never touches.

    Parameters
    ----------
    path : Path
        The file `trail.db`; messages name it.
    uri : str
        How to open it.
    is_read_only : bool
        Whether writing is refused before it is tried.
    """

    def __init__(self, path: Path, uri: str, *, is_read_only: bool) -> None:
        if sqlite3.sqlite_version_info < OLDEST_SQLITE:
            raise TrailError(
                f"this Python brings SQLite {sqlite3.sqlite_version}; celltrail needs 3.37 or newer. "
                "Use a Python of 2022 or later."
            )
        self.path = path
        self.is_read_only = is_read_only
        self._lock = threading.RLock()
        self._pid = os.getpid()
        self._depth = 0
        self._changes = 0
        self._changed_by: str | None = None
        self._waits_ms = math.ceil(READ_WAIT_S * 1000)
        self.keeps: object = None  # whatever must live as long as the connection
        with failures_named(path):
            # Closed for other threads by our own lock, which can wait for a stated time.
            self.raw = sqlite3.connect(
                uri,
                uri=True,
                isolation_level=None,
                check_same_thread=False,
                timeout=READ_WAIT_S,
                cached_statements=_STATEMENTS,
            )
            try:
                _configure(self.raw)
            except BaseException:
                self.raw.close()  # a damaged file is found out here
                raise
        _open.add(self)

    @property
    def is_foreign(self) -> bool:
        """Whether this is a forked child that inherited the connection: it must not be used here."""
        return os.getpid() != self._pid

    def execute(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> sqlite3.Cursor:
        """Run one statement. To read, use `rows` or `row`, which hold the lock until all is fetched."""
        return self.raw.execute(sql, values)

    def executemany(self, sql: str, values: Sequence[Sequence[Any]]) -> None:
        """Run one statement for each row of values; nothing where there are none."""
        if values:
            self.raw.executemany(sql, values)

    def insert(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Run an INSERT and return the new row's id."""
        return int(self.raw.execute(sql, values).lastrowid or 0)

    def insert_or_none(self, sql: str, values: Sequence[Any] = ()) -> int | None:
        """Run an INSERT … ON CONFLICT DO NOTHING and return the new row's id; None where there was such a row."""
        cursor = self.raw.execute(sql, values)
        return cursor.lastrowid if cursor.rowcount else None

    def rows(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> list[Any]:
        """Return all rows of a query.

        Parameters
        ----------
        sql : str
            One SELECT.
        values : sequence or dict, optional
            What its parameters stand for.

        Returns
        -------
        list of tuple
            In the query's order.

        Raises
        ------
        TrailError
            If the store can't be read, or this is a forked child.
        """
        with self._held(READ_WAIT_S), failures_named(self.path):
            self._wait_for(READ_WAIT_S)
            return self.raw.execute(sql, values).fetchall()

    def row(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> Any | None:
        """Return the first row of a query, or None; see `rows`."""
        with self._held(READ_WAIT_S), failures_named(self.path):
            self._wait_for(READ_WAIT_S)
            return self.raw.execute(sql, values).fetchone()

    def fold_log(self, *, wait_s: float) -> bool:
        """Fold the log into the database, and say whether it is empty now.

        Parameters
        ----------
        wait_s : float
            Seconds to wait for those who read or write: all the while nobody else can write.

        Returns
        -------
        bool
            False where somebody read an older state, or wrote, for longer than that; or where this thread is in the
            middle of a transaction.
        """
        with self._held(wait_s) as left_s, failures_named(self.path):
            if self.raw.in_transaction:  # asked under the lock: that of another thread is over by now
                return False
            self._wait_for(left_s)
            # TRUNCATE holds the write lock all the while: SQLite before 3.51.3 can damage the database when a
            # connection writes during any other kind (https://sqlite.org/wal.html#walresetbug).
            found = self.raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return bool(found) and found[0] == 0

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """Hold one state of the store over several queries."""
        with self._held(READ_WAIT_S), failures_named(self.path):
            if self.raw.in_transaction:
                yield
                return
            self._wait_for(READ_WAIT_S)
            self.raw.execute("BEGIN")
            try:
                yield
            finally:
                if self.raw.in_transaction:
                    self.raw.execute("COMMIT")

    def state(self) -> State:
        """Return what is equal while nothing was committed that anybody is shown, here or by another process."""
        with self._held(READ_WAIT_S), failures_named(self.path):
            (others,) = self.raw.execute("PRAGMA data_version").fetchone()
        return State(int(others), self._changes, self._changed_by)

    @contextlib.contextmanager
    def atomic(
        self, *, wait_s: float = READ_WAIT_S, checks_keys: bool = True, changes: str | None = "trail"
    ) -> Iterator[None]:
        """Make what is done inside one change: all of it, or nothing.

        BEGIN IMMEDIATE at the outside, a SAVEPOINT where it is nested.

        Parameters
        ----------
        wait_s : float, optional
            Seconds to wait for other threads and processes, in all.
        checks_keys : bool, optional
            False turns foreign keys off until the end, for a sweep that has marked what it keeps.
        changes : str or None, optional
            The id of the only run that changes; None where nothing changes that anybody is shown of a run. See
            `state`.

        Raises
        ------
        TrailBusyError
            If the store stayed locked longer than `wait_s`.
        TrailError
            If the change could not be made; nothing of it is left.
        """
        with self._held(wait_s) as left_s, failures_named(self.path):
            outermost = self._depth == 0
            name = f"nested_{self._depth}"
            if outermost and not checks_keys:
                self.raw.execute("PRAGMA foreign_keys = OFF")
            if outermost:
                self._wait_for(min(left_s, _ASK_EVERY_S))
            self._depth += 1
            try:
                if outermost:
                    self._begin(left_s)
                else:
                    self.raw.execute(f"SAVEPOINT {name}")
                yield
                self.raw.execute("COMMIT" if outermost else f"RELEASE {name}")
                self._note_change(changes)
            except BaseException:
                self._undo(None if outermost else name)
                raise
            finally:
                self._depth -= 1
                if outermost and not checks_keys:
                    self.raw.execute("PRAGMA foreign_keys = ON")

    def close(self) -> None:
        """Close the connection; nothing in a forked child."""
        if not self.is_foreign:
            with self._lock:
                self.raw.close()

    def _begin(self, wait_s: float) -> None:
        until = time.monotonic() + wait_s
        while True:
            try:
                self.raw.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= until:
                    raise
            else:
                return

    def _wait_for(self, seconds: float) -> None:
        """Let what comes next wait so long for other processes; within a transaction nothing waits any more."""
        waits_ms = math.ceil(seconds * 1000)
        if waits_ms != self._waits_ms and not self._depth:
            self.raw.execute(f"PRAGMA busy_timeout = {waits_ms}")
            self._waits_ms = waits_ms

    def _note_change(self, changes: str | None) -> None:
        if changes is not None and (changes != self._changed_by or changes == "trail"):
            self._changes += 1
            self._changed_by = changes

    def _undo(self, name: str | None) -> None:
        # A full disk makes SQLite roll back by itself: a second ROLLBACK would hide the error that tells why.
        if not self.raw.in_transaction:
            return
        if name is None:
            self.raw.execute("ROLLBACK")
        else:
            self.raw.execute(f"ROLLBACK TO {name}")
            self.raw.execute(f"RELEASE {name}")

    def _held(self, wait_s: float) -> _Held:
        if self.is_foreign:
            raise TrailError("a forked process does not use the trail of the kernel that it came from")
        return _Held(self._lock, wait_s, self.path)


class _Held:
    """Holds the lock of a connection for the time of a `with`, which is told how many seconds are left."""

    __slots__ = ("_lock", "_path", "_wait_s")

    def __init__(self, lock: threading.RLock, wait_s: float, path: Path) -> None:
        self._lock = lock
        self._wait_s = wait_s
        self._path = path

    def __enter__(self) -> float:
        if self._lock.acquire(blocking=False):
            return max(0.0, self._wait_s)
        started = time.monotonic()
        if not self._lock.acquire(timeout=max(self._wait_s, 0)):
            raise TrailBusyError(f"another thread held {self._path} for longer than {self._wait_s:g} s; try again")
        return max(0.0, self._wait_s - (time.monotonic() - started))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()


def _configure(raw: sqlite3.Connection) -> None:
    for pragma in (
        "foreign_keys = ON",
        # Else INSERT OR REPLACE walks round the triggers that forbid deletion.
        "recursive_triggers = ON",
        "secure_delete = ON",
        "synchronous = NORMAL",
        # A checkpoint in the middle of somebody's commit stalls it, and older SQLites can lose the log's reset race:
        # checkpoint.py does them, one at a time.
        "wal_autocheckpoint = 0",
        "mmap_size = 0",
    ):
        raw.execute(f"PRAGMA {pragma}")


def _disown_in_child() -> None:
    """Keep inherited connections alive for good: closing one in a child would tamper with its parent's file."""
    for connection in list(_open):
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(connection.raw))
        connection._lock = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_disown_in_child)
