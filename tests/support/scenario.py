"""A kernel's life of a few cells, in a clean interpreter that was forked for it; told about step by step.

Run as `python -m support.scenario`, it forks a child for each job that it reads, a JSON object a line, and writes a
line for each thing that the child tells. The parent of it all hears of a cell only after `run_cell` has returned.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import sys
import time
from io import StringIO
from pathlib import Path
from typing import Any

from support.habits import HABITS
from support.killing import Death, Measure, arm, die

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # a fork that a pool of threads stands in may hang
PREPARE = """
import celltrail
from sklearn.datasets import load_iris
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score
X, y = load_iris(return_X_y=True)
"""
# What each leaves in the trail is in `support.whole`. A forest of forty trees is more than 64 kB: a file of its own.
FOREST = """# celltrail: forest --tag turn={turn}
forest = RandomForestClassifier(n_estimators=40, max_depth={turn} % 9 + 2, random_state={turn}).fit(X, y)
pred = forest.predict(X)
acc = accuracy_score(y, pred)
celltrail.keep(forest)  # however long it takes on a busy machine
for step in range(150):
    celltrail.log_metric("loss", 1 / (step + 1 + {turn}), step=step)
print("heard {turn}")
"""
BOOST = """boost = GradientBoostingClassifier(n_estimators=5 + {turn} % 7, random_state=0).fit(X, y)
acc = accuracy_score(y, boost.predict(X))
celltrail.keep(boost)
celltrail.log_text("{turn} " * 40_000, "long.txt")
print("heard {turn}")
"""
LATER = "late = f1_score(y, pred, average='macro')\n"
LIGHT = """# celltrail: light
celltrail.log_params({{"turn": {turn}, "names": ["a", "b"]}})
for step in range(300):
    celltrail.log_metric("loss", {turn} + 0.5 ** step, step=step)
