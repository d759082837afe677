"""The one guard that each step of capture runs under: a failing step loses its field, never the run or the cell."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from types import TracebackType

from celltrail.capture.interrupts import taken_here
from celltrail.errors import CelltrailError

log = logging.getLogger("celltrail")
# Without a handler Python prints warnings on the user's error stream; tracebacks are for whoever set up a log.
log.addHandler(logging.NullHandler())


class guarded:  # noqa: N801  used as a verb: with guarded("git", unknown)
    """Run one step of capture; if it fails, put `step` under `unknown` with the reason and go on.

    Parameters
    ----------
    step : str
        The field of the run that the step takes.
    unknown : mutable mapping of str to str
        Where the reason goes; shown with the run.
    ends_early : bool, optional
        False for a step without which the run would be lost: an interrupt waits for its end.

    Notes
    -----
    An interrupt that arrives here belongs to celltrail's own work: it ends this step. Beside a cell, who took it
    hands it on at the end (`interrupts`); in the middle of the user's cell it goes on from here. A class, since a
    dozen steps of every cell run under it and a generator takes four times as long.
    """

    __slots__ = ("_ends_early", "_outer", "_step", "_taken", "_unknown")

    def __init__(self, step: str, unknown: MutableMapping[str, str], *, ends_early: bool = True) -> None:
        self._step = step
        self._unknown = unknown
        self._ends_early = ends_early

    def __enter__(self) -> None:
        self._taken = taken = taken_here()
        if taken is not None:
            self._outer = taken.ends_step
            taken.ends_step = self._ends_early

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        taken = self._taken
        if taken is not None:
            taken.ends_step = self._outer
        if isinstance(error, KeyboardInterrupt):
            self._unknown[self._step] = "interrupted"
            return taken is not None
        if not isinstance(error, Exception):
            return False
        self._unknown[self._step] = reason(error)
        log.warning("capture step %r failed", self._step, exc_info=error)
        return True


@contextmanager
def contained(report: Callable[[BaseException], None]) -> Iterator[None]:
    """Do some of celltrail's own work; what it raises is reported and goes no further, but for an interrupt.

    Parameters
    ----------
    report : callable
        Told of the exception. Must not raise.
    """
    try:
        yield
    except Exception as error:  # noqa: BLE001  the guard itself
        report(error)


def reason(error: BaseException) -> str:
    """Say in one short line what went wrong."""
    if isinstance(error, CelltrailError):
        return " ".join(str(error).split())  # written to be read: what is wrong, and what to type
    first_line = str(error).strip().splitlines()[:1]
    return f"{type(error).__name__}: {first_line[0][:200]}" if first_line else type(error).__name__
