"""Members of the seams come through the same door; a broken one is named and skipped."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from celltrail.flavors.pickled import PickleFlavor
from celltrail.flavors.sklearn_probe import SklearnProbe
from celltrail.plugins import FLAVORS, PROBES, members_of


@pytest.fixture
def a_stranger(tmp_path: Path, monkeypatch):
    """A real distribution on the path, with a member that loads and two that don't."""
    (tmp_path / "strange.py").write_text(
        "class Good:\n    name = 'good'\nclass Bad:\n    def __init__(self):\n        raise OSError('no licence')\n"
    )
    info = tmp_path / "strange-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: strange\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[celltrail.probes]\ngood = strange:Good\nbad = strange:Bad\ngone = strange_and_gone:Probe\n"
    )
    monkeypatch.syspath_prepend(tmp_path)


def test_our_own_members_come_through_the_door() -> None:
    assert isinstance(members_of(PROBES).loaded["scikit-learn"], SklearnProbe)
    assert {"pickle", "cloudpickle"} <= set(members_of(FLAVORS).loaded)
    assert isinstance(members_of(FLAVORS).loaded["pickle"], PickleFlavor)


def test_a_strangers_member_is_loaded_and_a_broken_one_is_named(a_stranger, caplog) -> None:
    with caplog.at_level(logging.WARNING):
        members = members_of(PROBES)

    assert {"good", "scikit-learn"} <= set(members.loaded)
    assert {"bad", "gone"}.isdisjoint(members.loaded)
    assert "strange:Bad: OSError: no licence" == members.broken["bad"]
    assert "strange_and_gone:Probe: ModuleNotFoundError" in members.broken["gone"]
    assert "Traceback" in caplog.text


def test_a_seam_without_members_is_empty() -> None:
    members = members_of("celltrail.nothing")

    assert ({}, {}) == (members.loaded, members.broken)
