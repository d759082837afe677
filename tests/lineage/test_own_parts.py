"""What celltrail puts around a library's functions is not followed when a cell names them."""

from __future__ import annotations

from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score
from support.notebooks import Notebook

from celltrail.analysis.touching.looking import Allowance, Painter
from celltrail.analysis.touching.painters import PAINTERS


def parts(one: object) -> int:
    """Return how many objects a look at one comes by."""
    allowance = Allowance()
    before = allowance.parts
    Painter({}, allowance, PAINTERS, is_full=True).look(one)
    return before - allowance.parts


def test_a_look_at_a_recorded_function_or_estimator_ends_with_it(notebook: Notebook) -> None:
    notebook.shell.run_cell(
        "from sklearn.metrics import accuracy_score"
    )  # celltrail is loaded: its calls are recorded

    assert parts(accuracy_score) < 100
    assert parts(RandomForestClassifier()) < 100
