"""The work that `peers.py` measures, one tool a process: `python peers_work.py TOOL WORK REPEATS`.

Runs in environments without celltrail too, so nothing is imported at the top but the standard library. The last line
printed is JSON, in seconds.
"""

from __future__ import annotations

import io
import json
import os
import pickle
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from statistics import median
from typing import Any

HEAVY = ("pandas", "sklearn", "numpy")
FIT = "RandomForestClassifier(n_estimators=50, random_state={n}).fit(X, y)"


def seconds(call: Callable[[], Any]) -> float:
    """Return how long a call takes."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def typical(call: Callable[[int], Any], repeats: int) -> float:
    """Return the median of some calls; the first two are not counted."""
    return median([seconds(lambda number=number: call(number)) for number in range(repeats + 2)][2:])


def celltrail_numbers(repeats: int) -> dict[str, float]:
    """A tracked cell against the plain one."""
    bench = _bench()
    folder, shell = bench.prepare_folder(), bench.new_shell()
    bench.REPEATS = repeats + 2
    shell.run_cell(bench.PREPARE).raise_error()
    source = bench.CELLS["10 params, 20 metrics"]
    plain, _ = bench.times(shell, bench.without_logs(source), "cell-4")
    shell.run_cell("%load_ext celltrail").raise_error()
    tracked, _ = bench.times(shell, source, "cell-4")
    return {"added_s": tracked - plain, "commit_s": bench.commit_s(folder, "FULL")}


def mlflow_numbers(repeats: int) -> dict[str, float]:
    """A run by MLflow's own batches, which are its fastest way."""
    mlflow = _mlflow()

    def run(number: int) -> None:
        with mlflow.start_run():
            mlflow.log_params({f"p{i}": i for i in range(10)})
            mlflow.log_metrics({f"m{i}": i / 7 for i in range(20)})

    return {"added_s": typical(run, repeats)}


def trackio_numbers(repeats: int) -> dict[str, float]:
    """A run by trackio, kept on this machine."""
    os.environ["TRACKIO_DIR"] = str(Path.cwd() / "trackio")
    import trackio

    def run(number: int) -> None:
        trackio.init(project="bench", name=f"run-{number}", config={f"p{i}": i for i in range(10)})
        trackio.log({f"m{i}": i / 7 for i in range(20)})
        trackio.finish()

    return {"added_s": typical(run, repeats)}


def celltrail_forest(repeats: int) -> dict[str, float]:
    """A cell that fits a forest, which celltrail keeps, against the plain one."""
    bench = _bench()
    bench.prepare_folder()
    shell = bench.new_shell()
    bench.REPEATS = repeats + 2
    prepare = (
        "from sklearn.datasets import load_breast_cancer\nfrom sklearn.ensemble import RandomForestClassifier\n"
        "X, y = load_breast_cancer(return_X_y=True)\n"
    )
    shell.run_cell(prepare).raise_error()
    source = f"clf = {FIT}"
    plain, _ = bench.times(shell, source, "cell-4")
    model = shell.user_ns["clf"]
    pickled = typical(lambda _: pickle.dumps(model, 5), repeats)
    shell.run_cell("%load_ext celltrail").raise_error()
    tracked, _ = bench.times(shell, source, "cell-4")
    size = len(pickle.dumps(model, 5))
    return {"plain_s": plain, "added_s": tracked - plain, "pickle_s": pickled, "size_bytes": size}


def mlflow_forest(repeats: int) -> dict[str, float]:
    """The same fit under autolog."""
    mlflow = _mlflow()
    from sklearn.datasets import load_breast_cancer
    from sklearn.ensemble import RandomForestClassifier

    X, y = load_breast_cancer(return_X_y=True)

    def fit(number: int) -> None:
        RandomForestClassifier(n_estimators=50, random_state=number).fit(X, y)

    plain = typical(fit, repeats)
    mlflow.sklearn.autolog()
    return {"plain_s": plain, "added_s": typical(fit, repeats) - plain}


def celltrail_beginning(_repeats: int) -> dict[str, Any]:
    """Loading celltrail, and the first cells, in this fresh process."""
    ipython_s = seconds(lambda: __import__("IPython"))
    bench = _bench()
    bench.prepare_folder()
    shell = bench.new_shell()
    shell.run_cell("pass").raise_error()
    load_s = seconds(lambda: shell.run_cell("%load_ext celltrail").raise_error())
    heavy = [name for name in HEAVY if name in sys.modules]
    shell.run_cell("%track off").raise_error()
    shell.run_cell(bench.PREPARE).raise_error()
    logs, fit = bench.CELLS["10 params, 20 metrics"], bench.CELLS["a fit and a metric"]
    plain = [bench.without_logs(source).replace("{n}", number) for number in "01" for source in (logs, fit)]
    plain_s = [seconds(lambda source=source: shell.run_cell(source).raise_error()) for source in plain]
    shell.run_cell("%track on").raise_error()
    tracked = [source.replace("{n}", "2") for source in (logs, fit)]
    tracked_s = [seconds(lambda source=source: shell.run_cell(source).raise_error()) for source in tracked]
    first_s, first_fit_s = (ours - theirs for ours, theirs in zip(tracked_s, plain_s[2:], strict=True))
    return {
        "ipython_s": ipython_s,
        "load_s": load_s,
        "first_s": first_s,
        "first_fit_s": first_fit_s,
        "heavy": heavy,
    }


def _bench() -> Any:
    sys.path.insert(0, str(Path(__file__).parent))
    import tracked_cell

    return tracked_cell


def _mlflow() -> Any:
    import logging

    import mlflow

    logging.getLogger("mlflow").setLevel(logging.ERROR)
    mlflow.set_tracking_uri(f"sqlite:///{Path.cwd()}/mlflow.db")
    mlflow.set_experiment("bench")
    return mlflow


def main() -> None:
    """Do what is asked for and print what it took."""
    tool, work, repeats = sys.argv[1:4]
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        found = globals()[f"{tool}_{work}"](int(repeats))
    print(json.dumps(found))  # noqa: T201


if __name__ == "__main__":
    main()
