"""Work in forked clean interpreters: one piece, or many seeds at a time, each telling its facts as JSON.

A module that spreads work runs as `python -m support.NAME FIRST COUNT`; `tried` runs it so and reads what it told.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import importlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parent.parent
Fact = dict[str, Any]
_LONGEST_S = 60


def in_a_fork(work: Callable[[], Any]) -> Any:
    """Do work in a child, in a folder of its own; return what it returned, as JSON has it."""
    folder = tempfile.mkdtemp(prefix="program-")
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        told: Any = {"broken": "ended early"}
        try:
            signal.setitimer(signal.ITIMER_PROF, _LONGEST_S)  # of CPU: a busy machine is no failure
            os.chdir(folder)
            sys.stdout, sys.stderr = io.StringIO(), io.StringIO()
            told = work()
        except BaseException as error:  # noqa: BLE001  told
            told = {"broken": repr(error)}
        with os.fdopen(writing, "w") as out:
            json.dump(told, out)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        text = answer.read()
    os.waitpid(child, 0)
    shutil.rmtree(folder, ignore_errors=True)
    return json.loads(text) if text else {"broken": "died"}


def import_what_is_used(work: Callable[[], object]) -> None:
    """Import here what a first piece of work imports, so that no child does."""

    def modules() -> list[str]:
        work()
        return sorted(name for name in sys.modules if not name.startswith("__"))

    for module in in_a_fork(modules):
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    gc.freeze()


def spread(first: int, count: int, work: Callable[[int], Iterable[Fact]], *, workers: int = 2) -> None:
    """Do work for each seed, some at a time; write a line for each fact, and last how many seeds were tried."""
    with tempfile.TemporaryFile() as turn:
        children = []
        for worker in range(workers):
            child = os.fork()
            if child:
                children.append(child)
                continue
            for seed in range(first + worker, first + count, workers):
                for fact in work(seed):
                    fcntl.lockf(turn, fcntl.LOCK_EX)  # a long line is written in several parts
                    _tell(fact)
                    fcntl.lockf(turn, fcntl.LOCK_UN)
            os._exit(0)
        ended = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    _tell({"tried": count, "ended": ended})


def _tell(fact: Fact) -> None:
    left = (json.dumps(fact) + "\n").encode()
    while left:
        left = left[os.write(1, left) :]


def tried(module: str, first: int, count: int) -> list[Fact]:
    """Run a module that spreads work over seeds; return its facts. All its workers came to their end."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("CELLTRAIL_")}
    done = subprocess.run(
        [sys.executable, "-m", module, str(first), str(count)],
        check=True,
        capture_output=True,
        text=True,
        env=environment | {"PYTHONPATH": str(TESTS)},
    )
    *facts, last = [json.loads(line) for line in done.stdout.splitlines()]
    assert (count, {0}) == (last["tried"], set(last["ended"])), done.stderr
    return facts


def make_bare_shell() -> Any:
    """Return a new shell that keeps no history; nothing of it is put back, so it belongs into a fork."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    config.HistoryManager.hist_file = ":memory:"
    config.InteractiveShell.colors = "nocolor"
    return InteractiveShell.instance(config=config)


def play(shell: Any, cells: Iterable[tuple[str, str]]) -> None:
    """Run cells, pairs of id and source; those that fail go on."""
    for cell_id, source in cells:
        shell.run_cell(source, store_history=True, cell_id=cell_id)
