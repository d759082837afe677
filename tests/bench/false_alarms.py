"""False alarms of staleness and hidden state on real notebooks: scikit-learn's gallery, and with cells run again.

    python tests/bench/false_alarms.py [EXAMPLES]

Each example is played in a fork with celltrail loaded and asked for stale cells, and for names that no longer come
from code in the notebook: after running from top to bottom, and after each of three cells (the first, one in the
middle, the last) was run once more, unchanged. What is said after a cell ran again may be true (it changes what it is
given, or draws from a seeded stream); it is listed to be judged: cell, reason and names, hidden names by their cell.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from support.forking import in_a_fork, make_bare_shell
from support.gallery import chosen_examples
from support.tape import cells_of


def say(*words: object) -> None:
    """Tell who runs it."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")


def played(example: Path) -> dict[str, Any]:
    """Play one example; return how many cells it has, and what was said of them."""
    Path("celltrail.toml").touch()
    os.environ["MPLBACKEND"] = "agg"
    import warnings

    import celltrail

    warnings.simplefilter("ignore")
    shell = make_bare_shell()
    shell.run_cell("%load_ext celltrail", store_history=True)
    cells = [(f"c{place}", source) for place, source in enumerate(cells_of(example.read_text(encoding="utf-8")))]
    failed = [name for name, source in cells if not shell.run_cell(source, store_history=True, cell_id=name).success]
    told = [celltrail.lineage(stale=True).data]
    for place in sorted({0, len(cells) // 2, len(cells) - 1}):
        name, source = cells[place]
        shell.run_cell(source, store_history=True, cell_id=name)
        told.append(celltrail.lineage(stale=True).data)
    said = [[(one["cell_id"], one["reason"], one["names"]) for one in each["stale"]] for each in told]
    hidden = [_by_cell(each["left_over"]) for each in told]
    unsure = [len({one["cell_id"] for one in each["unsure"]}) for each in told]
    return {"cells": len(cells), "failed": len(failed), "said": said, "hidden": hidden, "unsure": unsure}


def _by_cell(left_over: list[dict[str, Any]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in left_over:
        found.setdefault(one["cell_id"], []).append(one["name"])
    return found


def main(count: str) -> None:
    """Play the examples and print what was said."""
    # Threads that spin beside others' work would use up the time of CPU that a fork is given.
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    sums: Counter[str] = Counter()
    for example in chosen_examples(count):
        found = in_a_fork(lambda example=example: played(example))
        if "broken" in found:
            say(example.name, found)
            continue
        sums["examples"] += 1
        sums["cells"] += found["cells"]
        sums["alarms from top to bottom"] += len(found["said"][0])
        sums["cells of hidden names from top to bottom"] += len(found["hidden"][0])
        sums["doubts from top to bottom"] += found["unsure"][0]
        sums["cells asked of after a cell ran again"] += found["cells"] * (len(found["said"]) - 1)
        sums["alarms after a cell ran again"] += sum(map(len, found["said"][1:]))
        sums["cells of hidden names after a cell ran again"] += sum(map(len, found["hidden"][1:]))
        say(example.name, json.dumps(found["said"]), *([json.dumps(found["hidden"])] if any(found["hidden"]) else []))
    say(json.dumps(sums, indent=1))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "24")
