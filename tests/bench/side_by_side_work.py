"""One tool in one process, for `whole_notebooks.py` and `heavy_cells.py`: `python side_by_side_work.py TOOL WORK`.

Runs in environments without celltrail too, so nothing is imported at the top but the standard library. Work is
`notebook FILE` (each cell once), `alarms FILE` (the tool is asked which cells are stale) or `heavy` (lines of JSON
in, CPU seconds out). Answers are lines of JSON.
"""

from __future__ import annotations

import contextlib
import gc
import importlib.metadata
import io
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from support.tape import cells_of, make_shell

PACKAGES = ("ipython", "scikit-learn", "numpy", "pandas", "matplotlib", "celltrail", "ipyflow", "pyccolo", "kishu")
# A person reads a line before the first cell; what a tool does meanwhile beside an idle kernel counts as its loading.
_SETTLE_S = 1.0


class Tool:
    """A shell with one tool in it, or none."""

    def __init__(self, name: str, cells: list[str]) -> None:
        self.name = name
        self.shell = make_shell([])
        self.ids = [f"c{place}" for place in range(len(cells))]
        self.cells = cells
        started = cpu_s()
        getattr(self, f"_load_{name.partition('-')[0]}")()
        time.sleep(_SETTLE_S)
        self.load_s = cpu_s() - started

    def run(self, source: str, cell_id: str) -> bool:
        """Run a cell as a kernel does; return whether it succeeded."""
        if self.name == "ipyflow":
            self._flow.set_active_cell(cell_id)  # as its kernel does at each request
        return bool(self.shell.run_cell(source, store_history=True, cell_id=cell_id).success)

    def stale(self) -> list[tuple[str, str, list[str]]]:
        """Return which cells the tool calls stale now: id, reason, names."""
        if self.name == "ipyflow":
            return self._ipyflow_stale()
        import celltrail

        told = celltrail.lineage(stale=True).data
        return [(one["cell_id"], one["reason"], one["names"]) for one in told["stale"]]

    def close(self) -> None:
        """Let the tool end what it still does beside the cells."""
        if self.name.startswith("celltrail"):
            self.shell.run_cell("%unload_ext celltrail")

    def _load_plain(self) -> None:
        self.shell.run_cell("pass", store_history=True)

    def _load_celltrail(self) -> None:
        track = "marked" if self.name == "celltrail-untracked" else "auto"
        Path("celltrail.toml").write_text(f'track = "{track}"\n', encoding="utf-8")
        self._must("%load_ext celltrail")

    def _load_ipyflow(self) -> None:
        self._must("%load_ext ipyflow")
        from ipyflow.singletons import flow

        self._flow = flow()
        self._must("pass")  # it can't be initialized before it has seen a cell
        self._flow.initialize(interface="jupyterlab")  # what its front end asks for at the start

    def _load_kishu(self) -> None:
        """Load it as its own tests do where no server runs: the path by environment, and no front end waited for."""
        cells = [
            {
                "cell_type": "code",
                "id": name,
                "metadata": {},
                "source": source,
                "outputs": [],
                "execution_count": None,
            }
            for name, source in zip(self.ids, self.cells, strict=True)
        ]
        notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        Path("notebook.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
        os.environ["TEST_NOTEBOOK_PATH"] = str(Path("notebook.ipynb").absolute())
        os.environ["ENV_KISHU_TEST_MODE"] = "1"
        os.environ["KISHU_PATH_ROOT"] = str(Path.cwd())
        self._must("from kishu import init_kishu\ninit_kishu()")

    def _must(self, source: str) -> None:
        self.shell.run_cell(source, store_history=True).raise_error()

    def _ipyflow_stale(self) -> list[tuple[str, str, list[str]]]:
        known = {
            name: {"type": "code", "index": place, "content": source}
            for place, (name, source) in enumerate(zip(self.ids, self.cells, strict=True))
        }
        told = self._flow.comm_manager.handle_compute_exec_schedule({"cell_metadata_by_id": known})
        return [(name, kind, []) for kind in ("waiting_cells", "ready_cells") for name in sorted(told[kind])]


def cpu_s() -> float:
    """Return seconds of CPU that this process and its children have taken, those that still run included."""
    import psutil

    taken = os.times()
    living = 0.0
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            spent = child.cpu_times()
            living += spent.user + spent.system
    # `process_time` is finer than the ticks of `times`.
    return time.process_time() + taken.children_user + taken.children_system + living


@contextlib.contextmanager
def unseen() -> Iterator[None]:
    """Let nothing that cells print reach the answer."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


def play(name: str, file: str) -> dict[str, Any]:
    """Run each cell of an example once; return seconds of CPU: of loading, of each cell, of closing."""
    cells = cells_of(Path(file).read_text(encoding="utf-8"))
    failed, spent = [], []
    with unseen():
        tool = Tool(name, cells)
        for cell_id, source in zip(tool.ids, cells, strict=True):
            started = cpu_s()
            if not tool.run(source, cell_id):
                failed.append(cell_id)
            spent.append(cpu_s() - started)
        started = cpu_s()
        tool.close()
        closing = cpu_s() - started
    return {"load_s": tool.load_s, "cells_s": spent, "closing_s": closing, "failed": failed, "versions": versions()}


def alarms(name: str, file: str) -> dict[str, Any]:
    """Run an example from top to bottom, then three of its cells again; return what is called stale each time."""
    cells = cells_of(Path(file).read_text(encoding="utf-8"))
    with unseen():
        tool = Tool(name, cells)
        failed = [each for each, source in zip(tool.ids, cells, strict=True) if not tool.run(source, each)]
        said = [tool.stale()]
        for place in sorted({0, len(cells) // 2, len(cells) - 1}):
            tool.run(cells[place], tool.ids[place])
            said.append(tool.stale())
    return {"cells": len(cells), "failed": failed, "said": said}


def heavy(name: str) -> None:
    """Run a cell for each line that comes in; say how many seconds of CPU it took."""
    answers = sys.stdout
    asked = map(json.loads, sys.stdin)
    with unseen():
        tool = Tool(name, [])
    for source in asked:
        gc.collect()  # what another cell left is not this one's to clear away
        with unseen():
            started = cpu_s()
            done = tool.run(source, "c0")
            spent = cpu_s() - started
        print(json.dumps(spent if done else None), file=answers, flush=True)


def versions() -> dict[str, str]:
    """Return the versions of what counts here, as installed."""
    found = {"python": sys.version.split()[0]}
    for package in PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[package] = importlib.metadata.version(package)
    return found


def main() -> None:
    """Do the work that the command line names."""
    name, work, *rest = sys.argv[1:]
    if work == "heavy":
        heavy(name)
        return
    works: dict[str, Callable[[str, str], dict[str, Any]]] = {"notebook": play, "alarms": alarms}
    sys.stdout.write(json.dumps(works[work](name, *rest)) + "\n")
    sys.stdout.flush()
    os._exit(0)  # pools of the example need not end on their own


if __name__ == "__main__":
    main()
