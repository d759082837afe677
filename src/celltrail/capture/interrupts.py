"""An interrupt (SIGINT, the stop button) that arrives in celltrail's own work beside a cell.

IPython's hooks would swallow it, and a hook that it cut short would lose the run. So for the time of a hook
interrupts are taken here: one that meets a step under the guard ends that step, one that comes between two steps or
while the store commits only waits, and in both cases the hook's owner is told at the end, to hand it on once.
"""

from __future__ import annotations

import signal
import threading

# What `signal` wraps: there each handler goes through an enum, which takes thirty times as long on Python 3.11.
from _signal import getsignal  # type: ignore[import-not-found]
from _signal import signal as set_handler
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class Taken:
    """What came during one hook.

    Attributes
    ----------
    came : bool
        Whether an interrupt did.
    """

    __slots__ = ("came", "ends_step", "previous")

    def __init__(self, previous: Callable[[int, FrameType | None], Any]) -> None:
        self.came = False
        self.ends_step = False
        self.previous = previous

    @property
    def is_python_own(self) -> bool:
        """Whether an interrupt would have raised KeyboardInterrupt; else somebody else's handler would have heard."""
        return self.previous is signal.default_int_handler

    def hear(self, _number: int, _frame: FrameType | None) -> None:
        """Take note of an interrupt, and end the step that it meets."""
        self.came = True
        if self.ends_step:
            self.ends_step = False
            raise KeyboardInterrupt


_taken: Taken | None = None


@contextmanager
def interrupts_taken() -> Iterator[Taken | None]:
    """Take interrupts for the time of a hook.

    Yields
    ------
    Taken or None
        None where no interrupt can arrive: off the main thread, or where the program ignores them.
    """
    global _taken  # noqa: PLW0603  signals are of the process, too
    if _taken is not None or threading.get_ident() != threading.main_thread().ident:
        yield None
        return
    previous = getsignal(signal.SIGINT)
    if not callable(previous):
        yield None
        return
    _taken = taken = Taken(previous)
    try:
        set_handler(signal.SIGINT, taken.hear)
        yield taken
    finally:
        set_handler(signal.SIGINT, previous)
        _taken = None


def taken_here() -> Taken | None:
    """Return who takes the interrupts of this thread now and will hand them on; None where they go their own way."""
    return _taken if _taken is not None and threading.get_ident() == threading.main_thread().ident else None
