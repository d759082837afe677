"""What is known of a library's object that no cell has named: its parts, without a look at what they hold."""

from __future__ import annotations

import argparse
import random
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.ensemble import GradientBoostingClassifier, IsolationForest, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC
from support.notebooks import Notebook

from celltrail.analysis.touching.looking import Allowance, Painter, Picture
from celltrail.analysis.touching.outline import outline_of
from celltrail.analysis.touching.painters import PAINTERS

MODELS = [
    RandomForestClassifier(n_estimators=80, random_state=0),
    GradientBoostingClassifier(n_estimators=3, random_state=np.random.RandomState(3)),
    IsolationForest(n_estimators=3, random_state=0),
    LogisticRegression(max_iter=1000),
    KNeighborsClassifier(),
    SVC(),
    make_pipeline(StandardScaler(), LogisticRegression()),
    GridSearchCV(LogisticRegression(max_iter=1000), {"C": [0.1, 1.0]}),
]


def full_look(one: object) -> Picture:
    """Return what a full look sees."""
    return Painter({}, Allowance(), PAINTERS, is_full=True).look(one)


def outlined(one: object) -> Picture:
    """Return the outline of what has one."""
    found = outline_of(one, Allowance())
    assert found is not None, one
    return found


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
def test_an_outline_has_the_very_parts_of_a_full_look(model: Any) -> None:
    model.fit(*load_iris(return_X_y=True, as_frame=True))
    full, outline = full_look(model), outline_of(model, Allowance())

    if outline is not None:
        assert full.parts.keys() == outline.parts.keys()
        assert full.buffers == outline.buffers
        assert outline.is_lazy
    # A tree of neighbours and a masked array take a full look.
    assert (outline is None) == isinstance(model, KNeighborsClassifier | GridSearchCV)


class Own:
    """A class of the user's."""


def holding(*held: object) -> argparse.Namespace:
    """Return a library's object that holds something."""
    return argparse.Namespace(held=list(held))


def test_what_leads_to_something_of_the_users_has_no_outline() -> None:
    assert outline_of(holding(1, "a", [2.5], np.ones(3)), Allowance()) is not None
    assert outline_of(Own(), Allowance()) is None
    assert outline_of([1, 2], Allowance()) is None  # quicker looked at than put off
    for held in (Own(), Own, outlined, FunctionTransformer(outlined), np.array([Own()])):
        assert outline_of(holding(held), Allowance()) is None, held


def test_an_outline_tells_parts_in_long_containers_too() -> None:
    deep = [1]
    for container in ([0] * 500 + [deep], {n: [n] for n in range(100)} | {"deep": deep}, tuple([deep] * 300)):
        one = holding(container)

        assert id(deep) in outlined(one).parts
        assert full_look(one).parts.keys() == outlined(one).parts.keys()


def test_an_object_too_large_for_an_outline_takes_the_look_that_says_so() -> None:
    one = holding(*[[n] for n in range(30)])

    assert outline_of(one, Allowance(parts=20)) is None
    assert outline_of(one, Allowance(values=20)) is None


def nested(dice: random.Random, depth: int, known: list[Any]) -> Any:
    """Return a value made of plain containers, arrays and libraries' objects, some of them in it twice."""
    kind = dice.randrange(9)
    if known and dice.random() < 0.2:
        return dice.choice(known)
    inside = [nested(dice, depth - 1, known) for _ in range(dice.randrange(8))] if kind > 1 and depth else []
    made: Any = [
        dice.random(),
        "text",
        np.array([inside, None], dtype=object) if inside else np.arange(float(dice.randrange(1, 9))),
        inside,
        tuple(inside),
        dict(enumerate(inside)),
        holding(*inside),
        bytearray(b"ab"),
        LogisticRegression(class_weight=dict(enumerate(inside))),
    ][kind]
    if isinstance(made, np.ndarray) and dice.random() < 0.5:
        made = made[1:]
    known.append(made)
    return made


def test_outlines_of_random_objects_have_the_parts_of_full_looks() -> None:
    for seed in range(200):
        one = holding(nested(random.Random(seed), 4, []))

        assert full_look(one).parts.keys() == outlined(one).parts.keys(), seed
        assert full_look(one).buffers == outlined(one).buffers, seed


FIT = "import argparse\nbox = argparse.Namespace(held=[1, [2]], name='a')"


def test_a_part_that_another_name_changes_changes_what_was_only_outlined(notebook: Notebook) -> None:
    notebook.play(FIT, "part = box.held", "n = 1", "part[1].append(3)", "total = sum(box.held[1])")

    assert [1, 2, 4, 5] == notebook.slice_of("total")


def test_an_object_that_was_only_outlined_is_compared_with_what_it_was_before_a_cell_names_it(
    notebook: Notebook,
) -> None:
    notebook.play(FIT, "n = 1", "box.held.append(3)", "size = len(box.held)", "len(box.held)", "again = box.name")

    assert [1, 3, 4] == notebook.slice_of("size")
    assert [1, 3, 6] == notebook.slice_of("again")


def test_a_thread_that_changes_what_its_cell_has_bound_is_seen_to_do_so(notebook: Notebook) -> None:
    notebook.play(
        "import argparse, threading\ngo, done = threading.Event(), threading.Event()",
        "box = argparse.Namespace(held=[1])\n"
        "def work():\n    go.wait(30)\n    box.held.append(2)\n    done.set()\n"
        "threading.Thread(target=work, daemon=True).start()",
        "go.set()\ndone.wait(30)",
        "size = len(box.held)",
    )

    assert {1, 2, 3, 4} == set(notebook.slice_of("size"))
