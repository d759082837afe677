"""What is said of a run that did not finish: how it ended, and what of it is there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from celltrail.domain.record import RunStatus
from celltrail.domain.run import Fit, Run
from celltrail.views.cautions import progress
from celltrail.views.numbers import plural


def ending(run: Run, metrics: int, inputs: int) -> str:
    """Say how a run ended that did not finish: `failed in fit · parameters and 2 inputs kept`.

    Parameters
    ----------
    run : Run
        The run.
    metrics, inputs : int
        How many of each are on record.

    Returns
    -------
    str
        Empty for a run that finished or still runs. No time in it: what is saved in a notebook holds none.
    """
    match run.status:
        case RunStatus.FINISHED | RunStatus.RUNNING:
            return ""
        case RunStatus.FAILED | RunStatus.INTERRUPTED | RunStatus.LOST:
            kept = _kept(run.fits, metrics, inputs)
            curve = next((f" · {remark}" for fit in run.fits if (remark := progress(fit))), "")
            return f"{run.status.value}{_where(run)}{f' · {kept} kept' if kept else ''}{curve}"
        case _:
            assert_never(run.status)


def _where(run: Run) -> str:
    return " in fit" if run.status is not RunStatus.LOST and any(fit.error for fit in run.fits) else ""


def _kept(fits: Sequence[Fit], metrics: int, inputs: int) -> str:
    parts = ["parameters"] if any(fit.params or fit.params_written for fit in fits) else []
    parts += [plural(metrics, "metric")] if metrics else []
    parts += [plural(inputs, "input")] if inputs else []
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)
