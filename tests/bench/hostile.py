"""What the looks at hostile objects cost, cell by cell: `python tests/bench/hostile.py`.

Plays the hostile cases of `tests/lineage/cases.json` (raising `__eq__`, a `__getattr__` with side effects, a list in
itself, a depth of 5,000, ten million elements, generators, locks, sockets) and prints the milliseconds of CPU of the
looks before and after each cell, the cell apart, at the median of some plays; the largest of each case stands last.
A cell has 20 ms. Not run in CI.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from IPython.core.interactiveshell import InteractiveShell

PLAYS = 5
BUDGET_MS = 20  # PRODUCT: what a cell may be slowed down by
CASES = Path(__file__).parent.parent / "lineage" / "cases.json"


def played(shell: InteractiveShell, case: dict[str, object]) -> list[float]:
    """Play a case in an empty namespace; return the milliseconds of the looks at each of its cells."""
    from celltrail.capture.by_hand import current_kernel
    from celltrail.capture.touching.touching import Opened

    touching, spent = current_kernel().touching, []
    names = dict.fromkeys(shell.user_ns)
    for _, source in case["executions"]:
        code = compile(source, "cell", "exec")
        start = time.thread_time()
        before = touching.begin(source, shell.user_ns)
        first = time.thread_time() - start
        succeeded = True
        try:
            exec(code, shell.user_ns)
        except (ArithmeticError, LookupError, TypeError, ValueError):
            succeeded = False
        start = time.thread_time()
        touching.end(before, shell.user_ns, Opened(), succeeded=succeeded)
        spent.append((first + time.thread_time() - start) * 1e3)
    for name in shell.user_ns.keys() - names:
        del shell.user_ns[name]
    return spent


def main() -> None:
    """Print the table."""
    os.chdir(tempfile.mkdtemp(prefix="celltrail-bench-"))
    Path("celltrail.toml").touch()
    shell = InteractiveShell.instance()
    with contextlib.redirect_stdout(io.StringIO()):
        shell.run_cell("%load_ext celltrail", store_history=True)
        shell.run_cell("y = 1", store_history=True)
    found = json.loads(CASES.read_text(encoding="utf-8"))
    for case in found if isinstance(found, list) else found["cases"]:
        if not case["group"].startswith("H."):
            continue
        plays = [played(shell, case) for _ in range(PLAYS)]
        cells = [statistics.median(play[cell] for play in plays) for cell in range(len(plays[0]))]
        told = "  ".join(f"{one:6.2f}" for one in cells)
        within = "within" if max(cells) <= BUDGET_MS else "OVER"
        sys.stdout.write(f"{case['title'][:44]:46} {told}   largest {max(cells):.2f} ms, {within} {BUDGET_MS} ms\n")


if __name__ == "__main__":
    main()
