"""Arrays and views of them under names of their own: who has changed, and who has not."""

from __future__ import annotations

import pytest
from support.notebooks import Notebook

pytest.importorskip("numpy")

MADE = {
    "that owns its memory": "X = np.arange(40.0).reshape(8, 5)",
    "of objects": "X = np.array([[1, 'a'], [2, 'b'], [3, 'c'], [4, 'd']], dtype=object)",
    "over the memory of bytes": "X = np.frombuffer(bytes(range(64)), dtype='u1').reshape(8, 8)",
    "of a subclass": "X = np.ma.masked_array(np.arange(8.0), [1, 0] * 4)",
}
VIEWS = "a, b, c, d, e = X[:1], X[1:], X[2:3], X.T, X[::2]"


@pytest.mark.parametrize("made", MADE.values(), ids=MADE)
@pytest.mark.parametrize("used", ["n = len(X)", "n = len(a)", "n = [len(one) for one in (X, a, b, c, d, e)]"])
def test_a_cell_that_only_reads_an_array_changes_neither_it_nor_its_views(
    notebook: Notebook, made: str, used: str
) -> None:
    notebook.play(f"import numpy as np\n{made}", VIEWS, used, used)

    assert [[], []] == [notebook.cell(place)["mutates"] for place in (3, 4)]


@pytest.mark.parametrize("made", [MADE["that owns its memory"], MADE["of objects"]], ids=["plain", "of objects"])
def test_a_change_through_a_view_is_one_of_the_array_and_of_all_its_views(notebook: Notebook, made: str) -> None:
    notebook.play(f"import numpy as np\n{made}", VIEWS, "c[0] = 9")

    assert ["X", "a", "b", "c", "d", "e"] == notebook.cell(3)["mutates"]


def test_a_change_of_memory_that_no_array_owns_is_one_of_all_that_look_into_it(notebook: Notebook) -> None:
    notebook.play(
        "import numpy as np\nraw = bytearray(8)\nA, B = np.frombuffer(raw, 'u1'), np.frombuffer(raw, 'u2')",
        "A[0] = 9",
    )

    assert ["A", "B", "raw"] == notebook.cell(2)["mutates"]
