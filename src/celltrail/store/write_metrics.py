"""Metrics into their tables, and the summary that a list reads."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from celltrail.domain.fit_keys import NamedFit, metric_prefixes, param_prefixes
from celltrail.domain.ids import FitId, RunId
from celltrail.domain.record import CellRecord, MetricRecord, RunRecord, SeriesRecord
from celltrail.store.packing import pack_values
from celltrail.store.room import Room
from celltrail.store.summary import MetricBrief, Summary, describe, summary_in, summary_out
from celltrail.store.values import number_in, number_out, text_out

FIND_RUN = """
SELECT r.id, r.main_asked, s.keys, r.summary, r.measured FROM runs AS r JOIN shapes AS s ON s.id = r.shape_id
WHERE r.global_id = ?
"""
FITS = "SELECT global_id, id FROM fits WHERE run_id = ?"
CLEAR = "DELETE FROM metrics WHERE run_id = ? AND execution_id = ?"
ADD = """
INSERT INTO metrics (run_id, execution_id, position, measure_id, fit_id, target_id, last, special, flags, count, min,
  max, mean, sd, spread, points)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
# Nearly all are one finite number, for which the columns' defaults say the rest: a quarter of the time is won.
ADD_NUMBER = """
INSERT INTO metrics (run_id, execution_id, position, measure_id, fit_id, target_id, last, flags, spread)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
HAS_OTHERS = "SELECT 1 FROM metrics WHERE run_id = ? AND execution_id <> ? LIMIT 1"
# Of each measure of each fit the newest taking stands; the others are its history.
SUPERSEDE = """
UPDATE metrics SET is_current = (execution_id = (
  SELECT m.execution_id FROM metrics AS m JOIN executions AS e ON e.id = m.execution_id
  WHERE m.run_id = metrics.run_id AND m.measure_id = metrics.measure_id AND m.fit_id IS metrics.fit_id
  ORDER BY e.started_at DESC, e.id DESC LIMIT 1))
WHERE run_id = ?
"""
STANDING = """
SELECT m.key, m.fit_id, m.last, m.special, m.min, m.max, m.mean, m.sd, m.count, m.function, m.is_confirmed,
  m.on_training_data, m.is_logged
FROM metric_rows AS m
WHERE m.run_id = ? ORDER BY m.execution_id, m.position
"""
NAMED_FITS = """
SELECT f.id, f.name, k.text FROM fits AS f JOIN names AS k ON k.id = f.kind WHERE f.run_id = ? ORDER BY f.position
"""
WRITE_SUMMARY = "UPDATE runs SET shape_id = ?, summary = ?, measured = ? WHERE id = ?"
SCORED = """
INSERT INTO scorings (target_id, execution_id, models) VALUES (?, ?, ?)
ON CONFLICT DO UPDATE SET models = excluded.models
"""
# What a search, a cross-validation or the training itself measured: it speaks for a run where nothing else does.
VALIDATED = ("best_score", "cross_val", "oob_score", "best_validation_score")
CONFIRMED, IS_LOGGED, ON_TRAINING_DATA, ON_UNSEEN_DATA, IS_SERIES, MAYBE = 1, 2, 4, 8, 16, 32


class NewRun(Protocol):
    """A run that was just written."""

    @property
    def row(self) -> int: ...
    @property
    def fits(self) -> Mapping[FitId, int]: ...


def write(room: Room, cell: CellRecord, execution: int, *, new: NewRun | None) -> RunId | None:
    """Write the metrics that a cell took, of its own run and of earlier ones, and the summaries of those runs.

    Parameters
    ----------
    room : Room
        The open transaction.
    cell : CellRecord
        Its own run has been written.
    execution : int
        Row of the execution that took them.
    new : Written or None
        The cell's own run, where this transaction has made it: nothing of it can be in the tables yet.

    Returns
    -------
    RunId or None
        The run that was scored last; None where there are no metrics.
    """
    taken: dict[RunId, list[MetricRecord]] = {} if cell.run is None else {cell.run.id: []}
    for metric in cell.metrics:
        if metric.values:
            taken.setdefault(metric.run_id, []).append(metric)
    scored = None
    for run, metrics in taken.items():
        if new is not None and cell.run is not None and cell.run.id == run:
            _add(room, (new.row, execution), metrics, cell.run.series, new.fits)
            scored = run
            continue
        found = room.db.execute(FIND_RUN, (run,)).fetchone()
        if found is None:
            continue  # a run that was forgotten for good, or a false start
        scored = run
        own = cell.run if cell.run is not None and cell.run.id == run else None
        has_others = _write_rows(room, found[0], execution, metrics, own.series if own else [])
        if own is not None and not has_others:
            room.db.execute(WRITE_SUMMARY, (*shaped(room, summary_of(own, metrics)), found[0]))
        else:
            before = summary_out(*found[2:5])
            _summarise(room, found[0], found[1], params_of(own) if own else before)
    _count_scorings(room, cell, execution)
    return scored


def params_of(run: RunRecord) -> Summary:
    """Return the part of a run's summary that does not come from metrics."""
    params: dict[str, Any] = dict(run.params)
    written: set[str] = set(run.params)
    for fit, prefix in zip(run.fits, param_prefixes(run.fits), strict=True):
        if prefix is None:
            continue
        params.update({prefix + key: value for key, value in fit.params.items()})
        for key, value in (fit.params_written or {}).items():
            written.add(prefix + key)
            params.setdefault(prefix + key, value)
    return Summary(params=params, written=frozenset(written))


