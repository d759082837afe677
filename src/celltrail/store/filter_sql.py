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
from celltrail.store.filter_rows import metric_rows, param_rows, tag_rows
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
    ParamsMeant,
    Reader,
    TagMeant,
)

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
    store : Reader
        Asked what its names stand for, and how many rows have which values.
    lost : sequence of int, optional
        Sessions whose kernel is gone: their running runs are lost.
    """

    def __init__(self, text: str, store: Reader, lost: Sequence[int] = ()) -> None:
        self._text = text
        self._store = store
        self._book = KeyBook(store, text)
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
                return metric_rows(self._store, meant, number_test("m.last", "m.special", sign, value))
            case ParamsMeant(choices):
                tests = param_tests(sign, value)
                return any_of([param_rows(self._store, choice, tests) for choice in choices])
            case TagMeant(name_id):
                test = text_test("t.value", sign, as_text(value))
                return tag_rows(self._store, name_id, test)
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
                return metric_rows(self._store, meant, [ALWAYS])
            case ParamsMeant(choices):
                test = ALWAYS if is_none_enough else Condition("(p.value IS NOT NULL OR p.special IS NOT NULL)")
                return any_of([param_rows(self._store, choice, [test]) for choice in choices])
            case TagMeant(name):
                return tag_rows(self._store, name, ALWAYS)
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
