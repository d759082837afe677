"""Keeping models within a budget, giving them back to whoever may have them, and to nobody else."""

from __future__ import annotations

import os
import pickle
import stat
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from celltrail.errors import NotKeptError, UntrustedModelError, UsageError
from celltrail.flavors import models
from celltrail.flavors.models import Budget, NotKept, SavedModel, load_model, save_model
from celltrail.flavors.pickled import imports_of
from celltrail.flavors.trust import is_trusted, sign, trust_digest, trust_folder

X, y = load_iris(return_X_y=True)
X = StandardScaler().fit_transform(X)
AMPLE = Budget(30, 100_000_000)


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    return tmp_path / "jupyter" / "celltrail"


def kept(model: object) -> SavedModel:
    saved = save_model(model, AMPLE)
    assert isinstance(saved, SavedModel), saved
    return saved


def test_a_model_comes_back_as_it_was() -> None:
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)

    saved = kept(model)
    loaded = load_model(saved.data, saved.flavor, saved.digest, saved.signature)

    assert "pickle" == saved.flavor
    assert (model.predict_proba(X) == loaded.predict_proba(X)).all()


def test_keeping_a_model_leaves_no_mark_on_it() -> None:
    model = LogisticRegression().fit(X, y)
    before = pickle.dumps(model)

    kept(model)

    assert before == pickle.dumps(model)


def test_a_model_over_the_room_is_not_kept() -> None:
    model = RandomForestClassifier(20).fit(X, y)

    answer = save_model(model, Budget(30, 1000))

    assert NotKept("RandomForestClassifier was not kept: larger than 0.001 MB", is_over_budget=True) == answer


def test_a_model_over_the_time_stops_there() -> None:
    model = {number: np.zeros(20_000) for number in range(200)}

    started = time.perf_counter()
    answer = save_model(model, Budget(0.001, 10**9))

    assert NotKept("dict was not kept: takes longer than 1 ms", is_over_budget=True) == answer
    assert time.perf_counter() - started < 1


class Waiting:
    """A model whose content comes late, and takes nothing of the processor."""

    def __init__(self, content: bytes, wait_s: float) -> None:
        self.content, self.wait_s = content, wait_s

    def __reduce__(self):
        time.sleep(self.wait_s)
        return Waiting, (self.content, 0.0), None, iter([]), iter([])


@pytest.mark.parametrize("size", [10, 200_000])
def test_a_model_that_waits_for_a_busy_machine_is_kept(size: int) -> None:
    assert isinstance(save_model(Waiting(b"x" * size, 0.3), Budget(0.1, 10**9)), SavedModel)


def test_what_loads_beside_the_first_model_is_no_cost_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    flavors = models._flavors_for

    def slow(model: object) -> object:
        while time.thread_time() - began < 0.1:
            pass
        return flavors(model)

    monkeypatch.setattr(models, "_flavors_for", slow)
    began = time.thread_time()

    answer = save_model({number: np.zeros(20_000) for number in range(3)}, Budget(0.05, 10**9))

    assert isinstance(answer, SavedModel)


def test_a_library_that_is_not_there_has_no_flavor_loaded() -> None:
    code = (
        "import sys\nfrom celltrail.flavors.models import Budget, load_model, save_model\n"
        "kept = save_model([1], Budget(30, 10**6))\n"
        "ends = ('keras_models', 'torch_models', 'statsmodels_flavor')\n"
        "print([name for name in sys.modules if name.endswith(ends)])"
    )

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout

    assert "[]" == said.strip()


class Computing:
    """A part that takes the processor for a while when it is pickled."""

    def __init__(self, data: bytes, seconds: float) -> None:
        self.data, self.seconds = data, seconds

    def __getstate__(self) -> dict[str, object]:
        until = time.thread_time() + self.seconds
        while time.thread_time() < until:
            pass
        return self.__dict__


def test_a_small_model_is_kept_however_long_the_processor_took() -> None:
    # A little more of the processor than the budget, so that a busy machine is far from what a model may wait.
    small = [Computing(b"x" * 70_000, 0.06) for _ in range(4)]
    large = [Computing(b"x" * 700_000, 0.06) for _ in range(4)]

    assert isinstance(save_model(small, Budget(0.2, 10**9)), SavedModel)
    assert NotKept("list was not kept: takes longer than 200 ms", is_over_budget=True) == save_model(
        large, Budget(0.2, 10**9)
    )


