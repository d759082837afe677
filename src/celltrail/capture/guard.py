"""The one guard that each step of capture runs under: a failing step loses its field, never the run or the cell."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager

from celltrail.errors import CelltrailError

log = logging.getLogger("celltrail")
# Without a handler Python prints warnings on the user's error stream; tracebacks are for whoever set up a log.
log.addHandler(logging.NullHandler())


@contextmanager
def guarded(step: str, unknown: MutableMapping[str, str]) -> Iterator[None]:
    """Run one step of capture; if it fails, put `step` under `unknown` with the reason and go on.

    Parameters
    ----------
    step : str
        The field of the run that the step takes.
    unknown : mutable mapping of str to str
        Where the reason goes; shown with the run.

    Notes
    -----
    An interrupt that arrives here belongs to celltrail's own work: it ends this step. A call that stands in the
    middle of the user's cell uses `contained`, which hands the interrupt on.
    """

    def note(error: BaseException) -> None:
        unknown[step] = reason(error)
        log.warning("capture step %r failed", step, exc_info=error)

    try:
        with contained(note):
            yield
    except KeyboardInterrupt:
        unknown[step] = "interrupted"


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
