"""What came of a replay: one enum for replays, bundles, gates and reports, and what stands behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from celltrail.domain.ids import ExecutionId


class Outcome(StrEnum):
    """How a replayed run stands to the recorded one."""

    IDENTICAL = "identical"  # bit for bit, in all that was recorded of both
    CLOSE = "close"  # each metric within its tolerance
    SAME_DECISIONS = "same decisions"  # metrics moved, and every predicted label is the same
    DIFFERENT = "different"
    UNSTABLE = "unstable"  # two replays differ from one another
    FAILED = "failed"  # the recipe did not come to its end
    NOT_TRIED = "not tried"


@dataclass(frozen=True, slots=True)
class MetricCheck:
    """One metric, as it was recorded and as the replay took it.

    Attributes
    ----------
    recorded, replayed : float or None
        None where that side has no such metric.
    tolerance : float
        The largest difference that is called close (`replay.compare.tolerance_of`).
    outcome : Outcome
        identical, close or different.
    """

    recorded: float | None
    replayed: float | None
    tolerance: float
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Divergence:
    """The first execution in which a replay was seen to differ, or to fail.

    Attributes
    ----------
    execution_count : int or None
        Of the recorded execution.
    what : str
        What differed there, in words: "read data.csv with other content".
    """

    execution_count: int | None
    cell_id: str | None
    what: str
    execution_id: ExecutionId | None = None

    def __str__(self) -> str:
        return f"[{self.execution_count}] {self.what}"


@dataclass(frozen=True, slots=True)
class ReplayEnvironment:
    """In what a recipe was replayed.

    Attributes
    ----------
    python : str
        Version of the interpreter.
    is_rebuilt : bool
        Whether it was made anew from the run's lock.
    differences : tuple of str
        What differs from the run's environment, what the run used first: "scikit-learn 1.5.2 → 1.6.0".
    missing : tuple of str
        What the run had and a rebuilt environment has not, with the reason.
    """

    python: str = ""
    is_rebuilt: bool = False
    differences: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a replay of a run came to.

    Attributes
    ----------
    run : str
        Reference of the run.
    verdict : Outcome
        The word for it.
    metrics : mapping of str to MetricCheck
        By key, as in `Run.metrics`.
    diverged_at : Divergence or None
        None where nothing differs.
    environment : ReplayEnvironment
        In what it was replayed.
    compared : tuple of str
        What was compared, counted: "1 model", "2 metrics".
    remarks : tuple of str
        What a reader should know besides, a sentence each.
    trial : str or None
        Reference of the run that was kept, where something was substituted.
    """

    run: str
    verdict: Outcome
    metrics: Mapping[str, MetricCheck] = field(default_factory=dict)
    diverged_at: Divergence | None = None
    environment: ReplayEnvironment = ReplayEnvironment()
    compared: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    cells: int = 0
    duration_s: float | None = None
    replayed_at: datetime | None = None
    author: str = ""
    trial: str | None = None


def verdict_object(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as plain data: as it is kept, and as `replay --json` prints it."""
    at = verdict.diverged_at
    environment = verdict.environment
    return {
        "run": verdict.run,
        "verdict": verdict.verdict.value,
        "metrics": {
            key: {
                "recorded": one.recorded,
                "replayed": one.replayed,
                "tolerance": one.tolerance,
                "outcome": one.outcome.value,
            }
            for key, one in verdict.metrics.items()
        },
        "diverged_at": None
        if at is None
        else {
            "execution_count": at.execution_count,
            "cell_id": at.cell_id,
            "what": at.what,
            "execution_id": at.execution_id,
        },
        "environment": {
            "python": environment.python,
            "is_rebuilt": environment.is_rebuilt,
            "differences": list(environment.differences),
            "missing": list(environment.missing),
        },
        "compared": list(verdict.compared),
        "remarks": list(verdict.remarks),
        "cells": verdict.cells,
        "duration_s": verdict.duration_s,
        "replayed_at": verdict.replayed_at.isoformat(timespec="seconds") if verdict.replayed_at else None,
        "author": verdict.author,
        "trial": verdict.trial,
    }


def verdict_from(kept: Mapping[str, Any]) -> Verdict:
    """Return a verdict from what `verdict_object` made of it."""
    at, environment, moment = kept["diverged_at"], kept["environment"], kept["replayed_at"]
    return Verdict(
        run=kept["run"],
        verdict=Outcome(kept["verdict"]),
        metrics={
            key: MetricCheck(one["recorded"], one["replayed"], one["tolerance"], Outcome(one["outcome"]))
            for key, one in kept["metrics"].items()
        },
        diverged_at=None if at is None else Divergence(**at),
        environment=ReplayEnvironment(
            environment["python"],
            environment["is_rebuilt"],
            tuple(environment["differences"]),
            tuple(environment["missing"]),
        ),
        compared=tuple(kept["compared"]),
        remarks=tuple(kept["remarks"]),
        cells=kept["cells"],
        duration_s=kept["duration_s"],
        replayed_at=datetime.fromisoformat(moment) if moment else None,
        author=kept["author"],
        trial=kept["trial"],
    )
