"""The environment is read from files, once, and again only when something changed."""

from __future__ import annotations

import importlib.metadata
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from celltrail.capture.environment import snapshot_environment, without_credentials


def test_every_distribution_is_there_with_its_version() -> None:
    wanted = {}
    for one in importlib.metadata.distributions():
        wanted.setdefault(re.sub(r"[-_.]+", "-", one.metadata["Name"]).lower(), one.version)

    record = snapshot_environment()

    assert wanted == {name: version for name, version, _, _ in record.distributions}
    assert sorted(record.distributions) == record.distributions


def test_what_is_loaded_is_marked_whatever_its_import_name() -> None:
    import dateutil
    import sklearn

    assert dateutil.__name__ in sys.modules
    assert sklearn.__name__ in sys.modules
    used = {name for name, _, _, mark in snapshot_environment().distributions if mark == "used"}

    assert {"numpy", "scikit-learn", "python-dateutil", "celltrail"} <= used
    assert np.__name__ in used


def test_nothing_is_read_again_while_nothing_changed() -> None:
    assert snapshot_environment() is snapshot_environment()


def test_a_new_distribution_is_seen_with_where_it_came_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    before = snapshot_environment()
    folder = tmp_path / "Some_Thing-1.2.dist-info"
    folder.mkdir()
    told = {"url": "https://me:secret@host/r.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}}
    (folder / "direct_url.json").write_text(json.dumps(told))

    after = snapshot_environment()

    new = [one for one in after.distributions if one not in before.distributions]
    assert [["some-thing", "1.2", "git+https://host/r.git@abc", ""]] == new


def test_thread_settings_are_part_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "3")

    assert "3" == snapshot_environment().threads["variables"]["OMP_NUM_THREADS"]


def test_the_machine_has_a_processor_cores_and_memory() -> None:
    machine = snapshot_environment().machine

    assert machine["cpu"]
    assert machine["cores"] >= 1
    assert machine["memory_bytes"] > 1 << 20


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://me:t0ken@host/a/b.git?x=1#f", "https://host/a/b.git"),
        ("file:///home/me/x", "file:///home/me/x"),
        ("ssh://git@host:22/x", "ssh://host:22/x"),
    ],
)
def test_credentials_never_leave_a_url(url: str, clean: str) -> None:
    assert clean == without_credentials(url)
