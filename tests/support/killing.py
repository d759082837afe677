"""A process that kills itself inside celltrail's own work, as SIGKILL does: at a named point, at a given step of it.

A point is a real function of celltrail, wrapped in this process alone. `Death` says in which call of it the process
dies, and how far into that call: after so many Python calls and returns (C functions count too, so death comes before
and after each statement of SQL, each write, each rename), after so many steps of SQLite's machine, or after so many
microseconds by a timer of the operating system, which strikes wherever the process is.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import importlib
import json
import os
import signal
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

POINTS = {
    "load": "celltrail.magics.extension:_put_in_place",
    "open": "celltrail.store.trail:open_to_write",
    "begin": "celltrail.capture.recorder:Recorder.begin",
    "start": "celltrail.magics.events:Witness._begin",
    "end": "celltrail.magics.events:Witness._finish",
    "fit opened": "celltrail.capture.listener:CallListener.opened",
    "fit closed": "celltrail.capture.listener:CallListener.closed",
    "autosave": "celltrail.capture.recorder:Recorder.commit",
    "finish": "celltrail.capture.recorder:Recorder.finish",
    "blob": "celltrail.store.blobs:_write_file",
    "commit": "celltrail.store.writer:commit",
    "checkpoint": "celltrail.store.checkpoint:checkpoint",
    "overlong": "celltrail.store.checkpoint:fold_overlong",
    "spool": "celltrail.store.spool:spool",
    "spooled": "celltrail.store.spool:commit_spooled",
    "copy": "celltrail.store.migrate:_copy_before",
    "migration": "celltrail.store.migrate:_apply",
    "sweep": "celltrail.store.gc:_sweep",
}

How = Literal["step", "operation", "timer"]


@dataclass(frozen=True)
class Death:
    """Where a process dies: `at` counts steps, SQLite's operations or microseconds from the start of the call.

    Calls count from the cell that the shell numbers `cell` on, and those of the thread called `thread` alone; by
    default all do.
    """

    point: str
    call: int
    how: How
    at: int
    cell: int = 0
    thread: str = ""

    def to_json(self) -> str:
        """Return what `Death(**json.loads(...))` reads."""
        return json.dumps(asdict(self))


def wrap(point: str, around: Callable[[Callable[..., Any], Any, Any], Any]) -> Callable[[], None]:
    """Put `around(function, args, kwargs)` in the place of a point's function; return what puts it back."""
    module, _, path = POINTS[point].partition(":")
    *owners, name = path.split(".")
    owner = importlib.import_module(module)
    for part in owners:
        owner = getattr(owner, part)
    original = getattr(owner, name)

    @functools.wraps(original)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        return around(original, args, kwargs)

    setattr(owner, name, wrapped)
    return functools.partial(setattr, owner, name, original)


@contextlib.contextmanager
def replaced(point: str, around: Callable[[Callable[..., Any], Any, Any], Any]) -> Iterator[None]:
    """As `wrap`, for a while."""
    put_back = wrap(point, around)
    try:
        yield
    finally:
        put_back()


def arm(death: Death, tell: Callable[[dict[str, Any]], None]) -> None:
    """Die at a point; `tell` hears of it just before."""
    calls = 0

    def around(function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        nonlocal calls
        if death.thread and threading.current_thread().name != death.thread:
            return function(*args, **kwargs)
        calls += death.cell == 0 or _cell_number() >= death.cell
        if calls != death.call:
            return function(*args, **kwargs)
        tell({"dies": asdict(death), "thread": threading.current_thread().name})
        _START[death.how](death.at)
        function(*args, **kwargs)
        return die()  # the call was over sooner than its like was when it was measured

    wrap(death.point, around)


def _cell_number() -> int:
    from IPython.core.getipython import get_ipython

    return int(get_ipython().execution_count)


def die() -> Any:
    """End this process as the out-of-memory killer does."""
    os.kill(os.getpid(), signal.SIGKILL)


def _die_after_steps(at: int) -> None:
    left = at

    def count(*_: Any) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            die()

    sys.setprofile(count)


def _die_after_operations(at: int) -> None:
    from celltrail.store import connection

    left = at

    def count() -> int:
        nonlocal left
        left -= 1
        if left < 0:
            die()
        return 0

    for one in list(connection._open):
        with contextlib.suppress(sqlite3.ProgrammingError):  # closed when celltrail was unloaded
            one.raw.set_progress_handler(count, 1)


def _die_after_microseconds(at: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    # struct sigevent: the value, the signal, how it is given; padded to 64 bytes (Linux, sigevent(7)).
    event = (ctypes.c_int * 16)(0, 0, signal.SIGKILL, 0)
    timer = ctypes.c_void_p()
    if libc.timer_create(1, event, ctypes.byref(timer)) != 0:
        raise OSError(ctypes.get_errno(), "timer_create")
    seconds, microseconds = divmod(max(at, 1), 1_000_000)
    when = (ctypes.c_long * 4)(0, 0, seconds, microseconds * 1000)
    libc.timer_settime(timer, 0, when, None)


_START: dict[str, Callable[[int], None]] = {
    "step": _die_after_steps,
    "operation": _die_after_operations,
    "timer": _die_after_microseconds,
}


class Measure:
    """Counts, in a process that lives, how often each point is reached, how far each goes, and on which thread."""

    def __init__(self, points: Iterable[str]) -> None:
        self.calls: dict[str, list[tuple[int, int, str]]] = {point: [] for point in points}
        for point in self.calls:
            wrap(point, functools.partial(self._count, point))

    def _count(self, point: str, function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        steps = 0
        outer = sys.getprofile()

        def count(*seen: Any) -> None:
            nonlocal steps
            steps += 1
            if outer is not None:
                outer(*seen)

        started = time.perf_counter()
        sys.setprofile(count)
        try:
            return function(*args, **kwargs)
        finally:
            sys.setprofile(outer)
            microseconds = round((time.perf_counter() - started) * 1e6)
            self.calls[point].append((steps, microseconds, threading.current_thread().name))
