"""scikit-learn's own examples show the same with celltrail and without it.

They come from its source distribution, fetched once into the user's cache and never built. A sample is played;
`CELLTRAIL_GALLERY=all` plays every one (an hour on two cores). Without network the test is skipped, in CI it fails.
"""

from __future__ import annotations

import hashlib
import os
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

SAMPLE = 24
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


def test_examples_of_scikit_learn_show_the_same_with_celltrail_and_without(player: Player) -> None:
    asked = os.environ.get("CELLTRAIL_GALLERY", str(SAMPLE))
    chosen = examples() if asked == "all" else examples()[: int(asked)]

    differing, compared, away, slow, unknown = {}, [], [], [], {}
    for example in chosen:
        played = player.twice(cells_of(example.read_text(encoding="utf-8")), seconds=60)
        if played.is_too_slow:
            slow.append(example.name)
        elif played.error is not None and played.error[0] in AWAY and not played.differences:
            away.append(example.name)
        else:
            compared.append(example.name)
            if played.differences:
                differing[example.name] = played.differences
            unknown.update(played.unknown)
    print(f"{len(compared)} examples compared, {len(away)} need what is not here, {len(slow)} took over a minute")  # noqa: T201

    assert {} == differing
    assert {} == unknown
    assert len(compared) >= len(chosen) // 2
