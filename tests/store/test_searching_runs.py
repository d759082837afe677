"""Searching: what a filter finds is what a plain look at every run finds, in the order asked for."""

from __future__ import annotations

import json
import math
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.stored import ACCURACY, START, Workshop, a_fit, a_metric

from celltrail.domain.ids import RunId
from celltrail.domain.record import RunStatus
from celltrail.domain.run import Run
from celltrail.errors import FilterError, RunNotFoundError
from celltrail.store import filter_attributes, filter_rows, search
from celltrail.store.trail import Trail

NAN, INF = float("nan"), float("inf")
SIGNS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
PARAMS: list[Any] = [5, 5.0, "5", "5.0", -1, 0, 0.1, 1e-7, "auto", "", True, False, None, NAN, INF, [1, 2], 2**70]
TAGS = ["me", "you", "5", "", "Émile", "émile"]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    with Trail.open(tmp_path / ".celltrail") as trail:
        yield Workshop(trail)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    """A trail in which every kind of value occurs, and is missing."""
    with Trail.open(tmp_path_factory.mktemp("many") / ".celltrail") as trail:
        shop = Workshop(trail)
        for number in range(60):
            params = {"x": PARAMS[number % len(PARAMS)]} if number % 4 else {}
            metrics = {"auc": [0.1, 0.5, 0.9, NAN, INF, -INF, 0.5][number % 7]} if number % 3 else {}
            shop.save(
                ("forest", "boost")[number % 2],
                fits=[a_fit("clf", params)],
                metrics=metrics,
                tags={"owner": TAGS[number % len(TAGS)]} if number % 5 else {},
                duration_s=None if number % 8 == 0 else number % 3 + 0.5,
                note="deep" if number % 6 == 0 else "",
                status=RunStatus.FAILED if number % 7 == 0 else RunStatus.FINISHED,
                notebook=("a.ipynb", "sub/b.ipynb")[number % 2],
            )
        yield shop


@dataclass(frozen=True)
class Asked:
    """A filter, and what it means in plain Python."""

    text: str
    holds: Callable[[Run], bool]


def as_text(value: Any) -> str:
    return str(value)


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_five(run: Run) -> bool:
    return is_number(run.params.get("x")) and bool(run.params["x"] == 5)


def same(left: float, right: float) -> bool:
    return left == right or (math.isnan(left) and math.isnan(right))


def holds(sign: str, left: float, right: float) -> bool:
    if sign in {"=", "<=", ">="} and same(left, right):
        return True
    return SIGNS[sign](left, right)


def like(pattern: str, text: str, *, ignores_case: bool) -> bool:
    parts = [{"%": ".*", "_": "."}.get(letter, re.escape(letter)) for letter in pattern]
    flags = re.DOTALL | (re.IGNORECASE if ignores_case else 0)
    return re.fullmatch("".join(parts), text, flags) is not None


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def param_number(sign: str, value: float) -> Asked:
    def check(run: Run) -> bool:
        return "x" in run.params and is_number(run.params["x"]) and holds(sign, run.params["x"], value)

    return Asked(f"params.x {sign} {value!r}", check)


def param_text(sign: str, value: str) -> Asked:
    return Asked(
        f"params.clf.x {sign} {quoted(value)}",
        lambda run: "x" in run.params and SIGNS[sign](as_text(run.params["x"]), value),
    )


def param_like(word: str, pattern: str) -> Asked:
    return Asked(
        f"x {word} {quoted(pattern)}",
        lambda run: "x" in run.params and like(pattern, as_text(run.params["x"]), ignores_case=word == "ilike"),
    )


def metric(sign: str, value: float) -> Asked:
    return Asked(
        f"metrics.auc {sign} {value!r}", lambda run: "auc" in run.metrics and holds(sign, run.metrics["auc"], value)
    )


def tag(sign: str, value: str) -> Asked:
    return Asked(
        f"tags.owner {sign} {quoted(value)}",
        lambda run: "owner" in run.tags and SIGNS[sign](run.tags["owner"], value),
    )


def tag_like(word: str, pattern: str) -> Asked:
    return Asked(
        f"tags.owner {word} {quoted(pattern)}",
        lambda run: "owner" in run.tags and like(pattern, run.tags["owner"], ignores_case=word == "ilike"),
    )


def started(sign: str, minutes: int) -> Asked:
    at = START + timedelta(minutes=minutes)
    return Asked(f"started {sign} {quoted(at.isoformat())}", lambda run: SIGNS[sign](run.started_at, at))


