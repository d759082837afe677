"""How much a tracked cell costs over the plain one: `python tests/bench/tracked_cell.py [--profile CELL]`.

Prints medians in milliseconds, and their ratio to one empty SQLite commit on the same disk, since a laptop and a
server differ. Not run in CI.
"""

from __future__ import annotations

import cProfile
import os
import pstats
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"  # a fit of iris: threads only wait

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

REPEATS = 30
PREPARE = """
import celltrail
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
X, y = load_iris(return_X_y=True, as_frame=True)
"""
LOGS = """
for i in range(10):
    celltrail.log_param(f"p{i}", i)
for i in range(20):
    celltrail.log_metric(f"m{i}", i / 7)
"""
CELLS = {
    "nothing": "x = 1  # {n}",
    "10 params, 20 metrics": "# {n}\n" + LOGS,
    "a fit and a metric": (
        "# {n}\nclf = LogisticRegression(max_iter=500, C=1 + {n}).fit(X, y)\nacc = accuracy_score(y, clf.predict(X))"
    ),
}


def times(shell: InteractiveShell, source: str) -> tuple[float, float]:
    """Run a cell again and again, each time a little different; return the median seconds, and those of CPU."""
    found, cpu = [], []
    for number in range(REPEATS):
        started, cpu_started = time.perf_counter(), time.thread_time()
        result = shell.run_cell(source.replace("{n}", str(number)), store_history=True)
        found.append(time.perf_counter() - started)
        cpu.append(time.thread_time() - cpu_started)
        result.raise_error()
    return median(found[2:]), median(cpu[2:])


def without_logs(source: str) -> str:
    """Return the plain cell: what it logs is assigned."""
    return source.replace("celltrail.log_param(", "_ = (").replace("celltrail.log_metric(", "_ = (")


def commit_s(folder: Path) -> float:
    """Return the median of an empty commit."""
    connection = sqlite3.connect(folder / "unit.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE t (x)")

    def once() -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO t VALUES (1)")
        connection.execute("COMMIT")

    found = [_seconds(once) for _ in range(100)]
    connection.close()
    return median(found)


def _seconds(call: Callable[[], None]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def main() -> None:
    """Measure and print."""
    folder = Path(tempfile.mkdtemp(prefix="celltrail-bench-"))
    (folder / "celltrail.toml").touch()
    os.chdir(folder)
    config = Config()
    config.HistoryManager.hist_file = ":memory:"
    shell = InteractiveShell.instance(config=config)
    out, sys.stdout = sys.stdout, open(os.devnull, "w")  # noqa: SIM115  the lines of the runs
    shell.run_cell(PREPARE).raise_error()
    plain = {name: times(shell, without_logs(source)) for name, source in CELLS.items()}
    shell.run_cell("%load_ext celltrail").raise_error()
    shell.run_cell(CELLS["a fit and a metric"].replace("{n}", "-0.5")).raise_error()  # the first one reads versions
    profiler = cProfile.Profile()
    tracked = {}
    for name, source in CELLS.items():
        if "--profile" in sys.argv and name in sys.argv:
            profiler.enable()
        tracked[name] = times(shell, source)
    profiler.disable()
    sys.stdout = out
    unit = commit_s(folder)
    print(f"one empty commit: {unit * 1000:.2f} ms")  # noqa: T201
    for name in CELLS:
        wall, cpu = (1000 * (tracked[name][which] - plain[name][which]) for which in (0, 1))
        shown = f"plain {1000 * plain[name][0]:6.2f} ms  added {wall:6.2f} ms, CPU {cpu:6.2f} ms"
        print(f"{name:24} {shown}  = {wall / unit / 1000:5.1f} commits")  # noqa: T201
    if "--profile" in sys.argv:
        pstats.Stats(profiler).sort_stats("cumulative").print_stats("celltrail", 90)


if __name__ == "__main__":
    main()
