"""Random notebooks: what nothing is said of comes out the same, and `fix` brings memory to what "run all" gives."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from support.forking import tried

FIRST = 1_000


def broken_and_counted(first: int, count: int) -> tuple[list[dict[str, Any]], Counter[str]]:
    """Try notebooks; return the promises that were broken, and what was counted."""
    told = tried("support.standing", first, count)
    counted: Counter[str] = Counter()
    for one in told:
        counted.update(one.get("counts", {}))
    return [one for one in told if "seed" in one], counted


def test_random_notebooks_keep_both_promises() -> None:
    wrong, counts = broken_and_counted(0, 16)

    assert [] == wrong, json.dumps(wrong[:3], indent=1)
    assert min(counts["silent"], counts["mended"], counts["alarms"]) > 0


@pytest.mark.long
def test_six_hundred_random_notebooks_keep_both_promises() -> None:
    wrong, counts = broken_and_counted(FIRST, 600)

    assert [] == wrong, json.dumps(wrong[:3], indent=1)
    assert min(counts["silent"], counts["mended"], counts["alarms"]) > 60
