"""Opening a trail: where it lies, who may read it, what it says."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from celltrail.errors import TrailNotFoundError
from celltrail.store.trail import Trail


def test_a_new_trail_ignores_itself_in_git_and_is_private(tmp_path: Path) -> None:
    folder = tmp_path / ".celltrail"

    with Trail.open(folder) as trail:
        mode = stat.S_IMODE((folder / "trail.db").stat().st_mode)

    assert folder == trail.path
    assert [] == trail.notices
    assert "*" in (folder / ".gitignore").read_text().splitlines()
    assert 0o600 == mode
    assert 0o700 == stat.S_IMODE(folder.stat().st_mode)


def test_a_trail_that_is_not_there_is_not_made_to_be_read(tmp_path: Path) -> None:
    folder = tmp_path / ".celltrail"

    with pytest.raises(TrailNotFoundError, match="no trail at"):
        Trail.open(folder, read_only=True)

    assert not folder.exists()
