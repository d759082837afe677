"""Kernels killed with SIGKILL inside begin, fit, blob write, commit, checkpoint and migration, at seeded points."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from support.killing import Death
from support.scenario import Zygote
from support.whole import check_trail

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.skipif(sys.platform != "linux", reason="dies by a timer of Linux"),
]

POINTS = ("load", "begin", "fit opened", "fit closed", "autosave", "finish", "blob", "commit", "checkpoint")
# Points that a short kernel only reaches if it commits running cells and folds the log at once.
HURRIED = ("autosave", "checkpoint")
FEW, MANY = 6, 180
SIDE_BY_SIDE = 4
Calls = dict[str, list[list[int]]]


@pytest.fixture(scope="module")
def zygotes() -> Iterator[list[Zygote]]:
    started = [Zygote() for _ in range(SIDE_BY_SIDE)]
    yield started
    for zygote in started:
        zygote.close()


@pytest.fixture(scope="module")
def measured(zygotes: list[Zygote], tmp_path_factory: pytest.TempPathFactory) -> Calls:
    """Return, for each call of each point, its steps and its microseconds in a kernel that lives."""
    found: Calls = {}
    for hurries in (True, False):
        folder = a_project(tmp_path_factory.mktemp("measured"))
        told = zygotes[0].live(folder=str(folder), measures=True, hurries=hurries)
        check_trail(folder, told)
        (calls,) = [fact["calls"] for fact in told if "calls" in fact]
        found |= {point: times for point, times in calls.items() if hurries is (point in HURRIED)}
    return found


def a_project(folder: Path) -> Path:
    folder.mkdir(exist_ok=True, parents=True)
    (folder / "celltrail.toml").touch()
    return folder


def a_death(seed: int, calls: Calls) -> Death:
    """Return where the kernel of this seed dies: each point as often as the others, evenly over all that it does."""
    chance = random.Random(seed)
    point = POINTS[seed % len(POINTS)]
    call = chance.randrange(len(calls[point]))
    steps, microseconds = calls[point][call]
    how = chance.choice(("step", "timer", "operation") if point in ("commit", "load") else ("step", "timer"))
    far = {"step": steps, "timer": microseconds, "operation": 600}[how]
    return Death(point, call + 1, how, chance.randrange(max(far, 1)))


def kill_one(zygote: Zygote, seed: int, calls: Calls, folder: Path) -> list[Any]:
    """Let a kernel die, look at what it left, let the next one go on; return what the first told."""
    death = a_death(seed, calls)
    project = a_project(folder / str(seed))
    told = zygote.live(folder=str(project), death=vars(death), hurries=death.point in HURRIED)
    try:
        assert [-9] == told[-1]["ended"], told
        check_trail(project, told)
        again = zygote.live(folder=str(project), first=7, rounds=1)
        check_trail(project, [*told, *again])
        assert {"done": True} in again, again
        numbers_go_on(told, again)
    except BaseException as error:
        error.add_note(f"seed {seed}, {death}, in {project}")
        raise
    return told


def numbers_go_on(told: list[Any], again: list[Any]) -> None:
    first = {fact["run"] for fact in told if fact.get("returned") in ("forest", "boost", "light")}
    assert not first & {fact["run"] for fact in again if fact.get("returned") in ("forest", "boost", "light")}


@pytest.mark.parametrize("count", [FEW, pytest.param(MANY, marks=pytest.mark.long)])
def test_a_kernel_killed_anywhere_leaves_every_returned_cell_whole(
    zygotes: list[Zygote], measured: Calls, tmp_path: Path, count: int
) -> None:
    """CELLTRAIL_SEED=17 runs that kill alone again."""
    asked, first = os.environ.get("CELLTRAIL_SEED"), 0 if count == FEW else 1000
    seeds = [int(asked)] if asked else list(range(first, first + count))
    waiting = list(zygotes)

    def run(seed: int) -> list[Any]:
        zygote = waiting.pop()
        try:
            return kill_one(zygote, seed, measured, tmp_path)
        finally:
            waiting.append(zygote)

    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        told = list(pool.map(run, seeds))

    struck = [fact["dies"] for facts in told for fact in facts if "dies" in fact]
    said = f"seeds {seeds[0]} to {seeds[-1]}: {len(told)} killed, {len(struck)} where they were to be"
    sys.stdout.write(said + "\n")
    assert len(struck) >= 0.9 * len(told)
