"""How all runs of an experiment stand by its main metric: only those that scored the same rows can be compared.

The first of them alone is found by best.py, without a look at the others.
"""

from __future__ import annotations

import math

from celltrail.errors import RunNotFoundError
from celltrail.store.runs import load_runs
from celltrail.store.store import Store
from celltrail.store.values import text_in

RUN_ROWS = """
SELECT r.id FROM runs AS r
WHERE r.experiment_id = ? AND r.number IS NOT NULL AND r.kind = 'run' AND r.forgotten_at IS NULL
ORDER BY r.number DESC LIMIT ? OFFSET ?
"""
SCORES = """
SELECT m.run_id, m.last, m.special, k.greater_is_better, m.target_id FROM metrics AS m
JOIN measures AS k ON k.id = m.measure_id JOIN runs AS r ON r.id = m.run_id
WHERE r.experiment_id = ? AND k.key = ? AND m.is_current = 1 AND r.forgotten_at IS NULL AND r.number IS NOT NULL
  AND r.kind = 'run'
ORDER BY r.number
"""


def best_first(trail: Store, experiment: int) -> list[int]:
    """Return the runs of an experiment that were scored on the rows of its newest score, best first.

    Parameters
    ----------
    trail : Store
        The store.
    experiment : int
        Row of the experiment.

    Returns
    -------
    list of int
        Rows of runs, each once; ties in the order of their numbers.

    Raises
    ------
    RunNotFoundError
        If none can be called best; the message says why.
    """
    key = main_key(trail, experiment)
    scores = trail.db.rows(SCORES, (experiment, text_in(key)))
    target = scores[-1][4]  # only what was scored on the same rows can be compared
    direction = next((row[3] for row in reversed(scores) if row[3] is not None), None)
    if direction is None:
        raise RunNotFoundError(
            f"No run is best: whether a higher or a lower {key} is better is not known. "
            f"Order them with: %runs --best, or order_by='metrics.{key} desc'."
        )
    sign = 1 if direction else -1
    ranked = [(sign * _number(last, special), int(row)) for row, last, special, _, its in scores if its == target]
    ranked = [(value, row) for value, row in ranked if not math.isnan(value)]
    if not ranked:
        raise RunNotFoundError(f"No run is best: {key} is not a number in any of them.")
    return list(dict.fromkeys(row for _, row in sorted(ranked, key=lambda one: one[0], reverse=True)))


def main_key(trail: Store, experiment: int) -> str:
    """Return the key, without a fit's name, of the main metric of an experiment: that of its newest run with one.

    Raises
    ------
    RunNotFoundError
        If no run has one.
    """
    start = 0
    # The newest runs tell; only where none of them was scored the older ones are asked.
    while rows := trail.db.rows(RUN_ROWS, (experiment, 20, start)):
        for run in load_runs(trail, [row for (row,) in rows]):
            if run.main_metric:
                return run.main_metric.partition(":")[2] or run.main_metric
        start += len(rows)
    raise RunNotFoundError(
        "No run is best: none of this experiment has a metric on data that its models had not seen."
    )


def _number(last: float | None, special: str | None) -> float:
    return {"inf": math.inf, "-inf": -math.inf}.get(special or "", math.nan) if last is None else last
