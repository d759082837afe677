"""The word for a replay follows from what is on record of both sides; the first execution that differs is named."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from celltrail.domain.ids import ExecutionId, SessionId
from celltrail.domain.lineage import PastExecution
from celltrail.domain.record import RunStatus
from celltrail.domain.verdict import Outcome, Verdict, verdict_from, verdict_object
from celltrail.replay.compare import check_metric, compare, divergence_of, outcome_of, tolerance_of
from celltrail.replay.facts import ExecutionFacts, Frame, Model, RunFacts

X = Frame("X_train", "X", 300, 3, "d1", "s1")
PREDICTED = Frame("pred", "y_pred", 100, None, "p1", "s2")
FOREST = Model("model", "RandomForestClassifier", "m1")
RUN = RunFacts((X, PREDICTED), (FOREST,), {"accuracy_score.y_test": ((0.9,), 100)}, ("f1",))


def cell(count: int, run: RunFacts | None = None, **more: Any) -> ExecutionFacts:
    now = datetime(2026, 11, 12, tzinfo=UTC)
    past = PastExecution(
        ExecutionId(f"e{count}"), SessionId("s"), count, count, f"c{count}", None, "", RunStatus.FINISHED, now, 1.0
    )
    return ExecutionFacts(past, run=run, **more)


RECORDED = [cell(1, reads={"/data.csv": "r1"}), cell(3, RUN)]


def replayed(**changed: Any) -> list[ExecutionFacts]:
    return [RECORDED[0], replace(RECORDED[1], run=replace(RUN, **changed))]


def word(now: list[ExecutionFacts]) -> Outcome:
    return outcome_of(compare(RECORDED, now))


def test_all_that_is_equal_bit_for_bit_is_identical() -> None:
    found = compare(RECORDED, RECORDED)

    assert Outcome.IDENTICAL == outcome_of(found)
    assert ("1 file read", "2 frames", "1 model", "1 metric", "1 figure") == found.compared
    assert divergence_of(found, RECORDED, Outcome.IDENTICAL) is None


def test_a_metric_that_moved_by_rounding_is_close() -> None:
    metrics = {"accuracy_score.y_test": ((0.9 + 1e-12,), 100)}

    assert Outcome.CLOSE == word(replayed(metrics=metrics))
    assert Outcome.CLOSE == word(replayed(metrics=metrics, models=(replace(FOREST, state="m2"),)))


def test_metrics_that_moved_with_the_same_labels_are_the_same_decisions() -> None:
    assert Outcome.SAME_DECISIONS == word(replayed(metrics={"accuracy_score.y_test": ((0.8,), 100)}))


def test_other_labels_are_different_however_close_the_metric() -> None:
    frames = (X, replace(PREDICTED, digest="p2"))

    assert Outcome.DIFFERENT == word(replayed(frames=frames))
    assert Outcome.DIFFERENT == word(replayed(frames=frames, metrics={"accuracy_score.y_test": ((0.8,), 100)}))


def test_another_model_that_nothing_was_measured_of_is_different() -> None:
    recorded = [cell(1, RunFacts((X,), (FOREST,)))]
    now = [cell(1, RunFacts((X,), (replace(FOREST, state="m2"),)))]

    assert Outcome.DIFFERENT == outcome_of(compare(recorded, now))


def test_the_first_execution_that_differs_is_named_with_what_goes_in_before_what_comes_out() -> None:
    now = [
        cell(1, reads={"/data.csv": "r2"}),
        cell(3, replace(RUN, models=(replace(FOREST, state="m2"),), frames=(replace(X, digest="d2"), PREDICTED))),
    ]
    found = compare(RECORDED, now)

    at = divergence_of(found, RECORDED, outcome_of(found))

    assert Outcome.DIFFERENT == outcome_of(found)
    assert "[1] read data.csv with other content" == str(at)
    assert "X_train holds other values" == found.differences[1].what


def test_a_changed_file_that_changes_nothing_of_the_result_is_identical() -> None:
    assert Outcome.IDENTICAL == word([cell(1, reads={"/data.csv": "r2"}), RECORDED[1]])


def test_other_data_is_never_called_close() -> None:
    frames = (replace(X, rows=301, digest="d2"), PREDICTED)

    assert Outcome.DIFFERENT == word(replayed(frames=frames))


def test_another_estimator_or_a_fit_more_is_never_called_close() -> None:
    assert Outcome.DIFFERENT == word(replayed(models=(replace(FOREST, estimator="ExtraTreesClassifier"),)))
    assert Outcome.DIFFERENT == word(replayed(models=(FOREST, FOREST)))


def test_the_same_score_of_other_targets_is_not_called_close() -> None:
    y = Frame("y_test", "y_true", 30, None, "t1", "s3")
    scored = [cell(1, replace(RUN, frames=(X, y)))]
    moved = {"accuracy_score.y_test": ((0.9 + 1e-12,), 100)}

    def now(**changed: Any) -> list[ExecutionFacts]:
        return [cell(1, replace(RUN, frames=(X, replace(y, digest="t2")), **changed))]

    assert Outcome.DIFFERENT == outcome_of(compare(scored, now()))
    assert Outcome.CLOSE == outcome_of(compare(scored, now(metrics=moved)))  # of targets that were scaled, say


def test_where_nothing_could_be_compared_nothing_was_tried() -> None:
    assert Outcome.NOT_TRIED == outcome_of(compare([cell(1)], [cell(1)]))


def test_a_model_that_was_not_kept_is_said_and_not_counted() -> None:
    found = compare(RECORDED, replayed(models=(replace(FOREST, state=None, reason="takes longer than 50 ms"),)))

    assert "1 model" not in found.compared
    assert ["the model model was not compared (in the replay: takes longer than 50 ms)"] == found.uncompared


def test_a_cell_that_was_a_run_and_is_none_is_different() -> None:
    assert Outcome.DIFFERENT == word([RECORDED[0], cell(3)])


@pytest.mark.parametrize(
    ("recorded", "replayed_value", "outcome"),
    [
        (0.9, 0.9, Outcome.IDENTICAL),
        (math.nan, math.nan, Outcome.IDENTICAL),
        (math.inf, math.inf, Outcome.IDENTICAL),
        (math.nan, 0.9, Outcome.DIFFERENT),
        (math.inf, 1.0, Outcome.DIFFERENT),
        (0.0, -0.0, Outcome.CLOSE),
        (0.9, 0.9 * (1 + 5e-8), Outcome.CLOSE),
        (0.9, 0.9 * (1 + 2e-7), Outcome.DIFFERENT),
        (0.0, 1e-15, Outcome.CLOSE),
        (0.0, 1e-12, Outcome.DIFFERENT),
    ],
)
def test_a_metric_is_identical_by_its_bits_and_close_within_its_tolerance(
    recorded: float, replayed_value: float, outcome: Outcome
) -> None:
    assert outcome == check_metric([recorded], [replayed_value], 100).outcome


def test_a_metric_of_one_row_in_a_million_is_never_within_the_tolerance() -> None:
    assert tolerance_of(1.0, 1_000_000) < 1 / 1_000_000


def test_a_verdict_survives_its_keeping() -> None:
    found = compare(RECORDED, replayed(metrics={"accuracy_score.y_test": ((0.8,), 100)}))
    verdict = Verdict(
        "forest#1",
        outcome_of(found),
        found.metrics,
        divergence_of(found, RECORDED, outcome_of(found)),
        replayed_at=datetime(2026, 11, 12, tzinfo=UTC),
    )

    assert verdict == verdict_from(verdict_object(verdict))
