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


def test_what_the_recorded_methods_of_an_estimator_of_the_notebook_read_is_part_of_its_recipe(
    notebook: Notebook,
) -> None:
    notebook.play(
        "from sklearn.base import BaseEstimator, ClassifierMixin",
        "def middle(X):\n    return sum(X) / len(X)",
        "shift = 1",
        "class Mine(ClassifierMixin, BaseEstimator):\n    def fit(self, X, y=None):\n"
        "        self.middle_ = middle(X)\n        return self\n"
        "    def predict(self, X):\n        return [x > self.middle_ + shift for x in X]",
        "model = Mine()",
        "labels = model.fit([1, 2, 3]).predict([4])",
    )

    assert [1, 2, 3, 4, 5, 6] == notebook.slice_of("labels")
    assert [1, 2, 4, 5, 6] == [place for place in notebook.slice_of("model") if place != 3]


def test_a_method_that_was_exchanged_counts_for_instances_whose_class_has_lost_its_name(notebook: Notebook) -> None:
    notebook.play(
        "class Thing:\n    def step(self):\n        return 1",
        "one = Thing()",
        "Thing.step = lambda self: 2",
        "class Thing:\n    pass",
        "n = one.step()",
        "class Other:\n    def step(self):\n        return 1\nother = Other()",
        "Other.step = lambda self: 2\nclass Other:\n    pass",
        "m = other.step()",
    )

    # That the name is lost counts as what may have changed the object: more than it takes, and nothing is left out.
    assert [1, 2, 3, 4, 5] == notebook.slice_of("n")
    assert [6, 7, 8] == notebook.slice_of("m")
