"""In which order runs come, as SQL, and how a page begins where the one before it ended.

Runs without the value come last, whichever the direction; ties go to the newer run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from celltrail.store.column_tests import ALWAYS, Condition, joined
from celltrail.store.filter_attributes import ATTRIBUTE_SQL
from celltrail.store.filter_rows import param_condition
from celltrail.store.filter_tree import Key, Order
from celltrail.store.key_book import AttributeMeant, KeyBook, Meant, MetricMeant, ParamMeant, ParamsMeant, TagMeant
from celltrail.store.listed import any_ids, status_sql

NEWEST_FIRST = Order(Key("attribute", "started", 0), is_descending=True)

# What is not finite stands as a word beside the number; NaN, like a missing value, comes last.
_METRIC_NUMBER = "CASE m.special WHEN 'inf' THEN 9e999 WHEN '-inf' THEN -9e999 ELSE m.last END"
_PARAM_VALUE = "CASE p.special WHEN 'inf' THEN 9e999 WHEN '-inf' THEN -9e999 WHEN 'blob' THEN NULL ELSE p.value END"


@dataclass(frozen=True, slots=True)
class Term:
    """One value that runs are ordered by."""

    sql: str
    values: tuple[Any, ...]
    is_descending: bool
    may_be_null: bool = True

    @property
    def order(self) -> str:
        """Its part of ORDER BY."""
        direction = "DESC" if self.is_descending else "ASC"
        return f"{self.sql} {direction} NULLS LAST" if self.may_be_null else f"{self.sql} {direction}"


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of the runs that comes whole before the next part.

    Attributes
    ----------
    source : str
        What stands after FROM; `r` is the runs.
    condition : Condition
        Which runs are in it.
    terms : tuple of Term
        How they are ordered in it.
    run : str
        The column that holds the run's row, and the last by which runs are ordered: that of the table whose index
        leads, so that the index gives the whole order and conditions are tested before the run is read.
    """

    source: str
    condition: Condition
    terms: tuple[Term, ...]
    run: str = "r.id"

    @property
    def order(self) -> Condition:
        """Its ORDER BY."""
        parts = [term.order for term in self.terms]
        values = tuple(one for term in self.terms for one in term.values)
        return Condition(", ".join([*parts, f"{self.run} DESC"]), values)


def segments(
    orders: Sequence[Order], book: KeyBook, lost: Sequence[int], *, is_selective: bool = False
) -> list[Segment]:
    """Return the parts in which runs come.

    Parameters
    ----------
    orders : sequence of Order
        Most weighty first; none: the newest first.
    book : KeyBook
        What their names stand for.
    lost : sequence of int
        Sessions whose kernel is gone.
    is_selective : bool, optional
        Whether only few runs are asked for: they are sorted.

    Returns
    -------
    list of Segment
        Else, where runs are ordered by one measure or parameter first, the index of its values leads, so that a page
        costs as much as the page is long.
    """
    orders = orders or [NEWEST_FIRST]
    meant = [book.look_up(order.key) for order in orders]
    terms = [_term(one, order.is_descending, lost) for one, order in zip(meant, orders, strict=True)]
    first = meant[0]
    if is_selective:
        return [Segment("runs AS r", ALWAYS, tuple(terms))]
    if isinstance(first, MetricMeant) and len(first.measures) == 1 and first.fit is None:
        return _by_measure(first.measures[0], terms[0].is_descending, tuple(terms[1:]))
    if isinstance(first, ParamsMeant) and len(first.choices) == 1 and len(first.choices[0].names) == 1:
        return _by_param(first.choices[0], terms[0].is_descending, tuple(terms[1:]))
    if isinstance(first, TagMeant):
        return _by_tag(first.name, terms[0].is_descending, tuple(terms[1:]))
    return [Segment("runs AS r", ALWAYS, tuple(terms))]


def beyond(terms: Sequence[Term], values: Sequence[Any], run_id: int) -> Condition:
    """Return what is true for the runs that come after one with these values.

    Parameters
    ----------
    terms : sequence of Term
        What runs are ordered by.
    values : sequence
        The values of the run that came last, one a term.
    run_id : int
        Its row.
    """
    after = Condition("r.id < ?", (run_id,))
    for term, value in reversed(list(zip(terms, values, strict=True))):
        same = joined("AND", [Condition(f"{term.sql} IS ?", (*term.values, value)), after])
        if value is None:
            after = same
            continue
        sign = "<" if term.is_descending else ">"
        past = Condition(f"{term.sql} {sign} ?", (*term.values, value))
        missing = [Condition(f"{term.sql} IS NULL", term.values)] if term.may_be_null else []
        after = joined("OR", [past, same, *missing])
        if not term.may_be_null:
            # Says nothing new, but lets the index begin here.
            after = joined("AND", [Condition(f"{term.sql} {sign}= ?", (*term.values, value)), after])
    return after


