"""One metric of one run, as it is shown."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


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
    has_steps = bool(row.get("is_series"))
    values = [float(value) for value in row.get("values") or []]
    count = int(row.get("count") or len(values) or 1)
    last = row.get("last", values[-1] if values else None)
    mean = row.get("mean", sum(values) / len(values) if values else None)
    is_mean = count > 1 and not has_steps and mean is not None
    spread = row.get("spread")
    folds = row.get("folds") or []
    return Measure(
        key=row["key"],
        value=float(mean if is_mean else last),
        fit_id=row.get("fit_id"),
        function=row.get("function") or row["key"].split(".")[0],
        target=row.get("target"),
        target_digest=row.get("target_digest"),
        target_rows=row.get("target_rows"),
        target_positives=row.get("target_positives"),
        greater_is_better=_claim(row.get("greater_is_better")),
        on_training_data=_claim(row.get("on_training_data")),
        is_confirmed=row.get("is_confirmed") is None or bool(row["is_confirmed"]),
        is_logged=bool(row.get("is_logged")),
        spread=float(spread) if spread is not None else (row.get("sd") if is_mean else None),
        count=1 if has_steps else count,
        folds=len(folds),
        execution_id=row.get("execution_id"),
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
