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
)
from celltrail.store.filter_attributes import ATTRIBUTE_SQL, attribute_condition, time_condition, unfinished
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
from celltrail.store.key_book import (
    AttributeMeant,
    KeyBook,
    Meant,
    MetricMeant,
    NothingMeant,
    ParamMeant,
    ParamsMeant,
    Reader,
    TagMeant,
)
from celltrail.store.param_texts import text_tests

# Those by which a time is one bound of a stretch; its end is another.
TIME_SIGNS = {"=", "<", "<=", ">", ">="}


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
        self._among = 1  # so many conditions must hold together where the compiler is now

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
                return self._all(parts)
            case Or(parts):
                return joined("OR", [self.condition(part) for part in parts]) if parts else NEVER
            case Not(part):
                return negated(self.condition(part))
            case In(key, values):
                return joined("OR", [self.condition(Compare(key, "=", value)) for value in values])
            case Compare(key, "!=", value):
                equal = self.condition(Compare(key, "=", value))
                differs = joined("AND", [self.condition(Present(key)), negated(equal)])
                return unfinished(self._store, differs) if (key.name, value) == ("status", "finished") else differs
            case Compare(key, sign, value):
                return self._comparison(key, sign, value)
            case IsNull(key):
                return negated(self._having(self._book.look_up(key), is_none_enough=False))
            case Present(key):
                return self._having(self._book.look_up(key), is_none_enough=True)
        assert_never(node)

    def _all(self, parts: Sequence[Node]) -> Condition:
        times = [
            (part.operator, part.value)
            for part in parts
            if isinstance(part, Compare) and isinstance(part.value, Moment) and part.operator in TIME_SIGNS
        ]
        others = [part for part in parts if not (isinstance(part, Compare) and (part.operator, part.value) in times)]
        outer, self._among = self._among, max(self._among, len(parts))
        found = [self.condition(part) for part in others] + ([time_condition(self._store, times)] if times else [])
        self._among = outer
        # What was gathered is quick to ask: it stands before what looks into a run.
        return joined("AND", sorted(found, key=lambda one: one.few is None)) if found else ALWAYS

    def _comparison(self, key: Key, sign: Operator, value: Value) -> Condition:
        meant = self._book.look_up(key)
        match meant:
            case AttributeMeant(name):
                return attribute_condition(self._store, name, sign, value, lost=self._lost)
            case MetricMeant():
                if isinstance(value, (str, bool, Moment)):
                    problem = f"{key.name!r} is a metric: compare it with a number, without quotes."
                    raise filter_error(self._text, key.position, problem)
                return metric_rows(
                    self._store, meant, number_test("m.last", "m.special", sign, value), among=self._among
                )
            case ParamsMeant(choices):
                return any_of([self._param(choice, sign, value) for choice in choices])
            case TagMeant(name_id):
                test = text_test("t.value", sign, as_text(value))
                return tag_rows(self._store, name_id, test, among=self._among)
            case NothingMeant():
                return NEVER
        assert_never(meant)

    def _param(self, choice: ParamMeant, sign: Operator, value: Value) -> Condition:
        is_text = isinstance(value, (str, Moment)) and sign != "="
        tests = text_tests(self._store, choice.names, sign, as_text(value)) if is_text else None
        tests = param_tests(sign, value) if tests is None else tests
        return param_rows(self._store, choice, tests, among=self._among)

    def _having(self, meant: Meant, *, is_none_enough: bool) -> Condition:
        match meant:
            case AttributeMeant("status" | "started" | "experiment" | "author" | "id" | "repeats"):
                return ALWAYS
            case AttributeMeant("note"):
                return Condition("r.note <> ''")
            case AttributeMeant("estimator"):
                return Condition("EXISTS (SELECT 1 FROM fits AS f WHERE f.run_id = r.id)")
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
