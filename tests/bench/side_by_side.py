"""Starts one tool a process for `whole_notebooks.py` and `heavy_cells.py`; each peer in an environment of its own.

All environments hold the same scikit-learn, NumPy, pandas, Matplotlib and IPython as this one, so that one plain
shell stands beside all tools. What can't be installed is said, and left out.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import IO, Any

WORK = Path(__file__).with_name("side_by_side_work.py")
TOOLS = ("plain", "celltrail-untracked", "celltrail", "ipyflow", "kishu")
PEERS = ("ipyflow", "kishu")
SAME = ("scikit-learn", "numpy", "scipy", "pandas", "matplotlib", "ipython")
CACHE = Path(tempfile.gettempdir()) / "celltrail-peers"
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def tell(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def python_of(tool: str, cache: Path) -> str | None:
    """Return the interpreter with a tool in it, installed where it is missing; None where it can't be."""
    if tool not in PEERS:
        return sys.executable
    wanted = [tool, "psutil", *(f"{name}=={importlib.metadata.version(name)}" for name in SAME)]
    folder = cache / f"{tool}-{sys.version_info.major}.{sys.version_info.minor}"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = folder / "installed"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == " ".join(wanted):
        return str(python)
    tell(f"installing {' '.join(wanted)} into {folder} …")
    venv.create(folder, with_pip=True, clear=True)
    uv = shutil.which("uv")
    installer = [uv, "pip", "install", "-q", "--python"] if uv else []
    command = [*installer, str(python)] if uv else [str(python), "-m", "pip", "install", "-q"]
    done = subprocess.run([*command, *wanted], capture_output=True, text=True, check=False)
    if done.returncode:
        tell(f"{tool} can't be installed here:\n{done.stderr[-2000:]}")
        return None
    # As an installed celltrail, a peer shall not compile its modules in the notebook's time.
    subprocess.run([str(python), "-m", "compileall", "-q", str(folder)], capture_output=True, check=False)
    stamp.write_text(" ".join(wanted), encoding="utf-8")
    return str(python)


def environment() -> dict[str, str]:
    """Return the environment of every process that is measured."""
    found = {**os.environ, **_ONE_THREAD, "PYTHONHASHSEED": "0", "PYTHONWARNINGS": "ignore"}
    for name in ("PYTHONDONTWRITEBYTECODE", "CELLTRAIL_TRAIL", "CELLTRAIL_NOTEBOOK"):
        found.pop(name, None)
    return found


def once(python: str, *work: str, seconds: float) -> dict[str, Any]:
    """Do some work in a fresh process and an empty folder; return what it answered, or why it did not ("broken")."""
    with tempfile.TemporaryDirectory(prefix="celltrail-bench-", ignore_cleanup_errors=True) as folder:
        try:
            done = subprocess.run(
                [python, str(WORK), *work],
                cwd=folder,
                env=environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                timeout=seconds,
            )
        except subprocess.TimeoutExpired:
            return {"broken": f"not done after {seconds:.0f} s"}
    if done.returncode:
        return {"broken": (done.stderr.strip().splitlines() or [f"ended with {done.returncode}"])[-1]}
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


class Shell:
    """A process with a tool in it that runs cells when asked, and says what each took of the processor."""

    def __init__(self, tool: str, python: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="celltrail-bench-", ignore_cleanup_errors=True)
        self._process = subprocess.Popen(
            [python, str(WORK), tool, "heavy"],
            cwd=self._folder.name,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def run(self, source: str) -> float | None:
        """Run a cell; return its seconds of CPU, None where it failed or the process is gone."""
        into, out = self._process.stdin, self._process.stdout
        if into is None or out is None:
            return None
        try:
            return self._asked(source, into, out)
        except (BrokenPipeError, json.JSONDecodeError):
            return None

    def _asked(self, source: str, into: IO[str], out: IO[str]) -> float | None:
        into.write(json.dumps(source) + "\n")
        into.flush()
        answer = json.loads(out.readline())
        return None if answer is None else float(answer)

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        self._folder.cleanup()
