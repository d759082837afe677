"""The last fitted model of scikit-learn's own examples, made again by its recipe in a fresh interpreter, is the same.

A sample is tried; `CELLTRAIL_RECIPES=60` tries so many of those that need no download and do not take long,
`CELLTRAIL_RECIPES=NAME,…` the named ones, `CELLTRAIL_RECIPES_MODELS` how many models of each, the last fitted first.
Each is tried in the cells that it has, and with a cell for each statement. Every recipe starts with the same random
state as its notebook: so a draw from an unseeded stream that the recipe leaves out is seen.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from support.gallery import chosen_examples
from support.tape import cells_of, statements_of
from support.twice import Player

pytestmark = pytest.mark.witness

SAMPLE = "plot_lasso_lars_ic,plot_roc_curve_visualization_api"
# Against a hang only.
SECONDS = 300.0


@pytest.mark.parametrize("cut", [cells_of, lambda text: statements_of(cells_of(text))], ids=["cells", "statements"])
def test_a_recipe_of_an_example_gives_the_same_predictions_elsewhere(
    player: Player, cut: Callable[[str], list[str]]
) -> None:
    most = int(os.environ.get("CELLTRAIL_RECIPES_MODELS", "1"))
    differing: dict[str, list[str]] = {}
    tried = without = kept = of_all = lines = of_lines = 0
    for example in chosen_examples(os.environ.get("CELLTRAIL_RECIPES", SAMPLE)):
        cells = cut(example.read_text(encoding="utf-8"))
        (told,) = player.work({"work": "record", "cells": cells, "seed": 7, "most": most}, seconds=SECONDS)
        if "broken" in told:
            differing[example.name] = [told["broken"]]
            continue
        without += not told["models"]
        for model in told["models"]:
            (found,) = player.work({**model, "work": "remake", "seed": 7}, seconds=SECONDS)
            wrong = found.get("differences", [str(found.get("broken"))])
            wrong += [] if model["compared"] else ["nothing of it can be compared"]
            tried += 1
            kept, of_all = kept + model["kept"], of_all + told["played"]
            lines, of_lines = lines + model["lines"], of_lines + told["lines"]
            if wrong:
                differing[f"{example.name}: {model['name']}"] = wrong
            print(  # noqa: T201  read by who tries many
                f"{example.stem}: {model['name']} ({model['kind']}) "
                f"{'; '.join(wrong) if wrong else 'the same'}; cells {model['kept']} of {told['played']}, "
                f"lines {model['lines']} of {told['lines']}, compared {len(model['compared'])}",
                flush=True,
            )
        if not told["models"]:
            print(f"{example.stem}: no name holds a fitted model ({told['error']})", flush=True)  # noqa: T201
    print(  # noqa: T201
        f"{tried} recipes, {len(differing)} give another model; {without} examples keep none. "
        f"{kept} of {of_all} cells, {lines} of {of_lines} lines of code"
    )

    assert {} == differing
    assert tried >= 1
