"""Facts that come after the cell: one thread of low standing that takes them while the person goes on.

A late fact may only fill what is marked pending. A kernel that dies first leaves it pending.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable

from celltrail.capture.guard import contained, log, reason

# The thread ends when nothing came for so long, so that an idle kernel has none of ours.
_IDLE_S = 5.0

# The threads that work now: what they read and write is celltrail's doing, never that of the cell that runs.
working: set[int] = set()


class LateWork:
    """Runs jobs one after the other, off the cell's path."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._open = 0
        self._thread: threading.Thread | None = None

    def submit(self, job: Callable[[], None]) -> None:
        """Run a job soon."""
        with self._lock:
            self._open += 1
            self._jobs.put(job)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="celltrail-late", daemon=True)
                self._thread.start()

    def wait(self, timeout_s: float) -> bool:
        """Wait until every job is done.

        Parameters
        ----------
        timeout_s : float
            Seconds to wait at most.

        Returns
        -------
        bool
            Whether all are done.
        """
        until = time.monotonic() + timeout_s
        while self._open:
            if time.monotonic() > until:
                return False
            time.sleep(0.005)
        return True

    def _work(self) -> None:
        working.add(threading.get_ident())
        try:
            self._work_on()
        finally:
            working.discard(threading.get_ident())

    def _work_on(self) -> None:
        while True:
            try:
                job = self._jobs.get(timeout=_IDLE_S)
            except queue.Empty:
                with self._lock:
                    if self._open:
                        continue
                    self._thread = None
                    return
            try:
                with contained(_stays_pending):
                    job()
            finally:
                del job  # what it reads is the user's, and not to be held while nothing comes
                with self._lock:
                    self._open -= 1


def _stays_pending(error: BaseException) -> None:
    log.warning("late fact: %s", reason(error), exc_info=error)
