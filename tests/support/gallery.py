"""scikit-learn's own examples, from its source distribution: fetched once into the user's cache, and never built."""

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

_FETCHES = re.compile(r"\b(fetch_\w+|read_csv|urlretrieve)\(")
# Each takes as long as two dozen others together.
_LONG = {"plot_grid_search_refit_callable", "plot_kernel_ridge_regression", "plot_multi_metric_evaluation"}
_LONG |= {"plot_learning_curve", "plot_self_training_varying_threshold", "plot_ridge_coeffs"}


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


def chosen_examples(asked: str) -> list[Path]:
    """Return examples: so many of those that need no download and do not take long, the named ones, or `all`."""
    found = examples()
    if asked == "all":
        return found
    if asked.isdecimal():
        short = (path for path in found if path.stem not in _LONG)
        return [path for path in short if not _FETCHES.search(path.read_text(encoding="utf-8"))][: int(asked)]
    return [path for path in found if path.stem in asked.split(",")]