signs = st.sampled_from(sorted(SIGNS))
numbers = st.sampled_from([0, 5, -1, 0.1, 0.5, 1e-7, 2**70, 5.5])
texts = st.sampled_from([*(as_text(value) for value in PARAMS), "7", "(1, 2)x", "it's"])
patterns = st.sampled_from(["%", "a%", "A%", "_", "%o", "5%", "", "é%", "É%"])
words = st.sampled_from(["like", "ilike"])
leaves = st.one_of(
    st.builds(param_number, signs, numbers),
    st.builds(param_text, signs, texts),
    st.builds(param_like, words, patterns),
    st.builds(metric, signs, numbers),
    st.builds(tag, signs, st.sampled_from(TAGS)),
    st.builds(tag_like, words, patterns),
    st.builds(started, signs, st.integers(0, 61)),
    st.sampled_from(
        [
            Asked("params.x is null", lambda run: run.params.get("x") is None),
            Asked("params.x is not null", lambda run: run.params.get("x") is not None),
            Asked("params.x = true", lambda run: run.params.get("x") is True),
            Asked("x in (5, 'auto')", lambda run: is_five(run) or run.params.get("x") == "auto"),
            Asked("params.x != 5", lambda run: "x" in run.params and not is_five(run)),
            Asked("params.x not like '5%'", lambda run: str(run.params.get("x", "5"))[:1] != "5"),
            Asked("metrics.auc = nan", lambda run: math.isnan(run.metrics.get("auc", 0))),
            Asked("metrics.auc >= inf", lambda run: run.metrics.get("auc") == INF),
            Asked("metrics.auc is null", lambda run: "auc" not in run.metrics),
            Asked("tags.owner is not null", lambda run: "owner" in run.tags),
            Asked("tags.owner = 5", lambda run: run.tags.get("owner") == "5"),
            Asked("status = 'FAILED'", lambda run: run.status is RunStatus.FAILED),
            Asked("status != failed", lambda run: run.status is not RunStatus.FAILED),
            Asked("status != finished", lambda run: run.status is not RunStatus.FINISHED),
            Asked("experiment = 'forest'", lambda run: run.experiment == "forest"),
            Asked("experiment like '%o_st'", lambda run: run.experiment == "boost"),
            Asked("experiment like '%[o]%'", lambda run: False),
            Asked("number = 7", lambda run: run.number == 7),
            Asked("author ilike 'A%'", lambda run: run.author == "ann"),
            Asked("author = 'bob'", lambda run: False),
            Asked("number > 20", lambda run: (run.number or 0) > 20),
            Asked("author = 'ann'", lambda run: run.author == "ann"),
            Asked("notebook = 'b.ipynb'", lambda run: run.content.field("notebook").endswith("/sub/b.ipynb")),
            Asked("notebook like 'sub/%'", lambda run: "/sub/" in run.content.field("notebook")),
            Asked("note = 'deep'", lambda run: run.note == "deep"),
            Asked("note like 'd%'", lambda run: run.note == "deep"),
            Asked("note like '%'", lambda run: True),
            Asked("note is null", lambda run: not run.note),
            Asked("duration < 2", lambda run: run.duration_s is not None and run.duration_s < 2),
            Asked("duration > 1.5", lambda run: (run.duration_s or 0) > 1.5),
            Asked("repeats = 1", lambda run: run.repeats == 1),
            Asked("repeats > 1", lambda run: run.repeats > 1),
            Asked("estimator like 'Random_orest%'", lambda run: bool(run.fits)),
            Asked("estimator = 'RandomForestClassifier'", lambda run: bool(run.fits)),
        ]
    ),
)  # fmt: skip


def negated(asked: Asked) -> Asked:
    return Asked(f"not ({asked.text})", lambda run: not asked.holds(run))


def both(left: Asked, right: Asked) -> Asked:
    return Asked(f"({left.text} and {right.text})", lambda run: left.holds(run) and right.holds(run))


def either(left: Asked, right: Asked) -> Asked:
    return Asked(f"({left.text} or {right.text})", lambda run: left.holds(run) or right.holds(run))


def start_anywhere(patch: pytest.MonkeyPatch, few: int, page: int) -> None:
    """Let a search choose its beginning as in a trail of another size."""
    for room in (search, filter_rows, filter_attributes):
        patch.setattr(room, "FEW", few)
    patch.setattr(filter_rows, "PAGE", page)


# Few runs are sorted; more are gathered by the index of values, and met in order; of still more each is looked into.
BEGINNINGS = {"sorted": (1000, 50), "gathered": (0, 50), "looked into": (0, 0)}

