"""Runs a notebook without celltrail and with it, and says where the two differ."""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# What goes one way or the other by chance is found by so many more plays without celltrail.
_AGAIN = 3
TESTS = Path(__file__).parents[1]
# The newer kernels of OpenBLAS add in an order that depends on where in a page an array stands: `dasum` of the same
# 5,000 numbers differs in the last digit, and so do two plays of one notebook. Those for Sandy Bridge do not.
_SAME_ORDER = {"OPENBLAS_CORETYPE": "Sandybridge"}
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
# What two runs without celltrail may, by chance, agree on: addresses, the random ids of pandas' stylers, durations.
_WANDERING = {
    r"0?x[0-9a-f]{6,}": "ADDRESS",
    r"\.\.\.[0-9a-f]+(?=>|&gt;)": "...ADDRESS",  # what an estimator's drawing leaves of one
    r"\bT_[0-9a-f]{5}": "T_ID",
    r"\d+(\.\d+)?(e-\d+)? ?(s|ms|sec|seconds)\b": "DURATION",
}


@dataclass
class Twice:
    """What came of a notebook that was run without celltrail and with it.

    Attributes
    ----------
    differences : list of str
        Where the one with celltrail differs; empty is what is promised.
    wanders : list of str
        What differs between two runs without celltrail (times, addresses): compared without its digits only.
    error : list of str or None
        Name and message of the exception that ended both.
    runs, fits : int
        What was recorded.
    unknown : dict
        What could not be recorded, and why.
    is_too_slow : bool
        It did not end in time without celltrail.
    """

    differences: list[str] = field(default_factory=list)
    wanders: list[str] = field(default_factory=list)
    error: list[str] | None = None
    runs: int = 0
    fits: int = 0
    unknown: dict[str, str] = field(default_factory=dict)
    is_too_slow: bool = False


