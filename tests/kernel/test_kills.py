"""Kernels killed with SIGKILL inside all that celltrail does of itself, at seeded points; migrations stand apart."""

from __future__ import annotations

import os
import random
import sys
from collections import ChainMap, Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeVar

import pytest
from support.habits import HABITS, LEADS_TO
from support.killing import Death
from support.scenario import Zygote
from support.whole import check_trail

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.skipif(sys.platform != "linux", reason="dies by a timer of Linux"),
]

POINTS = (
    "load",
    "open",
    "begin",
    "fit opened",
    "fit closed",
    "autosave",
    "finish",
    "blob",
    "commit",
    "checkpoint",
    "overlong",
    "spool",
    "spooled",
    "sweep",
)
# Points that run SQL throughout, so that SQLite's own steps tell where they are.
IN_SQLITE = ("load", "commit", "spooled", "sweep")
FEW, MANY = len(POINTS), 14 * len(POINTS)
SIDE_BY_SIDE = 4
# The log is folded beside the cells; the end of a cell only looks whether it has to do it ("overlong").
THREADS = {"checkpoint": "celltrail-late"}
# What goes by the clock beside the cells may come to fewer calls than when they were measured.
PACED = ("autosave", *THREADS)
SEED = int(os.environ["CELLTRAIL_SEED"]) if "CELLTRAIL_SEED" in os.environ else None
T = TypeVar("T")
Calls = dict[str, list[tuple[int, int, str]]]


class Zygotes:
    """Several that fork, each for one kernel at a time."""

    def __init__(self) -> None:
        self._all = [Zygote() for _ in range(SIDE_BY_SIDE)]
        self._idle: SimpleQueue[Zygote] = SimpleQueue()
        for zygote in self._all:
            self._idle.put(zygote)

    def each(self, work: Callable[[Zygote, Any], T], given: Iterable[Any]) -> list[T]:
        """Do it for each thing given, some side by side; raise all that went wrong."""

        def one(thing: Any) -> T:
            zygote = self._idle.get()
            try:
                return work(zygote, thing)
            finally:
                self._idle.put(zygote)

        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            asked = [pool.submit(one, thing) for thing in given]
        wrong = [error for error in (each.exception() for each in asked) if error is not None]
        if wrong:
            raise BaseExceptionGroup(f"{len(wrong)} of {len(asked)}", wrong)
        return [each.result() for each in asked]

    def close(self) -> None:
        """End them."""
        for zygote in self._all:
            zygote.close()


@pytest.fixture(scope="module")
def zygotes() -> Iterator[Zygotes]:
    started = Zygotes()
    yield started
    started.close()


@pytest.fixture(scope="module")
def measured(zygotes: Zygotes, tmp_path_factory: pytest.TempPathFactory) -> Calls:
    """Return, for each call of each point, its steps, microseconds and thread in a kernel that lives."""

    def measure(zygote: Zygote, habit: str) -> Calls:
        folder = a_project(tmp_path_factory.mktemp(habit))
        points = [point for point in POINTS if habit == habit_of(point)]
        told = zygote.live(folder=str(folder), measures=points, habit=habit)
        check_trail(folder, told)
        check_habit(habit, told)
        (calls,) = [fact["calls"] for fact in told if "calls" in fact]
        assert set(points) == {point for point, times in calls.items() if times}
        return dict(calls)

    habits = HABITS if SEED is None else [habit_of(POINTS[SEED % len(POINTS)])]
    return dict(ChainMap(*zygotes.each(measure, habits)))


def check_habit(habit: str, told: list[Any]) -> None:
    """Demand that what a habit is there for has happened."""
    if habit == "locked":
        assert {1} == {fact["spooled"] for fact in told if "spooled" in fact}
    if habit == "sweeping":
        assert 1 == sum(fact["swept"] for fact in told if "swept" in fact)


def habit_of(point: str) -> str:
    return LEADS_TO.get(point, "plain")


def a_project(folder: Path) -> Path:
    folder.mkdir(exist_ok=True, parents=True)
    (folder / "celltrail.toml").touch()
    return folder


def a_death(seed: int, calls: Calls) -> Death:
    """Return where the kernel of this seed dies: each point as often as the others, evenly over all that it does."""
    chance = random.Random(seed)
    point = POINTS[seed % len(POINTS)]
    thread = THREADS.get(point, "")
    own = [one for one in calls[point] if thread in ("", one[2])]
    call = chance.randrange((len(own) + 1) // 2 if point in PACED else len(own))
    steps, microseconds, _ = own[call]
    how = chance.choice(("step", "timer", "operation") if point in IN_SQLITE else ("step", "timer"))
    far = {"step": steps, "timer": microseconds, "operation": 600}[how]
    return Death(point, call + 1, how, chance.randrange(max(far, 1)), thread=thread)


def kill_one(zygote: Zygote, seed: int, calls: Calls, folder: Path) -> list[Any]:
    """Let a kernel die, look at what it left, let the next one go on; return what the first told."""
    death = a_death(seed, calls)
    project = a_project(folder / str(seed))
    habit = habit_of(death.point)
    told = zygote.live(folder=str(project), death=vars(death), habit=habit)
    try:
        assert [-9] == told[-1]["ended"], told
        check_trail(project, told)
        again = zygote.live(folder=str(project), first=7, rounds=1, habit=habit)
        check_trail(project, [*told, *again])
        assert {"done": True} in again, again
        numbers_go_on(told, again)
    except BaseException as error:
        error.add_note(f"seed {seed}, {death}, in {project}")
        raise
    return told


def numbers_go_on(told: list[Any], again: list[Any]) -> None:
    first, then = (
        {fact["run"] for fact in facts if fact.get("returned", "later") != "later"} for facts in (told, again)
    )
    assert not first & then


@pytest.mark.parametrize(
    "count", [pytest.param(FEW, marks=pytest.mark.short), pytest.param(MANY, marks=pytest.mark.long)]
)
def test_a_kernel_killed_anywhere_leaves_every_returned_cell_whole(
    zygotes: Zygotes, measured: Calls, tmp_path: Path, count: int
) -> None:
    """CELLTRAIL_SEED=17 runs that kill alone again."""
    first = 0 if count == FEW else 1000
    seeds = list(range(first, first + count)) if SEED is None else [SEED]

    told = zygotes.each(lambda zygote, seed: kill_one(zygote, seed, measured, tmp_path), seeds)

    struck = [fact for facts in told for fact in facts if "dies" in fact]
    points = Counter(fact["dies"]["point"] for fact in struck)
    elsewhere = [fact for fact in struck if fact["thread"] != THREADS.get(fact["dies"]["point"], fact["thread"])]
    said = f"seeds {seeds[0]} to {seeds[-1]}: {len(told)} killed, {len(struck)} where they were to be"
    sys.stdout.write(f"{said}: {dict(points)}\n")
    assert [] == elsewhere
    assert len(struck) >= 0.9 * len(told)
    assert set(points) == {POINTS[seed % len(POINTS)] for seed in seeds}
