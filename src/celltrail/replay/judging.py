"""Finds the verdict on replays: how what came out stands to what was recorded, and in what it was replayed."""

from __future__ import annotations

from collections.abc import Sequence

from celltrail.domain.verdict import Divergence, Outcome, ReplayEnvironment, Verdict
from celltrail.replay.compare import (
    Comparison,
    compare,
    divergence,
    divergence_of,
    files_that_differ,
    outcome_of,
)
from celltrail.replay.environment import MadeEnvironment
from celltrail.replay.environment_diff import diff_environments
from celltrail.replay.facts import ExecutionFacts
from celltrail.replay.replay import Recorded, Replay


def judge(
    recorded: Recorded,
    was: Sequence[ExecutionFacts],
    replays: Sequence[Replay],
    made: MadeEnvironment | None,
    duration_s: float,
) -> Verdict:
    """Find the verdict.

    Parameters
    ----------
    recorded : Recorded
        What was replayed.
    was : sequence of ExecutionFacts
        What is known of it.
    replays : sequence of Replay
        One or two; where the last failed, that is the verdict.
    made : MadeEnvironment or None
        In which environment.
    duration_s : float
        Seconds that it took.

    Returns
    -------
    Verdict
        Not yet kept.
    """
    last = replays[-1]
    found = Comparison()
    at: Divergence | None
    if last.failed_at is not None:
        place = min(last.failed_at, len(was) - 1)
        outcome, at = Outcome.FAILED, divergence(was[place], last.error)
    else:
        found = compare(was, replays[0].facts)
        outcome = outcome_of(found)
        at = divergence_of(found, was, outcome)
        between = compare(replays[0].facts, last.facts)
        if outcome_of(between) not in {Outcome.IDENTICAL, Outcome.CLOSE, Outcome.NOT_TRIED}:
            outcome = Outcome.UNSTABLE
            at = divergence(was[between.differences[0].place], f"{between.differences[0].what}, in a second replay")
    differing = list(files_that_differ(found, was)) if outcome is Outcome.IDENTICAL else []
    remarks = [f"{each}: it changes nothing of the result" for each in differing]
    return Verdict(
        run=recorded.run.reference,
        verdict=outcome,
        metrics=found.metrics,
        diverged_at=at,
        environment=_environment(recorded, replays[0], made),
        compared=found.compared,
        remarks=(*remarks, *dict.fromkeys(found.uncompared)),
        cells=len(recorded.executions),
        duration_s=round(duration_s, 3),
    )


def _environment(recorded: Recorded, replay: Replay, made: MadeEnvironment | None) -> ReplayEnvironment:
    if not replay.environment:
        return ReplayEnvironment(made.version if made is not None else "", made is not None)
    diff = diff_environments(recorded.run.environment, replay.environment)
    shown = [each for each in diff.differences if each.kind != "distribution" or each.is_used]
    return ReplayEnvironment(
        python=str(replay.environment.get("python", "")),
        is_rebuilt=made is not None,
        differences=tuple(f"{each.name} {each.before or 'none'} → {each.after or 'none'}" for each in shown),
        missing=tuple(f"{each.name} {each.version}: {each.reason}" for each in made.missing) if made else (),
    )
