"""Whether it got better, and whether that is real."""

from __future__ import annotations

import math
from typing import Any

import pytest
from support.runs import Trail, a_run, data, fit, forest, metric

from celltrail.domain.record import RunStatus
from celltrail.views.noise import auc_error, binomial_error
from celltrail.views.runs import run_view
from celltrail.views.schema import RunView


def view_of(*rows: dict[str, Any], **more: Any) -> RunView:
    runs = [a_run(number, metrics=[row]) for number, row in enumerate(rows, start=1)]
    return run_view(Trail(runs, **more), runs[-1], mode="panel")


def test_a_lead_inside_the_fold_deviation_may_be_chance_and_is_only_the_highest() -> None:
    folds = {"spread": 0.011, "folds": [0.83] * 5}

    view = view_of(metric(value=0.8325), metric(value=0.8412, **folds))

    assert ("▲ .0087", True, True, "5 folds") == tuple(
        view["delta"][name]  # type: ignore[index, literal-required]
        for name in ("text", "is_better", "may_be_chance", "noise_source")
    )
    assert "highest of 2" == view["standing"]


def test_a_lead_beyond_the_known_noise_is_the_best() -> None:
    view = view_of(metric("accuracy_score.y_test", 0.80), metric("accuracy_score.y_test", 0.90))

    assert "best of 2" == view["standing"]
    assert view["delta"] is not None
    assert not view["delta"]["may_be_chance"]
    assert "60 216 rows" == view["delta"]["noise_source"].replace("\u202f", " ")


def test_without_any_known_noise_nobody_is_called_best() -> None:
    assert "highest of 2" == view_of(metric(value=0.1), metric(value=0.9))["standing"]
    falling = [metric(value=value, greater_is_better=False) for value in (9, 1)]
    assert "lowest of 2" == view_of(*falling)["standing"]


def test_other_test_data_gives_no_difference_and_no_standing() -> None:
    view = view_of(metric(value=0.80), metric(value=0.90, target_digest="u" * 64))

    assert view["delta"] is None
    assert "" == view["standing"]
    assert [2] == [point["number"] for point in view["trend"]]


def test_an_unknown_direction_has_no_arrow_and_nothing_is_best() -> None:
    view = view_of(metric(value=0.80, greater_is_better=None), metric(value=0.90, greater_is_better=None))

    assert view["delta"] is not None
    assert ("+.1000", None) == (view["delta"]["text"], view["delta"]["is_better"])
    assert ("", False) == (view["standing"], view["is_best"])
    assert not any(point["is_best"] for point in view["trend"])


def test_less_is_better_where_scikit_learn_says_so() -> None:
    view = view_of(metric(value=25.0, greater_is_better=False), metric(value=21.0, greater_is_better=False))

    assert view["delta"] is not None
    assert ("▼ 4", True) == (view["delta"]["text"], view["delta"]["is_better"])


def test_equal_scores_are_the_same_and_nobody_leads() -> None:
    view = view_of(metric(value=0.9), metric(value=0.9))

    assert view["delta"] is not None
    assert ("=", "same", False) == (view["delta"]["text"], view["delta"]["direction"], view["delta"]["may_be_chance"])
    assert "" == view["standing"]


def test_nan_is_neither_better_nor_worse() -> None:
    view = view_of(metric(value=0.8), metric(value=math.nan))

    assert view["delta"] is None
    assert "nan" == view["headline"]["text"]  # type: ignore[index]
    assert "nan" == view["trend"][-1]["value"]
    assert "" == view["standing"]
    assert "can't be ranked" in view["cautions"][0]["consequence"]


def test_logged_metrics_are_compared_where_all_data_is_the_same() -> None:
    bare = {"target": None, "target_digest": None, "on_training_data": None, "is_logged": True}

    same = view_of(metric("gain", 1.0, **bare), metric("gain", 2.0, **bare))
    first = a_run(1, metrics=[metric("gain", 1.0, **bare)])
    runs = [first, a_run(2, metrics=[metric("gain", 2.0, **bare)], inputs=[data(rows=3)])]
    other = run_view(Trail(runs), runs[-1], mode="line")

    assert same["delta"] is not None
    assert other["delta"] is None


