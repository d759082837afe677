"""Which names a cell reads from outside, by its source alone."""

from __future__ import annotations

import pytest

from celltrail.analysis.touching.uses import uses_of

OWN = {
    "behind the loop": "for i in xs:\n    row = [i]\nlast = row",
    "in a loop further below": "for i in xs:\n    row = [i]\nfor j in xs:\n    last = row",
    "the loop's own name": "for row in xs:\n    pass\nlast = row",
    "in a function that is called behind it": "for i in xs:\n    row = [i]\ndef f():\n    return row\nlast = f()",
    "while it lasts": "while xs:\n    row = [xs.pop()]\nlast = row",
}
FROM_OUTSIDE = {
    "read before it is bound": "for i in xs:\n    last = row\n    row = [i]",
    "bound in some rounds only": "for i in xs:\n    if i:\n        row = [i]\nlast = row",
    "bound in a later round of an outer loop": "for i in xs:\n    for j in i:\n        row = [j]\n    last = row",
    "bound once more behind it": "for i in xs:\n    row = [i]\nlast = row\nrow = [1]",
    "bound in some rounds of a second loop": (
        "for i in xs:\n    row = [i]\nfor j in xs:\n    if j:\n        row = [j]\n    last = row"
    ),
    "bound by a function": "def f():\n    global row\n    row = 1\nfor i in xs:\n    row = [i]\nlast = row\nf()",
    "deleted on the way": "for i in xs:\n    row = [i]\ndel row\nlast = row",
    "of a class": "class A:\n    for i in xs:\n        row = [i]\nlast = row",
}


@pytest.mark.parametrize("source", OWN.values(), ids=OWN)
def test_what_a_loop_binds_before_is_read_from_outside_only_where_the_loop_does_not_run(source: str) -> None:
    assert "row" in uses_of(source).reads
    assert {"row"} == uses_of(source).after_loop


@pytest.mark.parametrize("source", FROM_OUTSIDE.values(), ids=FROM_OUTSIDE)
def test_what_may_be_read_though_the_loop_runs_is_read_from_outside(source: str) -> None:
    assert "row" in uses_of(source).reads
    assert set() == uses_of(source).after_loop