filters = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(negated, inner), st.builds(both, inner, inner), st.builds(either, inner, inner)
    ),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    asked=filters,
    beginning=st.sampled_from(sorted(BEGINNINGS)),
    order=st.sampled_from(["", "metrics.auc desc", "params.x", "tags.owner", "duration"]),
)
def test_a_filter_finds_what_a_plain_look_at_every_run_finds(
    many: Workshop, asked: Asked, beginning: str, order: str
) -> None:
    everything = many.trail.search_runs(order_by=order)

    with pytest.MonkeyPatch.context() as patch:
        start_anywhere(patch, *BEGINNINGS[beginning])
        found = many.trail.search_runs(asked.text, order_by=order)

    assert [run.reference for run in everything if asked.holds(run)] == [run.reference for run in found]


def rank(value: Any) -> Any:
    """Order parameters as the store does: missing and NaN last, numbers before texts, JSON as its text."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, list):
        return (1, json.dumps(value, separators=(",", ":")))
    if isinstance(value, str) or (isinstance(value, int) and abs(value) >= 2**63):
        return (1, str(value))
    return (0, value)


ORDERS = {
    "params.x": lambda run: rank(run.params.get("x")),
    "metrics.auc": lambda run: None if math.isnan(value := run.metrics.get("auc", NAN)) else value,
    "started": lambda run: run.started_at,
    "number": lambda run: run.number,
    "experiment": lambda run: run.experiment,
    "tags.owner": lambda run: run.tags.get("owner"),
    "duration": lambda run: run.duration_s,
    "status": lambda run: run.status.value,
}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    terms=st.lists(st.tuples(st.sampled_from(sorted(ORDERS)), st.booleans()), max_size=3),
    size=st.integers(1, 25),
)
def test_pages_follow_each_other_in_the_order_asked_for(
    many: Workshop, terms: list[tuple[str, bool]], size: int
) -> None:
    expected = many.trail.search_runs()
    for name, is_descending in reversed(terms or [("started", True)]):
        there = [run for run in expected if ORDERS[name](run) is not None]
        missing = [run for run in expected if ORDERS[name](run) is None]
        expected = (
            sorted(there, key=ORDERS[name], reverse=is_descending) + missing
            if not is_descending
            else [
                *_descending(there, ORDERS[name]),
                *missing,
            ]
        )
    order = [f"{name} {'desc' if is_descending else 'asc'}" for name, is_descending in terms]

    pages: list[Run] = []
    while page := many.trail.search_runs("", order, size, after=pages[-1].id if pages else None):
        pages.extend(page)

    assert [run.reference for run in expected] == [run.reference for run in pages]


def _descending(runs: list[Run], key: Callable[[Run], Any]) -> list[Run]:
    """Sort from high to low and leave ties as they were (`reverse=True` leaves them so too, but read backwards)."""
    values = sorted({key(run) for run in runs}, reverse=True)
    return reduce(operator.iadd, ([run for run in runs if key(run) == value] for value in values), [])


def test_short_names_do_where_they_are_unique(shop: Workshop) -> None:
    shop.save(metrics={"accuracy_score.y_test": 0.9, "f1_score.macro.y_test": 0.8, "f1_score.micro.y_test": 0.7})

    assert 1 == len(shop.trail.search_runs("metrics.accuracy_score > 0.8 and accuracy_score < 1"))
    assert 1 == len(shop.trail.search_runs("f1_score.macro > 0.75"))
    with pytest.raises(FilterError, match=r"several metrics: f1_score\.macro\.y_test, f1_score\.micro\.y_test"):
        shop.trail.search_runs("metrics.f1_score.y_test > 0.5")


def test_a_name_that_is_not_there_lists_near_ones_and_points(shop: Workshop) -> None:
    shop.save(metrics={ACCURACY: 0.9}, tags={"owner": "me"})

    for text, caret, near in (
        ("metrics.accuracy > 0.9", 0, "accuracy_score.y_test"),
        ("number = 1 and params.max_dept = 3", 15, "max_depth"),
        ("tags.woner = 'me'", 0, "owner"),
        ("acuracy > 1", 0, "accuracy_score.y_test"),
    ):
        with pytest.raises(FilterError) as caught:
            shop.trail.search_runs(text)
        problem, line, pointer = str(caught.value).split("\n")
        assert near in problem.partition("Near: ")[2]
        assert (text, caret) == (line[2:], pointer.index("^") - 2)


def test_in_an_order_too_a_wrong_name_is_pointed_at(shop: Workshop) -> None:
    shop.save(metrics={ACCURACY: 0.9})

    with pytest.raises(FilterError, match="Near: accuracy_score"):
        shop.trail.search_runs(order_by="started, metrics.accuracy desc")


def test_a_trail_without_any_metric_knows_no_wrong_name(shop: Workshop) -> None:
    assert [] == shop.trail.search_runs("metrics.auc > 0.9 or params.x = 1 or tags.a = 'b'")
    assert [] == shop.trail.search_runs(order_by="metrics.auc desc, params.x")
    assert [] == shop.trail.search_runs("not metrics.auc > 1", limit=5)


def test_a_bare_name_that_is_metric_and_param_must_be_told_apart(shop: Workshop) -> None:
    shop.save(fits=[a_fit("clf", {"alpha": 1})], metrics={"alpha": 0.5, "gain": 1.0})

    with pytest.raises(FilterError, match=r"metrics\.alpha or params\.alpha: write which"):
        shop.trail.search_runs("alpha > 0")
    with pytest.raises(FilterError, match="compare it with a number"):
        shop.trail.search_runs("gain = 'much'")


def test_a_bare_parameter_is_that_of_the_only_estimator_that_has_it(shop: Workshop) -> None:
    one = shop.save(fits=[a_fit("clf", {"max_depth": 5}), a_fit("lin", {"C": 1.0})])
    two = shop.save(fits=[a_fit("a", {"max_depth": 5}), a_fit("b", {"max_depth": 7})])
    pipe = shop.save(fits=[a_fit("pipe", {"rf__max_depth": 5, "memory": None, "rf__verbose": 0, "verbose": 0})])

    found = shop.trail.search_runs

    assert [pipe, one] == found("params.max_depth = 5")
    assert [two, one] == found("params.a.max_depth = 5 or params.clf.max_depth = 5")
    assert [two] == found("params.b:max_depth = 7")
    assert [pipe] == found("params.pipe.rf__max_depth = 5")
    assert [] == found("params.verbose = 0")
    assert {"max_depth": 5, "pipe.rf__max_depth": 5}.items() <= pipe.params.items()
    assert "verbose" not in pipe.params
    by_fit = {"clf:max_depth": 5, "lin:C": 1.0}
    always = {"clf.max_depth": 5, "lin.C": 1.0}
    assert {"max_depth": 5, "C": 1.0, **by_fit, **always} == one.params


def test_the_metric_of_one_of_several_fits_is_named_by_it(shop: Workshop) -> None:
    fits = [a_fit("a"), a_fit("b")]
    run = shop.save(
        fits=fits,
        metrics=[a_metric(RunId(""), fit.id, ACCURACY, value) for fit, value in zip(fits, (0.9, 0.5), strict=True)],
    )

    found = shop.trail.search_runs

    assert {f"a:{ACCURACY}": 0.9, f"b:{ACCURACY}": 0.5} == run.metrics
    assert [run] == found("metrics.accuracy_score > 0.8") == found(f"metrics.a:{ACCURACY} > 0.8")
    assert [] == found(f"metrics.b:{ACCURACY} > 0.8") == found(f"metrics.{ACCURACY} != 0.9")
    assert [run] == found(order_by=f"metrics.a:{ACCURACY} desc, metrics.accuracy_score")
    assert 0.5 == run.metric_history(f"b:{ACCURACY}")[0].value
    assert {ACCURACY: 0.5} == run.fits[1].metrics


def test_values_without_a_step_are_found_by_their_mean(shop: Workshop) -> None:
    run = shop.save(metrics={"f1": [0.5, 0.75, 1.0]})

    assert {"f1": 0.75} == run.metrics
    assert [run] == shop.trail.search_runs("metrics.f1 = 0.75")
    assert [0.5, 0.75, 1.0] == [point.value for point in run.metric_history("f1")]
    assert [0.5, 0.75, 1.0] == run.content.field("metrics")[0]["values"]


def test_a_page_can_not_begin_behind_a_run_that_is_not_there(shop: Workshop) -> None:
    with pytest.raises(RunNotFoundError, match="the page can't begin behind it"):
        shop.trail.search_runs(after=RunId("0"))


def test_a_filter_of_a_thousand_terms_is_answered(shop: Workshop) -> None:
    run = shop.save(metrics={ACCURACY: 0.9})

    assert [run] == shop.trail.search_runs(" or ".join(f"number = {number}" for number in range(3000)))
