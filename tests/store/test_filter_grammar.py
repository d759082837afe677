"""The grammar of filters: what each rule means, and where the caret stands when one is broken."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from celltrail.errors import FilterError
from celltrail.store.filter_grammar import parse_filter, parse_order
from celltrail.store.filter_tree import And, Compare, In, IsNull, Key, Moment, Node, Not, Or, Present

ZONE = timezone(timedelta(hours=2))
NOW = datetime(2026, 3, 31, 15, 30, tzinfo=ZONE)


def parse(text: str) -> Node:
    return parse_filter(text, now=NOW)


def only(text: str) -> Compare:
    node = parse(text)
    assert isinstance(node, Compare)
    return node


def test_mlflow_s_own_filter_is_read() -> None:
    node = parse("metrics.accuracy > 0.9 and params.max_depth = '5' and tags.owner = 'me'")

    assert node == And(
        (
            Compare(Key("metric", "accuracy", 0), ">", 0.9),
            Compare(Key("param", "max_depth", 27), "=", "5"),
            Compare(Key("tag", "owner", 54), "=", "me"),
        )
    )


def test_an_empty_filter_asks_for_everything() -> None:
    assert And(()) == parse("")
    assert And(()) == parse("  \n ")


def test_and_binds_closer_than_or_and_not_closest() -> None:
    node = parse("number = 1 or not number = 2 and number = 3")

    assert isinstance(node, Or)
    assert isinstance(node.parts[1], And)
    assert isinstance(node.parts[1].parts[0], Not)


def test_parentheses_group() -> None:
    node = parse("not (number = 1 or number = 2)")

    assert isinstance(node, Not)
    assert isinstance(node.part, Or)


def test_keywords_are_read_in_any_case() -> None:
    assert isinstance(parse("NOT number = 1 AND number = 2"), And)


@pytest.mark.parametrize(
    ("sign", "meant"), [("=", "="), ("==", "="), ("!=", "!="), ("<>", "!="), ("<", "<"), ("<=", "<="), (">=", ">=")]
)
def test_each_sign_is_known(sign: str, meant: str) -> None:
    assert meant == only(f"metrics.auc{sign}.5").operator


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("5", 5),
        ("-5", -5),
        ("+.5", 0.5),
        ("5.", 5.0),
        ("1e3", 1000.0),
        ("1_000", 1000),
        ("inf", float("inf")),
        ("-inf", float("-inf")),
        ("'5'", "5"),
        ('"5"', "5"),
        ("gini", "gini"),
        ("'it''s'", "it's"),
        ("true", True),
        ("False", False),
        ("'true'", "true"),
        ("random-forest", "random-forest"),
    ],
)
def test_a_value_has_the_type_that_its_writing_says(value: str, meant: object) -> None:
    read = only(f"params.x = {value}").value

    assert meant == read
    assert type(meant) is type(read)


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("metrics.f1_score.macro.y_test = 1", "metric", "f1_score.macro.y_test"),
        ("metric.auc = 1", "metric", "auc"),
        ('metrics."my metric" = 1', "metric", "my metric"),
        ("metrics.`my metric` = 1", "metric", "my metric"),
        ("metrics.rf:auc = 1", "metric", "rf:auc"),
        ("params.clf.max_depth = 1", "param", "clf.max_depth"),
        ("tags.owner = 'me'", "tag", "owner"),
        ("attributes.status = 'FINISHED'", "attribute", "status"),
        ("status = 'FINISHED'", "attribute", "status"),
        ("attribute.start_time > 5", "attribute", "started"),
        ("run_id = 'x'", "attribute", "id"),
        ("max_depth = 1", "any", "max_depth"),
        ("`max depth` = 1", "any", "max depth"),
        ("clf.max_depth = 1", "any", "clf.max_depth"),
    ],
)
def test_a_key_says_where_to_look(text: str, kind: str, name: str) -> None:
    key = only(text).key

    assert (kind, name) == (key.kind, key.name)


def test_status_is_read_in_mlflow_s_words_too() -> None:
    assert "finished" == only("status = 'FINISHED'").value
    assert "interrupted" == only("status = killed").value


def test_in_null_and_like_are_read() -> None:
    key = Key("param", "c", 0)

    assert In(key, ("a", 5)) == parse("params.c in ('a', 5)")
    assert And((Present(key), Not(In(key, ("a",))))) == parse("params.c not in ('a')")
    assert IsNull(key) == parse("params.c is null")
    assert Not(IsNull(key)) == parse("params.c IS NOT NULL")
    assert Compare(key, "like", "g%") == parse("params.c like 'g%'")
    assert Compare(key, "ilike", "G%") == parse("params.c ILIKE 'G%'")
    assert And((Present(key), Not(Compare(key, "like", "g%")))) == parse("params.c not like 'g%'")


@pytest.mark.parametrize(
    ("text", "start", "length"),
    [
        ("'2026-11-01'", datetime(2026, 11, 1, tzinfo=ZONE), timedelta(days=1)),
        ("2026-11-01", datetime(2026, 11, 1, tzinfo=ZONE), timedelta(days=1)),
        ("'2026-12'", datetime(2026, 12, 1, tzinfo=ZONE), timedelta(days=31)),
        ("'2026-11-01 14:30'", datetime(2026, 11, 1, 14, 30, tzinfo=ZONE), timedelta(microseconds=1)),
        ("2026-11-01T14:30", datetime(2026, 11, 1, 14, 30, tzinfo=ZONE), timedelta(microseconds=1)),
        ("'2026-11-01T14:30:00+00:00'", datetime(2026, 11, 1, 14, 30, tzinfo=UTC), timedelta(microseconds=1)),
        ("'3 days ago'", NOW - timedelta(days=3), timedelta(microseconds=1)),
        ("'an hour ago'", NOW - timedelta(hours=1), timedelta(microseconds=1)),
        ("'2 weeks ago'", NOW - timedelta(days=14), timedelta(microseconds=1)),
        ("'1 month ago'", datetime(2026, 2, 28, 15, 30, tzinfo=ZONE), timedelta(microseconds=1)),
        ("'4 months ago'", datetime(2025, 11, 30, 15, 30, tzinfo=ZONE), timedelta(microseconds=1)),
        ("'1 year ago'", datetime(2025, 3, 31, 15, 30, tzinfo=ZONE), timedelta(microseconds=1)),
        ("today", datetime(2026, 3, 31, tzinfo=ZONE), timedelta(days=1)),
        ("'yesterday'", datetime(2026, 3, 30, tzinfo=ZONE), timedelta(days=1)),
        ("now", NOW, timedelta(microseconds=1)),
        ("1664067852000", datetime(2022, 9, 25, 1, 4, 12, tzinfo=UTC), timedelta(microseconds=1)),
    ],
)
def test_a_date_is_a_stretch_of_time_in_the_reader_s_zone(text: str, start: datetime, length: timedelta) -> None:
    moment = only(f"started >= {text}").value

    assert Moment(start.astimezone(UTC), start.astimezone(UTC) + length) == moment


@pytest.mark.parametrize(
    ("text", "caret", "says"),
    [
        ("metrics.acc >> 3", 13, "Expected a value"),
        ("status = 'FINISHD'", 9, "status is one of running, finished"),
        ("metrics.a > 'x'", 12, "without quotes: 0.9"),
        ("(a = 1", 0, "never closed"),
        ("(a = 1 b", 7, "Expected `and`, `or` or )"),
        ("a = 1)", 5, "closes nothing"),
        ("attributes.stat = 1", 11, "no attribute 'stat'. Near: status"),
        ("a = 'x", 4, "never closed"),
        ("a b", 2, "Expected a comparison"),
        ("a = 1 b = 2", 6, "Expected `and` or `or`"),
        ("a is nul", 5, "Expected `null`"),
        ("a in 1", 5, "Expected ("),
        ("a in (1", 7, "Expected a comma or )"),
        ("a not 3", 6, "after `not`"),
        ("a ? 3", 2, "no meaning"),
        ("metrics.'x' = 1", 8, "backticks or double quotes"),
        ("= 3", 0, "Expected a name"),
        ("a =", 3, "Expected a value"),
        ("a = and", 4, "Expected a value"),
        ("a = null", 4, "`is null`"),
        ("a = 1 and", 9, "Expected a name"),
        ("started > 'soon'", 10, "Expected a date"),
        ("started > '2026-13-01'", 10, "Expected a date"),
        ("number > 'x'", 9, "with a number"),
        ("metrics.a like 'x'", 10, "compares texts"),
        ("duration like 'x'", 9, "compares texts"),
        ("x like 5", 7, "needs a pattern"),
    ],
)
def test_a_mistake_is_pointed_at(text: str, caret: int, says: str) -> None:
    with pytest.raises(FilterError, match="\n") as caught:
        parse(text)

    problem, line, pointer = str(caught.value).split("\n")
    assert says in problem
    assert f"  {text}" == line
    assert caret == pointer.index("^") - 2


def test_in_a_filter_of_several_lines_the_line_at_fault_is_shown() -> None:
    with pytest.raises(FilterError) as caught:
        parse("number = 1\nand number ? 2")

    assert ["  and number ? 2", "             ^"] == str(caught.value).split("\n")[1:]


def test_a_filter_nested_beyond_reason_is_refused_and_a_long_one_is_not() -> None:
    with pytest.raises(FilterError, match="More than 100 levels"):
        parse("not " * 5000 + "number = 1")

    assert isinstance(parse(" or ".join(["number = 1"] * 5000)), Or)


def test_an_order_is_read() -> None:
    first, second, third = parse_order("metrics.auc desc, started ASC, params.`my x`")

    assert ("metric", "auc", True) == (first.key.kind, first.key.name, first.is_descending)
    assert ("attribute", "started", False) == (second.key.kind, second.key.name, second.is_descending)
    assert ("param", "my x", False) == (third.key.kind, third.key.name, third.is_descending)
    assert [] == parse_order(" ")


@pytest.mark.parametrize(("text", "caret"), [("started down", 8), ("started,, number", 8), ("desc desc,5", 10)])
def test_a_mistake_in_an_order_is_pointed_at(text: str, caret: int) -> None:
    with pytest.raises(FilterError) as caught:
        parse_order(text)

    assert caret == str(caught.value).split("\n")[2].index("^") - 2
