"""Random notebooks tried for staleness: what is said of their cells, and what "run all" really gives.

Run as `python -m support.standing FIRST COUNT`, it tells each broken promise, and of each notebook whether nothing
was said of it, and whether an alarm had no value behind it.

Two promises: where nothing is said, "run all" in a fresh namespace gives every value that is in memory; and whoever
runs the cells that `fix` names, as often as it names some, has those values.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from support.forking import import_what_is_used, in_a_fork, make_bare_shell, play, spread
from support.programs import HEAD, KINDS, Cell, make_program

import celltrail

_ROUNDS = 6
# Held to nothing: a generator is used up by who looks into it, and functions are told by their names alone.
_NAMES = [
    f"{kind}{number}" for kind, count in KINDS.items() if kind not in ("it", "f") for number in range(1, count + 1)
]


def notebook_of(seed: int) -> tuple[tuple[Cell, ...], list[Cell]]:
    """Return what is run, and the notebook as it is saved after it: moved, edited, cells deleted now and then."""
    # A file that was moved away is not put back by who made it: what is said of files is tried in `test_standing`.
    program, draw = make_program(seed, without=("os.replace", "os.rename")), random.Random(seed)
    if draw.random() < 0.5:  # as most notebooks are: from top to bottom, and a cell or two again
        first = dict(reversed(program.cells))
        saved = [(name, first[name]) for name in dict.fromkeys(name for name, _ in program.cells)]
        return (*saved, *draw.sample(saved[len(HEAD) :], draw.randint(0, 2))), saved
    latest: dict[str, str] = {}
    for cell_id, source in program.cells:
        latest[cell_id] = source  # a cell stands where it first ran
    saved = list(latest.items())
    body = saved[len(HEAD) :]
    if draw.random() < 0.3 and len(body) > 1:
        at, to = draw.sample(range(len(body)), 2)
        body.insert(to, body.pop(at))
    if draw.random() < 0.2:
        at = draw.randrange(len(body))
        body[at] = (body[at][0], draw.choice(body)[1])
    if draw.random() < 0.15:
        body.pop(draw.randrange(len(body)))
    if draw.random() < 0.2:
        body = [(name, f"# looked at again\n{source}") for name, source in body]
    return program.cells, [*saved[: len(HEAD)], *body]


def save(path: Path, cells: list[Cell]) -> None:
    """Write the notebook as if a minute had passed since its cells ran."""
    nbformat.write(
        nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source, id=name) for name, source in cells]), path
    )
    os.utime(path, (time.time() + 60,) * 2)


def held(value: Any) -> Any:
    """Return what a value holds, whatever parts it shares."""
    if isinstance(value, list | tuple):
        return [type(value).__name__, *map(held, value)]
    if isinstance(value, dict):
        return [type(value).__name__, *([repr(key), held(one)] for key, one in value.items())]
    if type(value).__module__ == "numpy":
        return [str(value.dtype), value.tolist()]
    if hasattr(value, "__dict__") and not callable(value):
        return [type(value).__name__, *([key, held(one)] for key, one in sorted(vars(value).items()))]
    return type(value).__name__ if callable(value) else repr(value)


def values(namespace: dict[str, Any]) -> dict[str, Any]:
    """Return what the names hold that are compared."""
    return {name: held(namespace[name]) for name in _NAMES if name in namespace}


def in_memory(ran: tuple[Cell, ...], saved: list[Cell]) -> dict[str, Any]:
    """Run cells with celltrail; return what is said and what is in memory, and again when `fix` was followed."""
    Path("celltrail.toml").touch()
    os.environ["CELLTRAIL_NOTEBOOK"] = str(path := Path("told.ipynb").absolute())
    shell = make_bare_shell()
    shell.run_cell("%load_ext celltrail", store_history=True)
    play(shell, ran)
    save(path, saved)
    told = celltrail.lineage(stale=True).data
    found = {"told": told, "values": values(shell.user_ns), "rounds": 0}
    for _ in range(_ROUNDS):
        steps = celltrail.fix().data["run"]
        if not steps:
            break
        found["rounds"] += 1
        found["steps"] = [step["cell_id"] for step in steps]
        play(shell, [(step["cell_id"], step["source"]) for step in steps])
        save(path, saved)
    return found | {"after": celltrail.lineage(stale=True).data, "mended": values(shell.user_ns)}


def run_all(saved: list[Cell]) -> dict[str, Any]:
    """Run the notebook's cells from top to bottom; return what is in memory, and which failed."""
    shell = make_bare_shell()
    failed = [name for name, source in saved if not shell.run_cell(source, store_history=True, cell_id=name).success]
    return {"values": values(shell.user_ns), "failed": failed}


def broken(seed: int) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """Return the promises that a notebook breaks, and what there is to count."""
    ran, saved = notebook_of(seed)
    memory, fresh = in_a_fork(lambda: in_memory(ran, saved)), in_a_fork(lambda: run_all(saved))
    if "broken" in memory or "broken" in fresh:
        return [{"seed": seed, "memory": memory, "fresh": fresh}], {}
    wrong = []
    is_silent = not memory["told"]["stale"] and not memory["told"]["unsure"]
    is_mended = not memory["after"]["stale"] and not memory["after"]["unsure"] and memory["rounds"] > 0
    for promise, holds, told, got in (
        ("silent", is_silent, memory["told"], memory["values"]),
        ("mended", is_mended, memory["after"], memory["mended"]),
    ):
        other = differing(got, fresh["values"], told)
        if holds and other:
            wrong.append({"seed": seed, "promise": promise, "other": other, "ran": ran, "saved": saved, **memory})
    alarms = bool(memory["told"]["stale"])
    idle = alarms and not differing(memory["values"], fresh["values"], {"left_over": []})
    if idle and os.environ.get("CELLTRAIL_SHOW_IDLE"):
        wrong.append({"seed": seed, "promise": "idle", "other": {}, "ran": ran, "saved": saved, **memory})
    counted = {"silent": is_silent, "mended": is_mended, "alarms": alarms, "idle": idle}
    return wrong, {name: int(one) for name, one in counted.items()}


def differing(got: dict[str, Any], fresh: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    """Return the names that hold another value, but for those of which it is said that no code makes them."""
    said = {one["name"] for one in told["left_over"]}
    names = sorted((got.keys() & fresh.keys()) - said)
    return {name: [got[name], fresh[name]] for name in names if got[name] != fresh[name]}


def tell_of(seed: int) -> Iterator[dict[str, Any]]:
    """Yield the promises that one notebook breaks, and what there is to count."""
    wrong, counts = broken(seed)
    yield from wrong
    yield {"counts": counts}


def _first() -> None:
    in_memory(*notebook_of(0))


if __name__ == "__main__":
    import_what_is_used(_first)
    spread(int(sys.argv[1]), int(sys.argv[2]), tell_of)