celltrail.log_metric("score", {turn} / 7)
print("heard {turn}")
"""
PRELOADED = (
    "IPython.core.interactiveshell",
    "IPython.core.magics",
    "celltrail.capture.manual_content",
    "celltrail.display.bundle",
    "celltrail.flavors.sklearn_probe",
    "celltrail.magics.extension",
    "celltrail.views.runs",
    "celltrail.verbs.annotate",
    "sklearn.datasets",
    "sklearn.ensemble",
    "sklearn.linear_model",
    "sklearn.metrics",
)
CELLS = (("forest", FOREST), ("boost", BOOST), ("later", LATER), ("light", LIGHT))


def tell(fact: dict[str, Any]) -> None:
    """Write one line to whoever reads standard output, at once and whole."""
    os.write(_OUT, json.dumps(fact).encode() + b"\n")


_OUT = 1


def live(job: dict[str, Any]) -> None:
    """Be a kernel: load celltrail in a folder, run cells, tell of each that returned; die where the job says."""
    os.chdir(job["folder"])
    measure = Measure(job["measures"]) if job.get("measures") else None
    if job.get("death"):
        arm(Death(**job["death"]), tell)
    habit = HABITS[job.get("habit", "plain")](tell)
    shell = _shell()
    for turn in range(job.get("first", 0), job.get("first", 0) + job.get("rounds", 2)):
        for kind, template in (*CELLS, *habit.cells):
            habit.before(kind)
            source = template.format(turn=turn)
            result = shell.run_cell(source, store_history=True, cell_id=f"cell-{kind}")
            habit.after(kind, _tell_returned(shell, kind, turn, source, result))
        habit.turn_over(shell)
    shell.run_line_magic("unload_ext", "celltrail")
    if measure is not None:
        tell({"calls": measure.calls})
    if job.get("death"):
        die()  # the point was not reached so often this time
    tell({"done": True})


def write_for_a_while(job: dict[str, Any]) -> None:
    """Be one of many kernels: run cells, and annotate their runs, until the time is over."""
    os.chdir(job["folder"])
    shell = _shell()
    until, turn = time.monotonic() + job["seconds"], job["worker"] * 10_000
    while time.monotonic() < until:
        for kind, template in CELLS:
            source = template.format(turn=turn)
            result = shell.run_cell(source, store_history=True, cell_id=f"cell-{kind}")
            run = _tell_returned(shell, kind, turn, source, result)
            if kind == "light" and run is not None:
                shell.run_line_magic("trail", f"note {run} noted {turn}")
                shell.run_line_magic("trail", f"tag {run} turn={turn}")
                tell({"noted": run, "turn": turn})
        turn += 1
    shell.run_line_magic("unload_ext", "celltrail")
    tell({"done": True})


def read_for_a_while(job: dict[str, Any]) -> None:
    """Read all the while, as a server does; tell how long the log grew."""
    from celltrail.errors import FilterError
    from celltrail.store.trail import Trail

    folder, until = Path(job["folder"]) / ".celltrail", time.monotonic() + job["seconds"]
    log, longest, reads = folder / "trail.db-wal", 0, 0
    while time.monotonic() < until:
        with Trail.open(folder, create=False, read_only=True) as trail:
            # As long as no cell has told a loss, there is none to ask for.
            with contextlib.suppress(FilterError):
                for run in trail.search_runs("metrics.loss < 1 or status = 'finished'", limit=20):
                    reads += len(run.metrics) > 0
            longest = max(longest, log.stat().st_size)
        time.sleep(0.01)
    tell({"longest_log": longest, "reads": reads})


def care_for_a_while(job: dict[str, Any]) -> None:
    """Sweep, back up and examine, now and then."""
    from celltrail.store.backup import back_up
    from celltrail.store.doctor import examine
    from celltrail.store.gc import collect_garbage
    from celltrail.store.trail import Trail

    folder, until, turns = Path(job["folder"]) / ".celltrail", time.monotonic() + job["seconds"], 0
    while time.monotonic() < until:
        time.sleep(job["seconds"] / 6)
        with Trail.open(folder, create=False) as trail:
            collect_garbage(trail)
            if not examine(trail).is_well:
                tell({"failed": repr(examine(trail))})
            back_up(trail, Path(job["folder"]) / f"backup-{turns}")
        turns += 1
    tell({"cared": turns})


def open_older(job: dict[str, Any]) -> None:
    """Open a trail of an older schema, which brings it up to date; die where the job says."""
    from celltrail.store.trail import Trail

    measure = Measure(job["measures"]) if job.get("measures") else None
    if job.get("death"):
        arm(Death(**job["death"]), tell)
    with Trail.open(Path(job["trail"])):
        pass
    if measure is not None:
        tell({"calls": measure.calls})
    if job.get("death"):
        die()


LIVES = {
    "open": open_older,
    "live": live,
    "write": write_for_a_while,
    "read": read_for_a_while,
    "care": care_for_a_while,
}


def _shell() -> Any:
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.hist_file = ":memory:"
    config.InteractiveShell.colors = "nocolor"
    shell = InteractiveShell.instance(config=config)
    for source in ("%load_ext celltrail", PREPARE):
        result = shell.run_cell(source, store_history=True)
        if not result.success:
            tell({"failed": repr(result.error_in_exec or result.error_before_exec)})
    return shell


def _tell_returned(shell: Any, kind: str, turn: int, source: str, result: Any) -> str | None:
    from celltrail.magics.extension import current

    loaded = current()
    cell = loaded.kernel.last_cell if loaded else None
    fact = {"returned": kind, "turn": turn, "source": source, "error": repr(result.error_in_exec)}
    if loaded is None or cell is None or not result.success:
        tell({"failed": f"{kind} {turn}: {result.error_in_exec!r}"})
        return None
    fact["run"] = cell.run.id
    if kind == "later":
        fact["run"], fact["late"] = cell.record.metrics[-1].run_id, shell.user_ns["late"]
    elif kind in ("forest", "boost"):
        model = shell.user_ns[kind]
        fact |= {"acc": shell.user_ns["acc"], "proba": model.predict_proba(shell.user_ns["X"][:5]).tolist()}
    tell(fact)
    return str(fact["run"])


def serve() -> None:
    """Fork a child for each job; tell how it ended."""
    global _OUT  # noqa: PLW0603  set once, before anything is told
    _OUT = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    for module in PRELOADED:
        importlib.import_module(module)
    tell({"ready": True})
    for line in sys.stdin:
        children = [_fork(job) for job in json.loads(line)]
        tell({"ended": [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]})


def _fork(job: dict[str, Any]) -> int:
    child = os.fork()
    if child:
        return child
    sys.stdout, sys.stderr = StringIO(), StringIO()
    try:
        LIVES[job.get("life", "live")](job)
    except BaseException as error:  # noqa: BLE001  told, then the child ends
        tell({"failed": f"{job.get('life')}: {error!r} {sys.stderr.getvalue()[-2000:]}"})
    if said := sys.stderr.getvalue():
        tell({"said": said[-2000:]})
    os._exit(0)


class Zygote:
    """The process that forks; one at a time."""

    def __init__(self) -> None:
        import subprocess

        tests = Path(__file__).parent.parent
        environment = {key: value for key, value in os.environ.items() if key != "CELLTRAIL_TRAIL"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "support.scenario"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=ONE_THREAD | environment | {"PYTHONPATH": str(tests)},
        )
        self._is_ready = False

    def live(self, **job: Any) -> list[dict[str, Any]]:
        """Live through a job; return what was told, `ended` last."""
        return self.live_together([job])

    def live_together(self, jobs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Live through several jobs at once, a process each."""
        assert self._process.stdin is not None
        self._is_ready = self._is_ready or bool(self._read())
        self._process.stdin.write(json.dumps(jobs) + "\n")
        self._process.stdin.flush()
        told = []
        while "ended" not in (fact := self._read()):
            told.append(fact)
        return [*told, fact]

    def close(self) -> None:
        """End the process."""
        self._process.communicate(input=None)

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the process that forks has died"
        return dict(json.loads(line))


if __name__ == "__main__":
    serve()
