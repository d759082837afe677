"""What repeating an unchanged cell told: nothing new, or that its result moves."""

from __future__ import annotations

import math
from collections.abc import Sequence

from celltrail.domain.run import Run
from celltrail.views.facts import RunSource, field, measures
from celltrail.views.measure import Measure, top
from celltrail.views.numbers import count_text, number_text

# A cell run ten thousand times must not grow dearer each time; the spread of fifty values is known to a tenth of it
# (its standard error is about sd / √(2n), for normal values).
_LOOKED_AT = 50


def repeated_values(trail: RunSource, run: Run, main: Measure | None) -> list[float]:
    """Return the main metric of a run and of its unchanged repeats, in order of time.

    Parameters
    ----------
    trail : RunSource
        Where the repeats are.
    run : Run
        The numbered run.
    main : Measure or None
        Its main metric.

    Returns
    -------
    list of float
        Of the run and the newest fifty repeats; empty for a run that was never repeated.
    """
    if main is None or run.repeats < 2:
        return []
    repeats = trail.repeats_of(run, last=_LOOKED_AT)
    taken = ([one for one in measures(again) if one.key == main.key] for again in (run, *repeats))
    return [top(found, main.key).value for found in taken if found]


def repeats_sentence(run: Run, values: Sequence[float]) -> str:
    """Say whether an unchanged cell gives an unchanged result.

    Parameters
    ----------
    run : Run
        The numbered run.
    values : sequence of float
        Its main metric and that of its repeats.

    Returns
    -------
    str
        `not deterministic: 0.838–0.845 over 5 runs, no seed set`; empty where nothing moved.
    """
    finite = sorted(value for value in values if math.isfinite(value))
    if len(values) < 2 or not finite or (finite[0] == finite[-1] and len(finite) == len(values)):
        return ""
    low, high = _apart(finite[0], finite[-1])
    seed = field(run, "seed")
    because = "no seed set" if seed is None else f"although seed {seed} is set"
    return f"not deterministic: {low}–{high} over {_counted(run, values)}, {because}"


def _counted(run: Run, values: Sequence[float]) -> str:
    """Say of how many runs there are values, and of how many there are more."""
    of = f" of {count_text(run.repeats)}" if run.repeats > _LOOKED_AT + 1 else ""
    return f"{count_text(len(values))}{of} runs"


def _apart(low: float, high: float) -> tuple[str, str]:
    """Write two numbers with three decimals where that tells them apart, else with as many as it takes."""
    for decimals in (3, 4, 6, 9):
        texts = f"{low:.{decimals}f}", f"{high:.{decimals}f}"
        if texts[0] != texts[1] and abs(high) < 1000:
            return texts
    return (number_text(low), number_text(high)) if number_text(low) != number_text(high) else (repr(low), repr(high))
