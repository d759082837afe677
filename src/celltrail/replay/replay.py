"""Replays the recipe of a run in a fresh kernel, and says how what came out stands to what was recorded.

The replaying kernel has celltrail loaded, with a trail of its own: what it records is read as any run is, and there
is no second recorder. Of the user's trail nothing changes; of the user's files neither (`working_copy`, `inside`).
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from celltrail.config import Privacy
from celltrail.domain.header import find_header
from celltrail.domain.lineage import PastExecution
from celltrail.domain.run import Run
from celltrail.errors import ReplayError
from celltrail.replay.environment import MadeEnvironment
from celltrail.replay.facts import ExecutionFacts, facts_of
from celltrail.replay.playing import Played, Step, check_tools, play
from celltrail.replay.variables import Values
from celltrail.replay.working_copy import WorkingCopy, make_working_copy
from celltrail.store.read_touches import read_executions
from celltrail.store.store import Store
from celltrail.store.trail import Trail
from celltrail.store.verdicts import runs_of_session, sessions_of

# A replay on a busier machine may well take some times as long as the run did, and never less than half an hour is
# worth giving up for: rules of the house.
_TIMES_AS_LONG = 10.0
_LEAST_S = 1800.0
_PROTECT = "__import__('celltrail.replay.inside', fromlist=['protect']).protect({copy!r}, {folders!r}, {written!r})"
# Of a kernel of this process; another trail or notebook must not be found by its variables.
_NOT_HANDED_ON = ("CELLTRAIL_TRAIL", "CELLTRAIL_NOTEBOOK", "JPY_SESSION_NAME", "JPY_PARENT_PID")


@dataclass(frozen=True, slots=True)
class Recorded:
    """What is to be replayed.

    Attributes
    ----------
    trail : Store
        Where it was recorded.
    run : Run
        The run.
    executions : sequence of PastExecution
        Its recipe, in order, with the later cells that scored it.
    codes : sequence of str
        What is run of each.
    folder, project : Path
        Where the notebook is, and the folder that holds the trail.
    """

    trail: Store
    run: Run
    executions: Sequence[PastExecution]
    codes: Sequence[str]
    folder: Path
    project: Path
    privacy: Privacy = field(default_factory=Privacy)

    @property
    def place(self) -> int:
        """Where the run itself stands among the executions."""
        own = str(self.run.content.field("execution")["id"])
        return next(place for place, one in enumerate(self.executions) if one.id == own)

    @property
    def seconds(self) -> float:
        """What its cells took when they were recorded."""
        return sum(one.duration_s or 0.0 for one in self.executions)

    def facts(self) -> list[ExecutionFacts]:
        """Gather what is known of it."""
        runs = runs_of_session(self.trail, self.executions[0].session_id)
        return facts_of(self.trail, self.executions, runs, {one.id for one in self.executions})


@dataclass(frozen=True, slots=True)
class Replay:
    """One replay: what is known of its executions, or where it ended."""

    facts: Sequence[ExecutionFacts] = ()
    failed_at: int | None = None
    error: str = ""
    environment: Mapping[str, object] = field(default_factory=dict)
    run: Run | None = None  # what came of the run that was replayed
    path_of: Callable[[str], str] = str


def check_can_run(recorded: Recorded) -> None:
    """Raise where a recipe can't run as it was recorded, before a kernel is started.

    Raises
    ------
    ReplayError
        With what to do instead.
    """
    check_tools()
    masked = [f"[{one.execution_count}]" for one in recorded.executions if one.masked]
    if masked:
        raise ReplayError(
            f"{recorded.run.reference} can't be replayed: values in {', '.join(masked)} were masked before they were "
            f"kept. Write its recipe, put them in, and run it: recipe {recorded.run.reference} -o recipe.ipynb"
        )


@contextlib.contextmanager
def replaying(
    recorded: Recorded,
    *,
    made: MadeEnvironment | None,
    told: Callable[[str], None],
    timeout_s: float | None = None,
    instead: Mapping[str, Path] | None = None,
    codes: Sequence[str] | None = None,
    values: Values | None = None,
) -> Iterator[tuple[Replay, Trail]]:
    """Play a recipe once; inside, what it recorded is there to be read.

    Parameters
    ----------
    recorded : Recorded
        What is to be replayed.
    made : MadeEnvironment or None
        In which environment; None: this process's own.
    told : callable
        Is given lines of progress.
    timeout_s : float, optional
        Seconds.
    instead : mapping of str to Path, optional
        Files that stand in the place of others.
    codes : sequence of str, optional
        What is run of each execution, where that is not what was recorded.
    values : Values, optional
        What stands in the place of variables.

    Yields
    ------
    tuple of (Replay, Trail)
        What came of it, and the trail of the replaying kernel, which is gone afterwards.
    """
    files = [file for one in recorded.executions for file in one.files]
    copy = make_working_copy(recorded.folder, recorded.project, files, instead=instead)
    try:
        _write_settings(copy, recorded.privacy)
        steps = _steps(recorded, copy, codes or recorded.codes, values or Values())
        played = play(
            steps,
            python=made.python if made is not None else Path(sys.executable),
            folder=copy.folder,
            environment=_variables(recorded, copy, made),
            told=lambda index: told(_progress(recorded, steps, index)),
            timeout_s=timeout_s or max(_LEAST_S, _TIMES_AS_LONG * recorded.seconds),
        )
        if not (copy.trail / "trail.db").exists():
            where = "the rebuilt environment" if made is not None else "the replaying kernel"
            raise ReplayError(
                f"celltrail could not be loaded in {where} ({played.error or 'it opened no trail'}), so nothing "
                f"could be compared. The recipe by itself: recipe {recorded.run.reference} -o recipe.ipynb"
            )
        with Trail.open(copy.trail, create=False, read_only=True) as trail:
            yield _read(recorded, copy, trail, steps, played), trail
    finally:
        copy.remove()


def _steps(recorded: Recorded, copy: WorkingCopy, codes: Sequence[str], values: Values) -> list[Step]:
    runs = runs_of_session(recorded.trail, recorded.executions[0].session_id)
    protect = _PROTECT.format(
        copy=str(copy.place), folders=[str(one) for one in copy.protected], written=list(copy.written)
    )
    ours = [values.hold(copy.place / "values.pickle")] if values.behind else []
    steps = [Step(code, is_ours=True) for code in [*ours, protect, "%load_ext celltrail"]]
    for place, (one, code) in enumerate(zip(recorded.executions, codes, strict=True)):
        steps.append(Step(_tracked(code) if one.id in runs else code, one.cell_id))
        if put := (values.behind or {}).get(place):
            steps.append(Step(put, is_ours=True))
    # The late facts, digests of large frames among them, are there when it has been unloaded.
    return [*steps, Step("%unload_ext celltrail", is_ours=True)]


def _place_in_recipe(steps: Sequence[Step], index: int) -> int:
    """Return how many cells of the recipe stand before a step."""
    return sum(not step.is_ours for step in steps[:index])


def _tracked(code: str) -> str:
    """Say above a cell that it is a run: it may have become one by hand."""
    if code.lstrip().startswith("%%") or find_header(code) is not None:
        return code
    return f"# celltrail: replayed\n{code}"


def _variables(recorded: Recorded, copy: WorkingCopy, made: MadeEnvironment | None) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _NOT_HANDED_ON}
    threads = recorded.run.environment.get("threads") or {}
    paths = [str(copy.packages)]
    if made is None and kept.get("PYTHONPATH"):
        paths.append(kept["PYTHONPATH"])
    return {
        **kept,
        **{str(name): str(value) for name, value in (threads.get("variables") or {}).items()},
        **(made.variables if made is not None else {}),
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONDONTWRITEBYTECODE": "1",
        "CELLTRAIL_TRAIL": str(copy.trail),
        "CELLTRAIL_NOTEBOOK": str(copy.folder / "replay.ipynb"),
    }


def _write_settings(copy: WorkingCopy, privacy: Privacy) -> None:
    """Let the replaying kernel mask what the project masks, and record whatever it says about recording."""
    lists = {"mask": privacy.mask, "environment": privacy.environment, "personal": privacy.personal}
    lines = ['track = "auto"', 'panel = "none"', "[privacy]"]
    lines += [f"{name} = {json.dumps(list(values))}" for name, values in lists.items()]
    (copy.trail.parent / "celltrail.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _progress(recorded: Recorded, steps: Sequence[Step], index: int) -> str:
    place = _place_in_recipe(steps, index)
    if steps[index].is_ours:
        return "comparing" if index == len(steps) - 1 else "starting a kernel" if not place else "substituting"
    one = recorded.executions[place]
    lines = [line.strip() for line in one.source.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return f"{place + 1} of {len(recorded.executions)}  [{one.execution_count}] {lines[0] if lines else ''}"


def _read(recorded: Recorded, copy: WorkingCopy, trail: Trail, steps: Sequence[Step], played: Played) -> Replay:
    if played.failed_at is not None:
        return Replay(failed_at=_place_in_recipe(steps, played.failed_at), error=played.error)
    counts = [count for step, count in zip(steps, played.counts, strict=True) if not step.is_ours]
    by_count: dict[int | None, PastExecution] = {}
    runs: dict[str, Run] = {}
    for session in sessions_of(trail):
        by_count |= {one.execution_count: one for one in read_executions(trail, session)}
        runs |= runs_of_session(trail, session)
    executions = [by_count[count] for count in counts if count in by_count]
    if len(executions) < len(counts):
        return Replay(failed_at=len(executions), error="celltrail stopped recording there (%track off?)")
    facts = facts_of(trail, executions, runs, {one.id for one in executions}, path_of=copy.original)
    return Replay(
        facts, environment=_environment_of(facts), run=runs.get(executions[recorded.place].id), path_of=copy.original
    )


def _environment_of(facts: Sequence[ExecutionFacts]) -> Mapping[str, object]:
    return next((one.run.environment for one in reversed(facts) if one.run is not None), {})
