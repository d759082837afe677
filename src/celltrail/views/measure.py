"""One metric of one run, as it is shown."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_ABSENT: Any = object()


@dataclass(slots=True)
class Measure:
    """One metric of one run, as it is shown: the last value, or the mean where there were several without a step.

    Every cell makes one for each metric, and a frozen one takes three times as long; nobody writes into them.
    """

    key: str
    value: float
    fit_id: str | None = None
    function: str = ""
    target: str | None = None
    target_digest: str | None = None
    target_rows: int | None = None
    target_positives: int | None = None
    greater_is_better: bool | None = None
    on_training_data: bool | None = None
    is_confirmed: bool = True
    is_logged: bool = False
    spread: float | None = None
    count: int = 1
    folds: int = 0
    execution_id: str | None = None


def measure_of(row: Mapping[str, Any]) -> Measure:
    """Return one row of a run's metrics as a measure."""
    get = row.get
    has_steps, values = bool(get("is_series")), get("values") or ()
    count = int(get("count") or len(values) or 1)
    last, mean, spread = get("last", _ABSENT), get("mean", _ABSENT), get("spread")
    if last is _ABSENT:
        last = float(values[-1]) if values else None
    if mean is _ABSENT:
        mean = sum(map(float, values)) / len(values) if values else None
    is_mean = count > 1 and not has_steps and mean is not None
    is_confirmed = get("is_confirmed")
    return Measure(
        row["key"],
        float(mean if is_mean else last),
        get("fit_id"),
        get("function") or row["key"].split(".")[0],
        get("target"),
        get("target_digest"),
        get("target_rows"),
        get("target_positives"),
        _claim(get("greater_is_better")),
        _claim(get("on_training_data")),
        is_confirmed is None or bool(is_confirmed),
        bool(get("is_logged")),
        float(spread) if spread is not None else (get("sd") if is_mean else None),
        1 if has_steps else count,
        len(get("folds") or ()),
        get("execution_id"),
    )


def top(found: Sequence[Measure], key: str) -> Measure:
    """Return the best of several measures of one key; the first where none is better than the others."""
    same = [one for one in found if one.key == key]
    return next((one for one in same if not any(is_better(other, one) for other in same)), same[0])


def is_better(one: Measure, other: Measure) -> bool:
    """Say whether a value beats another; never where the direction is unknown or a value is NaN."""
    if one.greater_is_better is None or math.isnan(one.value):
        return False
    if math.isnan(other.value):
        return True
    return one.value > other.value if one.greater_is_better else one.value < other.value


def _claim(value: Any) -> bool | None:
    return None if value is None else bool(value)
