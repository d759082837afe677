"""A tracked cell in trails of ten, a thousand, a hundred thousand runs, in turn: `tests/bench/cells_side_by_side.py`.

A process for each trail; each runs one cell when its turn comes, so that whatever else the machine does befalls all
alike. Printed are the medians of what a tracked cell takes of the processor beyond the plain one, all threads of its
process counted, and how often that of the smallest trail it is. Trails are made by the real writer (many_runs.py);
`--trails FOLDER` keeps them, or goes on with those that a former call made. Not part of the test suite.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent))

ROUNDS, WARM_UP = 60, 5
KINDS = ("plain", "alone in its experiment", "of a large experiment")


def be_one() -> None:
    """Run a cell for each line that comes in; say the milliseconds of the processor that it took."""
    from growth import CELL, LARGE, PLAIN, Shell

    shell, out = Shell(), sys.stdout
    sources = dict(zip(KINDS, (PLAIN, f"# celltrail: alone\n{CELL}", f"# celltrail: {LARGE}\n{CELL}"), strict=True))
    for line in sys.stdin:
        started = time.process_time()
        shell.run(sources[line.strip()])
        print((time.process_time() - started) * 1000, file=out, flush=True)


class Worker:
    """The process of one trail."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, "--be-one"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=folder,
            env=os.environ | {"CELLTRAIL_TRAIL": str(folder.absolute() / ".celltrail")},
        )

    def run(self, kind: str) -> float:
        """Run a cell; return its milliseconds."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{kind}\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())

    def close(self) -> None:
        """End it."""
        self._process.communicate()


def fill(folder: Path, count: int) -> None:
    """Make the runs of a trail, where it has none yet."""
    from many_runs import Crowd

    from celltrail.store.trail import Trail

    folder.mkdir(parents=True, exist_ok=True)
    with Trail.open(folder / ".celltrail") as trail:
        if not trail.db.rows("SELECT 1 FROM runs LIMIT 1"):
            Crowd(trail).fill(count)


def measure(folders: dict[int, Path]) -> dict[tuple[int, str], float]:
    """Return the median of each kind of cell in each trail."""
    workers = {count: Worker(folder) for count, folder in folders.items()}
    found: dict[tuple[int, str], list[float]] = {(count, kind): [] for count in folders for kind in KINDS}
    for turn in range(WARM_UP + ROUNDS):
        for kind in KINDS:
            for count, worker in workers.items():
                took = worker.run(kind)
                if turn >= WARM_UP:
                    found[count, kind].append(took)
    for worker in workers.values():
        worker.close()
    return {place: statistics.median(times) for place, times in found.items()}


def main() -> None:
    """Make the trails, measure and print."""
    asked = argparse.ArgumentParser()
    asked.add_argument("runs", nargs="*", type=int, default=[10, 1000, 100_000])
    asked.add_argument("--trails", type=Path)
    asked.add_argument("--be-one", action="store_true")
    given = asked.parse_args()
    if given.be_one:
        be_one()
        return
    with tempfile.TemporaryDirectory(prefix="celltrail-bench-") as made:
        folders = {count: (given.trails or Path(made)) / f"t{count}" for count in sorted(given.runs)}
        for count, folder in folders.items():
            fill(folder, count)
        found = measure(folders)
    for kind in KINDS[1:]:
        added = {count: found[count, kind] - found[count, "plain"] for count in folders}
        smallest = next(iter(added.values()))
        for count, took in added.items():
            print(f"{count:>9,} runs, {kind:24} {took:6.2f} ms of CPU, {took / smallest:5.2f} times")  # noqa: T201


if __name__ == "__main__":
    main()
