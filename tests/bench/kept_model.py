"""What keeping a fitted forest costs, in units of pickling it: `python tests/bench/kept_model.py [--profile]`.

A cell that fits a forest of 50 trees on breast_cancer and keeps it, against the plain cell; a tracked cell that only
logs one number, against its plain one; and `pickle.dumps(model, 5)` of the very models. All in turns in one process,
so that a busy moment meets each of them. Prints medians of the clock and of the cell's own processor time: the whole
difference, and what of it is the model's (over the tracked cell that only logs). Not run in CI.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pickle
import pstats
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from tracked_cell import CELLS, commit_s, new_shell, prepare_folder, without_logs

ROUNDS = 12
TURNS = 5
PREPARE = """
import celltrail
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier
X, y = load_breast_cancer(return_X_y=True)
"""
FIT = "clf = RandomForestClassifier(n_estimators=50, random_state={n}).fit(X, y)"
LOG = CELLS["10 params, 20 metrics"]

Times = dict[str, list[tuple[float, float]]]


def spent(work: Callable[[], Any]) -> tuple[float, float]:
    """Return the seconds that some work takes: of the clock, and of the processor on this thread."""
    started, cpu_started = time.perf_counter(), time.thread_time()
    work()
    return time.perf_counter() - started, time.thread_time() - cpu_started


def one_round(shell: Any, first: int, found: Times, profiler: cProfile.Profile | None) -> None:
    """Run all cells some times: plain, then tracked."""

    def run(kind: str, source: str, cell_id: str, number: int) -> None:
        cell = source.replace("{n}", str(number))
        done = spent(lambda: shell.run_cell(cell, store_history=True, cell_id=cell_id).raise_error())
        found.setdefault(kind, []).append(done)

    for number in range(first, first + TURNS):
        run("plain fit", FIT, "cell-4", number)
        run("plain log", without_logs(LOG), "cell-5", number)
        found.setdefault("pickling", []).append(spent(lambda: pickle.dumps(shell.user_ns["clf"], 5)))
    shell.run_cell("%load_ext celltrail").raise_error()
    for number in (first - 2, first - 1):  # the first tracked cell of a session is another bench's
        shell.run_cell(FIT.replace("{n}", str(number)), store_history=True, cell_id="cell-4").raise_error()
        shell.run_cell(LOG.replace("{n}", str(number)), store_history=True, cell_id="cell-5").raise_error()
    for number in range(first, first + TURNS):
        if profiler is not None:
            profiler.enable()
        run("tracked fit", FIT, "cell-4", number)
        if profiler is not None:
            profiler.disable()
        run("tracked log", LOG, "cell-5", number)
    shell.run_cell("%unload_ext celltrail").raise_error()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", action="store_true")
    asked = parser.parse_args()
    folder, shell = prepare_folder(), new_shell()
    out, sys.stdout = sys.stdout, open(os.devnull, "w")  # noqa: SIM115  the lines of the runs
    shell.run_cell(PREPARE).raise_error()
    profiler = cProfile.Profile() if asked.profile else None
    found: Times = {}
    for place in range(ROUNDS):
        one_round(shell, place * (TURNS + 2) + 2, found, profiler)
    sys.stdout = out
    show(found, commit_s(folder, "FULL"), len(pickle.dumps(shell.user_ns["clf"], 5)))
    if profiler is not None:
        pstats.Stats(profiler).sort_stats("tottime").print_stats(45)
        pstats.Stats(profiler).sort_stats("cumulative").print_stats("celltrail", 100)


def show(found: Times, commit: float, size_bytes: int) -> None:
    """Print the medians, and the two differences in units of pickling."""
    clock, cpu = ({kind: median(one[which] for one in each) for kind, each in found.items()} for which in (0, 1))
    head = f"medians of {len(found['pickling'])}; load {os.getloadavg()[0]:.1f}"
    print(f"{head}; a commit, FULL {1000 * commit:.2f} ms")  # noqa: T201
    print(f"pickling the model ({size_bytes / 1000:.0f} kB){1000 * clock['pickling']:26.2f} ms  = the unit")  # noqa: T201
    for words, minus in (
        ("fitted and kept, over the plain fit", ("plain fit",)),
        ("a tracked cell that logs, over the plain", None),
        ("the model's part of it (bar: 2)", ("plain fit", "tracked log")),
    ):
        figures = []
        for times in (clock, cpu):
            logs = times["tracked log"] - times["plain log"]
            fits = times["tracked fit"] - times["plain fit"]
            added = logs if minus is None else fits - logs if "tracked log" in minus else fits
            figures.append(f"{1000 * added:8.2f} ms {added / times['pickling']:5.1f} x")
        print(f"{words:42}{figures[0]} of the clock{figures[1]} of the cell's CPU")  # noqa: T201


if __name__ == "__main__":
    main()
