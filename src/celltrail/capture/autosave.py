"""Long cells commit what is known of them every ten seconds, so that a killed kernel loses little."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

# Rules of thumb: what a person would not want to lose, at a cost nobody feels.
FIRST_AFTER_S = 5.0
EVERY_S = 10.0


class Autosave:
    """Calls `commit` while cells run; one sleeping thread a kernel, started with the first long cell's wait.

    Parameters
    ----------
    commit : callable
        Commits every cell that is open. Never raises.
    first_after_s, every_s : float
        Seconds until the first commit of a cell, and between later ones.
    """

    def __init__(
        self, commit: Callable[[], None], *, first_after_s: float = FIRST_AFTER_S, every_s: float = EVERY_S
    ) -> None:
        self._commit = commit
        self._first_after_s = first_after_s
        self._every_s = every_s
        self._wakes = threading.Condition()
        self._due_s: float | None = None
        self._is_closed = False
        self._thread: threading.Thread | None = None

    def cell_started(self) -> None:
        """Begin to wait for the cell that starts now."""
        with self._wakes:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="celltrail-autosave", daemon=True)
                self._thread.start()
            was_idle = self._due_s is None
            self._due_s = self._due_s or time.monotonic() + self._first_after_s
            if was_idle:
                self._wakes.notify()

    def all_cells_ended(self) -> None:
        """Go back to sleep."""
        with self._wakes:
            self._due_s = None

    def close(self) -> None:
        """End the thread."""
        with self._wakes:
            self._is_closed = True
            self._wakes.notify()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout=2)

    def _run(self) -> None:
        while True:
            with self._wakes:
                while not self._is_closed and self._due_s is None:
                    self._wakes.wait()
                if self._is_closed:
                    return
                left_s = (self._due_s or 0) - time.monotonic()
                if left_s > 0:
                    self._wakes.wait(left_s)
                    continue
                self._due_s = time.monotonic() + self._every_s
            self._commit()
