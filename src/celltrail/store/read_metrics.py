"""Metrics, their history and training curves of one run, as they are read back."""

from __future__ import annotations

import math
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from celltrail.domain.run import MetricPoint
from celltrail.store.packing import unpack_points, unpack_values
from celltrail.store.store import Store
from celltrail.store.values import number_out, text_out, time_out

# `is_current` = 0 is a taking that a later one of the same measure and fit has replaced.
METRIC_COLUMNS = """
  k.key, k.function, k.target, k.greater_is_better, f.global_id, t.digest, t.rows, t.positives,
  m.last, m.special, m.flags, m.count, m.min, m.max, m.mean, m.sd, m.spread, m.points, m.is_current,
  x.global_id, x.started_at
"""
METRIC_TABLES = """
JOIN measures AS k ON k.id = m.measure_id
LEFT JOIN fits AS f ON f.id = m.fit_id
LEFT JOIN targets AS t ON t.id = m.target_id
LEFT JOIN executions AS x ON x.id = m.execution_id
"""
METRICS = f"""
SELECT {METRIC_COLUMNS} FROM metrics AS m {METRIC_TABLES}
WHERE m.run_id = ? ORDER BY m.execution_id, m.position
"""
SERIES = """
SELECT s.id, n.text, f.global_id FROM series AS s
JOIN names AS n ON n.id = s.name_id
LEFT JOIN fits AS f ON f.id = s.fit_id
WHERE s.run_id = ? ORDER BY s.id
"""
CHUNKS = "SELECT points FROM series_chunks WHERE series_id = ? ORDER BY number"
STARTED = "SELECT started_at FROM runs WHERE id = ?"

_CONFIRMED, _LOGGED, _ON_TRAINING, _ON_UNSEEN, _IS_SERIES, _MAYBE = 1, 2, 4, 8, 16, 32


def read_metrics(trail: Store, run: int, *, with_history: bool = False) -> list[dict[str, Any]]:
    """Return the metrics of a run, in the order in which they were taken.

    Parameters
    ----------
    trail : Store
        The store.
    run : int
        Row of the run.
    with_history : bool, optional
        Whether to return also what a later taking replaced.

    Returns
    -------
    list of dict
        The fields of `domain.record.MetricRecord`, and last, min, max, mean, sd, count, is_series, is_current and
        execution_id.
    """
    rows = trail.db.rows(METRICS, (run,))
    return [metric_of(row) for row in rows if with_history or row[18]]


def read_series(trail: Store, run: int) -> list[dict[str, Any]]:
    """Return metrics with steps and training curves: key, fit_id, steps, values, times_s."""
    found = []
    for row, key, fit in trail.db.rows(SERIES, (run,)):
        chunks = [unpack_points(packed) for (packed,) in trail.db.rows(CHUNKS, (row,))]
        steps = [step for chunk in chunks for step in chunk[0]]
        values = [value for chunk in chunks for value in chunk[1]]
        times_s = [time_s for chunk in chunks for time_s in chunk[2]]
        found.append({"key": text_out(key), "fit_id": fit, "steps": steps, "values": values, "times_s": times_s})
    return found


def read_history(trail: Store, run: int, key: str, *, fits: Collection[str] | None = None) -> list[MetricPoint]:
    """Return every value of a metric, in the order it was taken; of all fits, or only of these."""
    metrics = [
        row
        for row in read_metrics(trail, run, with_history=True)
        if row["key"] == key and (fits is None or row["fit_id"] in fits)
    ]
    series = [row for row in read_series(trail, run) if row["key"] == key and row["fit_id"] is None]
    points: list[MetricPoint] = []
    for row in metrics:
        if not row["is_series"]:
            at = time_out(row["taken_at"]) if row["taken_at"] else None
            points.extend(MetricPoint(value, None, at) for value in row["values"])
    if series:
        started = time_out(trail.db.rows(STARTED, (run,))[0][0])
        points.extend(point for row in series for point in _points(row, started))
    return points


def read_curves(trail: Store, run: int, fit: str) -> dict[str, list[float]]:
    """Return the training curves of a fit, by name."""
    return {row["key"]: row["values"] for row in read_series(trail, run) if row["fit_id"] == fit}


def _points(series: dict[str, Any], started: datetime) -> list[MetricPoint]:
    rows = zip(series["values"], series["steps"], series["times_s"], strict=True)
    return [MetricPoint(value, step, _at(started, time_s)) for value, step, time_s in rows]


def _at(started: datetime, time_s: float) -> datetime | None:
    return None if math.isnan(time_s) else started + timedelta(seconds=time_s)


def metric_of(row: Any) -> dict[str, Any]:
    """Return the row of METRIC_COLUMNS as a dict."""
    (
        key,
        function,
        target,
        direction,
        fit,
        target_digest,
        target_rows,
        positives,
        last,
        special,
        flags,
        count,
        *rest,
    ) = row
    low, high, mean, sd, spread, packed, is_current, execution, taken_at = rest
    value = number_out(last, special)
    values, folds = unpack_values(packed) if packed is not None else ([value], None)
    return {
        "key": text_out(key),
        "values": values,
        "fit_id": fit,
        "function": text_out(function),
        "target": text_out(target) if target is not None else None,
        "target_digest": target_digest,
        "target_rows": target_rows,
        "target_positives": positives,
        "greater_is_better": None if direction is None else bool(direction),
        "on_training_data": True if flags & _ON_TRAINING else False if flags & _ON_UNSEEN else None,
        "is_confirmed": bool(flags & _CONFIRMED),
        "is_logged": bool(flags & _LOGGED),
        "is_tie_certain": not flags & _MAYBE,
        "spread": spread,
        "folds": folds,
        "last": values[-1],
        "min": value if low is None else low,
        "max": value if high is None else high,
        "mean": value if mean is None else mean,
        "sd": sd,
        "count": count,
        "is_series": bool(flags & _IS_SERIES),
        "is_current": bool(is_current),
        "execution_id": execution,
        "taken_at": taken_at,
    }
