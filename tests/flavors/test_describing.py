"""The describer of a class is found once, cheaply, by the nearest library that has one."""

from __future__ import annotations

import functools
import gc
import subprocess
import sys
import timeit
import weakref

from sklearn.linear_model import LogisticRegression

from celltrail.flavors.describing import describe_fit, describer_of, held_data
from celltrail.flavors.protocol import Call
from celltrail.flavors.sklearn_describer import SklearnDescriber


def test_scikit_learns_classes_and_those_built_on_them_are_told_by_its_describer() -> None:
    mine = type("Mine", (LogisticRegression,), {"__module__": "__main__"})

    assert isinstance(describer_of(LogisticRegression), SklearnDescriber)
    assert describer_of(LogisticRegression) is describer_of(mine)


def test_a_class_of_a_library_that_nobody_describes_is_told_as_an_estimator() -> None:
    class Alone:
        def fit(self, X, y):
            return self

    found = describe_fit(Call("fit", "unheard_of", "fit", Alone(), {"X": [1.0], "y": None}, None))

    assert ("Alone", True, ["X"]) == (found.estimator, found.trains, [datum.role for datum in found.data])


def test_a_describer_is_found_within_microseconds_and_holds_no_class() -> None:
    mine = type("Mine", (LogisticRegression,), {"__module__": "__main__"})
    describer_of(mine)

    seconds = min(timeit.repeat(functools.partial(describer_of, mine), number=1000, repeat=5)) / 1000
    gone = weakref.ref(mine)
    del mine
    gc.collect()

    assert seconds < 20e-6
    assert gone() is None


def test_what_is_no_container_has_no_data() -> None:
    assert held_data([1, 2]) is None
    assert held_data(LogisticRegression()) is None


def test_capture_loads_no_describer_before_a_call_is_told() -> None:
    code = "import celltrail.capture.listener, sys; print([m for m in sys.modules if 'flavors.sklearn_desc' in m])"

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert "[]" == said.strip()
