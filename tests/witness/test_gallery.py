"""scikit-learn's own examples show the same with celltrail and without it.

They come from its source distribution, fetched once into the user's cache and never built. A sample is played, of
those that need no download and do not take long; `CELLTRAIL_GALLERY=all` plays every one (an hour on two cores),
`CELLTRAIL_GALLERY=NAME,…` the named ones. `CELLTRAIL_GALLERY_SECONDS` is how long each may take without celltrail.
Without network the test is skipped, in CI it fails.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tarfile
from importlib import metadata
from pathlib import Path

import pytest
from platformdirs import user_cache_path
from support.tape import cells_of
from support.twice import Player

pytestmark = pytest.mark.witness

SAMPLE = "24"
# Against a hang only: the slowest of the sample takes a few seconds on an idle machine.
SECONDS = "300"
FETCHES = re.compile(r"\b(fetch_\w+|read_csv|urlretrieve)\(")
# Each takes as long as the rest of the sample together.
LONG = {"plot_grid_search_refit_callable", "plot_kernel_ridge_regression", "plot_multi_metric_evaluation"}
LONG |= {"plot_learning_curve", "plot_self_training_varying_threshold", "plot_ridge_coeffs"}
# Examples that load data from elsewhere, or show a library that is not here: nothing to compare.
AWAY = ("URLError", "HTTPError", "ConnectionError", "TimeoutError", "ModuleNotFoundError")


def examples() -> list[Path]:
    """Return the examples of the installed scikit-learn, in an order that is the same everywhere."""
    version = metadata.version("scikit-learn")
    folder = user_cache_path("celltrail-tests") / f"scikit-learn-{version}"
    if not folder.is_dir():
        _fetch(version, folder)
    found = sorted(folder.rglob("examples/**/*.py"), key=lambda path: hashlib.sha256(path.name.encode()).digest())
    return [path for path in found if path.name != "__init__.py"]


def _fetch(version: str, folder: Path) -> None:
    waiting = folder.with_name(f"{folder.name}.{os.getpid()}")
    waiting.mkdir(parents=True)
    command = [sys.executable, "-m", "unearth", "--no-binary", "--download", str(waiting), f"scikit-learn=={version}"]
    got = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    archives = list(waiting.glob("*.tar.gz"))
    if not archives:
        reason = f"scikit-learn's source distribution can't be fetched: {got.stderr[-300:]}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with tarfile.open(archives[0]) as archive:
        archive.extractall(waiting, filter="data")
    archives[0].unlink()
    waiting.replace(folder)


def chosen_examples() -> list[Path]:
    """Return what is to be played: by number, by name, or all."""
    asked, found = os.environ.get("CELLTRAIL_GALLERY", SAMPLE), examples()
    if asked == "all":
        return found
    if asked.isdecimal():
        short = (path for path in found if path.stem not in LONG)
        return [path for path in short if not FETCHES.search(path.read_text(encoding="utf-8"))][: int(asked)]
    return [path for path in found if path.stem in asked.split(",")]


def test_examples_of_scikit_learn_show_the_same_with_celltrail_and_without(player: Player) -> None:
    seconds = float(os.environ.get("CELLTRAIL_GALLERY_SECONDS", SECONDS))
    chosen = chosen_examples()

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
