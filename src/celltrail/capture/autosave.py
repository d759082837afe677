"""Long cells commit that they run, then what is known of them every ten seconds: a killed kernel loses little."""

from __future__ import annotations

import threading
import time
from typing import Protocol

from celltrail.domain.forks import renew_in_child

# Rules of thumb: what a person would not want to lose, at a cost nobody feels.
FIRST_AFTER_S = 5.0
EVERY_S = 10.0
# Waking a sleeping thread at each cell's start costs more than all the rest of that start: it looks by itself, and
# sleeps for good only after a minute without a cell.
_LOOKS_EVERY_S = 1.0
_LOOKS_ON_S = 60.0
# Most cells are over sooner, and then one commit says it all.
_MOMENT_S = 0.25


class Commit(Protocol):
    """Commits every cell that is open: that it runs; and what is known of it by now, where that is due."""

    def __call__(self, *, is_due: bool) -> None:
        """Commit them; never raises."""
        ...


class Autosave:
    """Calls `commit` while cells run; one sleeping thread a kernel, started with the first long cell's wait.

    Parameters
    ----------
    commit : Commit
        Called within a second of a cell's start, and as often as that: what it has committed it need not again.
    first_after_s, every_s : float
        Seconds until the first commit of a cell, and between later ones.
    """

    def __init__(self, commit: Commit, *, first_after_s: float = FIRST_AFTER_S, every_s: float = EVERY_S) -> None:
        self._commit = commit
        self._first_after_s = first_after_s
        self._every_s = every_s
        self._wakes = threading.Condition()
        renew_in_child(self, "_wakes", threading.Condition)
        self._due_s: float | None = None
        self._look_s = 0.0
        self._is_asleep = False
        self._is_closed = False
        self._thread: threading.Thread | None = None

    def cell_started(self) -> None:
        """Begin to wait for the cell that starts now."""
        with self._wakes:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="celltrail-autosave", daemon=True)
                self._thread.start()
            if self._due_s is None:
                now_s = time.monotonic()
                self._due_s, self._look_s = now_s + self._first_after_s, now_s + min(_MOMENT_S, self._first_after_s)
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
                if self._look_s > now_s:
                    self._wakes.wait(min(self._look_s - now_s, _LOOKS_EVERY_S))
                    continue
                if is_due := self._due_s <= now_s:
                    self._due_s = now_s + self._every_s
                self._look_s = min(self._due_s, now_s + _LOOKS_EVERY_S)
            self._commit(is_due=is_due)
