"""Random notebooks: what nothing is said of comes out the same, and `fix` brings memory to what "run all" gives."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent
FIRST = 1_000


def tried(first: int, count: int) -> tuple[list[dict[str, object]], dict[str, int]]:
    """Try notebooks in forked clean interpreters; return the promises that were broken, and what was counted."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("CELLTRAIL_")}
    done = subprocess.run(
        [sys.executable, "-m", "support.standing", str(first), str(count)],
        check=True,
        capture_output=True,
        text=True,
        env=environment | {"PYTHONPATH": str(TESTS)},
    )
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert {0} == set(told[-1]["ended"]), done.stderr
    counts = [one["counts"] for one in told if "counts" in one]
    summed = {name: sum(one[name] for one in counts) for name in counts[0]}
    return [one for one in told if "seed" in one], summed


def test_random_notebooks_keep_both_promises() -> None:
    wrong, counts = tried(0, 16)

    assert [] == wrong, json.dumps(wrong[:3], indent=1)
    assert min(counts["silent"], counts["mended"], counts["alarms"]) > 0


@pytest.mark.long
def test_six_hundred_random_notebooks_keep_both_promises() -> None:
    wrong, counts = tried(FIRST, 600)

    assert [] == wrong, json.dumps(wrong[:3], indent=1)
    assert min(counts["silent"], counts["mended"], counts["alarms"]) > 60
