"""What was deleted counts: a cell that deletes a name needs it, and one that finds it gone needs who deleted it."""

from __future__ import annotations

from support.notebooks import Notebook


def test_a_cell_that_deletes_a_name_needs_who_made_it(notebook: Notebook) -> None:
    notebook.play("tmp = 1", "other = 2", "x = 3\ndel tmp", "y = x")

    assert [1, 3, 4] == notebook.slice_of("y")
    assert [] == notebook.cell(3)["reads"]


def test_a_cell_that_failed_because_a_name_was_gone_needs_who_deleted_it(notebook: Notebook) -> None:
    notebook.play("n = 1", "m = 5", "x = 1\ndel n\ny = 2", "x = 3\ndel n\nx = 4", "z = x")

    assert [1, 3, 4, 5] == notebook.slice_of("z")


def test_a_file_moved_onto_itself_is_still_what_was_written(notebook: Notebook) -> None:
    notebook.play(
        "import os", "for one in 'pq':\n    open(one + '.t', 'w').close()", "os.replace('q.t', 'q.t')\nx = 1"
    )

    assert [1, 2, 3] == notebook.slice_of("x")


def test_a_name_that_is_deleted_and_bound_anew_has_to_be_there(notebook: Notebook) -> None:
    notebook.play("f = len", "del f\nf = max\nx = 1")

    assert [1, 2] == notebook.slice_of("x")
