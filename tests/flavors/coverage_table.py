"""How many of scikit-learn's estimators and measures are captured in full: `python tests/flavors/coverage_table.py`.

Each is used in a cell of a real shell, and what is on record is held against what the cell did. With `--load-first`
celltrail is loaded before scikit-learn is imported; with `--json` the misses are printed for a test to read.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from support import every_estimator, every_metric
from support.laboratory import KNOWN_MISSES, laboratory


def misses_of_estimators(*, loads_first: bool) -> dict[str, list[str]]:
    """Use every estimator; return what is not on record, by name, and an empty list for those that are in full."""
    prepare = every_estimator.PREPARE
    with tempfile.TemporaryDirectory() as folder, laboratory(Path(folder), prepare, loads_first=loads_first) as room:
        return {one.name: room.misses_of_estimator(one) for one in every_estimator.specimens()}


def misses_of_metrics(*, loads_first: bool) -> dict[str, list[str]]:
    """Use every measure; return what is not on record, by call."""
    prepare = every_metric.PREPARE
    with tempfile.TemporaryDirectory() as folder, laboratory(Path(folder), prepare, loads_first=loads_first) as room:
        fits = room.fit_models()
        return {use.call: room.misses_of_metric(use, fits) for use in every_metric.uses()}


def _print_table(title: str, found: dict[str, list[str]]) -> None:
    captured = sum(not misses for misses in found.values())
    print(f"{title:32} {captured:4} of {len(found):4}   {captured / len(found):6.1%}")  # noqa: T201
    for name, misses in found.items():
        if misses:
            print(f"    {name}: {KNOWN_MISSES.get(name) or ', '.join(misses)}")  # noqa: T201


def main() -> None:
    """Measure and print."""
    loads_first = "--load-first" in sys.argv
    found = {
        "estimators": misses_of_estimators(loads_first=loads_first),
        "calls of metrics and displays": misses_of_metrics(loads_first=loads_first),
    }
    if "--json" in sys.argv:
        print(json.dumps(found))  # noqa: T201
        return
    for title, misses in found.items():
        _print_table(title, misses)
    print("functions that measure no model:")  # noqa: T201
    for name, reason in every_metric.NOT_MEASURES.items():
        print(f"    {name}: {reason}")  # noqa: T201


if __name__ == "__main__":
    main()
