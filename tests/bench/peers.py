"""What celltrail costs beside MLflow and trackio: `python tests/bench/peers.py [--repeats N] [--cache FOLDER]`.

Installs the peers, each into an environment of its own (kept in the cache folder for the next time), and measures one
tool a process on the same work: a run of 10 parameters and 20 metrics, and a forest of 50 trees on breast_cancer that
is fitted and kept. Beside them, what it takes to load celltrail and to run its first tracked cell, each time in a
fresh process. Prints medians and factors, never a verdict on numbers that were not measured now. Not run in CI.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from statistics import median
from typing import Any

WORK = Path(__file__).with_name("peers_work.py")
NEEDS = {"mlflow": ["mlflow", "scikit-learn"], "trackio": ["trackio"]}


def python_of(tool: str, cache: Path) -> str:
    """Return the interpreter with a tool in it, installed where it is missing."""
    if tool not in NEEDS:
        return sys.executable
    folder = cache / tool
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not (folder / "installed").exists():
        print(f"installing {' '.join(NEEDS[tool])} into {folder} …", file=sys.stderr)  # noqa: T201
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *NEEDS[tool]], check=True)
        (folder / "installed").touch()
    return str(python)


def measure(python: str, tool: str, work: str, repeats: int) -> dict[str, Any]:
    """Do some work in a process of its own, and return what it measured (seconds)."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # whoever installed celltrail has it compiled
    with tempfile.TemporaryDirectory(prefix="celltrail-peers-") as folder:
        command = [python, str(WORK), tool, work, str(repeats)]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{tool} {work} failed:\n{done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def show(label: str, seconds: float, remark: str = "") -> None:
    """Print one line."""
    print(f"  {label:34} {1000 * seconds:10.2f} ms   {remark}")  # noqa: T201


def runs_of_numbers(cache: Path, repeats: int) -> None:
    """A run of 10 parameters and 20 metrics."""
    print(f"10 parameters, 20 metrics (added over the plain work, median of {repeats})")  # noqa: T201
    found = {
        tool: measure(python_of(tool, cache), tool, "numbers", repeats) for tool in ("celltrail", "mlflow", "trackio")
    }
    ours = found["celltrail"]["added_s"]
    show("one empty commit, FULL", found["celltrail"]["commit_s"])
    show("celltrail", ours, "bar: 2 ms")
    show("MLflow, SQLite", found["mlflow"]["added_s"], f"{found['mlflow']['added_s'] / ours:.0f} times (bar: 10)")
    show("trackio", found["trackio"]["added_s"], f"{found['trackio']['added_s'] / ours:.1f} times (bar: 1)")


def forests(cache: Path, repeats: int) -> None:
    """A forest that is fitted and kept."""
    slow = max(3, repeats // 6)
    print(f"a forest of 50 trees, fitted and kept (added; median of {repeats}, MLflow {slow})")  # noqa: T201
    ours = measure(python_of("celltrail", cache), "celltrail", "forest", repeats)
    theirs = measure(python_of("mlflow", cache), "mlflow", "forest", slow)
    show("plain fit", ours["plain_s"])
    show("pickling the model", ours["pickle_s"], f"{ours['size_bytes'] / 1000:.0f} kB")
    show("celltrail", ours["added_s"], f"{ours['added_s'] / ours['pickle_s']:.1f} times pickling (bar: 2)")
    show("MLflow autolog", theirs["added_s"], f"{theirs['added_s'] / ours['added_s']:.0f} times (bar: 100)")


def beginnings(cache: Path, repeats: int) -> None:
    """Loading, and the first tracked cell, in fresh processes."""
    print(f"the beginning of a session (fresh process each, median of {repeats})")  # noqa: T201
    python = python_of("celltrail", cache)
    found = [measure(python, "celltrail", "beginning", 1) for _ in range(repeats)]
    show("import IPython", median(one["ipython_s"] for one in found))
    show("%load_ext celltrail", median(one["load_s"] for one in found), "bar: 150 ms")
    show("first tracked cell, added", median(one["first_s"] for one in found), "bar: 100 ms")
    show("first fit, added", median(one["first_fit_s"] for one in found), "bar: 100 ms")
    heavy = sorted({name for one in found for name in one["heavy"]})
    print(f"  loaded by %load_ext of pandas, sklearn, numpy: {', '.join(heavy) or 'none'}")  # noqa: T201


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=30)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "celltrail-peers")
    parser.add_argument("--only", choices=("numbers", "forest", "beginning"))
    asked = parser.parse_args()
    parts = {"numbers": runs_of_numbers, "forest": forests, "beginning": beginnings}
    for name, part in parts.items():
        if asked.only in (None, name):
            part(asked.cache, asked.repeats)


if __name__ == "__main__":
    main()
