"""How long searching takes in a trail of many runs: `python tests/bench/search_speed.py [RUNS]`.

Prints medians of thirty, and beside them how many empty commits fit into each, which travels better from machine to
machine. Not part of the test suite.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from support.stored import ACCURACY, START, Workshop, a_fit

from celltrail.store.trail import Trail

# As many parameters as a random forest has.
PARAMS = {f"param_{number}": number for number in range(18)}
REPEATS = 30


def fill(trail: Trail, count: int) -> None:
    """Save runs of twenty experiments."""
    shop = Workshop(trail)
    for number in range(count):
        params = {**PARAMS, "max_depth": number % 30, "n_estimators": 100 * (number % 7)}
        cell = shop.cell(
            f"forest-{number % 20}",
            fits=[a_fit("clf", params)],
            metrics={ACCURACY: (number * 7919 % 10_000) / 10_000, "f1_score.macro.y_test": 0.5},
            tags={"owner": ("me", "you")[number % 2]},
            at=START + timedelta(minutes=number),
        )
        trail.save(cell, wait_s=5)


def median_ms(work: Callable[[], object]) -> tuple[float, float]:
    """Return the medians of thirty: on the clock, and of the processor, which neighbours do not slow."""
    times = []
    for _ in range(REPEATS):
        start, cpu = time.perf_counter(), time.process_time()
        work()
        times.append((time.perf_counter() - start, time.process_time() - cpu))
    clock, processor = zip(*times, strict=True)
    return statistics.median(clock) * 1000, statistics.median(processor) * 1000


def main() -> None:
    """Fill a trail and time it."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with tempfile.TemporaryDirectory() as folder, Trail.open(Path(folder) / ".celltrail") as trail:
        fill(trail, count)

        def commit() -> None:
            with trail.db.atomic():
                trail.db.execute("UPDATE trail SET value = value WHERE key = 'created_at'")

        unit, _ = median_ms(commit)
        page = trail.search_runs(limit=50)
        cases: dict[str, Callable[[], object]] = {
            "one empty commit": commit,
            "newest page": lambda: trail.search_runs(limit=50),
            "second page": lambda: trail.search_runs(limit=50, after=page[-1].id),
            "filtered": lambda: trail.search_runs("params.max_depth = 5 and tags.owner = 'me'", limit=50),
            "ordered": lambda: trail.search_runs(order_by="metrics.accuracy_score desc", limit=50),
            "filtered and ordered": lambda: trail.search_runs(
                "metrics.accuracy_score > 0.5 and params.max_depth = 5 and tags.owner = 'me'",
                order_by="metrics.accuracy_score desc",
                limit=50,
            ),
            "filtered, ordered by param": lambda: trail.search_runs(
                "metrics.accuracy_score > 0.99", order_by="params.n_estimators desc", limit=50
            ),
            "text pattern": lambda: trail.search_runs("experiment like 'forest-1%'", limit=50),
            "forest-3#7": lambda: trail.run("forest-3#7"),
            "best": lambda: trail.run("forest-3#best"),
            "one experiment": lambda: trail.runs_of("forest-3"),
        }
        for name, work in cases.items():
            taken, cpu = median_ms(work)
            print(f"{name:28} {taken:8.2f} ms  {cpu:8.2f} ms CPU  {taken / unit:8.1f} commits")  # noqa: T201


if __name__ == "__main__":
    main()
