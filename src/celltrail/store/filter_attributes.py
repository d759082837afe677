"""Conditions on what a run itself says: when, where, by whom, how it ended.

What stands in a small table (experiments, notebooks, names) is looked up there first, so that the runs are asked for
an id, by an index.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from celltrail.store.column_tests import (
    NEVER,
    Condition,
    Few,
    any_of,
    as_text,
    joined,
    number_test,
    text_test,
    time_test,
)
from celltrail.store.filter_rows import FEW, count_up_to, estimator_rows, most_gathered
from celltrail.store.filter_tree import Moment, Operator, Value
from celltrail.store.key_book import Reader
from celltrail.store.listed import IS_LISTED, status_sql
from celltrail.store.text_functions import text_like

ATTRIBUTE_SQL = {
    "started": "r.started_at",
    "duration": "r.duration_s",
    "experiment": "(SELECT e.name FROM experiments AS e WHERE e.id = r.experiment_id)",
    "number": "r.number",
    "author": "r.author",
    "notebook": "(SELECT b.path FROM notebooks AS b WHERE b.id = r.notebook_id)",
    "note": "r.note",
    "repeats": "r.repeats",
    "id": "r.global_id",
}
EXPERIMENTS = "SELECT e.id FROM experiments AS e WHERE"
NOTEBOOKS = "SELECT b.id FROM notebooks AS b WHERE"
# Each author once: from one to the next by the index, however many runs each has.
AUTHORS = """
WITH RECURSIVE a (author) AS (
  SELECT min(author) FROM runs
  UNION ALL SELECT (SELECT min(r.author) FROM runs AS r WHERE r.author > a.author) FROM a WHERE a.author IS NOT NULL)
SELECT author FROM a WHERE author IS NOT NULL AND
"""
ESTIMATORS = """
WITH RECURSIVE e (id) AS (
  SELECT min(estimator) FROM fits
  UNION ALL SELECT (SELECT min(f.estimator) FROM fits AS f WHERE f.estimator > e.id) FROM e WHERE e.id IS NOT NULL)
SELECT n.id FROM e JOIN names AS n ON n.id = e.id WHERE
"""
# Runs of one number: as many as there are experiments.
OF_NUMBER = (
    "SELECT o.id FROM experiments AS e CROSS JOIN runs AS o "
    "WHERE o.experiment_id = e.id AND o.number = ? AND o.kind = 'run'"
)
COUNT_EXPERIMENTS = "SELECT count(*) FROM experiments"


def attribute_condition(store: Reader, name: str, sign: Operator, value: Value, *, lost: Sequence[int]) -> Condition:
    """Return what is true for runs whose attribute compares with a value.

    Parameters
    ----------
    store : Reader
        Asked for ids, and how many runs there are.
    name : str
        One of `filter_values.ATTRIBUTES`.
    sign : str
        Any but `!=`.
    value : str, float or Moment
        As it was read for this attribute.
    lost : sequence of int
        Sessions whose kernel is gone.
    """
    if isinstance(value, Moment):
        return time_condition(store, [(sign, value)])
    if name in _NUMBERS:
        tests = number_test(ATTRIBUTE_SQL[name], "NULL", sign, value) if isinstance(value, (int, float)) else []
        return any_of([_NUMBERS[name](store, test, sign, float(value)) for test in tests])
    text = as_text(value)
    if name == "status":
        return status_condition(store, sign, text, lost)
    if name in _LOOKED_UP:
        return _LOOKED_UP[name](store, sign, text)
    test = text_test(ATTRIBUTE_SQL[name], sign, text)
    if sign != "=":
        return test
    return Condition(
        test.sql, test.values, Few.exactly(f"SELECT r.id FROM runs AS r WHERE {test.sql}", test.values, 1)
    )


def time_condition(store: Reader, bounds: Sequence[tuple[str, Moment]]) -> Condition:
    """Compare the time at which a run started with all of these: together they may leave few runs."""
    tests = [time_test("r.started_at", sign, moment) for sign, moment in bounds]
    # Only runs that a list shows are asked for, and theirs is the index.
    return _led(store, joined("AND", [*tests, Condition(IS_LISTED)]))


def status_condition(store: Reader, sign: str, text: str, lost: Sequence[int]) -> Condition:
    """Compare a run's status; most runs have finished, and the others are few and have an index."""
    test = text_test(status_sql(lost), sign, text)
    return unfinished(store, test) if sign == "=" and text != "finished" else test


def unfinished(store: Reader, condition: Condition) -> Condition:
    """Lead a condition that only runs which have not finished can fulfil to those."""
    led = _gathered(store, Condition("r.status <> 'finished'"))
    return joined("AND", [led, condition])


