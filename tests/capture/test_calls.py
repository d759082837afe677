"""Which calls count: the outermost one on each thread, whatever the listener does."""

from __future__ import annotations

import os
import threading
import time
from typing import Any

import pytest
from sklearn.datasets import load_iris
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import IsolationForest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.preprocessing import StandardScaler

from celltrail.capture.calls import CallSink
from celltrail.flavors.protocol import Call
from celltrail.flavors.sklearn_probe import SklearnProbe

X, y = load_iris(return_X_y=True)
X = StandardScaler().fit_transform(X)


class Witness:
    """Notes what it hears."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.ends: list[tuple[Call, Any, BaseException | None]] = []
        self.failures: list[tuple[str, BaseException]] = []

    def opened(self, call: Call) -> None:
        self.calls.append(call)

    def closed(self, call: Call, result: Any, error: BaseException | None) -> None:
        self.ends.append((call, result, error))

    def report(self, step: str, failure: BaseException) -> None:
        self.failures.append((step, failure))

    @property
    def seen(self) -> list[str]:
        return [f"{type(call.owner).__name__}.{call.function}" for call in self.calls]


@pytest.fixture
def armed():
    disarms = []

    def arm(listener: Witness) -> CallSink:
        sink = CallSink(listener, listener.report)
        disarms.append(SklearnProbe().arm(sink))
        return sink

    yield arm
    for disarm in disarms:
        disarm()


@pytest.fixture
def witness(armed) -> Witness:
    listener = Witness()
    armed(listener)
    return listener


class Waits(DummyClassifier):
    """Fits only when two of its kind are at it."""

    meeting = threading.Barrier(2, timeout=20)

    def fit(self, X, y=None):
        self.meeting.wait()
        return super().fit(X, y)


def test_two_threads_of_the_user_that_fit_are_two_calls(witness) -> None:
    threads = [threading.Thread(target=Waits().fit, args=(X, y)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert ["Waits.fit", "Waits.fit"] == witness.seen


def test_two_models_in_the_users_own_joblib_threads_are_two_calls(witness) -> None:
    from joblib import Parallel, delayed

    Parallel(n_jobs=2, prefer="threads")(delayed(model.fit)(X, y) for model in (Waits(), Waits()))

    assert ["Waits.fit", "Waits.fit"] == witness.seen


def test_forests_in_the_users_own_joblib_threads_are_one_call_each(witness) -> None:
    from joblib import Parallel, delayed

    def fit(seed: int) -> None:
        IsolationForest(n_estimators=20, n_jobs=2, random_state=seed).fit(X)

    Parallel(n_jobs=2, prefer="threads")(delayed(fit)(seed) for seed in range(2))

    assert ["IsolationForest.fit"] * 2 == witness.seen


def test_the_threads_of_a_forest_are_no_calls_of_their_own(witness) -> None:
    IsolationForest(n_estimators=20, n_jobs=2).fit(X)

    assert ["IsolationForest.fit"] == witness.seen


def test_a_search_in_threads_is_one_call(witness) -> None:
    from joblib import parallel_config

    with parallel_config("threading", n_jobs=2):
        GridSearchCV(IsolationForest(n_estimators=5), {"max_samples": [0.5, 0.9]}, scoring=lambda *_: 0.0).fit(X)

    assert ["GridSearchCV.fit"] == witness.seen


def test_what_fit_raises_reaches_the_user_and_the_listener(witness) -> None:
    with pytest.raises(ValueError, match="inconsistent") as raised:
        LogisticRegression().fit(X, y[:3])

    assert witness.ends == [(witness.calls[0], None, raised.value)]
    names = [entry.path.name for entry in raised.traceback]
    assert ("test_calls.py", True) == (names[0], names[1] in ("base.py", "_logistic.py"))


def test_a_call_that_does_not_fit_the_signature_fails_as_ever(witness) -> None:
    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        LogisticRegression().fit(X)

    assert ({}, 1) == (witness.calls[0].arguments, len(witness.ends))


@pytest.mark.parametrize("method", ["opened", "closed"])
def test_a_failing_listener_is_reported_and_the_model_is_fitted(armed, method) -> None:
    class Fails(Witness):
        pass

    def fail(self, *_):
        raise RuntimeError("the disk is on fire")

    setattr(Fails, method, fail)
    listener = Fails()
    armed(listener)

    model = LogisticRegression().fit(X, y)
    model.predict(X)

    assert [f"fit {method}", f"predict {method}"] == [step for step, _ in listener.failures]


@pytest.mark.parametrize("method", ["opened", "closed"])
def test_an_interrupt_in_our_own_work_reaches_the_user_once(armed, method) -> None:
    class Interrupted(Witness):
        pass

    def interrupt(self, *_):
        delattr(Interrupted, method)
        raise KeyboardInterrupt

    setattr(Interrupted, method, interrupt)
    listener = Interrupted()
    armed(listener)

    with pytest.raises(KeyboardInterrupt):
        LogisticRegression().fit(X, y)
    LogisticRegression().fit(X, y)

    assert 1 == len([error for _, _, error in listener.ends if error is None])
    assert [] == listener.failures


def test_an_interrupt_in_fit_is_the_calls_error(witness) -> None:
    class Interrupted(DummyClassifier):
        def fit(self, X, y=None):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Interrupted().fit(X, y)
    LogisticRegression().fit(X, y)

    assert [KeyboardInterrupt, type(None)] == [type(error) for _, _, error in witness.ends]


def test_what_the_listener_calls_is_no_event(armed) -> None:
    class Curious(Witness):
        def closed(self, call, result, error):
            super().closed(call, result, error)
            call.owner.predict(X)

    listener = Curious()
    armed(listener)

    LogisticRegression().fit(X, y)

    assert ["LogisticRegression.fit"] == listener.seen


def test_a_call_gives_its_frame_back_when_it_ends(witness) -> None:
    LogisticRegression().fit(X, y)

    assert witness.calls[0].frame is None


def leave_open(sink: CallSink) -> None:
    """Open a call as an interrupt at the worst moment would leave it."""

    def wrapper() -> None:
        sink.open("fit", "sklearn", "fit", None, dict, None)

    def recording() -> None:
        wrapper()

    recording()


def test_a_call_left_open_ends_with_its_cell(armed) -> None:
    listener = Witness()
    sink = armed(listener)
    leave_open(sink)

    sink.settle()
    LogisticRegression().fit(X, y)

    assert ["NoneType.fit", "LogisticRegression.fit"] == listener.seen
    assert [KeyboardInterrupt, type(None)] == [type(error) for _, _, error in listener.ends]


def test_a_call_left_open_does_not_deafen_for_long(armed) -> None:
    listener = Witness()
    leave_open(armed(listener))

    time.sleep(0.1)
    LogisticRegression().fit(X, y)

    assert ["NoneType.fit", "LogisticRegression.fit"] == listener.seen
    assert 2 == len(listener.ends)


def test_a_long_call_stays_one_call(witness) -> None:
    class Slow(DummyClassifier):
        def fit(self, X, y=None):
            for _ in range(4):
                time.sleep(0.04)
                super().fit(X, y)
            return self

    Slow().fit(X, y)

    assert ["Slow.fit"] == witness.seen


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_child_records_nothing(witness) -> None:
    child = os.fork()
    if child == 0:
        DummyClassifier().fit(X, y)
        os._exit(len(witness.calls))

    _, status = os.waitpid(child, 0)

    assert 0 == os.waitstatus_to_exitcode(status)
