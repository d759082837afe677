"""What capture may cost, and what gives way first where that is not enough: the one place that says so.

A cell without a fit costs at most 20 ms, or 2 % of its time if that is more. Source, parameters, metrics, the names
and the sampled digests of data are always taken, at once. The rest gives way in this order, and the panel says what
is pending or not kept:

1. Uncommitted changes in git are asked for after the cell, by `git` itself; until then they are pending.
2. Digests of large files, and full digests of large data, are taken in a thread beside or after the cell; until then
   they are pending. The sampled digest of data is there already.
3. The profile of data is taken from a sample of its rows.
4. Text and pictures that a cell shows are cut where they are large, and the cut is said in their place.
5. A notebook file too large to be read at every run is kept as the sources that were run, and a restore says so.
6. A model that takes longer than 50 ms of the processor, or 2 % of its fit, or more room than 32 MiB is not kept (of
   time only what more than 1 MiB takes). The best of its experiment so far stays in the kernel's memory, where
   `celltrail.run(…).model()` finds it, until a better one comes, it is fitted again or the kernel ends;
   `celltrail.keep(model)` keeps any of them. All models of one cell together take no longer than a second, or 2 %
   of their fits.
7. Of a cell that fits or measures without end (a simulation, a bootstrap) the first 500 fits and the first 2,000
   measures are recorded one by one; the others are counted, and the run says how many.
"""

from __future__ import annotations

from celltrail.flavors.models import Budget

# Rules of the house (see above); no measurement speaks for just these numbers.
MODEL_LEAST_S = 0.05
MODEL_SHARE_OF_FIT = 0.02
MODEL_BYTES = 32 * 2**20
MODELS_OF_A_CELL_S = 1.0
# By count, not by time: the same cell leaves the same record on a slow machine as on a fast one.
FITS_OF_A_CELL = 500
MEASURES_OF_A_CELL = 2_000
# What somebody asks for by name may take its time.
_ASKED_S = 600.0
_ASKED_BYTES = 8 * 2**30


def model_budget(fit_duration_s: float, *, is_bounded: bool, spent_s: float = 0.0, fits_s: float = 0.0) -> Budget:
    """Return what keeping one model may cost.

    Parameters
    ----------
    fit_duration_s : float
        Seconds that its fit took.
    spent_s, fits_s : float, default 0
        Seconds of the processor that keeping the earlier models of its cell took; those that all its fits took.
    is_bounded : bool
        False where a person asked for this very model.

    Returns
    -------
    Budget
        Time and room.

    Examples
    --------
    >>> model_budget(10.0, is_bounded=True).seconds
    0.2
    """
    if not is_bounded:
        return Budget(_ASKED_S, _ASKED_BYTES)
    left_s = max(MODELS_OF_A_CELL_S, MODEL_SHARE_OF_FIT * fits_s) - spent_s
    return Budget(min(max(MODEL_LEAST_S, MODEL_SHARE_OF_FIT * fit_duration_s), max(left_s, 0.0)), MODEL_BYTES)
