"""The verdict that stands for a run."""

from __future__ import annotations

from celltrail.domain.run import Run
from celltrail.domain.verdict import Verdict, verdict_from
from celltrail.store.store import Store
from celltrail.store.verdicts import newest_verdict


def verdict_of(trail: Store, run: Run) -> Verdict | None:
    """Return what the newest replay of a run came to.

    Parameters
    ----------
    trail : Store
        Where the run is.
    run : Run
        The run; a repeat has a verdict of its own.

    Returns
    -------
    Verdict or None
        None: it was never replayed.
    """
    kept = newest_verdict(trail, str(run.id))
    return None if kept is None else verdict_from(kept)