def _experiment(store: Reader, sign: str, text: str) -> Condition:
    return _of_ids(store, "r.experiment_id", _ids(store, EXPERIMENTS, text_test("e.name", sign, text)))


def _notebook(store: Reader, sign: str, text: str) -> Condition:
    test = text_test("b.path", sign, text)
    if sign == "=":
        # `fraud.ipynb` names it without its folder.
        ending = Condition("substr(b.path, -length(?) - 1) = '/' || ?", test.values * 2)
        test = joined("OR", [test, ending])
    return _of_ids(store, "r.notebook_id", _ids(store, NOTEBOOKS, test))


def _author(store: Reader, sign: str, text: str) -> Condition:
    test = text_test("author", sign, text)
    found = [author for (author,) in store.rows(AUTHORS + test.sql, test.values)]
    marks = ", ".join("?" * len(found))
    return _gathered(store, Condition(f"r.author IN ({marks})", tuple(found))) if found else NEVER


def _estimator(store: Reader, sign: str, text: str) -> Condition:
    return estimator_rows(store, _ids(store, ESTIMATORS, text_test("n.text", sign, text)))


def _note(store: Reader, sign: str, text: str) -> Condition:
    test = text_test("r.note", sign, text)
    matches_empty = text_like(text, "", 0) if sign in {"like", "ilike"} else not (sign in {"=", ">"} and text)
    if matches_empty:
        return test
    rows = f"SELECT r.id FROM runs AS r WHERE r.note <> '' AND {test.sql}"
    return Condition(f"r.id IN ({_renamed(rows)})", test.values, _few(store, rows, test.values))


def _number(store: Reader, test: Condition, sign: str, value: float) -> Condition:
    few = None
    if sign == "=" and value == int(value):
        count = store.row(COUNT_EXPERIMENTS)
        few = Few(OF_NUMBER, (int(value),), int(count[0]) if count else 0)
    return Condition(f"ifnull({test.sql}, 0)", test.values, few)


def _duration(store: Reader, test: Condition, *_: object) -> Condition:
    found = _led(store, test)
    return Condition(f"ifnull({found.sql}, 0)", found.values, found.few)


def _repeats(store: Reader, test: Condition, sign: str, value: float) -> Condition:
    is_rare = (sign == ">" and value >= 1) or (sign in {"=", ">="} and value > 1)
    rows = f"SELECT r.id FROM runs AS r WHERE r.repeats > 1 AND {test.sql}"
    return Condition(test.sql, test.values, _few(store, rows, test.values) if is_rare else None)


_NUMBERS: dict[str, Callable[[Reader, Condition, str, float], Condition]] = {
    "number": _number,
    "duration": _duration,
    "repeats": _repeats,
}
_LOOKED_UP: dict[str, Callable[[Reader, str, str], Condition]] = {
    "experiment": _experiment,
    "notebook": _notebook,
    "author": _author,
    "estimator": _estimator,
    "note": _note,
}


def _ids(store: Reader, sql: str, test: Condition) -> list[int]:
    return [int(row) for (row,) in store.rows(f"{sql} {test.sql}", test.values)]


def _of_ids(store: Reader, column: str, ids: Sequence[int]) -> Condition:
    if not ids:
        return NEVER
    listed = ", ".join(str(one) for one in ids)
    led = _gathered(store, Condition(f"({column} IS NOT NULL AND {column} IN ({listed}))"))
    # The runs of one are met in order of time by its index; those of several would have to be sorted.
    return led if led.few is not None or len(ids) == 1 else Condition(f"ifnull(+{column} IN ({listed}), 0)")


def _gathered(store: Reader, test: Condition) -> Condition:
    """Read the rows of runs that pass a test by its index, where that costs less than asking run after run."""
    rows = f"SELECT r.id FROM runs AS r WHERE {test.sql}"
    most = most_gathered(store, look_costs=20)
    count = count_up_to(store, rows, test.values, most)
    if count > most:
        return test
    return Condition(f"r.id IN ({_renamed(rows)})", test.values, Few.exactly(rows, test.values, count))


def _led(store: Reader, test: Condition) -> Condition:
    """Lead a test that an index answers to the runs that pass it, where they are few."""
    rows = f"SELECT r.id FROM runs AS r WHERE {test.sql}"
    return Condition(test.sql, test.values, _few(store, rows, test.values))


def _few(store: Reader, rows: str, values: tuple[object, ...]) -> Few | None:
    count = count_up_to(store, rows, values, FEW)
    return Few.exactly(rows, values, count) if count <= FEW else None


def _renamed(rows: str) -> str:
    """Call the runs of an inner SELECT by another name than those of the query around it."""
    return rows.replace("runs AS r ", "runs AS i ").replace("r.", "i.")
