"""What celltrail, ipyflow and Kishu cost single cells: `python tests/bench/heavy_cells.py [--rounds N] [--tools …]`.

A process with a shell for each tool, and two plain ones: the second shows how far two plain shells stand apart, by
where their memory lies. The same cell is run in all, in turns, beginning with another one in each round. Printed are,
for loops, code heavy in attributes, `deepcopy` and `id()`, the median of the ratios to the plain shell; for cells on
small objects, and on a frame of 1 GB, the milliseconds of CPU beyond the plain shell's, at the median.
"""

from __future__ import annotations

import argparse
import statistics
from pathlib import Path

from kinds_of_cells import HEAVY, LARGE, OF_LARGE, PREPARE, SMALL
from side_by_side import CACHE, TOOLS, Shell, python_of, tell

CONTROL = "plain, again"
Times = dict[str, list[float | None]]


def measured(shells: dict[str, Shell], source: str, rounds: int) -> Times:
    """Run a cell in all shells, in turns; return what each run took."""
    names, times = list(shells), dict[str, list[float | None]]((name, []) for name in shells)
    for turn in range(rounds):
        begin = turn % len(names)
        for name in [*names[begin:], *names[:begin]]:
            times[name].append(shells[name].run(source))
    return times


def factor(times: Times, name: str) -> float | None:
    """Return how often the plain time it is, at the median of rounds."""
    pairs = list(zip(times[name], times["plain"], strict=True))
    if any(one is None for pair in pairs for one in pair):
        return None
    return statistics.median(mine / plain for mine, plain in pairs if mine is not None and plain)


def beyond_ms(times: Times, name: str) -> float | None:
    """Return the milliseconds beyond the plain ones, at the median."""
    mine = [one for one in times[name] if one is not None]
    plain = [one for one in times["plain"] if one is not None]
    return 1000 * (statistics.median(mine) - statistics.median(plain)) if len(mine) == len(plain) else None


def row(label: str, found: list[float | None], unit: str, digits: int) -> None:
    """Print a line of the table."""
    words = "".join(f"{'broken' if one is None else f'{one:.{digits}f} {unit}':>22}" for one in found)
    tell(f"{label:24}{words}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--tools", default=",".join(tool for tool in TOOLS if tool != "celltrail-untracked"))
    parser.add_argument("--cache", type=Path, default=CACHE)
    asked = parser.parse_args()
    found = {tool: python_of(tool, asked.cache) for tool in asked.tools.split(",")}
    shells = {tool: Shell(tool, python) for tool, python in found.items() if python}
    shells[CONTROL] = Shell("plain", found["plain"] or "")
    others = [name for name in shells if name != "plain"]
    measured(shells, PREPARE, 1)
    tell(f"{'':24}" + "".join(f"{name:>22}" for name in others))
    for label, source in HEAVY.items():
        times = measured(shells, source, asked.rounds)
        row(label, [factor(times, name) for name in others], "times", 3)
    added: dict[str, list[float | None]] = {name: [] for name in others}
    for source in SMALL:
        times = measured(shells, source, 5 * asked.rounds)
        for name in others:
            added[name].append(beyond_ms(times, name))
        row(source, [added[name][-1] for name in others], "ms", 2)
    known = {name: [one for one in each if one is not None] for name, each in added.items()}
    row("small cells, median", [statistics.median(each) if each else None for each in known.values()], "ms", 2)
    measured(shells, LARGE, 1)
    for source in OF_LARGE:
        times = measured(shells, source, asked.rounds)
        row(f"1 GB: {source}", [beyond_ms(times, name) for name in others], "ms", 1)
    for shell in shells.values():
        shell.close()


if __name__ == "__main__":
    main()
