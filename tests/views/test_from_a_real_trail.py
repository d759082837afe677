"""What is said of runs that a real trail holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.stored import ACCURACY, Workshop, a_fit, a_frame, a_full_cell, a_metric

from celltrail.display.bundle import bundle
from celltrail.display.text import compare_text, line_text, panel_text, runs_text
from celltrail.domain.ids import RunId
from celltrail.domain.record import RunStatus
from celltrail.domain.run import Run
from celltrail.store.trail import Trail
from celltrail.views.compare import compare_view
from celltrail.views.rows import run_row
from celltrail.views.runs import run_view


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    with Trail.open(tmp_path / ".celltrail") as trail:
        yield Workshop(trail)


def test_the_line_of_the_second_run_is_told_against_the_first(shop: Workshop) -> None:
    data = [a_frame("X_train", "X"), a_frame("y_train", "y")]
    shop.save(metrics={ACCURACY: 0.80}, fits=[a_fit(params={"max_depth": 8}, inputs=data)])
    run = shop.save(metrics={ACCURACY: 0.90}, fits=[a_fit(params={"max_depth": 12}, inputs=data)])

    view = run_view(shop.trail, run, mode="panel")

    assert " forest#2   accuracy 0.9000  ▲.1000 vs #1   max_depth 8→12" == line_text({**view, "mode": "line"})
    assert ("best of 2", 2) == (view["standing"], view["target_scored"])
    assert {"data", "environment"} <= set(view["same"])
    assert "Python 3.11.7, 1 distribution" == view["environment"]


def test_a_run_with_everything_is_shown_whole(shop: Workshop) -> None:
    run = shop.keep(a_full_cell(shop))

    view = run_view(shop.trail, run, mode="panel")

    assert bundle(view)["text/plain"] == panel_text(view)
    assert view["metrics"]
    assert view["inputs"]
    assert run_row(run)["metrics"].keys() == run.metrics.keys()


def test_repeats_of_an_unchanged_cell_count_and_tell_whether_the_result_moved(shop: Workshop) -> None:
    for score in (0.838, 0.845, 0.841):
        run = shop.save(source="clf.fit(X, y)", metrics={ACCURACY: score})

    view = run_view(shop.trail, run, mode="line")

    assert ("forest#1", 3) == (view["run"]["reference"], view["run"]["repeats"])
    assert "not deterministic: 0.838–0.845 over 3 runs, no seed set" == view["repeats_say"]


def test_a_failed_run_keeps_its_place(shop: Workshop) -> None:
    run = shop.save(fits=[a_fit(error="ValueError: NaN")], status=RunStatus.FAILED, error="ValueError: NaN")

    assert " forest#1   failed in fit · parameters kept" == line_text(run_view(shop.trail, run, mode="line"))


def test_two_runs_compare_and_a_list_is_written(shop: Workshop) -> None:
    left = shop.save(metrics={ACCURACY: 0.8}, fits=[a_fit(params={"max_depth": 8})])
    right = shop.save(metrics={ACCURACY: 0.9}, fits=[a_fit(params={"max_depth": 12})])

    text = compare_text(compare_view(shop.trail, left, right), width=100)
    rows = runs_text([run_row(run) for run in shop.trail.search_runs()], width=100)

    assert "parameters   max_depth 8→12" in text
    assert "-# 1" in text
    assert rows.splitlines()[1].startswith("forest#2  0.9000")


def test_a_run_far_back_is_still_told_against_the_one_before_it(shop: Workshop) -> None:
    runs = [shop.save(metrics={ACCURACY: number / 200}) for number in range(120)]

    old, new = run_view(shop.trail, runs[2], mode="line"), run_view(shop.trail, runs[-1], mode="line")

    assert ("forest#3", "#2") == (old["run"]["reference"], old["delta"]["against"])  # type: ignore[index]
    assert "highest of the last 100" == new["standing"]


def test_a_run_far_back_claims_no_place_among_those_that_came_later(shop: Workshop) -> None:
    runs = [shop.save(metrics={ACCURACY: 1 - number / 200}) for number in range(120)]

    view = run_view(shop.trail, runs[2], mode="panel")

    assert ("", False) == (view["standing"], view["is_best"])
    assert [1, 2, 3] == [point["number"] for point in view["trend"]]


def test_a_line_asks_no_more_of_a_long_history_than_of_a_short_one(shop: Workshop) -> None:
    few = [shop.save(metrics={ACCURACY: number / 100}) for number in range(3)]
    after_few = statements(shop.trail, few[-1])
    many = [shop.save(metrics={ACCURACY: number / 100}) for number in range(40)]

    assert 10 < after_few
    assert after_few == statements(shop.trail, many[-1])


def test_logged_numbers_are_told_against_runs_on_the_same_data_only(shop: Workshop) -> None:
    for value, data in ((1.0, "a"), (2.0, "b"), (3.0, "a")):
        gain = a_metric(RunId(""), None, "gain", value, target=None, target_digest=None)
        run = shop.save(metrics=[gain], fits=[], inputs=[a_frame("X", "dataset", data)])

    view = run_view(shop.trail, run, mode="panel")

    assert [1, 3] == [point["number"] for point in view["trend"]]


def statements(trail: Trail, run: Run) -> int:
    """Return how many statements the line of a run takes."""
    seen: list[str] = []
    trail.db.raw.set_trace_callback(seen.append)
    run_view(trail, run, mode="line")
    trail.db.raw.set_trace_callback(None)
    return len([one for one in seen if one.startswith(("\nSELECT", "SELECT", "\nWITH"))])