def test_a_model_that_waits_without_end_is_given_up() -> None:
    answer = save_model([Waiting(b"x" * 70_000, 0.1) for _ in range(3)], Budget(0.005, 10**9))

    assert NotKept("list was not kept: takes longer than 5 ms", is_over_budget=True) == answer


def test_a_model_that_cannot_be_pickled_says_why_in_one_line() -> None:
    model = LogisticRegression().fit(X, y)
    model.stream = (number for number in range(3))

    answer = save_model(model, AMPLE)

    reason = "LogisticRegression can't be pickled: cannot pickle 'generator' object"
    assert NotKept(reason, is_over_budget=False) == answer


def test_an_open_file_is_not_read_into_the_model(tmp_path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("hunter2")
    with secret.open() as file:
        model = make_pipeline(FunctionTransformer(lambda x: x))
        model.log = file

        answer = save_model(model, AMPLE)

    assert isinstance(answer, NotKept)
    assert "open file" in answer.reason


def test_a_function_of_the_notebook_goes_with_the_model() -> None:
    model = make_pipeline(FunctionTransformer(lambda x: x * 2), LogisticRegression()).fit(X, y)

    saved = kept(model)
    loaded = load_model(saved.data, saved.flavor, saved.digest, saved.signature)

    assert "cloudpickle" == saved.flavor
    assert (model.predict(X) == loaded.predict(X)).all()


class Harmful:
    def __reduce__(self):
        return os.system, ("touch /tmp/celltrail-was-here",)


def test_a_pickle_of_somebody_else_runs_nothing_and_says_what_it_would_import(own_folder) -> None:
    saved = kept(LogisticRegression())
    harmful = kept(Harmful())
    (own_folder / "key").unlink()

    with pytest.raises(UntrustedModelError, match=r"It would import (posix|nt)\.system\.") as raised:
        load_model(harmful.data, harmful.flavor, harmful.digest, harmful.signature)
    with pytest.raises(UntrustedModelError):
        load_model(saved.data, saved.flavor, saved.digest, saved.signature)

    assert harmful.digest in str(raised.value)
    assert not Path("/tmp/celltrail-was-here").exists()


def test_a_signature_holds_for_one_content_only() -> None:
    good, bad = kept(LogisticRegression()), kept(Harmful())

    with pytest.raises(NotKeptError, match="it was changed"):
        load_model(bad.data, good.flavor, good.digest, good.signature)
    with pytest.raises(UntrustedModelError):
        load_model(bad.data, bad.flavor, bad.digest, good.signature)
    with pytest.raises(UntrustedModelError):
        load_model(good.data, "cloudpickle", good.digest, good.signature)


def test_a_digest_that_the_user_named_is_trusted() -> None:
    saved = kept(LogisticRegression(C=7))

    trust_digest(saved.digest)

    assert 7 == load_model(saved.data, saved.flavor, saved.digest, "").C
    with pytest.raises(UsageError, match="all 64"):
        trust_digest("abc")


def test_an_unknown_flavor_is_named() -> None:
    saved = kept(LogisticRegression())

    with pytest.raises(NotKeptError, match='flavor "skops", which is not installed'):
        load_model(saved.data, "skops", saved.digest, sign(saved.digest, "skops"))


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX's")
def test_the_key_is_the_users_alone(own_folder) -> None:
    sign("0" * 64, "pickle")

    assert own_folder == trust_folder()
    assert 0o600 == stat.S_IMODE((own_folder / "key").stat().st_mode)
    assert 0o700 == stat.S_IMODE(own_folder.stat().st_mode)
    assert ["key"] == [path.name for path in own_folder.iterdir()]


def test_without_a_place_for_the_key_nobody_vouches(tmp_path, monkeypatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "file"))

    assert "" == sign("0" * 64, "pickle")
    assert not is_trusted("0" * 64, "pickle", "")


def test_imports_are_read_from_every_protocol() -> None:
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)

    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        found = imports_of(pickle.dumps(model, protocol))
        assert {"sklearn.pipeline.Pipeline", "sklearn.linear_model._logistic.LogisticRegression"} <= set(found)
        assert not any("?" in name for name in found)
    assert ["?"] == imports_of(b"no pickle")
