"""scikit-learn's own examples show the same with celltrail and without it.

A sample is played, of those that need no download and do not take long; `CELLTRAIL_GALLERY=all` plays every one (an
hour on two cores), `CELLTRAIL_GALLERY=NAME,…` the named ones. `CELLTRAIL_GALLERY_SECONDS` is how long each may take
without celltrail. Without network the test is skipped, in CI it fails.
"""

from __future__ import annotations

import os

import pytest
from support.gallery import chosen_examples
from support.tape import cells_of
from support.twice import Player

pytestmark = pytest.mark.witness

SAMPLE = "24"
# Against a hang only: the slowest of the sample takes a few seconds on an idle machine.
SECONDS = "300"
# Examples that load data from elsewhere, or show a library that is not here: nothing to compare.
AWAY = ("URLError", "HTTPError", "ConnectionError", "TimeoutError", "ModuleNotFoundError")


def test_examples_of_scikit_learn_show_the_same_with_celltrail_and_without(player: Player) -> None:
    seconds = float(os.environ.get("CELLTRAIL_GALLERY_SECONDS", SECONDS))
    chosen = chosen_examples(os.environ.get("CELLTRAIL_GALLERY", SAMPLE))

    differing, unknown = {}, {}
    verdicts: dict[str, list[str]] = {"the same": [], "differs": [], "needs what is not here": [], "too slow": []}
    for example in chosen:
        played = player.twice(cells_of(example.read_text(encoding="utf-8")), seconds=seconds)
        if played.differences:
            verdict = "differs"
            differing[example.name] = played.differences
        elif played.is_too_slow:
            verdict = "too slow"
        elif played.error is not None and played.error[0] in AWAY:
            verdict = "needs what is not here"
        else:
            verdict = "the same"
            unknown.update(played.unknown)
        verdicts[verdict].append(example.name)
        print(f"{example.name}: {verdict}", flush=True)  # noqa: T201  read by who plays all of them
    print(", ".join(f"{len(names)} {verdict}" for verdict, names in verdicts.items()))  # noqa: T201

    assert {} == differing
    assert {} == unknown
    assert len(verdicts["the same"]) >= len(chosen) // 2
