"""Real kernels killed with SIGKILL in celltrail's own work; many more, in forked interpreters, are in test_kills."""

from __future__ import annotations

import ast
import random
import sys
from collections.abc import Callable
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from support.killing import Death
from support.scenario import CELLS, PREPARE, Zygote
from support.whole import check_trail

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.skipif(sys.platform != "linux", reason="dies by a timer of Linux"),
]

# Roughly how many steps and microseconds each takes; a call that is over sooner dies at its end.
FAR = {
    "begin": (600, 2_000),
    "fit opened": (400, 1_000),
    "fit closed": (3_000, 6_000),
    "finish": (3_000, 10_000),
    "blob": (200, 300),
    "commit": (1_000, 3_000),
}
# The first loads all, the second must return; from one of these on, the next call of the point is the last.
FATAL_CELLS = range(3, 8)
ROUNDS = 2
FEW, MANY = 2, 20
StartKernel = Callable[..., Any]
FIRST = (
    "from support.killing import Death, arm\n"
    "arm(Death(**{death}), lambda fact: __import__('os').mknod('dies'))\n%load_ext celltrail\n" + PREPARE
)
# What `support.scenario` tells of a cell that has returned.
TELL = (
    "(lambda cell, space: {{'run': cell.record.metrics[-1].run_id if {kind!r} == 'later' else cell.run.id,"
    " 'late': space.get('late'), 'acc': space.get('acc'),"
    " 'proba': space[{kind!r}].predict_proba(X[:5]).tolist() if {kind!r} in space else None}})"
    "(__import__('celltrail.magics.extension', fromlist=['current']).current().kernel.last_cell, globals())"
)
KEEPS = {
    "later": ("run", "late"),
    "light": ("run",),
    "forest": ("run", "acc", "proba"),
    "boost": ("run", "acc", "proba"),
}


def live_until_death(kernel: Any, death: Death) -> list[dict[str, Any]]:
    """Run cells until the kernel is dead; return what it told of those that returned."""
    told: list[dict[str, Any]] = []
    assert run(kernel, FIRST.format(death=vars(death)), tell="0") == 0
    for turn in range(ROUNDS):
        for kind, template in CELLS:
            source = template.format(turn=turn)
            said = run(kernel, source, tell=TELL.format(kind=kind))
            if said is None:
                return told
            told.append({"returned": kind, "turn": turn, "source": source} | {key: said[key] for key in KEEPS[kind]})
    raise AssertionError(f"it lives, after {len(told)} cells")


def run(kernel: Any, source: str, *, tell: str) -> Any:
    """Run a cell; return what `tell` says of it once its reply is there, or None where the kernel died before."""
    message = kernel.client.execute(source, user_expressions={"told": tell}, allow_stdin=False)
    while True:
        is_alive = kernel.manager.is_alive()
        try:
            reply = kernel.client.get_shell_msg(timeout=0.2)
        except Empty:
            if is_alive:
                continue
            return None
        if reply["parent_header"].get("msg_id") == message:
            assert "ok" == reply["content"]["status"], reply["content"]
            return ast.literal_eval(reply["content"]["user_expressions"]["told"]["data"]["text/plain"])


def a_death(seed: int) -> Death:
    chance, point = random.Random(seed), list(FAR)[seed % len(FAR)]
    how = chance.choice(("step", "timer"))
    at = chance.randrange(FAR[point][how == "timer"])
    return Death(point, chance.randint(1, 2), how, at, cell=chance.choice(FATAL_CELLS))


@pytest.mark.parametrize(
    "count", [pytest.param(FEW, marks=pytest.mark.short), pytest.param(MANY, marks=pytest.mark.long)]
)
def test_a_real_kernel_killed_anywhere_leaves_every_returned_cell_whole(
    start_kernel: StartKernel, tmp_path: Path, count: int
) -> None:
    zygote, returned, struck = Zygote(), 0, 0
    for seed in range(count):
        death, project = a_death(seed), tmp_path / str(seed)
        project.mkdir()
        (project / "celltrail.toml").touch()
        kernel = start_kernel(project, PYTHONPATH=str(Path(__file__).parent.parent), OMP_NUM_THREADS="1")
        try:
            told = live_until_death(kernel, death)
            check_trail(project, told)
            again = zygote.live(folder=str(project), first=7, rounds=1)
            assert {"done": True} in again, again
            check_trail(project, [*told, *again])
        except BaseException as error:
            error.add_note(f"seed {seed}, {death}, in {project}")
            raise
        finally:
            kernel.close()
        returned += len(told)
        struck += (project / "dies").exists()
    zygote.close()
    sys.stdout.write(f"{count} real kernels killed, {struck} where they were to be, after {returned} cells\n")
    assert count == struck
    assert returned >= count  # deaths fall after cells that returned
