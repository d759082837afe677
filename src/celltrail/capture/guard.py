"""The one guard that each step of capture runs under: a failing step loses its field, never the run or the cell."""

from __future__ import annotations

import logging
from collections.abc import Iterator, MutableMapping
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
    middle of the user's cell uses the call sink's own guard, which hands the interrupt on.
    """
    try:
        yield
    except KeyboardInterrupt:
        unknown[step] = "interrupted"
    except Exception as error:
        unknown[step] = reason(error)
        log.warning("capture step %r failed", step, exc_info=True)


def reason(error: BaseException) -> str:
    """Say in one short line what went wrong."""
    if isinstance(error, CelltrailError):
        return " ".join(str(error).split())  # written to be read: what is wrong, and what to type
    first_line = str(error).strip().splitlines()[:1]
    return f"{type(error).__name__}: {first_line[0][:200]}" if first_line else type(error).__name__
