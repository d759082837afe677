"""A warm player of notebooks for each session of tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.twice import Player


@pytest.fixture(scope="session")
def player(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Player]:
    """Return what plays notebooks without celltrail and with it."""
    player = Player(tmp_path_factory.mktemp("witness"))
    yield player
    player.close()
