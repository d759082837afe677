"""The whole chain on names: cells run, touches are kept with them, a recipe comes out."""

from __future__ import annotations

import pytest
from support.notebooks import Notebook

import celltrail
from celltrail.errors import NotFoundError


def test_a_recipe_leaves_out_what_the_name_does_not_need(notebook: Notebook) -> None:
    notebook.play("raw = [3, 1, 2]", "noise = [9] * 10", "clean = sorted(raw)", "best = clean[-1]")

    assert [1, 3, 4] == notebook.slice_of("best")


def test_a_recipe_holds_the_sources_as_they_were_run(notebook: Notebook) -> None:
    notebook.play(["a", "n = 0"], ["b", "n += 1"], ["b", "n += 10"], ["c", "other = 5"])

    recipe = celltrail.recipe("n")

    assert [("a", "n = 0"), ("b", "n += 1"), ("b", "n += 10")] == [(e.cell_id, e.source) for e in recipe.executions]
    assert "n = 0\n\nn += 1\n\nn += 10\n" == recipe.source


def test_a_change_through_another_name_is_part_of_the_recipe(notebook: Notebook) -> None:
    notebook.play("xs = [1]", "ys = xs", "ys.append(2)", "n = len(xs)")

    assert [1, 2, 3, 4] == notebook.slice_of("n")
    assert (["ys"], ["xs", "ys"]) == (notebook.cell(3)["reads"], notebook.cell(3)["writes"])


def test_a_name_that_no_cell_made_is_said_in_one_sentence(notebook: Notebook) -> None:
    notebook.play("x = 1")

    with pytest.raises(NotFoundError, match="nothing_such was made by no cell"):
        celltrail.recipe("nothing_such")


def test_the_same_cell_again_keeps_its_touches_once(notebook: Notebook) -> None:
    notebook.play(*["x = 1"] * 5)

    rows = celltrail.open_trail().db.rows("SELECT count(DISTINCT touches_id), count(*) FROM executions")

    assert [(1, 5)] == rows