def _by_measure(measure: int, is_descending: bool, rest: tuple[Term, ...]) -> list[Segment]:
    source = "metrics AS d CROSS JOIN runs AS r ON r.id = d.run_id"
    of_measure = f"d.measure_id = {measure} AND d.is_current = 1"
    sign = ">" if is_descending else "<"
    # Where several fits have the measure, the run stands where its best one stands.
    # The plus keeps SQLite from the index of values, in which all better runs would stand.
    others = (
        f"SELECT 1 FROM metrics AS o WHERE o.run_id = d.run_id AND o.is_current = 1 AND +o.measure_id = {measure}"
    )
    earlier = "(o.execution_id, o.position) < (d.execution_id, d.position)"
    top_word, low_word = ("inf", "-inf") if is_descending else ("-inf", "inf")

    def words(word: str) -> Segment:
        first_of_word = f"NOT EXISTS ({others} AND o.special = '{word}' AND {earlier})"
        not_placed = (
            ""
            if word == top_word
            else f" AND NOT EXISTS ({others} AND (o.last IS NOT NULL OR o.special = '{top_word}'))"
        )
        sql = f"{of_measure} AND d.last IS NULL AND d.special = '{word}' AND {first_of_word}{not_placed}"
        return Segment(source, Condition(sql), rest)

    better = f"{others} AND (o.special = '{top_word}' OR o.last {sign} d.last OR (o.last = d.last AND {earlier}))"
    finite = Condition(f"{of_measure} AND d.last IS NOT NULL AND NOT EXISTS ({better})")
    of_run = others.replace("d.run_id", "r.id")
    has_none = f"NOT EXISTS ({of_run} AND (o.special IS NULL OR o.special <> 'nan'))"
    return [
        words(top_word),
        Segment(source, finite, (Term("d.last", (), is_descending, may_be_null=False), *rest), "d.run_id"),
        words(low_word),
        Segment("runs AS r", Condition(has_none), rest),
    ]


def _by_param(choice: ParamMeant, is_descending: bool, rest: tuple[Term, ...]) -> list[Segment]:
    source = "params AS d CROSS JOIN runs AS r ON r.id = d.run_id"
    chosen = param_condition(choice, "d")
    # Logged by hand comes before the fit's own.
    twin = f"SELECT 1 FROM params AS o WHERE o.run_id = d.run_id AND o.fit < d.fit AND +o.name_id = {choice.names[0]}"
    first = Condition(f"d.name_id = {choice.names[0]} AND NOT EXISTS ({twin} AND o.origin <> 2)")
    ranked = "(d.value IS NOT NULL AND d.special IS NOT 'blob')"

    def where(test: str) -> Condition:
        return joined("AND", [Condition(test), first, chosen])

    def infinite(word: str) -> Segment:
        return Segment(source, where(f"(d.value IS NULL AND d.special = '{word}')"), rest)

    placed = f"SELECT 1 FROM params AS d WHERE d.run_id = r.id AND +d.name_id = {choice.names[0]}"
    has_value = joined("AND", [Condition(f"({ranked} OR d.special IN ('inf', '-inf'))"), first, chosen])
    value = Term("d.value", (), is_descending, may_be_null=False)
    # Texts sort after numbers, and so after the largest of them; the empty one is the first.
    numbers = Segment(source, where(f"({ranked} AND d.value < '')"), (value, *rest), "d.run_id")
    texts = Segment(source, where(f"({ranked} AND d.value >= '')"), (value, *rest), "d.run_id")
    order = [infinite("-inf"), numbers, infinite("inf"), texts]
    none = Segment("runs AS r", Condition(f"NOT EXISTS ({placed} AND {has_value.sql})", has_value.values), rest)
    return [*(reversed(order) if is_descending else order), none]


def _by_tag(name: int, is_descending: bool, rest: tuple[Term, ...]) -> list[Segment]:
    value = Term("d.value", (), is_descending, may_be_null=False)
    source = "tags AS d CROSS JOIN runs AS r ON r.id = d.run_id"
    tagged = Segment(source, Condition(f"d.name_id = {name}"), (value, *rest), "d.run_id")
    none = f"NOT EXISTS (SELECT 1 FROM tags AS d WHERE d.run_id = r.id AND d.name_id = {name})"
    return [tagged, Segment("runs AS r", Condition(none), rest)]


def _term(meant: Meant, is_descending: bool, lost: Sequence[int]) -> Term:
    match meant:
        case AttributeMeant("status"):
            return Term(status_sql(lost), (), is_descending, may_be_null=False)
        case AttributeMeant("estimator"):
            name = "SELECT n.text FROM fits AS f JOIN names AS n ON n.id = f.estimator WHERE f.run_id = r.id"
            return Term(f"({name} ORDER BY f.position LIMIT 1)", (), is_descending)
        case AttributeMeant(name):
            return Term(ATTRIBUTE_SQL[name], (), is_descending, may_be_null=name in {"duration", "notebook"})
        case MetricMeant(measures, fit):
            best = "max" if is_descending else "min"
            of_fit = "" if fit is None else " AND m.fit_id IN (SELECT f.id FROM fits AS f WHERE f.name = ?)"
            of_measures = any_ids("m.measure_id", measures)
            rows = f"FROM metrics AS m WHERE m.run_id = r.id AND m.is_current = 1 AND {of_measures}"
            values = () if fit is None else (fit,)
            return Term(f"(SELECT {best}({_METRIC_NUMBER}) {rows}{of_fit})", values, is_descending)
        case ParamsMeant(choices):
            chosen = [
                joined("AND", [Condition(any_ids("p.name_id", choice.names)), param_condition(choice, "p")])
                for choice in choices
            ]
            which = joined("OR", chosen)
            rows = f"FROM params AS p WHERE p.run_id = r.id AND {which.sql} ORDER BY p.fit LIMIT 1"
            return Term(f"(SELECT {_PARAM_VALUE} {rows})", which.values, is_descending)
        case TagMeant(name):
            return Term(
                f"(SELECT t.value FROM tags AS t WHERE t.run_id = r.id AND t.name_id = {name})", (), is_descending
            )
    return Term("NULL", (), is_descending)
