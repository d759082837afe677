"""Rows of metrics, params and tags as conditions on the run that they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from celltrail.store.column_tests import Condition, any_of, joined
from celltrail.store.key_book import MetricMeant, ParamMeant, Reader
from celltrail.store.values import text_in

# Up to so many matching rows are gathered first, by the index of values. Beyond, so many runs match that looking at
# each run in the order asked for finds a page sooner. A rule of thumb, measured on 20,000 runs.
FEW = 1000


@dataclass(frozen=True, slots=True)
class _Table:
    """Where values of one name stand."""

    source: str  # with its alias
    run: str
    name: str  # the column that leads the index of values


_METRICS = _Table("metrics AS m", "m.run_id", "m.measure_id")
_PARAMS = _Table("params AS p", "p.run_id", "p.name_id")
_TAGS = _Table("tags AS t", "t.run_id", "t.name_id")


def metric_rows(store: Reader, meant: MetricMeant, tests: Sequence[Condition]) -> Condition:
    """Return what is true for runs that have a metric which passes one of the tests.

    Parameters
    ----------
    store : Reader
        Asked how many rows pass.
    meant : MetricMeant
        Which metric.
    tests : sequence of Condition
        On a row `m` of metrics.
    """
    more = Condition("m.is_current = 1")
    if meant.fit is not None:
        of_fit = "m.fit_id IN (SELECT f.id FROM fits AS f WHERE f.run_id = m.run_id AND f.name = ?)"
        more = joined("AND", [more, Condition(of_fit, (text_in(meant.fit),))])
    return _rows(store, _METRICS, meant.measures, tests, more)


def param_rows(store: Reader, choice: ParamMeant, tests: Sequence[Condition]) -> Condition:
    """Return what is true for runs that have a parameter, a row `p` of params, which passes one of the tests."""
    return _rows(store, _PARAMS, choice.names, tests, param_condition(choice, "p"))


def tag_rows(store: Reader, name: int, test: Condition) -> Condition:
    """Return what is true for runs that have a tag, a row `t` of tags, which passes the test."""
    return _rows(store, _TAGS, (name,), [test], Condition("1"))


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


def any_ids(column: str, ids: Sequence[int]) -> str:
    """Return `column IN (…)` for ids, which are our own integers."""
    return f"{column} IN ({', '.join(str(int(one)) for one in ids)})"


def _rows(
    store: Reader, table: _Table, names: Sequence[int], tests: Sequence[Condition], more: Condition
) -> Condition:
    named = any_ids(table.name, names)
    if all(_are_few(store, table, named, test) for test in tests):
        gathered = f"r.id IN (SELECT {table.run} FROM {table.source} WHERE {named} AND "
        return any_of(
            [Condition(f"{gathered}{test.sql} AND {more.sql})", (*test.values, *more.values)) for test in tests]
        )
    # The plus keeps SQLite from the index of values: the rows of one run are few.
    passes = any_of(tests)
    of_run = f"SELECT 1 FROM {table.source} WHERE {table.run} = r.id AND {any_ids('+' + table.name, names)}"
    return Condition(f"EXISTS ({of_run} AND {passes.sql} AND {more.sql})", (*passes.values, *more.values))


def _are_few(store: Reader, table: _Table, named: str, test: Condition) -> bool:
    if "param_text(" in test.sql or "text_like(" in test.sql:
        return True  # each look at a value is slow: look at each once
    current = " AND m.is_current = 1" if table is _METRICS else ""
    some = f"SELECT 1 FROM {table.source} WHERE {named}{current} AND {test.sql} LIMIT {FEW + 1}"
    row = store.row(f"SELECT count(*) FROM ({some})", test.values)
    return row is None or int(row[0]) <= FEW
