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


def test_a_warning_that_is_shown_anew_is_told(player: Player) -> None:
    sets_filters = "with warnings.catch_warnings():\n        warnings.simplefilter('error')"

    played = player.twice(["import sys, warnings", f"if 'celltrail' in sys.modules:\n    {sets_filters}"])

    assert ["warned anew after"] == [difference.partition(":")[0] for difference in played.differences]


def test_a_sum_does_not_wander_with_the_place_of_an_array(player: Player) -> None:
    played = player.twice(
        [
            "import numpy as np\nfrom scipy.linalg.blas import dasum\n"
            "room = np.zeros(5016)\nstart = -room.ctypes.data % 64 // 8\nsums = set()\n"
            "for offset in range(0, 8, 2):\n"
            "    numbers = room[start + offset : start + offset + 5000]\n"
            "    numbers[:] = np.random.default_rng(0).normal(size=5000)\n"
            "    sums.add(float(dasum(numbers)))\n"
            "assert len(sums) == 1, sums"
        ]
    )

    assert played.error is None
    assert [] == played.differences


def test_a_search_that_chooses_by_time_chooses_the_same(player: Player) -> None:
    played = player.twice(
        [
            "from sklearn.datasets import load_iris\nfrom sklearn.model_selection import GridSearchCV\n"
            "from sklearn.tree import DecisionTreeClassifier\n"
            "search = GridSearchCV(DecisionTreeClassifier(random_state=0), {'max_depth': [1, 2, 3]},\n"
            "    refit=lambda results: int(results['mean_fit_time'].argmin())).fit(*load_iris(return_X_y=True))",
            "search.best_params_, search.cv_results_, search.refit_time_",
        ]
    )

    assert [] == played.differences
    assert [] == played.wanders
