"""What the beginning of a session costs: `python tests/bench/loading.py [--repeats N]`.

Each measurement is a fresh process with all that a kernel has imported before its first cell. Three cells in a row:
`%load_ext celltrail`; imports of pandas and scikit-learn; a fit with a metric, the first tracked cell. A second
session imports the libraries first, so that the tracked cell follows on `%load_ext` at once. Each is compared with
the same session without celltrail. Prints medians of processor time and wall time, and as ratios to `import IPython`
of the same processes. Not run in CI.

Python's compiled files are written and used, as in any installed package, whatever the environment says: without
them more than half of what is measured would be the compiler.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

LIBRARIES = """import pandas as pd
from sklearn.datasets import load_iris
from sklearn.linear_model import RidgeClassifier
from sklearn.metrics import accuracy_score
X, y = load_iris(return_X_y=True)"""
FIT = "clf = RidgeClassifier().fit(X, y)\nacc = accuracy_score(y, clf.predict(X))"
LOAD = "%load_ext celltrail"
SESSIONS = {"load first": (LOAD, LIBRARIES, FIT), "libraries first": (LIBRARIES, LOAD, FIT)}
HEAVY = ("pandas", "sklearn", "numpy")


def spent(work: Callable[[], Any]) -> tuple[float, float, float]:
    """Return the seconds that some work takes: of the processor on this thread, on all threads, and of the clock."""
    before = time.thread_time(), time.process_time(), time.perf_counter()
    work()
    now = time.thread_time(), time.process_time(), time.perf_counter()
    thread, process, wall = (b - a for a, b in zip(before, now, strict=True))
    return thread, process, wall


def session(cells: tuple[str, ...], *, loads: bool) -> dict[str, Any]:
    """Run the cells of a session in this fresh process."""
    found: dict[str, Any] = {"import IPython": spent(lambda: __import__("IPython.core.interactiveshell"))}
    import ipykernel.ipkernel
    import ipykernel.zmqshell  # noqa: F401  what a kernel has imported before its first cell
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.hist_file = ":memory:"
    shell = InteractiveShell.instance(config=config)
    shell.run_cell("pass").raise_error()
    for cell in cells:
        source = "pass" if cell == LOAD and not loads else cell
        found[cell] = spent(lambda source=source: shell.run_cell(source).raise_error())
        found[f"{cell} heavy"] = [name for name in HEAVY if name in sys.modules]
        time.sleep(PAUSE_S)
    return found


PAUSE_S = 0.0  # between cells: nothing, as "run all" does it, is the hardest


def measured(name: str, *, loads: bool) -> dict[str, Any]:
    """Run a session in a process of its own."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment["PYTHONPYCACHEPREFIX"] = str(Path(tempfile.gettempdir()) / "celltrail-bytecode")
    with tempfile.TemporaryDirectory(prefix="celltrail-loading-") as folder:
        command = [sys.executable, __file__, "--session", name, *(["--loads"] if loads else [])]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--session", choices=SESSIONS)
    parser.add_argument("--loads", action="store_true")
    asked = parser.parse_args()
    if asked.session:
        print(json.dumps(session(SESSIONS[asked.session], loads=asked.loads)))  # noqa: T201
        return
    for name, cells in SESSIONS.items():
        show(name, cells, asked.repeats)
    print(f"load of the machine: {' '.join(f'{load:.1f}' for load in os.getloadavg())}")  # noqa: T201


def show(name: str, cells: tuple[str, ...], repeats: int) -> None:
    """Print what each cell of a session costs more than without celltrail."""
    for loads in (False, True):
        measured(name, loads=loads)  # compiles, and warms the disk
    plain, ours = [], []
    for _ in range(repeats):  # in turns, so that a busy moment meets both
        plain.append(measured(name, loads=False))
        ours.append(measured(name, loads=True))
    unit = [median(one["import IPython"][kind] for one in [*plain, *ours]) for kind in range(3)]
    head = f"{name} (added; medians of {repeats})"
    print(f"{head:62}    this thread      all threads            clock")  # noqa: T201
    print(f"  {'import IPython':60}" + "".join(f"{1000 * one:8.0f} ms       " for one in unit))  # noqa: T201
    for cell in cells:
        added = [median(o[cell][k] for o in ours) - median(p[cell][k] for p in plain) for k in range(3)]
        figures = [f"{1000 * one:8.0f} ms {one / base:4.1f} x" for one, base in zip(added, unit, strict=True)]
        print(f"  {cell.splitlines()[-1][:58]:60}{''.join(figures)}")  # noqa: T201
    heavy = {name for one in ours for name in one[f"{LOAD} heavy"]} - set(HEAVY if cells[0] == LIBRARIES else ())
    print(f"  of {', '.join(HEAVY)}, loaded by %load_ext: {', '.join(sorted(heavy)) or 'none'}")  # noqa: T201


if __name__ == "__main__":
    main()
