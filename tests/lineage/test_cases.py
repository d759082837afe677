"""Histories of cells and the recipe that each must give, each checked by running it alone, and without each part.

`cases.json` holds, for each, the executions in their order, the least set that makes the target again, and what a
recipe may keep besides. A recipe without one of the set is unsound; that is never allowed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.notebooks import Notebook

CASES = json.loads(Path(__file__).with_name("cases.json").read_text(encoding="utf-8"))
# One of each kind; all of them take a minute.
EVERY = [case if place < 40 else pytest.param(case, marks=pytest.mark.long) for place, case in enumerate(CASES)]
NEEDS = {"scipy": "scipy", "sklearn": "sklearn", "parquet": "pyarrow", "matplotlib": "matplotlib", "joblib": "joblib"}


def named(case: dict[str, Any]) -> str:
    """Return the words by which a case is chosen."""
    return f"{case['group'][0]} {case['title']}"


@pytest.mark.parametrize("case", EVERY, ids=named)
@pytest.mark.filterwarnings("ignore")  # what cells do is theirs: an unclosed file, a coroutine
def test_a_recipe_holds_what_the_target_needs_and_no_more(case: dict[str, Any], notebook: Notebook) -> None:
    text = json.dumps(case["executions"])
    for word, module in NEEDS.items():
        if word in text:
            pytest.importorskip(module)

    notebook.play(*case["executions"])

    found = notebook.slice_of(case["target"])
    assert [] == sorted(set(case["slice"]) - set(found)), "unsound"
    assert [] == sorted(set(found) - set(case["slice"]) - set(case["may_keep"])), "more than it needs"
    for place, (reads, writes) in case["reads_writes"].items():
        cell = notebook.cell(int(place))
        assert (sorted(reads), sorted(writes)) == (cell["reads"], cell["writes"])
