"""What lineage costs a cell: the looks before and after it, and ratios with and without it.

    python tests/bench/lineage.py

Takes a minute or two. Prints microseconds of CPU of the looks for each kind of cell (median), then for loops,
branches in a loop (from Python 3.12 on their lines are followed), attribute-heavy code, `deepcopy` and `id()` the
ratio of a cell that is followed to the same cell with `%track off`, side by side.
"""

from __future__ import annotations

import contextlib
import io
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from kinds_of_cells import HEAVY, LARGE, OF_LARGE, PREPARE, SMALL


def looks_us(shell: Any, touching: Any, source: str, times: int) -> float:
    """Return microseconds of CPU that the looks before and after a cell take, at the median."""
    from celltrail.capture.touching.touching import Opened

    code, spent = compile(source, "cell", "exec"), []
    for _ in range(times):
        start = time.thread_time()
        before = touching.begin(source, shell.user_ns)
        first = time.thread_time() - start
        exec(code, shell.user_ns)
        start = time.thread_time()
        touching.end(before, shell.user_ns, Opened(), succeeded=True)
        spent.append(first + time.thread_time() - start)
    return statistics.median(spent) * 1e6


def cpu_s(work: Callable[[], Any]) -> float:
    """Return seconds of CPU that some work takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


def ratio(shell: Any, source: str, pairs: int) -> float:
    """Return how long a cell takes with celltrail by how long it takes without, at the median of pairs."""

    def run() -> None:
        with contextlib.redirect_stdout(io.StringIO()):
            shell.run_cell(source, store_history=True)

    found = []
    for _ in range(pairs):
        shell.run_line_magic("track", "on")
        followed = cpu_s(run)
        shell.run_line_magic("track", "off")
        found.append(followed / cpu_s(run))
    shell.run_line_magic("track", "on")
    return statistics.median(found)


def main() -> None:
    """Print the table."""
    os.chdir(tempfile.mkdtemp())
    shell = InteractiveShell.instance()
    with contextlib.redirect_stdout(io.StringIO()):
        shell.run_cell("%load_ext celltrail", store_history=True)
        shell.run_cell(PREPARE, store_history=True)
    from celltrail.capture.by_hand import current_kernel

    kernel = current_kernel()
    for source in SMALL:
        sys.stdout.write(f"{source:24} {looks_us(shell, kernel.touching, source, 60):8.0f} µs\n")
    for name, source in HEAVY.items():
        sys.stdout.write(f"{name:24} {ratio(shell, source, 5):8.3f} times\n")
    shell.run_cell(LARGE, store_history=True)
    for source in OF_LARGE:
        sys.stdout.write(f"1 GB: {source:18} {looks_us(shell, kernel.touching, source, 5) / 1000:8.1f} ms\n")


if __name__ == "__main__":
    main()
