"""`replay`: run the recipe of a run in a fresh kernel, compare, and keep the verdict with the run."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from celltrail.config import read_config
from celltrail.domain.verdict import verdict_object
from celltrail.errors import ReplayError, TrailError
from celltrail.verbs.current import Context
from celltrail.verbs.model import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from celltrail.domain.run import Run
    from celltrail.domain.verdict import Verdict
    from celltrail.replay.environment import MadeEnvironment
    from celltrail.replay.replay import Recorded


def replay(
    context: Context, *, run: str, env: bool = False, timeout: float | None = None, twice: bool = False
) -> Answer:
    """Replay a run, here or in its environment made anew."""
    from celltrail.display.replay import verdict_text
    from celltrail.replay.replay import check_can_run
    from celltrail.replay.trying import replay_run
    from celltrail.verbs.progress import progress

    recorded = recorded_of(context, run)
    check_can_run(recorded)
    with progress(context) as told:
        made = made_for(recorded.run, told, timeout) if env else None
        verdict = replay_run(recorded, made=made, twice=twice, told=told, timeout_s=timeout)
    verdict = keep(context, recorded.run, verdict)
    value = verdict if context.door == "python" else None
    return Answer(verdict_text(verdict), verdict_object(verdict), value=value)


def made_for(
    run: Run, told: Callable[[str], None], timeout: float | None, instead: Mapping[str, str] | None = None
) -> MadeEnvironment:
    """Make the environment of a run, or find it made; with other versions of what it had, where some are given."""
    from celltrail.replay.environment import TIMEOUT_S, make_environment

    return make_environment(run, instead=instead, on_progress=told, timeout_s=timeout or TIMEOUT_S)


def recorded_of(context: Context, reference: str) -> Recorded:
    """Return what is to be replayed: the recipe of a run, and of the later cells that took its metrics.

    Parameters
    ----------
    context : Context
        Where we stand.
    reference : str
        Of the run.

    Returns
    -------
    Recorded
        With the folder in which it ran.

    Raises
    ------
    NotKeptError
        If it is not known what its cells touched.
    ReplayError
        If the run is still going on.
    """
    from celltrail.analysis.slicing import slice_of
    from celltrail.domain.record import RunStatus
    from celltrail.replay.replay import Recorded
    from celltrail.store.verdicts import runs_of_session
    from celltrail.verbs.recipe import history_of_run
    from celltrail.views.recipe import recipe_of, targets_of_run

    run = context.find(reference)
    if run.status is RunStatus.RUNNING:
        raise ReplayError(f"{run.reference} is still running. Replay it when it has ended: replay {run.reference}")
    history, place = history_of_run(context, str(run.id))
    scorers = {one["execution_id"] for one in run.content.field("metrics")}
    places = [place, *(other for other, one in enumerate(history.executions) if one.id in scorers and other != place)]
    targets = [version for each in places for version in targets_of_run(history, each)]
    found = slice_of(history, targets)
    recipe = recipe_of(history, run.reference, found)
    executions = [history.executions[each] for each in sorted(found.places)]
    trail = context.trail()
    project = trail.path.parent
    # What a run measured on the way is compared too: its cell stays whole.
    runs = runs_of_session(trail, executions[0].session_id)
    return Recorded(
        trail,
        run,
        executions,
        [one.source if one.id in runs and not one.error_name else one.code for one in recipe.executions],
        _folder(project, executions[-1].notebook),
        project,
        read_config(project).privacy,
    )


def _folder(project: Path, notebook: str | None) -> Path:
    """Return where the cells ran: the notebook's folder where it is known and there, else that of the trail."""
    if notebook is None:
        return project
    folder = (project / notebook).parent
    return folder.resolve() if folder.is_dir() else project


def keep(context: Context, run: Run, verdict: Verdict) -> Verdict:
    """Keep a verdict with its run; text in it passes the door like any other. Where that can't be, it says so."""
    from celltrail.capture.author import author
    from celltrail.capture.door import Door
    from celltrail.store.verdicts import keep_verdict

    privacy = read_config(context.trail().path.parent).privacy
    verdict = replace(verdict, replayed_at=datetime.now(UTC), author=author(privacy.author))
    content: dict[str, Any] = Door(privacy.mask).mask_json(verdict_object(verdict))
    try:
        keep_verdict(context.trail(writing=True), str(run.id), verdict.verdict.value, content, author=verdict.author)
    except TrailError as error:  # a replay may have taken hours: what it came to is shown in any case
        return replace(verdict, remarks=(*verdict.remarks, f"This verdict is not kept: {error}"))
    return verdict
