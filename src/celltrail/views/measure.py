"""One metric of one run, as it is shown."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from celltrail.domain.record import MetricRecord
from celltrail.store.summary import describe

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


def measure_of_record(metric: MetricRecord, fits: Collection[str], execution_id: str) -> Measure:
    """Return a metric that a cell has just taken as a measure, as `measure_of` gives it once it is read back."""
    values, target = metric.values, metric.target_digest
    count, sd = len(values), None
    value = values[-1]
    if count > 1:
        brief = describe(values)
        sd = brief.sd
        value = value if brief.mean is None else brief.mean
    spread = metric.spread if metric.spread is not None and math.isfinite(metric.spread) else None
    return Measure(
        metric.key,
        float(value),
        metric.fit_id if metric.fit_id in fits else None,
        metric.function or metric.key,
        metric.target,
        target,
        metric.target_rows if target is not None else None,
        metric.target_positives if target is not None else None,
        metric.greater_is_better,
        metric.on_training_data,
        metric.is_confirmed,
        metric.is_logged,
        sd if spread is None else float(spread),
        count,
        len(metric.folds or ()),
        execution_id,
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
