"""Replays a run for its verdict, or with something else in the place of something, as a trial that is kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from celltrail.domain.verdict import Verdict
from celltrail.replay.environment import MadeEnvironment
from celltrail.replay.judging import judge
from celltrail.replay.replay import Recorded, Replay, check_can_run, replaying
from celltrail.replay.variables import Values
from celltrail.store.store import Store
from celltrail.store.write_trial import keep_trial


def replay_run(
    recorded: Recorded,
    *,
    made: MadeEnvironment | None = None,
    twice: bool = False,
    told: Callable[[str], None] = lambda _: None,
    timeout_s: float | None = None,
) -> Verdict:
    """Replay a run, and compare.

    Parameters
    ----------
    recorded : Recorded
        What is to be replayed.
    made : MadeEnvironment, optional
        In which; in this process's own by default.
    twice : bool, default False
        Whether to replay it a second time, to see whether two replays agree.
    told : callable, optional
        Is given lines of progress.
    timeout_s : float, optional
        Seconds for each replay; ten times as long as the run took, at least half an hour, by default.

    Returns
    -------
    Verdict
        Also where the recipe failed.

    Raises
    ------
    ReplayError
        If it can't be replayed here.
    """
    began = time.monotonic()
    check_can_run(recorded)
    was = recorded.facts()
    replays: list[Replay] = []
    for number in range(2 if twice else 1):
        before = "second time, " if number else ""
        with replaying(recorded, made=made, told=_behind(before, told), timeout_s=timeout_s) as (replay, _):
            replays.append(replay)
        if replay.failed_at is not None:
            break
    return judge(recorded, was, replays, made, time.monotonic() - began)


def _behind(before: str, told: Callable[[str], None]) -> Callable[[str], None]:
    return lambda line: told(f"{before}{line}")


@dataclass(frozen=True, slots=True)
class Substitution:
    """What is put in the place of what.

    Attributes
    ----------
    codes : sequence of str
        What is run of each execution.
    instead : mapping of str to Path
        By the absolute path of a file: the one that stands in its place.
    told : mapping
        The same in words, as it is kept with the trial.
    values : Values, optional
        What stands in the place of variables.
    """

    codes: Sequence[str]
    instead: Mapping[str, Path]
    told: Mapping[str, Any]
    values: Values | None = None


def replay_trial(
    recorded: Recorded,
    trail: Store,
    substitution: Substitution,
    *,
    made: MadeEnvironment | None = None,
    told: Callable[[str], None] = lambda _: None,
    timeout_s: float | None = None,
) -> Verdict:
    """Replay a run with something else in the place of something, and keep what comes out as a trial of it.

    Parameters
    ----------
    recorded : Recorded
        What is to be replayed.
    trail : Store
        Open for writing: where the trial is kept.
    substitution : Substitution
        What is put in the place of what.
    made, told, timeout_s
        As in `replay_run`.

    Returns
    -------
    Verdict
        How the trial stands to the run; `trial` names it. It is no verdict on the run.

    Raises
    ------
    ReplayError
        If it can't be replayed here.
    """
    began = time.monotonic()
    check_can_run(recorded)
    was = recorded.facts()
    with replaying(
        recorded,
        made=made,
        told=told,
        timeout_s=timeout_s,
        instead=substitution.instead,
        codes=substitution.codes,
        values=substitution.values,
    ) as (replay, replayed):
        verdict = judge(recorded, was, [replay], made, time.monotonic() - began)
        if replay.run is None:
            return verdict
        trial = keep_trial(
            trail,
            replayed,
            replay.run,
            origin=recorded.run,
            substituted=substitution.told,
            path_of=replay.path_of,
        )
    return replace(verdict, trial=trial.reference)
