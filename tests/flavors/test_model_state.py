"""The digest of a kept model's state: the same for equal models, another for others, and nothing is run for it."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import cloudpickle
import numpy as np
import pytest
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_iris
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from celltrail.flavors.model_state import state_digest
from celltrail.flavors.models import Budget, SavedModel, save_model, state_of
from celltrail.flavors.pickled import CloudpickleFlavor

X, y = load_iris(return_X_y=True)


def digest(value: Any) -> str | None:
    return state_digest(pickle.dumps(value, 5))


def kept(model: Any) -> str | None:
    saved = save_model(model, Budget(30, 100_000_000))
    assert isinstance(saved, SavedModel)
    return state_of(saved.data, saved.flavor)


ESTIMATORS = [
    RandomForestClassifier(10, random_state=0),
    GradientBoostingClassifier(n_estimators=5, random_state=0),
    HistGradientBoostingClassifier(max_iter=5, random_state=0),
    KNeighborsClassifier(),
    SVC(random_state=0),
    GaussianProcessClassifier(random_state=0),
    MLPClassifier((5,), max_iter=5, random_state=0, early_stopping=True),
    make_pipeline(make_column_transformer((StandardScaler(), [0, 1])), SVC(random_state=np.random.RandomState(0))),
]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda one: type(one).__name__)
def test_a_model_has_the_state_of_its_equals_alone(estimator: Any) -> None:
    twin, model = pickle.loads(pickle.dumps(estimator)), estimator.fit(X, y)
    other = pickle.loads(pickle.dumps(estimator)).fit(X[:-1], y[:-1])

    state = kept(model)

    assert None is not state == kept(twin.fit(X, y)) == kept(pickle.loads(pickle.dumps(model)))
    assert state != kept(other)


@pytest.mark.parametrize(
    "model",
    [
        "RandomForestClassifier(10, random_state=0)",
        "make_pipeline(FunctionTransformer(twice), Mine({'b', 'a', 'c'}))",
    ],
    ids=["library", "notebook"],
)
def test_the_state_is_that_of_another_process(model: str, tmp_path: Path) -> None:
    source = f"""
    from sklearn.base import BaseEstimator
    from sklearn.datasets import load_iris
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer
    from celltrail.flavors.models import Budget, save_model, state_of

    def twice(X):
        return 2 * X

    class Mine(BaseEstimator):
        limit = 3

        def __init__(self, words):
            self.words = words

        def fit(self, X, y):
            self.mean_, self.rule_ = X.mean(), lambda x: x > self.limit
            return self

    saved = save_model({model}.fit(*load_iris(return_X_y=True)), Budget(60, 10**9))
    print(saved.flavor, state_of(saved.data, saved.flavor))
    """
    said = set()
    for seed in ("1", "2"):
        script = (
            tmp_path / f"cell_{seed}.py"
        )  # the notebook's cells have other files in each session, other lines too
        script.write_text("\n" * int(seed) + textwrap.dedent(source))
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, str(script)]
        said.add(subprocess.run(command, env=environment, capture_output=True, check=True, text=True).stdout)

    assert 1 == len(said)
    assert 64 == len(said.pop().split()[1])


@pytest.mark.parametrize("rows", [3, 20_000], ids=["short", "long"])
def test_a_state_is_one_of_content_however_it_lies_in_memory(rows: int) -> None:
    table = np.arange(4.0 * rows).reshape(rows, 4)
    changed, text = table.copy(), "x" * rows
    changed[-1, -1] = 0.5
    wide = np.zeros((rows, 8))
    wide[:, ::2] = table

    state = digest({"a": table, "b": text})

    assert state is not None
    assert state == digest({"b": f"{text} "[:-1], "a": np.asfortranarray(table)})
    assert state == digest({"a": wide[:, ::2], "b": text})
    assert state != digest({"a": changed, "b": text})
    assert state != digest({"a": table, "b": f"{text}y"})
    assert state != digest({"a": table.reshape(4, rows), "b": text})
    assert state != digest({"a": table.astype("float32"), "b": text})


def test_an_array_of_three_axes_or_of_objects_is_read_in_either_order() -> None:
    cube = np.arange(24).reshape(2, 3, 4)
    words = np.array([["a", None], [1, 2.5]], dtype=object)

    assert digest(cube) == digest(np.asfortranarray(cube)) != digest(cube.reshape(4, 3, 2))
    assert digest(words) == digest(words.copy()) != digest(words.T)
    assert digest(np.zeros((0, 3))) == digest(np.asfortranarray(np.zeros((0, 3))))
    assert digest(np.array(["ab", "c"])) != digest(np.array(["ab", "d"]))


def test_the_unused_bytes_of_a_record_are_no_state() -> None:
    inner = np.dtype([("flag", "u1"), ("left", "i8")], align=True)
    record = np.dtype([("node", inner), ("last", "u1")], align=True)
    first, again = (np.frombuffer(bytes([fill]) * record.itemsize * 5, record).copy() for fill in (0, 255))
    for array in (first, again):
        array["node"]["flag"], array["node"]["left"], array["last"] = 1, np.arange(5), 7

    state = digest(first)
    again["node"]["left"][4] += 1

    assert first.tobytes() != again.tobytes()
    assert digest(again) != state
    again["node"]["left"][4] -= 1
    assert digest(again) == state is not None


def test_a_state_may_hold_itself() -> None:
    loop: list[object] = [1]
    loop.append((loop, {"self": loop}))
    other: list[object] = [2]
    other.append((other, {"self": other}))

    assert None is not digest(loop) != digest(other)


def test_a_function_that_is_written_anew_under_its_name_is_another() -> None:
    def state(source: str) -> str | None:
        namespace: dict[str, Any] = {"__name__": "__main__"}
        exec(source, namespace)
        return state_digest(cloudpickle.dumps(namespace["rule"], 5))

    assert state("def rule(x): return x + 1") == state("\n\ndef rule(x): return x + 1")
    assert state("def rule(x): return x + 1") != state("def rule(x): return x + 2")
    assert state("limit = 1\ndef rule(x): return x + limit") != state("limit = 2\ndef rule(x): return x + limit")


class Harmful:
    def __reduce__(self):
        return os.system, ("touch /tmp/celltrail-was-here",)


def test_nothing_is_run_for_it() -> None:
    mark = Path("/tmp/celltrail-was-here")
    mark.unlink(missing_ok=True)

    assert digest(Harmful()) is not None
    assert not mark.exists()


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 no pickle", pickle.dumps(X, 5)[:-20], b"\x80\x05N0."])
def test_what_is_no_whole_pickle_has_no_state(data: bytes) -> None:
    assert state_of(data, CloudpickleFlavor.name) is None


def test_what_is_nested_too_deeply_has_no_state() -> None:
    nested: list[Any] = []
    for _ in range(300):
        nested = [nested]

    assert digest(nested) is None
