"""How much a tracked cell costs over the plain one: `python tests/bench/tracked_cell.py [--profile CELL]`.

Code, environment, notebook, git and inputs are captured as they are for a person: there is a saved notebook of twenty
cells, a git repository around it, and each cell runs under its id, edited a little every time. Prints medians in
milliseconds, and their ratio to one empty SQLite commit on the same disk, since a laptop and a server differ. Not run
in CI.
"""

from __future__ import annotations

import cProfile
import json
import os
import pstats
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"  # a fit of iris: threads only wait

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

REPEATS = 40
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
    "the same and an input": "# {n}\n" + LOGS + 'celltrail.log_dataset(X, "X")\n',
    "a fit and a metric": (
        "# {n}\nclf = LogisticRegression(max_iter=500, C=1 + {n}).fit(X, y)\nacc = accuracy_score(y, clf.predict(X))"
    ),
}


def times(shell: InteractiveShell, source: str, cell_id: str) -> tuple[float, float]:
    """Run a cell again and again, each time a little different; return the median seconds, and those of CPU."""
    found, cpu = [], []
    for number in range(REPEATS):
        started, cpu_started = time.perf_counter(), time.thread_time()
        result = shell.run_cell(source.replace("{n}", str(number)), store_history=True, cell_id=cell_id)
        found.append(time.perf_counter() - started)
        cpu.append(time.thread_time() - cpu_started)
        result.raise_error()
    return median(found[2:]), median(cpu[2:])


def without_logs(source: str) -> str:
    """Return the plain cell: what it logs is assigned."""
    for call in ("log_param", "log_metric", "log_dataset"):
        source = source.replace(f"celltrail.{call}(", "_ = (")
    return source


def commit_s(folder: Path, synchronous: str) -> float:
    """Return the median of an empty commit."""
    connection = sqlite3.connect(folder / f"unit-{synchronous}.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute(f"PRAGMA synchronous={synchronous}")
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


def prepare_folder() -> Path:
    """Make a project: a git repository with a saved notebook of twenty cells; return its folder."""
    folder = Path(tempfile.mkdtemp(prefix="celltrail-bench-"))
    (folder / "celltrail.toml").touch()
    path = folder / "work.ipynb"
    cells = [_cell(f"cell-{number}", f"# step {number}\nx{number} = {number}") for number in range(20)]
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    os.chdir(folder)
    os.environ["CELLTRAIL_NOTEBOOK"] = str(path)
    return folder


def _cell(cell_id: str, source: str) -> dict[str, object]:
    shown = [{"output_type": "stream", "name": "stdout", "text": f"{source}\n" * 20}]
    return {
        "cell_type": "code",
        "id": cell_id,
        "metadata": {},
        "execution_count": None,
        "source": source,
        "outputs": shown,
    }


def new_shell() -> InteractiveShell:
    """Return the shell of this process; its history leaves no file."""
    config = Config()
    config.HistoryManager.hist_file = ":memory:"
    return InteractiveShell.instance(config=config)


def main() -> None:
    """Measure and print."""
    folder = prepare_folder()
    shell = new_shell()
    out, sys.stdout = sys.stdout, open(os.devnull, "w")  # noqa: SIM115  the lines of the runs
    shell.run_cell(PREPARE).raise_error()
    ids = {name: f"cell-{place + 3}" for place, name in enumerate(CELLS)}
    plain = {name: times(shell, without_logs(source), ids[name]) for name, source in CELLS.items()}
    shell.run_cell("%load_ext celltrail").raise_error()
    shell.run_cell(CELLS["a fit and a metric"].replace("{n}", "-0.5")).raise_error()  # the first one reads versions
    profiler = cProfile.Profile()
    tracked = {}
    for name, source in CELLS.items():
        if "--profile" in sys.argv and name in sys.argv:
            profiler.enable()
        tracked[name] = times(shell, source, ids[name])
        profiler.disable()
    sys.stdout = out
    unit, full = commit_s(folder, "NORMAL"), commit_s(folder, "FULL")
    print(f"one empty commit: {unit * 1000:.3f} ms, synchronous=FULL {full * 1000:.2f} ms")  # noqa: T201
    for name in CELLS:
        wall, cpu = (1000 * (tracked[name][which] - plain[name][which]) for which in (0, 1))
        shown = f"plain {1000 * plain[name][0]:6.2f} ms  added {wall:6.2f} ms, CPU {cpu:6.2f} ms"
        print(f"{name:24} {shown}  = {wall / full / 1000:5.1f} commits")  # noqa: T201
    if "--profile" in sys.argv:
        pstats.Stats(profiler).sort_stats("tottime").print_stats(40)
        pstats.Stats(profiler).sort_stats("cumulative").print_stats("celltrail", 90)


if __name__ == "__main__":
    main()
