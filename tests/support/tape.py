"""Runs a notebook's cells in a shell of their own and writes down all that a person would see of them.

`python -m support.tape` is a server: it imports the usual libraries once, then forks a child for each job. It reads
lines of JSON, each a list of jobs that run side by side: {"cells", "folder", "tracked", "goes_on", "seconds",
"answer"}, or with "work" one of `remade`; each child writes its tape to the file `answer`. So a hundred notebooks run
in fresh processes without a hundred imports.
"""

from __future__ import annotations

import ast
import contextlib
import copyreg
import hashlib
import importlib
import io
import json
import os
import pickle
import random
import re
import signal
import sys
import time
import traceback
import types
import warnings
from pathlib import Path
from typing import Any

RUN_MIME = "application/vnd.celltrail.run.v1+json"
LOAD = "%load_ext celltrail"


class Stream(io.TextIOBase):
    """A stream that writes onto the tape."""

    def __init__(self, name: str, events: list[list[Any]]) -> None:
        self.name, self.events = name, events

    def write(self, text: str) -> int:
        """Join what is written in one go, as front ends do."""
        if self.events and self.events[-1][0] == self.name:
            self.events[-1][1] += text
        else:
            self.events.append([self.name, text])
        return len(text)

    def writable(self) -> bool:
        """Say that it can be written."""
        return True


def play(cells: list[str], folder: Path, *, tracked: bool, goes_on: bool) -> dict[str, Any]:
    """Run cells; return what each showed, and the state that they left.

    Parameters
    ----------
    cells : list of str
        Sources.
    folder : Path
        Where they run.
    tracked : bool
        With celltrail loaded before them, or without.
    goes_on : bool
        Run the cells after one that raises, too.

    Returns
    -------
    dict
        "cells": a list of events for each; "error": name and message of what was raised last, or None; "state".
    """
    os.chdir(folder)
    for name in ("SCIKIT_LEARN_DATA", "SEABORN_DATA"):
        os.environ[name] = str(folder.parent / "data")  # one run's downloads are not there for the other
    random.seed(7)
    events: list[list[Any]] = []
    shell = make_shell(events)
    tape: dict[str, Any] = {"cells": [], "error": None}
    with contextlib.redirect_stdout(Stream("stdout", events)), contextlib.redirect_stderr(Stream("stderr", events)):
        shell.run_cell(LOAD if tracked else "pass", store_history=True).raise_error()
        seed_numpy()
        warned_anew: dict[int, bool] = {}
        canary = _canary()
        _is_heard(canary)
        for number, source in enumerate(cells, 1):
            events.clear()
            result = shell.run_cell(source, store_history=True)
            warned_anew[number] = _is_heard(canary)
            tape["cells"].append([event for event in events if not _is_ours(event)])
            error = result.error_before_exec or result.error_in_exec
            if error is not None:
                tape["error"] = [type(error).__name__, str(error)]
                if not goes_on:
                    break
        tape["state"] = _state(shell, folder) | {"warned anew after": warned_anew}
        if tracked:
            tape["recorded"] = _recorded(folder)
            shell.run_cell("%unload_ext celltrail")
    return tape


def _recorded(folder: Path) -> dict[str, Any]:
    from celltrail.store.trail import Trail

    trail = Trail.open(folder / ".celltrail", create=False, read_only=True)
    runs = trail.search_runs()
    unknown = {key: why for run in runs for key, why in (run.content.field("unknown") or {}).items()}
    counted = {"runs": len(runs), "fits": sum(len(run.fits) for run in runs), "unknown": unknown}
    trail.close()
    return counted


def _is_ours(event: list[Any]) -> bool:
    return event[0] == "display" and RUN_MIME in event[1]


def make_shell(events: list[list[Any]]) -> Any:
    """Return a shell that writes what it shows onto a tape."""
    from IPython.core.displayhook import DisplayHook
    from IPython.core.displaypub import DisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets import Type
    from traitlets.config import Config

    class Result(DisplayHook):
        def write_output_prompt(self) -> None:
            pass

        def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
            events.append(["result", dict(format_dict)])

    class Display(DisplayPublisher):
        def publish(self, data: Any, metadata: Any = None, **kwargs: Any) -> None:
            events.append(["display", dict(data)])

        def clear_output(self, wait: bool = False) -> None:
            events.append(["clear", wait])

    class Shell(InteractiveShell):
        displayhook_class = Type(Result)
        display_pub_class = Type(Display)

        def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
            events.append(["traceback", "\n".join(stb)])

        def enable_gui(self, gui: Any = None) -> None:
            pass

    config = Config()
    config.HistoryManager.hist_file = ":memory:"
    config.InteractiveShell.colors = "NoColor"
    shell = Shell.instance(config=config)
    shell.run_cell("%matplotlib inline")
    return shell


def _hold_the_clock_of_searches() -> None:
    """Let every fit and score of scikit-learn's searches take no time at all: some notebooks choose by it."""
    from sklearn.model_selection import _search, _validation

    held = types.SimpleNamespace(time=lambda: 0.0)
    _search.time = _validation.time = held


def seed_numpy() -> None:
    """Set the random state of NumPy to that of a person's own session, which celltrail must not touch."""
    import numpy as np

    np.random.seed(7)


def _canary() -> types.ModuleType:
    """Return a module whose `sing` warns always of the same: shown once, and again whenever filters are set."""
    module = types.ModuleType("canary_of_the_witness")
    exec("import warnings\ndef sing():\n    warnings.warn('sung', UserWarning)", module.__dict__)
    sys.modules[module.__name__] = module
    return module