Candidate = tuple[str, str, int, int | None]
"""What the choice of the main metric looks at: key, function, whether confirmed, whether on training data."""


def summary_of(run: RunRecord, metrics: Sequence[MetricRecord]) -> Summary:
    """Return the summary of a run whose metrics were all taken by its own cell.

    Parameters
    ----------
    run : RunRecord
        The run.
    metrics : sequence of MetricRecord
        Its metrics, in order.

    Returns
    -------
    Summary
        As a list shows it.
    """
    prefixes = dict(zip((fit.id for fit in run.fits), metric_prefixes(run.fits), strict=True))
    briefs: dict[str, MetricBrief] = {}
    candidates: list[Candidate] = []
    for one in metrics:
        key = prefixes.get(one.fit_id, "") + one.key if one.fit_id else one.key
        briefs[key] = standing(describe(one.values))
        candidates.append((key, one.function or one.key, one.is_confirmed, one.on_training_data))
    for series in run.series:
        if series.fit_id is None and series.values:
            briefs[series.key] = describe(series.values)
            candidates.append((series.key, series.key, True, None))
    params = params_of(run)
    return Summary(params.params, params.written, briefs, choose_main(candidates, run.main_metric))


def shaped(room: Room, summary: Summary) -> tuple[int, str, bytes | None]:
    """Return `shape_id`, `summary` and `measured` of a run."""
    keys, values, measured = summary_in(summary)
    return room.interned.shape(room.db, keys), values, measured


def _write_rows(
    room: Room, run: int, execution: int, metrics: list[MetricRecord], series: list[SeriesRecord]
) -> bool:
    """Write what one cell took of a run; say whether other cells took something of it too."""
    room.db.execute(CLEAR, (run, execution))
    fits: dict[FitId, int] = dict(room.db.execute(FITS, (run,)).fetchall())
    _add(room, (run, execution), metrics, series, fits)
    has_others = room.db.execute(HAS_OTHERS, (run, execution)).fetchone() is not None
    if has_others:
        room.db.execute(SUPERSEDE, (run,))
    return has_others


def _add(
    room: Room,
    place: tuple[int, int],
    metrics: list[MetricRecord],
    series: list[SeriesRecord],
    fits: Mapping[FitId, int],
) -> None:
    """Write metrics in their order; `place` is the row of the run and that of the execution that took them."""
    numbers: list[tuple[Any, ...]] = []
    others: list[tuple[Any, ...]] = []
    for position, metric in enumerate(metrics):
        key, values, spread = metric.key, metric.values, metric.spread
        if spread is not None and not math.isfinite(spread):
            spread = None
        measure = room.interned.measure(room.db, key, metric.function or key, metric.target, metric.greater_is_better)
        fit = fits.get(metric.fit_id) if metric.fit_id else None
        columns = (*place, position, measure, fit, _target(room, metric))
        if len(values) == 1 and metric.folds is None and math.isfinite(values[0]):
            numbers.append((*columns, float(values[0]), _flags(metric), spread))
            continue
        has_points = len(values) > 1 or metric.folds is not None
        points = pack_values(values, metric.folds) if has_points else None
        brief = _brief_columns(standing(describe(values)), _flags(metric))
        others.append((*columns, *brief, spread, points))
    logged = [one for one in series if one.fit_id is None and one.values]
    for position, one in enumerate(logged, start=len(metrics)):
        measure = room.interned.measure(room.db, one.key, one.key, None, None)
        brief = _brief_columns(describe(one.values), CONFIRMED | IS_LOGGED | IS_SERIES)
        others.append((*place, position, measure, None, None, *brief, None, None))
    room.db.executemany(ADD_NUMBER, numbers)
    room.db.executemany(ADD, others)


