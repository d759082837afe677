"""Statements that can't matter are left out of a recipe; where anything is not known, all of a cell stays."""

from __future__ import annotations

import pytest
from support.notebooks import Notebook

import celltrail


def code_of(notebook: Notebook, name: str, *cells: str) -> list[str]:
    """Return what the recipe of a name runs of each cell."""
    notebook.play(*cells)
    return [one.code for one in celltrail.recipe(name).executions]


def test_a_binding_that_nobody_needs_is_left_out_with_its_comment(notebook: Notebook) -> None:
    cell = "# of no use\nnoise = [9]\n\n# the raw data\nraw = [3, 1]"

    assert ["\n# the raw data\nraw = [3, 1]".strip("\n")] == code_of(notebook, "raw", cell)


def test_looking_is_left_out(notebook: Notebook) -> None:
    assert ["raw = [1]", "n = len(raw)"] == code_of(notebook, "n", "raw = [1]\nprint(raw)", "raw\nn = len(raw)")


def test_a_change_through_another_name_stays(notebook: Notebook) -> None:
    cell = "xs = [1]\nys = xs\nzs = [2]\nys.append(2)\nzs.append(3)\nn = len(xs)"

    assert ["xs = [1]\nys = xs\nys.append(2)\nn = len(xs)"] == code_of(notebook, "n", cell)


def test_a_change_that_is_taken_back_stays_with_what_takes_it_back(notebook: Notebook) -> None:
    cell = "d['tmp'] = 1\nn = len(d)\ndel d['tmp']"

    assert ["d = {}", cell] == code_of(notebook, "n", "d = {}", cell)


def test_a_compound_statement_is_never_split(notebook: Notebook) -> None:
    cell = "for i in range(2):\n    a = i\n    b = i\nc = 5"

    assert ["for i in range(2):\n    a = i\n    b = i"] == code_of(notebook, "a", cell)


def test_imports_are_kept_as_they_are_needed(notebook: Notebook) -> None:
    cell = "import math\nimport json\nx = math.pi"

    assert ["import math\nx = math.pi"] == code_of(notebook, "x", cell)


@pytest.mark.parametrize("stays", ["from math import *", "import celltrail", "exec('b = 2')"])
def test_what_may_do_more_than_it_says_stays(notebook: Notebook, stays: str) -> None:
    cell = f"{stays}\na = 1"

    assert [cell] == code_of(notebook, "a", cell)


def test_a_call_of_unknown_effect_stays_with_what_it_reads(notebook: Notebook) -> None:
    cells = ("log = []\ndef f(v):\n    log.append(v + g)", "g = 2\nunused = 1\nf(3)", "n = len(log)")

    assert ["g = 2\nf(3)"] == code_of(notebook, "n", *cells)[1:2]


def test_statements_on_one_line_go_together(notebook: Notebook) -> None:
    assert ["a = 1; b = 2"] == code_of(notebook, "a", "a = 1; b = 2\nc = 3")


def test_a_word_of_python_s_that_the_notebook_binds_is_not_trusted(notebook: Notebook) -> None:
    cells = (
        "seen = []\ndef len(v):\n    seen.append(v)\n    return 0",
        "len([1])\na = 2\nseen[0][0] += 1",
        "n = seen",
    )

    assert "len([1])\nseen[0][0] += 1" == code_of(notebook, "n", *cells)[1]


def test_a_failed_cell_stays_whole(notebook: Notebook) -> None:
    notebook.play("xs = []", "unused = 1\nxs.append(1)\n1 / 0")

    assert "unused = 1" in celltrail.recipe("xs").executions[1].code


def test_whole_cells_are_given_if_asked_for(notebook: Notebook) -> None:
    notebook.play("noise = 1\nraw = 2")

    assert ["noise = 1\nraw = 2"] == [one.code for one in celltrail.recipe("raw", whole=True).executions]


def test_a_timed_cell_keeps_its_head(notebook: Notebook) -> None:
    assert ["%%time\nraw = 2"] == code_of(notebook, "raw", "%%time\nnoise = 1\nraw = 2")


def test_a_result_that_is_used_later_stays(notebook: Notebook) -> None:
    assert ["a = 3\na + 1", "b = _ * 2"] == code_of(notebook, "b", "a = 3\nc = 4\na + 1", "b = _ * 2")


def test_cells_stay_whole_where_a_function_was_there_before(notebook: Notebook) -> None:
    notebook.shell.ex("def early(v):\n    return v + hidden")

    assert ["hidden = 2\ny = early(1)"] == code_of(notebook, "y", "hidden = 2\ny = early(1)")
