"""What celltrail costs in a trail of ten runs, a thousand, a hundred thousand: `tests/bench/growth.py [RUNS …]`.

The trail is made by the real writer (many_runs.py) and grows from size to size; `--trail FOLDER` keeps it, or goes on
with one that a former call made. For each size: a tracked cell through a real shell, alone in its experiment and in
the one that holds a tenth of all runs; lists, filters and orders; references; and the verbs as a person calls them.
Medians of thirty (of three for what reads the whole trail) in milliseconds of the processor and on the clock, beside
one empty SQLite commit. Not part of the test suite. For a million, multiplied.py makes ten of one trail.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent))

from IPython.core.interactiveshell import InteractiveShell
from many_runs import LARGE, Crowd
from traitlets.config import Config

from celltrail.store.blobs import digest_of
from celltrail.store.doctor import examine
from celltrail.store.gc import collect_garbage
from celltrail.store.trail import Trail

REPEATS, SLOW_REPEATS = 30, 3
MADE = """
SELECT count(*) FROM runs AS r JOIN executions AS x ON x.id = r.execution_id JOIN sessions AS s ON s.id = x.session_id
WHERE s.host = 'workshop'
"""
SCORE = "metrics.accuracy_score.y_test"
FILTERED = f"{SCORE} > 0.8 and params.max_depth = 5"
CELL = """\
import celltrail
celltrail.log_params({f"p{place}": place for place in range(10)})
celltrail.log_metrics({f"m{place}": place / 7 + NUMBER for place in range(20)})
"""
PLAIN = CELL.replace("celltrail.log_params(", "_ = (").replace("celltrail.log_metrics(", "_ = (")
SEARCHES: dict[str, tuple[str, str]] = {
    "newest page": ("", ""),
    "filtered and ordered": (FILTERED, f"{SCORE} desc"),
    "three conditions, other order": (f"{FILTERED} and tags.owner = 'me'", "metrics.log_loss.y_test"),
    "ordered by a parameter": (f"{SCORE} > 0.9", "params.C desc"),
    "name contains": ("experiment like '%ment-1%'", ""),
    "one large experiment, ordered": (f"experiment = '{LARGE}'", f"{SCORE} desc"),
    "a notebook": ("notebook like '%notebook-3%'", ""),
    "a tag": ("tags.ticket = 'ML-77'", ""),
    "text in a tag": ("tags.ticket like '%77%'", ""),
    "text in a parameter": ("params.criterion like '%ini'", ""),
    "text in a note": ("note like '%keep%'", ""),
    "not": (f"not ({SCORE} > 0.3)", ""),
    "or": (f"{SCORE} > 0.995 or params.max_depth = 3", f"{SCORE} desc"),
    "without a metric": (f"{SCORE} is null", ""),
    "did not finish, ordered": ("status != 'finished'", "duration desc"),
    "two that exclude each other": (f"{SCORE} < 0.35 and metrics.roc_auc_score.y_test > 0.9", ""),
}


class Shell:
    """A real shell with celltrail loaded on the trail."""

    def __init__(self) -> None:
        config = Config()
        config.HistoryManager.hist_file = ":memory:"
        self.shell = InteractiveShell.instance(config=config)
        self.number = 0
        self.run("%load_ext celltrail")

    def run(self, source: str) -> None:
        """Run a cell; each one differs from those before it."""
        self.number += 1
        with contextlib.redirect_stdout(io.StringIO()):
            result = self.shell.run_cell(source.replace("NUMBER", str(self.number)), store_history=True)
        result.raise_error()


def medians(work: Callable[[], object], repeats: int = REPEATS) -> tuple[float, float]:
    """Return the medians in milliseconds: of the processor, and on the clock."""
    cpu, clock = [], []
    for _ in range(repeats):
        started, cpu_started = time.perf_counter(), time.thread_time()
        work()
        clock.append(time.perf_counter() - started)
        cpu.append(time.thread_time() - cpu_started)
    return statistics.median(cpu) * 1000, statistics.median(clock) * 1000


def empty_commit(trail: Trail) -> None:
    """Commit nothing."""
    with trail.db.atomic():
        trail.db.execute("UPDATE trail SET value = value WHERE key = 'created_at'")


def reopen(folder: Path) -> None:
    """Open a trail for reading, and close it."""
    Trail.open(folder, read_only=True).close()


def measured(trail: Trail, shell: Shell) -> dict[str, tuple[float, float]]:
    """Return what everything costs now."""
    found = {"one empty commit": medians(lambda: empty_commit(trail))}
    for name, (filter, order) in SEARCHES.items():
        found[name] = medians(
            lambda filter=filter, order=order: trail.search_runs(filter, order_by=order or None, limit=50)
        )
    looks: dict[str, Callable[[], object]] = {
        f"{LARGE}#1": lambda: trail.run(f"{LARGE}#1"),
        "last": lambda: trail.run("last"),
        f"{LARGE}#best": lambda: trail.run(f"{LARGE}#best"),
        "the last 100 of an experiment": lambda: trail.runs_of(LARGE, last=100),
        "how often data was scored": lambda: trail.count_scored(digest_of(b"y_test of forest")),
        "opening to read": lambda: reopen(trail.path),
        "%runs": lambda: shell.run("%runs"),
        "%runs FILTER": lambda: shell.run(f"%runs {FILTERED}"),
        "%runs FILTER --best 20": lambda: shell.run(f"%runs {FILTERED} --best 20"),
        "%trail status": lambda: shell.run("%trail status"),
    }
    found |= {name: medians(look) for name, look in looks.items()}
    found["the plain cell"] = medians(lambda: shell.run(PLAIN))
    found["a tracked cell"] = medians(lambda: shell.run(f"# celltrail: alone\n{CELL}"))
    found["a tracked cell of a large experiment"] = medians(lambda: shell.run(f"# celltrail: {LARGE}\n{CELL}"))
    whole: dict[str, Callable[[], object]] = {
        "all runs of a large experiment": lambda: trail.runs_of(LARGE),
        "gc --dry-run": lambda: collect_garbage(trail, dry_run=True),
        "doctor": lambda: examine(trail),
    }
    return found | {name: medians(work, SLOW_REPEATS) for name, work in whole.items()}


def show(count: int, found: dict[str, tuple[float, float]], first: dict[str, tuple[float, float]]) -> None:
    """Print the figures of one size, beside those of the first."""
    unit = found["one empty commit"][1]
    print(f"\n{count:,} runs{'':28}      CPU    clock  commits   CPU against the first size")  # noqa: T201
    for name, (cpu, clock) in found.items():
        ratio = cpu / first[name][0]
        print(f"  {name:38} {cpu:8.2f} {clock:8.2f} {clock / unit:8.1f} {ratio:8.2f}")  # noqa: T201


def main() -> None:
    """Grow a trail and measure."""
    asked = argparse.ArgumentParser()
    asked.add_argument("runs", nargs="*", type=int, default=[10, 1000, 100_000])
    asked.add_argument("--trail", type=Path)
    given = asked.parse_args()
    with contextlib.ExitStack() as stack:
        base = given.trail or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="celltrail-bench-")))
        base.mkdir(parents=True, exist_ok=True)
        os.environ["CELLTRAIL_TRAIL"] = str(base.absolute() / ".celltrail")
        os.chdir(base)
        trail = stack.enter_context(Trail.open(Path(os.environ["CELLTRAIL_TRAIL"])))
        crowd = Crowd(
            trail, runs=int(trail.db.rows("SELECT count(*) FROM sessions WHERE host = 'workshop'")[0][0] > 0)
        )
        crowd.runs *= int(trail.db.rows("SELECT count(*) FROM runs")[0][0])
        shell, first = Shell(), None
        for count in sorted(given.runs):
            seconds = crowd.fill(count)
            size = (trail.path / "trail.db").stat().st_size
            print(f"\nmade in {seconds:.0f} s; {size / max(count, 1) / 1000:.2f} kB a run on the disk")  # noqa: T201
            found = measured(trail, shell)
            first = first or found
            show(count, found, first)
        os.chdir("/")


if __name__ == "__main__":
    main()
