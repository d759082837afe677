"""The oldest versions that CI tests are those that pyproject.toml promises."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent


def floors() -> dict[str, str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["demo"]]
    return {name: floor for each in asked for name, floor in re.findall(r"^([\w-]+)>=([\d.]+)", each)}


def same_version(left: str, right: str) -> bool:
    """Compare as versions, so that 8.12 is 8.12.0."""
    parts = [[int(part) for part in version.split(".")] for version in (left, right)]
    longest = max(map(len, parts))
    first, second = ([*part, *[0] * (longest - len(part))] for part in parts)
    return first == second


def test_the_oldest_versions_tested_are_the_floors() -> None:
    pinned = dict(re.findall(r"^([\w-]+)==([\d.]+)", (ROOT / ".ci" / "oldest.txt").read_text(), re.MULTILINE))

    promised = floors()

    # A floor that says only 1.5 is tested with a later mending release, where the first does not install on 3.11.
    assert set(promised) <= set(pinned)
    assert [] == [
        f"{name}: floor {floor}, tested {pinned[name]}"
        for name, floor in promised.items()
        if not same_version(floor, pinned[name]) and not pinned[name].startswith(f"{floor}.")
    ]
