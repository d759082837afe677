"""Long cells commit what is known of them every ten seconds, so that a killed kernel loses little."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from celltrail.domain.forks import renew_in_child

# Rules of thumb: what a person would not want to lose, at a cost nobody feels.
FIRST_AFTER_S = 5.0
EVERY_S = 10.0
# Waking a sleeping thread at each cell's start costs more than all the rest of that start: it looks by itself, and
# sleeps for good only after a minute without a cell.
_LOOKS_EVERY_S = 1.0
_LOOKS_ON_S = 60.0


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
        renew_in_child(self, "_wakes", threading.Condition)
        self._due_s: float | None = None
        self._is_asleep = False
        self._is_closed = False
        self._thread: threading.Thread | None = None

    def cell_started(self) -> None:
        """Begin to wait for the cell that starts now."""
        with self._wakes:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="celltrail-autosave", daemon=True)
                self._thread.start()
            self._due_s = self._due_s or time.monotonic() + self._first_after_s
            if self._is_asleep or self._first_after_s < _LOOKS_EVERY_S:
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
        last_s = time.monotonic()
        while True:
            with self._wakes:
                if self._is_closed:
                    return
                now_s = time.monotonic()
                if self._due_s is None:
                    self._is_asleep = now_s - last_s > _LOOKS_ON_S
                    self._wakes.wait(None if self._is_asleep else _LOOKS_EVERY_S)
                    last_s = time.monotonic() if self._is_asleep else last_s
                    self._is_asleep = False
                    continue
                last_s = now_s
                if self._due_s > now_s:
                    self._wakes.wait(min(self._due_s - now_s, _LOOKS_EVERY_S))
                    continue
                self._due_s = now_s + self._every_s
            self._commit()
