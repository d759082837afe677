"""The best run of an experiment by one metric, without a look at each run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from celltrail.errors import RunNotFoundError
from celltrail.store.filter_rows import FEW, count_up_to
from celltrail.store.listed import IS_LISTED, any_ids
from celltrail.store.store import Store
from celltrail.store.values import text_in

# What the newest run that has the metric was scored on: only what was scored on the same rows can be compared.
NEWEST_SCORE = f"""
SELECT m.target_id, k.greater_is_better FROM runs AS r CROSS JOIN metrics AS m ON m.run_id = r.id
JOIN measures AS k ON k.id = m.measure_id
WHERE r.experiment_id = ? AND {IS_LISTED} AND m.is_current = 1 AND k.key = ? {{more}} ORDER BY r.number DESC LIMIT 1
"""
MEASURES = "SELECT id FROM measures WHERE key = ?"
# From the best value downwards by the index of values, through the runs of all experiments; where the experiment has
# few runs, through those.
VALUES_FIRST = "metrics AS m CROSS JOIN runs AS r ON r.id = m.run_id"
RUNS_FIRST = "runs AS r CROSS JOIN metrics AS m ON m.run_id = +r.id"
RUNS = "SELECT 1 FROM runs AS r WHERE r.experiment_id = ?"
DOWNWARDS = f"""
SELECT m.last FROM {{source}}
WHERE {{measure}} AND m.is_current = 1 AND m.last IS NOT NULL AND r.experiment_id = :experiment AND {IS_LISTED}
  AND m.target_id IS :target
ORDER BY m.last {{way}} LIMIT 1
"""
# The earliest run with that value.
OF_VALUE = f"""
SELECT r.id FROM {{source}}
WHERE {{measure}} AND m.is_current = 1 AND {{value}} AND r.experiment_id = :experiment AND {IS_LISTED}
  AND m.target_id IS :target
ORDER BY r.number LIMIT 1
"""


def best_run(trail: Store, experiment: int, key: str) -> int:
    """Return the row of the best listed run of an experiment; of equally good ones the earliest.

    Parameters
    ----------
    trail : Store
        The store.
    experiment : int
        Its row.
    key : str
        A metric that one of its runs has, without the name of a fit.

    Returns
    -------
    int
        Row of the run.

    Raises
    ------
    RunNotFoundError
        If it is not known which way is better, or no value is a number.
    """
    newest = trail.db.row(NEWEST_SCORE.format(more=""), (experiment, text_in(key)))
    told = trail.db.row(NEWEST_SCORE.format(more="AND k.greater_is_better IS NOT NULL"), (experiment, text_in(key)))
    if newest is None or told is None:
        raise RunNotFoundError(
            f"No run is best: whether a higher or a lower {key} is better is not known. "
            f"Order them with: %runs --best, or order_by='metrics.{key} desc'."
        )
    way, top, low = ("DESC", "inf", "-inf") if told[1] else ("ASC", "-inf", "inf")
    measures = [int(row) for (row,) in trail.db.rows(MEASURES, (text_in(key),))]
    is_small = count_up_to(trail.db, RUNS, (experiment,), FEW) <= FEW
    among = _Among(trail, measures, {"experiment": experiment, "target": newest[0]}, is_small=is_small)
    for found in (among.special(top), among.finite(way), among.special(low)):
        if found is not None:
            return found
    raise RunNotFoundError(f"No run is best: {key} is not a number in any of them.")


@dataclass(frozen=True, slots=True)
class _Among:
    """The values among which the best is looked for."""

    trail: Store
    measures: Sequence[int]
    asked: Mapping[str, Any]
    is_small: bool  # whether the experiment's runs are looked through, rather than the values of all experiments

    def special(self, word: str) -> int | None:
        """Return the earliest run whose value is no finite number, but this word."""
        return self._first(f"m.last IS NULL AND m.special = '{word}'", {})

    def finite(self, way: str) -> int | None:
        """Return the earliest run with the highest (DESC) or lowest (ASC) number."""
        # One measure at a time: with several, SQLite would sort the values of all.
        tops = [self.trail.db.row(self._sql(DOWNWARDS, [one], way=way), dict(self.asked)) for one in self.measures]
        found = [top[0] for top in tops if top]
        if not found:
            return None
        return self._first("m.last = :last", {"last": max(found) if way == "DESC" else min(found)})

    def _first(self, value: str, more: Mapping[str, Any]) -> int | None:
        found = self.trail.db.row(self._sql(OF_VALUE, self.measures, value=value), {**self.asked, **more})
        return int(found[0]) if found else None

    def _sql(self, sql: str, measures: Sequence[int], **more: str) -> str:
        column = "+m.measure_id" if self.is_small else "m.measure_id"
        source = RUNS_FIRST if self.is_small else VALUES_FIRST
        return sql.format(source=source, measure=any_ids(column, measures), **more)