def _flags(metric: MetricRecord) -> int:
    flags = CONFIRMED * metric.is_confirmed | IS_LOGGED * metric.is_logged
    if not metric.is_tie_certain:
        flags |= MAYBE
    if metric.on_training_data is not None:
        flags |= ON_TRAINING_DATA if metric.on_training_data else ON_UNSEEN_DATA
    return flags


def standing(brief: MetricBrief) -> MetricBrief:
    """Let the mean stand for several values without a step: it is what is shown, filtered and ordered by."""
    return brief if brief.mean is None else replace(brief, last=brief.mean)


def _brief_columns(brief: MetricBrief, flags: int) -> tuple[Any, ...]:
    last, special = number_in(brief.last)
    return last, special, flags, brief.count, brief.min, brief.max, brief.mean, brief.sd


def _target(room: Room, metric: MetricRecord) -> int | None:
    if metric.target_digest is None:
        return None
    return room.interned.target(room.db, metric.target_digest, metric.target_rows, metric.target_positives)


def _count_scorings(room: Room, cell: CellRecord, execution: int) -> None:
    models: dict[int, set[Any]] = {}
    for metric in cell.metrics:
        target = _target(room, metric)
        if target is not None:
            models.setdefault(target, set()).add(metric.fit_id or metric.run_id)
    room.db.executemany(SCORED, [(target, execution, len(scored)) for target, scored in models.items()])


def _summarise(room: Room, run: int, main_asked: str | None, params: Summary) -> None:
    """Write the summary of a run whose metrics several cells took: those that stand are read back."""
    prefixes = _prefixes(room, run)
    briefs: dict[str, MetricBrief] = {}
    candidates: list[Candidate] = []
    for row in room.db.execute(STANDING, (run,)).fetchall():
        low, high, mean, sd = row[4:8] if row[8] > 1 else (None, None, None, None)
        key = prefixes.get(row[1], "") + text_out(row[0])
        briefs[key] = MetricBrief(number_out(row[2], row[3]), low, high, mean, sd, row[8])
        candidates.append((key, row[9], row[10], row[11]))
    summary = Summary(params.params, params.written, briefs, choose_main(candidates, main_asked))
    room.db.execute(WRITE_SUMMARY, (*shaped(room, summary), run))


def _prefixes(room: Room, run: int) -> dict[int | None, str]:
    """Return what goes before the keys of each fit's metrics, by the fit's row."""
    rows = room.db.execute(NAMED_FITS, (run,)).fetchall()
    fits = [NamedFit(text_out(name), text_out(kind)) for _, name, kind in rows]
    return {row[0]: prefix for row, prefix in zip(rows, metric_prefixes(fits), strict=True)}


def choose_main(metrics: list[Candidate], asked: str | None) -> str | None:
    """Return the key of the main metric: the one asked for, else the first that tells of data not seen in training.

    Parameters
    ----------
    metrics : list of tuple
        Key, function, whether it is confirmed, whether it was taken on training data (None: not known); in the
        order in which they were taken.
    asked : str or None
        `--main`: a key, or a function's name.

    Returns
    -------
    str or None
        None where none may stand for the run: a metric on training data never does.
    """
    if asked is not None:
        for key, function, _, _ in metrics:
            bare = key.partition(":")[2] or key
            if asked in {key, bare, function} or bare.startswith(f"{asked}."):
                return key
    confirmed = [(key, function, seen) for key, function, is_confirmed, seen in metrics if is_confirmed and seen != 1]
    searched = [key for key, function, _ in confirmed if function.startswith(VALIDATED)]
    unseen = [key for key, _, seen in confirmed if seen == 0 and key not in searched]
    return next(iter([*unseen, *searched, *(key for key, _, _ in confirmed)]), None)