class Player:
    """A warm process that plays notebooks; see `tape.py`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.count = 0
        environment = {**os.environ, **_ONE_THREAD, **_SAME_ORDER, "PYTHONHASHSEED": "0", "PYTHONPATH": str(TESTS)}
        environment |= {"JUPYTER_DATA_DIR": str(folder / "data"), "IPYTHONDIR": str(folder / "ipython")}
        for name in ("CELLTRAIL_TRAIL", "CELLTRAIL_NOTEBOOK", "PYTHONWARNINGS"):
            environment.pop(name, None)
        self.server = subprocess.Popen(
            [sys.executable, "-m", "support.tape"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=folder,
            env=environment,
        )
        self._expect("ready")

    def close(self) -> None:
        """End the process."""
        assert self.server.stdin is not None
        assert self.server.stdout is not None
        self.server.stdin.close()
        self.server.stdout.close()
        self.server.wait(timeout=30)

    def twice(self, cells: list[str], *, seconds: float = 60, goes_on: bool = False) -> Twice:
        """Play a notebook without celltrail and with it, side by side, and compare.

        Parameters
        ----------
        cells : list of str
            Its sources.
        seconds : float
            How long it may take without celltrail; with it three times as long.
        goes_on : bool
            Run the cells after one that raises, too.

        Returns
        -------
        Twice
        """
        plain, tracked = self._play(cells, (False, True), seconds, goes_on)
        if plain is None:
            return Twice(is_too_slow=True)
        if tracked is None:
            return Twice(differences=["ends without celltrail, but not in three times as long with it"])
        found = Twice(error=plain.get("error"), **tracked.get("recorded", {}))
        found.differences = differences(plain, tracked)
        left, right = plain, tracked
        for _ in range(_AGAIN):
            if not found.differences or "broken" in tracked:
                break
            (again,) = self._play(cells, (False,), seconds * 3, goes_on)
            if again is not None and (wanders := differences(plain, again)):
                found.wanders += wanders
                left, right = _loosened(left, plain, again), _loosened(right, plain, again)
                found.differences = differences(left, right)
        return found

    def _play(
        self, cells: list[str], kinds: tuple[bool, ...], seconds: float, goes_on: bool
    ) -> list[dict[str, Any] | None]:
        self.count += 1
        jobs = []
        for is_tracked in kinds:
            place = self.folder / f"{self.count}-{'with' if is_tracked else 'without'}"
            folder = place / "project"  # the same name in both: paths are printed
            folder.mkdir(parents=True)
            (folder / "celltrail.toml").touch()
            wait_s = seconds * 3 if is_tracked else seconds
            job = {"cells": cells, "folder": str(folder), "tracked": is_tracked, "goes_on": goes_on}
            jobs.append({**job, "seconds": wait_s, "answer": str(place / "tape.json")})
        self._ask(jobs)
        return [_read(job["answer"], job["folder"]) for job in jobs]

    def work(self, *jobs: dict[str, Any], seconds: float) -> list[dict[str, Any]]:
        """Let children do work of `remade`, side by side, each in a folder of its own; return what they found."""
        asked = []
        for job in jobs:
            self.count += 1
            folder = self.folder / f"{self.count}-{job['work']}" / "project"
            folder.mkdir(parents=True)
            (folder / "celltrail.toml").touch()
            asked.append({**job, "folder": str(folder), "seconds": seconds, "answer": f"{folder}.json"})
        self._ask(asked)
        found = [Path(job["answer"]) for job in asked]
        return [json.loads(path.read_text()) if path.exists() else {"broken": "not done in time"} for path in found]

    def _ask(self, jobs: list[dict[str, Any]]) -> None:
        assert self.server.stdin is not None
        self.server.stdin.write(json.dumps(jobs) + "\n")
        self.server.stdin.flush()
        self._expect("done")

    def _expect(self, word: str) -> None:
        assert self.server.stdout is not None
        line = self.server.stdout.readline().strip()
        assert word == line, f"the player said {line!r}"


def differences(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """Say where two tapes differ, a line each."""
    if "broken" in one or "broken" in other:
        return [tape["broken"] for tape in (one, other) if "broken" in tape]
    found = []
    if one["error"] != other["error"]:
        found.append(f"error: {one['error']} / {other['error']}")
    for number in _unequal_cells(one, other):
        left, right = (tape["cells"][number] if number < len(tape["cells"]) else [] for tape in (one, other))
        shown = next((_apart(a, b) for a, b in itertools.zip_longest(left, right) if a != b), "")
        found.append(f"cell {number + 1}: {shown}")
    for part in _unequal_parts(one, other):
        found.append(f"{part}: {_moved(one['state'][part], other['state'][part])}")
    return found


def _unequal_cells(one: dict[str, Any], other: dict[str, Any]) -> list[int]:
    pairs = enumerate(itertools.zip_longest(one["cells"], other["cells"]))
    return [number for number, (left, right) in pairs if left != right]


def _unequal_parts(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    return [part for part in one["state"] if one["state"][part] != other["state"][part]]


def _read(answer: str, folder: str) -> dict[str, Any] | None:
    path = Path(answer)
    if not path.exists():
        return None
    # The two stand in different folders, of which either may print its own.
    text = path.read_text().replace(str(Path(folder).parent), "PLACE")
    for what, stands_for in _WANDERING.items():
        text = re.sub(what, stands_for, text, flags=re.IGNORECASE)
    return dict(json.loads(text))


def _apart(one: Any, other: Any) -> str:
    """Show two events from shortly before the first character in which they differ."""
    texts = str(one), str(other)
    equal = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(*texts, strict=False))
    start = max(0, sum(1 for _ in equal) - 80)
    left, right = (text[start : start + 300] for text in texts)
    return f"…{left}… / …{right}…"


def _moved(one: Any, other: Any) -> str:
    if isinstance(one, dict) and "filters" in one and one["filters"] != other["filters"]:
        return _apart(one["filters"], other["filters"])
    if isinstance(one, dict):
        return str({key: (one.get(key), other.get(key)) for key in one | other if one.get(key) != other.get(key)})[
            :1500
        ]
    return f"{one} / {other}"


def _loosened(tape: dict[str, Any], plain: dict[str, Any], again: dict[str, Any]) -> dict[str, Any]:
    """Return a tape without digits and pictures where two runs without celltrail differ from each other."""
    cells = list(tape["cells"])
    for number in _unequal_cells(plain, again):
        if number < len(cells):
            cells[number] = _without_digits(cells[number])
    state = dict(tape["state"])
    for part in _unequal_parts(plain, again):
        if isinstance(state[part], str):
            state[part] = ""
            continue
        moved = [key for key in plain["state"][part] if plain["state"][part][key] != again["state"][part].get(key)]
        state[part] = {key: value for key, value in state[part].items() if key not in moved}
    error = _without_digits(tape["error"]) if plain["error"] != again["error"] else tape["error"]
    return {**tape, "cells": cells, "state": state, "error": error}


def _without_digits(shown: Any) -> Any:
    if isinstance(shown, str):
        return re.sub(r" *(\d+(\.\d*)?(e[-+]?\d+)?|█+) *", "0", shown)
    if isinstance(shown, list):
        return [_without_digits(each) for each in shown]
    if isinstance(shown, dict):
        return {key: "" if key.startswith("image/") else _without_digits(value) for key, value in shown.items()}
    return shown