def test_a_failed_run_is_not_compared_with() -> None:
    runs = [a_run(1, 0.8), a_run(2, metrics=[], status=RunStatus.FAILED), a_run(3, 0.9)]

    view = run_view(Trail(runs), runs[-1], mode="line")

    assert view["delta"] is not None
    assert "#1" == view["delta"]["against"]


def test_a_result_that_moves_says_so_and_its_spread_is_noise() -> None:
    first = a_run(2, 0.838, repeats=3, fields={"seed": None})
    repeats = [
        a_run(None, score, id=f"r{score}", repeat_of=first.id, fields={"seed": None}) for score in (0.845, 0.841)
    ]
    trail = Trail([a_run(1, 0.836), first], repeats)

    view = run_view(trail, repeats[-1], mode="panel")

    assert "not deterministic: 0.838–0.845 over 3 runs, no seed set" == view["repeats_say"]
    assert ("forest#2", 3) == (view["run"]["reference"], view["run"]["repeats"])
    assert view["delta"] is not None
    assert ("#1", True, "3 repeats") == (
        view["delta"]["against"],
        view["delta"]["may_be_chance"],
        view["delta"]["noise_source"],
    )


def test_a_result_that_repeats_says_nothing() -> None:
    first = a_run(1, repeats=2)
    trail = Trail([first], [a_run(None, id="again", repeat_of=first.id)])

    assert "" == run_view(trail, first, mode="line")["repeats_say"]


def test_the_highest_of_a_zoo_leads_its_experiment() -> None:
    view = run_view(forest(), forest().runs[-1], mode="panel")

    assert [False] * 6 + [True] == [point["is_best"] for point in view["trend"]]
    assert view["is_best"]


@pytest.mark.parametrize(("share", "count", "error"), [(0.5, 100, 0.05), (0.9, 100, 0.03)])
def test_the_error_of_a_share_is_the_binomial_one(share: float, count: int, error: float) -> None:
    assert error == pytest.approx(binomial_error(share, count))
    assert binomial_error(1.0, count) > 0


def test_the_error_of_an_area_is_that_of_hanley_and_mcneil() -> None:
    # Their table I: 51 abnormal and 58 normal images, area 0.893, error 0.032.
    assert 0.032 == pytest.approx(auc_error(0.893, 51, 58), abs=0.001)


def test_average_precision_is_as_sure_as_its_rarer_class() -> None:
    view = view_of(metric(value=0.8325), metric(value=0.8412, target_positives=104))

    assert view["delta"] is not None
    assert view["delta"]["may_be_chance"]
    assert "104 rare rows" == view["delta"]["noise_source"]
    assert "60 216 rows, 104 rare" == view["headline"]["target_detail"].replace("\u202f", " ")  # type: ignore[index]


def test_a_later_evaluation_shows_its_own_metric_and_how_often_the_target_was_scored() -> None:
    run = a_run(7, metrics=[metric(), metric("recall_score.y_test", 0.612)])

    view = run_view(Trail([run], scored=41), run, mode="line", evaluates_later=True)

    assert ("recall_score.y_test", 41) == (view["headline"]["key"], view["target_scored"])  # type: ignore[index]
    assert ([], None) == (view["changed"], view["delta"])


def test_the_fits_of_a_run_are_ranked_with_their_remarks() -> None:
    warned = fit("a", id="a", warnings=["ConvergenceWarning: it did not converge"], params={"max_iter": 100})
    fits = [warned, fit("b", id="b")]
    run = a_run(1, fits=fits, metrics=[metric(value=0.7, fit_id="a"), metric(value=0.8, fit_id="b")])

    rows = run_view(Trail([run]), run, mode="panel")["fits"]

    assert [("b", True, ""), ("a", False, "did not converge (100 iterations)")] == [
        (row["name"], row["is_top"], row["remark"]) for row in rows
    ]
