"""What celltrail, ipyflow and Kishu cost whole notebooks: scikit-learn's gallery, each played once a tool and pair.

    python tests/bench/whole_notebooks.py [EXAMPLES] [--pairs N] [--tools plain,celltrail,…] [--cache FOLDER]

Each play is a fresh process and shell; tools take turns, beginning with another one in each pair. Counted are seconds
of CPU (user and system, children included) from when a tool stands ready until the last cell returned: what loading
the tool takes stands apart, with what it goes on to import beside an idle kernel, and what unloading takes.
Printed are, for each notebook, the plain seconds and the median of the ratios of its pairs, then median and worst of
all notebooks; the second table counts everything, loading and unloading included. `--alarms` asks the tools that know
staleness, instead, which cells they call stale, from top to bottom and after three cells ran once more.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from side_by_side import CACHE, TOOLS, once, python_of, tell
from support.gallery import chosen_examples

# Each takes 1 to 15 seconds of CPU and runs offline; most have more than one cell.
CHOSEN = (
    "plot_feature_selection_pipeline",
    "plot_lasso_lars_ic",
    "plot_compare_cross_decomposition",
    "plot_svm_regression",
    "plot_pcr_vs_pls",
    "plot_label_propagation_digits",
    "plot_semi_supervised_versus_svm_iris",
    "plot_kmeans_digits",
    "plot_likelihood_ratios",
    "plot_feature_agglomeration_vs_univariate_selection",
    "plot_precision_recall",
    "plot_cost_complexity_pruning",
    "plot_cv_indices",
    "plot_ols_ridge",
    "plot_swissroll",
    "plot_concentration_prior",
    "plot_rfe_digits",
    "plot_robust_vs_empirical_covariance",
    "plot_kmeans_silhouette_analysis",
    "plot_classifier_comparison",
    "plot_nested_cross_validation_iris",
    "plot_isolation_forest",
)
Plays = dict[str, list[dict[str, Any]]]


def spent_s(play: dict[str, Any], *, everything: bool) -> float:
    """Return seconds of CPU of the cells of a play; or of loading and unloading, too."""
    beside = play["load_s"] + play["closing_s"] if everything else 0.0
    return float(sum(play["cells_s"]) + beside)


def ratio(plays: Plays, tool: str, *, everything: bool = False) -> float | None:
    """Return how often the plain time a notebook takes with a tool, at the median of pairs; None if it broke."""
    pairs = list(zip(plays.get(tool, ()), plays["plain"], strict=True))
    if not pairs or any("broken" in one for pair in pairs for one in pair):
        return None
    return statistics.median(
        spent_s(with_it, everything=everything) / spent_s(plain, everything=everything) for with_it, plain in pairs
    )


def played(example: Path, pythons: dict[str, str], pairs: int, seconds: float) -> Plays:
    """Play an example in turns."""
    plays: Plays = {tool: [] for tool in pythons}
    tools = list(pythons)
    for pair in range(pairs):
        begin = pair % len(tools)
        for tool in [*tools[begin:], *tools[:begin]]:
            plays[tool].append(once(pythons[tool], tool, "notebook", str(example), seconds=seconds))
    return plays


def line(example: Path, plays: Plays, tools: list[str]) -> str:
    """Return a line of the table."""
    plain = [one for one in plays["plain"] if "broken" not in one]
    if not plain:
        return f"{example.stem:52} broken: {plays['plain'][0]['broken']}"
    cells, took = len(plain[0]["cells_s"]), statistics.median(spent_s(one, everything=False) for one in plain)
    words = [f"{example.stem:52}{cells:6}{took:8.2f}"]
    words += [f"{ratio(plays, tool):20.3f}" if ratio(plays, tool) else f"{'broken':>20}" for tool in tools]
    return "".join(words)


def remarks(example: Path, plays: Plays) -> list[str]:
    """Return what went otherwise than without a tool: plays that broke, cells that failed."""
    expected, found = plays["plain"][0].get("failed"), set()
    for tool, each in plays.items():
        found |= {f"{example.stem}, {tool}: {one['broken']}" for one in each if "broken" in one}
        failed = {tuple(one["failed"]) for one in each if "broken" not in one and one["failed"] != expected}
        found |= {f"{example.stem}, {tool}: fails in {', '.join(cells) or 'no cell'}" for cells in failed}
    return sorted(found)


def summary(all_plays: list[Plays], tools: list[str], *, everything: bool) -> None:
    """Print median and worst of all notebooks."""
    for name, choose in (("median", statistics.median), ("worst", max)):
        words = f"{name:66}"
        for tool in tools:
            found = [one for plays in all_plays if (one := ratio(plays, tool, everything=everything))]
            words += f"{choose(found):20.3f}" if found else f"{'-':>20}"
        tell(words)


def loading(all_plays: list[Plays], tools: list[str]) -> None:
    """Print what loading and unloading take, at the median of all plays."""
    for key in ("load_s", "closing_s"):
        words = f"{key.removesuffix('_s') + ', ms of CPU':66}"
        for tool in tools:
            found = [one[key] for plays in all_plays for one in plays[tool] if "broken" not in one]
            words += f"{1000 * statistics.median(found):20.0f}" if found else f"{'-':>20}"
        tell(words)


def costs(asked: argparse.Namespace, pythons: dict[str, str]) -> None:
    """Play all, and print the table."""
    tools = [tool for tool in pythons if tool != "plain"]
    tell(f"{'notebook':52}{'cells':>6}{'plain s':>8}" + "".join(f"{tool:>20}" for tool in tools))
    all_plays, told = [], []
    for example in chosen_examples(asked.examples):
        plays = played(example, pythons, asked.pairs, asked.seconds)
        tell(line(example, plays, tools))
        all_plays.append(plays)
        told += remarks(example, plays)
        if asked.out:
            with asked.out.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"example": example.stem, "plays": plays}) + "\n")
    summary(all_plays, tools, everything=False)
    tell("with loading and unloading")
    summary(all_plays, tools, everything=True)
    loading(all_plays, tools)
    for remark in told:
        tell(remark)
    for tool in pythons:
        with_versions = [one["versions"] for plays in all_plays for one in plays[tool] if "broken" not in one]
        tell(f"{tool}: " + ", ".join(" ".join(pair) for pair in (with_versions or [{}])[0].items()))


def alarms(asked: argparse.Namespace, pythons: dict[str, str]) -> None:
    """Ask the tools which cells are stale, and print how many they named."""
    sums = {tool: [0, 0, 0, 0] for tool in pythons}
    for example in chosen_examples(asked.examples):
        for tool, python in pythons.items():
            found = once(python, tool, "alarms", str(example), seconds=asked.seconds)
            if "broken" in found:
                tell(f"{example.stem}, {tool}: {found['broken']}")
                continue
            first, *again = found["said"]
            counts = (found["cells"], len(first), found["cells"] * len(again), sum(map(len, again)))
            sums[tool] = [total + more for total, more in zip(sums[tool], counts, strict=True)]
            if any(found["said"]):
                tell(f"{example.stem}, {tool}: {json.dumps(found['said'])}")
    for tool, (cells, first, asked_again, again) in sums.items():
        tell(
            f"{tool:12} {first} cells called stale of {cells}, from top to bottom; {again} of {asked_again} after a "
            "cell ran again, unchanged"
        )


def main() -> None:
    """Read what is asked, and do it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("examples", nargs="?", default=",".join(CHOSEN))
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--tools", default="")
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--seconds", type=float, default=300.0, help="of wall, before a play is given up")
    parser.add_argument("--out", type=Path, help="a file that gets all plays, as lines of JSON")
    parser.add_argument("--alarms", action="store_true")
    asked = parser.parse_args()
    tools = asked.tools.split(",") if asked.tools else ("celltrail", "ipyflow") if asked.alarms else TOOLS
    found = {tool: python_of(tool, asked.cache) for tool in tools}
    pythons = {tool: python for tool, python in found.items() if python}
    (alarms if asked.alarms else costs)(asked, pythons)


if __name__ == "__main__":
    main()