def _is_heard(canary: types.ModuleType) -> bool:
    with contextlib.redirect_stderr(io.StringIO()) as told, contextlib.suppress(UserWarning):
        canary.sing()
    return bool(told.getvalue())


def _state(shell: Any, folder: Path) -> dict[str, Any]:
    """Return what the cells left behind: random states, settings, names, files, and the pickles of estimators."""
    import matplotlib as mpl
    import numpy as np
    import pandas as pd
    import sklearn

    names = {name: value for name, value in shell.user_ns.items() if not name.startswith("_")}
    hidden = set(shell.user_ns_hidden)
    return {
        "numpy": _digest(pickle.dumps(np.random.get_state())),
        "random": _digest(repr(random.getstate()).encode()),
        "names": {name: type(value).__name__ for name, value in sorted(names.items()) if name not in hidden},
        "pickles": {name: _pickled(value) for name, value in sorted(names.items()) if name not in hidden},
        "settings": {
            # scikit-learn hands the filters to its threads, which leaves a text where a pattern was, or not.
            "filters": re.sub(r"re\.compile\(('[^']*')[^)]*\)", r"\1", repr(warnings.filters)),
            "errors": np.geterr(),
            "print": repr(np.get_printoptions()),
            "sklearn": repr(sklearn.get_config()),
            "pyplot": repr(sorted(mpl.rcParams.items(), key=str)),
            "pandas": pd.get_option("display.max_rows"),
            "environ": dict(os.environ),
            "cwd": os.getcwd(),
            "path": sys.path,
            "hook": repr(sys.excepthook.__module__),
            "signals": repr(signal.getsignal(signal.SIGINT)),
        },
        "files": {
            str(path.relative_to(folder)): _digest(path.read_bytes())
            for path in sorted(folder.rglob("*"))
            if path.is_file() and ".celltrail" not in path.parts
        },
    }


def _pickled(value: Any) -> str | None:
    """Return a digest of the pickle of an estimator, array or frame; what celltrail left on it would show here."""
    if type(value).__module__.partition(".")[0] not in ("sklearn", "numpy", "pandas", "__main__"):
        return None
    try:
        data = _pickle(value)
    except Exception as error:  # noqa: BLE001  whatever the user's object raises must be raised in both
        return f"{type(error).__name__}: {error}"
    if b"celltrail" in data:
        return "names celltrail"
    if b"matplotlib" in data:
        return "a figure"  # which holds random ids of its own, other ones in each play
    return _digest(data)


def _pickle(value: Any) -> bytes:
    import numpy as np

    file = io.BytesIO()
    pickler = pickle.Pickler(file, protocol=5)
    # Behind what is masked in the results of a search lies memory that nobody has written: other bytes in each play.
    pickler.dispatch_table = {**copyreg.dispatch_table, np.ma.MaskedArray: _without_masked}  # type: ignore[assignment]
    pickler.dump(value)
    return file.getvalue()


def _without_masked(array: Any) -> tuple[Any, ...]:
    import numpy as np

    return type(array), (array.filled(), np.ma.getmaskarray(array))


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def cells_of(text: str) -> list[str]:
    """Split a script at `# %%`, or at a line of many #, as scikit-learn's gallery does.

    Parameters
    ----------
    text : str
        The script.

    Returns
    -------
    list of str
        Sources of cells that hold code.
    """
    cells = [cell.strip("\n") for cell in re.split(r"^#\s?%%.*$|^#{20,}\s*$", text, flags=re.MULTILINE)]
    return [cell for cell in cells if _has_code(cell)]


def statements_of(cells: list[str]) -> list[str]:
    """Cut cells finer: a cell for each statement, as of a person who tries things out."""
    found = []
    for cell in cells:
        lines, start = cell.split("\n"), 0
        for node in ast.parse(cell).body:
            if node.end_lineno is not None and node.end_lineno > start:
                found.append("\n".join(lines[start : node.end_lineno]))
                start = node.end_lineno
    return found


def _has_code(source: str) -> bool:
    try:
        return bool(ast.parse(source).body)
    except SyntaxError:
        return True  # magics


def _child(job: dict[str, Any]) -> None:
    answer = Path(job["answer"])
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):  # what subprocesses write themselves is on no front end's page either
        os.dup2(nowhere, stream)
    _hold_the_clock_of_searches()
    try:
        tape = _work(job)
    except BaseException:  # noqa: BLE001  the test shall see what broke the tape
        tape = {"broken": traceback.format_exc()}
    try:
        answer.write_text(json.dumps(tape, default=repr))
    finally:
        os._exit(0)


def _work(job: dict[str, Any]) -> dict[str, Any]:
    if "work" in job:
        from support import remade

        return dict(getattr(remade, job["work"])(job))
    return play(job["cells"], Path(job["folder"]), tracked=job["tracked"], goes_on=job["goes_on"])


def serve() -> None:
    """Answer jobs, two side by side, until there are no more."""
    for name in ("IPython.core.interactiveshell", "matplotlib.pyplot", "pandas", "sklearn.ensemble"):
        importlib.import_module(name)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        jobs = json.loads(line)
        children = {}
        for job in jobs:
            pid = os.fork()
            if pid == 0:
                os.setsid()
                _child(job)
            children[pid] = time.monotonic() + job["seconds"]
        while children:
            for pid, until in list(children.items()):
                done, _ = os.waitpid(pid, os.WNOHANG)
                if not done and time.monotonic() > until:
                    os.killpg(pid, signal.SIGKILL)
                    done, _ = os.waitpid(pid, 0)
                if done:
                    del children[pid]
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(pid, signal.SIGKILL)  # workers of joblib outlive who started them
            time.sleep(0.01)
        sys.stdout.write("done\n")
        sys.stdout.flush()


if __name__ == "__main__":
    serve()
