"""Notebooks of many habits show the same with celltrail and without it: outputs, exceptions, random state, files."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.tape import cells_of
from support.twice import Player

pytestmark = pytest.mark.witness

HABITS = sorted((Path(__file__).parent / "habits").glob("*.ipy"))


@pytest.mark.parametrize("habit", HABITS, ids=[habit.stem for habit in HABITS])
def test_a_notebook_shows_the_same_with_celltrail_and_without(habit: Path, player: Player) -> None:
    played = player.twice(cells_of(habit.read_text(encoding="utf-8")), seconds=180, goes_on=True)

    assert [] == played.differences
    assert {} == played.unknown
    assert not played.is_too_slow
    assert played.runs >= 1


def test_a_difference_is_told(player: Player) -> None:
    played = player.twice(["import sys", "print('celltrail' in sys.modules)", "leak = 'celltrail' in sys.modules"])

    assert 1 == len(played.differences)
    assert played.differences[0].startswith("cell 2: ")
    assert "True" in played.differences[0]


def test_a_changed_random_state_is_told(player: Player) -> None:
    played = player.twice(["import sys, random", "if 'celltrail' in sys.modules: random.random()"])

    assert ["random"] == [difference.partition(":")[0] for difference in played.differences]
