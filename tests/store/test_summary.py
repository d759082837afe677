"""What a list shows of a run comes back to the bit from the few bytes in which it stands."""

from __future__ import annotations

import math

from celltrail.store.summary import MetricBrief, Summary, brief_out, describe, summary_in, summary_out

PLAIN = {"loss": 1 / 3, "tiny": 5e-324, "below": -math.inf, "zero": -0.0, "whole": 3.0}


def briefs(values: dict[str, float]) -> dict[str, MetricBrief]:
    return {key: describe([value]) for key, value in values.items()}


def test_single_values_stand_as_doubles() -> None:
    summary = Summary({"depth": 5}, frozenset({"depth"}), briefs(PLAIN), "loss")

    keys, values, measured = summary_in(summary)

    assert measured is not None
    assert 8 * len(PLAIN) == len(measured)
    assert "[[5]]" == values
    assert summary == summary_out(keys, values, measured)
    assert ({"depth": 5}, PLAIN, "loss") == brief_out(keys, values, measured)
    assert -1.0 == math.copysign(1, brief_out(keys, values, measured)[1]["zero"])


def test_not_a_number_stays_one() -> None:
    assert math.isnan(brief_out(*summary_in(Summary(metrics=briefs({"m": math.nan}))))[1]["m"])


def test_several_values_of_one_metric_keep_their_spread() -> None:
    summary = Summary(metrics={**briefs(PLAIN), "folds": describe([0.5, 0.75])})

    assert summary_in(summary)[2] is None
    assert summary == summary_out(*summary_in(summary))


def test_a_run_without_metrics_has_none() -> None:
    assert Summary({"depth": 5}) == summary_out(*summary_in(Summary({"depth": 5})))
