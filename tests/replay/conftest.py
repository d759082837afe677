"""Runs whose environment a test says, and an index that is a folder."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.cells import Kernel
from support.wheels import make_wheel

from celltrail.domain.record import EnvironmentRecord
from celltrail.domain.run import Run
from celltrail.replay.environment_uv import find_uv
from celltrail.store.trail import Trail

MakeRun = Callable[..., Run]


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels that is the only index, and a cache of our own."""
    folder = tmp_path / "index"
    folder.mkdir()
    # A stand-in of ipykernel: that a kernel is asked for is tested here; with real ones in test_made_for_real.
    make_wheel(folder, "ipykernel", "7.0", {"ipykernel/__init__.py": "", "ipykernel/kernelapp.py": ""})
    make_wheel(folder, "alpha", "1.0")
    make_wheel(folder, "alpha", "2.0")
    make_wheel(folder, "beta", "0.5", requires=["alpha"])
    settings = tmp_path / "uv.toml"
    settings.write_text(f"no-index = true\nfind-links = [{json.dumps(str(folder))}]\n")
    monkeypatch.setenv("UV_CONFIG_FILE", str(settings))
    return folder


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What is locked and made goes below the test's folder; what uv downloaded stays where it is."""
    if "UV_CACHE_DIR" not in os.environ:
        told = find_uv(lambda _: None, 60).ask("cache", "dir", folder=tmp_path)
        monkeypatch.setenv("UV_CACHE_DIR", told.output.strip())
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "celltrail"


@pytest.fixture
def make_run(tmp_path: Path) -> Iterator[MakeRun]:
    """Save a run in a real trail that had these distributions, and read it back."""
    with Trail.open(tmp_path / ".celltrail") as trail:

        def make(
            *distributions: list[str], python: str = platform.python_version(), system: str = platform.platform()
        ) -> Run:
            cell = Kernel(None).trains(name="forest")
            assert cell.run is not None
            rows = sorted([*one, *[""] * (4 - len(one))] for one in distributions)
            variables = {"variables": {"OMP_NUM_THREADS": "3"}, "pools": []}
            cell.run.environment = EnvironmentRecord(python, "CPython", system, {"cores": 2}, rows, variables)
            trail.save(cell, wait_s=1.0)
            return trail.run("last")

        yield make
