"""Rows of metrics, params and tags as conditions on the run that they belong to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from celltrail.store.column_tests import ALWAYS, NEVER, Condition, Few, any_of, joined
from celltrail.store.key_book import MetricMeant, ParamMeant, Reader
from celltrail.store.listed import any_ids
from celltrail.store.values import text_in

# A page is so long: where runs are looked at one by one in the order asked for, so many must be found. When c of
# n runs match, that means looking into PAGE * n / c runs, against reading c entries of the index of values: the two
# cost the same at c = sqrt(PAGE * n * look_costs). Looking into a run takes 2 to 5 µs, an entry 0.2 µs, one of params
# 1 µs, since its twins in other fits are looked at too (measured on 20,000 runs).
PAGE = 50
# Fewer runs than these are read and sorted, which takes 5 ms, rather than looked for in the order asked for.
FEW = 1000


@dataclass(frozen=True, slots=True)
class _Table:
    """Where values of one name stand."""

    source: str  # with its alias
    run: str
    name: str  # the column that leads the index of values
    look_costs: int  # how many entries of that index are read in the time of one look into a run


_METRICS = _Table("metrics AS m", "m.run_id", "m.measure_id", 20)
_PARAMS = _Table("params AS p", "p.run_id", "p.name_id", 4)
_TAGS = _Table("tags AS t", "t.run_id", "t.name_id", 20)
_FITS = _Table("fits AS f", "f.run_id", "f.estimator", 20)


def metric_rows(store: Reader, meant: MetricMeant, tests: Sequence[Condition], *, among: int = 1) -> Condition:
    """Return what is true for runs that have a metric which passes one of the tests.

    Parameters
    ----------
    store : Reader
        Asked how many rows pass.
    meant : MetricMeant
        Which metric.
    tests : sequence of Condition
        On a row `m` of metrics.
    among : int, optional
        How many conditions must hold, this one counted.
    """
    more = Condition("m.is_current = 1")
    if meant.fit is not None:
        of_fit = "m.fit_id IN (SELECT f.id FROM fits AS f WHERE f.run_id = m.run_id AND f.name = ?)"
        more = joined("AND", [more, Condition(of_fit, (text_in(meant.fit),))])
    return _rows(store, _METRICS, meant.measures, tests, more, among)


def param_rows(store: Reader, choice: ParamMeant, tests: Sequence[Condition], *, among: int = 1) -> Condition:
    """Return what is true for runs that have a parameter, a row `p` of params, which passes one of the tests."""
    return _rows(store, _PARAMS, choice.names, tests, param_condition(choice, "p"), among)


def tag_rows(store: Reader, name: int, test: Condition, *, among: int = 1) -> Condition:
    """Return what is true for runs that have a tag, a row `t` of tags, which passes the test."""
    return _rows(store, _TAGS, (name,), [test], ALWAYS, among)


def estimator_rows(store: Reader, names: Sequence[int]) -> Condition:
    """Return what is true for runs with a fit, a row `f` of fits, of one of these estimators."""
    return _rows(store, _FITS, names, [ALWAYS], ALWAYS, 1) if names else NEVER


def count_up_to(store: Reader, rows: str, values: tuple[Any, ...], most: int) -> int:
    """Return how many rows a SELECT gives, but no more than `most` + 1."""
    found = store.row(f"SELECT count(*) FROM ({rows} LIMIT {most + 1})", values)
    return int(found[0]) if found else 0


def param_condition(choice: ParamMeant, row: str) -> Condition:
    """Return what makes a row of params the one that a name stands for.

    Parameters
    ----------
    choice : ParamMeant
        The name; its row has one of the names' ids, which is not said again here.
    row : str
        Alias of the row.
    """
    resolved = f"{row}.origin <> 2"  # what the source says, where something else was in force
    if choice.fit is not None:
        of_fit = f"SELECT 1 FROM fits AS f WHERE f.run_id = {row}.run_id AND f.position = {row}.fit AND f.name = ?"
        return Condition(f"{resolved} AND EXISTS ({of_fit})", (text_in(choice.fit),))
    # Without the estimator's name: logged by hand, or the one value that the estimators have.
    another = (
        f"SELECT 1 FROM params AS q WHERE q.run_id = {row}.run_id AND q.fit >= 0 AND q.origin <> 2 "
        f"AND {any_ids('+q.name_id', choice.names)} AND CASE q.fit WHEN {row}.fit THEN q.name_id <> {row}.name_id "
        f"ELSE q.value IS NOT {row}.value OR q.special IS NOT {row}.special END"
    )
    return Condition(f"{resolved} AND ({row}.fit < 0 OR NOT EXISTS ({another}))")


def most_gathered(store: Reader, *, look_costs: int) -> int:
    """Return up to how many entries of an index are read at once; beyond, each run is looked into.

    Parameters
    ----------
    store : Reader
        Asked how many runs there are.
    look_costs : int
        How many entries are read in the time of one look.
    """
    found = store.row("SELECT max(id) FROM runs")
    return max(FEW, math.isqrt(PAGE * look_costs * int(found[0] or 0))) if found else FEW


def _rows(
    store: Reader, table: _Table, names: Sequence[int], tests: Sequence[Condition], more: Condition, among: int
) -> Condition:
    named = any_ids(table.name, names)
    parts = [_gathered(store, table, named, test, more, among) for test in tests]
    if all(parts):
        return any_of([part for part in parts if part is not None])
    # The plus keeps SQLite from the index of values: the rows of one run are few.
    passes = any_of(tests)
    of_run = f"SELECT 1 FROM {table.source} WHERE {table.run} = r.id AND {any_ids('+' + table.name, names)}"
    return Condition(f"EXISTS ({of_run} AND {passes.sql} AND {more.sql})", (*passes.values, *more.values))


def _gathered(
    store: Reader, table: _Table, named: str, test: Condition, more: Condition, among: int
) -> Condition | None:
    """Return the condition that reads all matching rows once, by the index of values; None where that costs more."""
    # The more must hold, the more runs are looked into until a page is full.
    most = among * most_gathered(store, look_costs=table.look_costs)
    current = " AND m.is_current = 1" if table is _METRICS else ""
    rows = f"FROM {table.source} WHERE {named}{current} AND {test.sql}"
    # What is looked at by a function of ours costs as much in the index as in the run.
    if "param_text(" in test.sql:
        return None
    count = count_up_to(store, f"SELECT 1 {rows}", test.values, most)
    if count > most:
        return None
    values = (*test.values, *more.values)
    sql = f"SELECT {table.run} {rows} AND {more.sql}"
    return Condition(f"r.id IN ({sql})", values, Few.exactly(sql, values, count))
