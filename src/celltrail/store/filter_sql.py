"""Turns the tree of a filter into SQL with bound parameters. `r` is the table `runs` of the query around it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from celltrail.store.column_tests import (
    ALWAYS,
    NEVER,
    Condition,
    any_of,
    as_text,
    joined,
    negated,
    number_test,
    param_tests,
    text_test,
    time_test,
)
from celltrail.store.filter_tree import (
    And,
    Compare,
    In,
    IsNull,
    Key,
    Moment,
    Node,
    Not,
    Operator,
    Or,
    Present,
    Value,
    filter_error,
)
from celltrail.store.filter_values import NUMERIC_ATTRIBUTES
from celltrail.store.key_book import (
    AttributeMeant,
    KeyBook,
    Meant,
    MetricMeant,
    NothingMeant,
    ParamMeant,
    ParamsMeant,
    TagMeant,
)
from celltrail.store.values import text_in

ATTRIBUTE_SQL = {
    "started": "r.started_at",
    "duration": "r.duration_s",
    "experiment": "(SELECT e.name FROM experiments AS e WHERE e.id = r.experiment_id)",
    "number": "r.number",
    "author": "r.author",
    "notebook": (
        "(SELECT b.path FROM executions AS x JOIN notebooks AS b ON b.id = x.notebook_id WHERE x.id = r.execution_id)"
    ),
    "note": "r.note",
    "repeats": "r.repeats",
    "id": "r.global_id",
}


class FilterCompiler:
    """Turns one filter into SQL.

    Parameters
    ----------
    text : str
        The filter, for messages.
    book : KeyBook
        What its names stand for.
    lost : sequence of int, optional
        Sessions whose kernel is gone: their running runs are lost.
    """

    def __init__(self, text: str, book: KeyBook, lost: Sequence[int] = ()) -> None:
        self._text = text
        self._book = book
        self._lost = lost

    def condition(self, node: Node) -> Condition:
        """Return the SQL of a tree.

        Parameters
        ----------
        node : Node
            The tree.

        Returns
        -------
        Condition
            True for the runs that the filter asks for.

        Raises
        ------
        FilterError
            If a name is not known in this trail, or a value does not fit it.
        """
        match node:
            case And(parts):
                return joined("AND", [self.condition(part) for part in parts]) if parts else ALWAYS
            case Or(parts):
                return joined("OR", [self.condition(part) for part in parts]) if parts else NEVER
            case Not(part):
                return negated(self.condition(part))
            case In(key, values):
                return joined("OR", [self.condition(Compare(key, "=", value)) for value in values])
            case Compare(key, "!=", value):
                equal = self.condition(Compare(key, "=", value))
                return joined("AND", [self.condition(Present(key)), negated(equal)])
            case Compare(key, sign, value):
                return self._comparison(key, sign, value)
            case IsNull(key):
                return negated(self._having(self._book.look_up(key), is_none_enough=False))
            case Present(key):
                return self._having(self._book.look_up(key), is_none_enough=True)
        assert_never(node)

    def _comparison(self, key: Key, sign: Operator, value: Value) -> Condition:
        meant = self._book.look_up(key)
        match meant:
            case AttributeMeant(name):
                return self._attribute(name, sign, value)
            case MetricMeant():
                if isinstance(value, (str, bool, Moment)):
                    problem = f"{key.name!r} is a metric: compare it with a number, without quotes."
                    raise filter_error(self._text, key.position, problem)
                return any_of([_metric_rows(meant, one) for one in number_test("m.last", "m.special", sign, value)])
            case ParamsMeant(choices):
                tests = param_tests(sign, value)
                return any_of([_param_rows(choice, test) for choice in choices for test in tests])
            case TagMeant(name_id):
                test = text_test("t.value", sign, as_text(value))
                return _tag_rows(name_id, test)
            case NothingMeant():
                return NEVER
        assert_never(meant)

    def _attribute(self, name: str, sign: Operator, value: Value) -> Condition:
        if isinstance(value, Moment):
            return time_test("r.started_at", sign, value)
        if name in NUMERIC_ATTRIBUTES:
            tests = number_test(ATTRIBUTE_SQL[name], "NULL", sign, value) if isinstance(value, (int, float)) else []
            return any_of([Condition(f"ifnull({test.sql}, 0)", test.values) for test in tests])
        if name == "estimator":
            test = text_test("n.text", sign, as_text(value))
            rows = "SELECT f.run_id FROM fits AS f JOIN names AS n ON n.id = f.estimator WHERE"
            return Condition(f"r.id IN ({rows} {test.sql})", test.values)
        column = self.status_sql() if name == "status" else ATTRIBUTE_SQL[name]
        test = text_test(column, sign, as_text(value))
        if name == "notebook" and sign == "=":
            # `fraud.ipynb` names it without its folder.
            ending = Condition(f"substr({column}, -length(?) - 1) = '/' || ?", test.values * 2)
            test = joined("OR", [test, ending])
        return Condition(f"ifnull({test.sql}, 0)", test.values)

    def status_sql(self) -> str:
        """Return the expression for a run's status: lost where its kernel is gone, whatever is written."""
        return status_sql(self._lost)

    def _having(self, meant: Meant, *, is_none_enough: bool) -> Condition:
        match meant:
            case AttributeMeant("status" | "started" | "experiment" | "author" | "id" | "repeats"):
                return ALWAYS
            case AttributeMeant("note"):
                return Condition("r.note <> ''")
            case AttributeMeant("estimator"):
                return Condition("r.id IN (SELECT f.run_id FROM fits AS f)")
            case AttributeMeant(name):
                return Condition(f"{ATTRIBUTE_SQL[name]} IS NOT NULL")
            case MetricMeant():
                return _metric_rows(meant, ALWAYS)
            case ParamsMeant(choices):
                test = ALWAYS if is_none_enough else Condition("(p.value IS NOT NULL OR p.special IS NOT NULL)")
                return any_of([_param_rows(choice, test) for choice in choices])
            case TagMeant(name):
                return _tag_rows(name, ALWAYS)
            case NothingMeant():
                return NEVER
        assert_never(meant)


