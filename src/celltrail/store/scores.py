"""What one run is told against: the scores of its neighbours, the run before it."""

from __future__ import annotations

from typing import Any

from celltrail.domain.record import RunStatus
from celltrail.domain.run import Run
from celltrail.store.listed import IS_LISTED
from celltrail.store.read_metrics import METRIC_COLUMNS, METRIC_TABLES, metric_of
from celltrail.store.runs import load_runs
from celltrail.store.store import Store
from celltrail.store.values import json_out, text_in, text_out

# Found by the index of numbers: a trail of many runs costs what one of a hundred does.
SCORES = f"""
WITH near AS MATERIALIZED (
  SELECT r.id, r.global_id, r.number FROM runs AS r
  WHERE r.experiment_id = (SELECT e.id FROM experiments AS e WHERE e.name = :experiment AND e.origin IS NULL)
    AND {IS_LISTED} AND r.number > :above AND r.number <= :upto)
SELECT near.global_id, near.number,
  CASE WHEN m.target_id IS NULL THEN (
    SELECT json_group_array(json_array(n.text, o.text, lower(hex(d.digest)), d.sampled_digest))
    FROM inputs AS i JOIN names AS n ON n.id = i.name_id JOIN names AS o ON o.id = i.role_id
    JOIN datasets AS d ON d.id = i.dataset_id WHERE i.run_id = near.id)
  END,
  {METRIC_COLUMNS}
FROM near JOIN metrics AS m ON m.run_id = near.id
{METRIC_TABLES}
WHERE m.is_current = 1 AND k.key = :key
ORDER BY near.number, m.execution_id, m.position
"""
BEFORE = f"""
SELECT r.id FROM runs AS r
WHERE r.experiment_id = (SELECT o.experiment_id FROM runs AS o WHERE o.global_id = ?) AND {IS_LISTED}
  AND r.number < ? AND r.status = '{RunStatus.FINISHED}' ORDER BY r.number DESC LIMIT 1
"""
NEWEST_NUMBER = f"""
SELECT r.number FROM runs AS r
WHERE r.experiment_id = (SELECT e.id FROM experiments AS e WHERE e.name = ? AND e.origin IS NULL) AND {IS_LISTED}
ORDER BY r.number DESC LIMIT 1
"""


def scores_of(trail: Store, experiment: str, key: str, *, above: int, upto: int) -> list[dict[str, Any]]:
    """Return the standing values of one metric in some runs of an experiment of this trail.

    Parameters
    ----------
    trail : Store
        The store.
    experiment : str
        Its name.
    key : str
        The metric, as `read_metrics` names it.
    above, upto : int
        Runs with numbers higher than the one and no higher than the other are looked at.

    Returns
    -------
    list of dict
        By number, and in the order in which they were taken: the fields of `read_metrics`; `run_id` and `number` of
        the run; `data`, where the target is not known, name, role and digests of all that went into the run.
    """
    asked = {"experiment": text_in(experiment), "key": text_in(key), "above": above, "upto": upto}
    return [
        {"run_id": run, "number": number, "data": None if data is None else _data(data), **metric_of(metric)}
        for run, number, data, *metric in trail.db.rows(SCORES, asked)
    ]


def run_before(trail: Store, run: Run) -> Run | None:
    """Return the last run with a lower number in the same experiment that finished; None where there is none."""
    found = trail.db.row(BEFORE, (run.id, run.number or 0))
    return load_runs(trail, [found[0]])[0] if found else None


def newest_number(trail: Store, experiment: str) -> int:
    """Return the highest number in an experiment of this trail; 0 where it has none."""
    found = trail.db.row(NEWEST_NUMBER, (text_in(experiment),))
    return int(found[0]) if found else 0


def _data(text: str) -> list[dict[str, Any]]:
    return [
        {"name": text_out(name), "role": text_out(role), "digest": digest or None, "sampled_digest": sampled}
        for name, role, digest, sampled in json_out(text)
    ]