def status_sql(lost: Sequence[int]) -> str:
    """Return the expression for a run's status, given the sessions that are gone."""
    if not lost:
        return "r.status"
    sessions = ", ".join(str(int(one)) for one in lost)
    return (
        "CASE WHEN r.status = 'running' AND (SELECT x.session_id FROM executions AS x WHERE x.id = r.execution_id) "
        f"IN ({sessions}) THEN 'lost' ELSE r.status END"
    )


def any_ids(column: str, ids: Sequence[int]) -> str:
    """Return `column IN (…)` for ids, which are our own integers."""
    return f"{column} IN ({', '.join(str(int(one)) for one in ids)})"


def _metric_rows(meant: MetricMeant, test: Condition) -> Condition:
    rows = f"SELECT m.run_id FROM metrics AS m WHERE m.is_current = 1 AND {any_ids('m.measure_id', meant.measures)}"
    if meant.fit is None:
        return Condition(f"r.id IN ({rows} AND {test.sql})", test.values)
    of_fit = "m.fit_id IN (SELECT f.id FROM fits AS f WHERE f.run_id = m.run_id AND f.name = ?)"
    return Condition(f"r.id IN ({rows} AND {test.sql} AND {of_fit})", (*test.values, text_in(meant.fit)))


def param_choice_sql(choice: ParamMeant) -> Condition:
    """Return what makes a row `p` of params the one that a name stands for."""
    sql = f"{any_ids('p.name_id', choice.names)} AND p.origin <> 2"
    if choice.fit is not None:
        of_fit = "EXISTS (SELECT 1 FROM fits AS f WHERE f.run_id = p.run_id AND f.position = p.fit AND f.name = ?)"
        return Condition(f"{sql} AND {of_fit}", (text_in(choice.fit),))
    # Without the estimator's name: logged by hand, or the only estimator that has it.
    another = (
        f"SELECT 1 FROM params AS q WHERE q.run_id = p.run_id AND q.fit >= 0 AND {any_ids('q.name_id', choice.names)}"
        " "
        "AND q.origin <> 2 AND (q.fit <> p.fit OR q.name_id <> p.name_id)"
    )
    return Condition(f"{sql} AND (p.fit < 0 OR NOT EXISTS ({another}))")


def _param_rows(choice: ParamMeant, test: Condition) -> Condition:
    chosen = param_choice_sql(choice)
    sql = f"r.id IN (SELECT p.run_id FROM params AS p WHERE {test.sql} AND {chosen.sql})"
    return Condition(sql, (*test.values, *chosen.values))


def _tag_rows(name: int, test: Condition) -> Condition:
    return Condition(f"r.id IN (SELECT t.run_id FROM tags AS t WHERE t.name_id = {name} AND {test.sql})", test.values)
