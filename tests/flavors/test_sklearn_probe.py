"""What the probe sees, whatever the import order, and that it leaves no trace."""

from __future__ import annotations

import functools
import inspect
import pickle
import subprocess
import sys
import textwrap
import warnings
from typing import Any

import cloudpickle
import numpy as np
import pytest
import scipy.sparse
import sklearn.metrics
import sklearn.model_selection
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, get_scorer, make_scorer
from sklearn.model_selection import GridSearchCV, cross_val_score, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import all_estimators

from celltrail.capture.calls import CallSink
from celltrail.flavors.protocol import Call
from celltrail.flavors.recorded import RecordedMethod
from celltrail.flavors.sklearn_probe import SklearnProbe, metric_names

_SINCE_1_3 = pytest.mark.skipif(
    not hasattr(sklearn.base, "_fit_context"),
    reason="before scikit-learn 1.3 methods have no wrapper, and losses are sums",
)

X, y = load_iris(return_X_y=True)
X = StandardScaler().fit_transform(X)
early_partial = functools.partial(accuracy_score, normalize=False)
early_scorer = get_scorer("f1_macro")


class Witness:
    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.lines: list[int | None] = []
        self.failures: list[BaseException] = []

    def opened(self, call: Call) -> None:
        self.calls.append(call)
        self.lines.append(call.frame.f_lineno if call.frame else None)

    def closed(self, call: Call, result: Any, error: BaseException | None) -> None:
        pass

    def report(self, step: str, failure: BaseException) -> None:
        self.failures.append(failure)

    @property
    def seen(self) -> list[str]:
        return [f"{call.kind} {call.function}" for call in self.calls]


@pytest.fixture
def probe():
    return SklearnProbe()


@pytest.fixture
def witness(probe):
    witness = Witness()
    disarm = probe.arm(CallSink(witness, witness.report))
    yield witness
    disarm()
    assert [] == witness.failures


class Own(ClassifierMixin, BaseEstimator):
    def __init__(self, depth: int = 3) -> None:
        self.depth = depth

    def fit(self, X, y=None, *, sample_weight=None):
        warnings.warn("look at your line", UserWarning, stacklevel=2)
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[0])


def test_fits_predictions_scores_and_metrics_are_seen_once_each(witness) -> None:
    model = make_pipeline(StandardScaler(), LogisticRegression())

    accuracy_score(y, model.fit(X, y).predict(X))
    model.score(X, y)
    model.predict_proba(X)
    cross_val_score(model, X, y)
    GridSearchCV(model, {"logisticregression__C": [0.1, 1]}).fit(X, y).predict(X)

    expected = ["fit fit", "predict predict", "metric accuracy_score", "score score", "predict predict_proba"]
    expected += ["cross-validation cross_val_score", "fit fit", "predict predict"]
    assert expected == witness.seen
    assert [model, model] == [call.owner for call in witness.calls[:2]]


def test_arguments_are_named_and_without_defaults(witness) -> None:
    pred = y.copy()

    accuracy_score(y, y_pred=pred, normalize=True)

    arguments = witness.calls[0].arguments
    assert ["y_true", "y_pred", "normalize"] == list(arguments)
    assert arguments["y_true"] is y
    assert arguments["y_pred"] is pred


def test_the_frame_is_the_users(witness) -> None:
    here = inspect.currentframe().f_lineno
    model = LogisticRegression().fit(X, y)
    accuracy_score(y, model.predict(X))
    get_scorer("accuracy")(model, X, y)

    assert [here + 1, here + 2, here + 2, here + 3] == witness.lines


def test_early_imports_partials_and_scorers_are_seen(witness) -> None:
    model = LogisticRegression().fit(X, y)
    pred = model.predict(X)
    witness.calls.clear()

    early_partial(y, pred[:])
    early_scorer(model, X, y)
    make_scorer(sklearn.metrics.mean_squared_error, greater_is_better=False)(model, X, y)

    assert ["metric accuracy_score", "score f1_score", "score mean_squared_error"] == witness.seen
    assert witness.calls[1].owner is model
    assert witness.calls[1].notes["scorer"] is early_scorer


def test_nested_cross_validation_is_one_call(witness) -> None:
    search = GridSearchCV(LogisticRegression(), {"C": [0.1, 1]}, cv=2)

    cross_validate(search, X, y, cv=2, scoring=["accuracy", "f1_macro"])

    assert ["cross-validation cross_validate"] == witness.seen


def test_sparse_data_stays_sparse(witness) -> None:
    sparse = scipy.sparse.csr_matrix(X)

    LogisticRegression().fit(sparse, y)

    assert witness.calls[0].arguments["X"] is sparse


def test_a_class_written_later_is_seen_and_keeps_its_own_function(witness) -> None:
    def fit(self, X, y=None):
        return self

    later = type("Later", (BaseEstimator,), {"fit": fit})
    later().fit(X)

    assert ["fit fit"] == witness.seen
    assert later.fit is fit
    assert inspect.signature(fit).parameters.keys() - {"self"} == inspect.signature(later().fit).parameters.keys()


def test_super_and_unbound_calls_go_to_the_original(witness) -> None:
    class Child(LogisticRegression):
        def fit(self, X, y, sample_weight=None):
            super().fit(X, y)
            return LogisticRegression.fit(self, X, y)

    Child().fit(X, y)

    assert ["fit fit"] == witness.seen


@_SINCE_1_3
def test_a_call_through_the_class_is_seen_once(witness) -> None:
    model = LogisticRegression()

    here = inspect.currentframe().f_lineno
    LogisticRegression.fit(model, X, y)
    model.fit(X, y)
    LogisticRegression.fit(model, X, y=y)

    assert ["fit fit"] * 3 == witness.seen
    assert [model] * 3 == [call.owner for call in witness.calls]
    assert ["X", "y"] == list(witness.calls[2].arguments)
    assert [here + 1, here + 2, here + 3] == witness.lines


@_SINCE_1_3
def test_the_loss_of_a_linear_model_is_heard_from_its_solver(witness) -> None:
    plain = LogisticRegression(C=0.3).fit(X, y)
    witness.calls.clear()

    model = LogisticRegression(C=0.3)
    before = set(vars(model))
    make_pipeline(model).fit(X, y)
    GridSearchCV(LogisticRegression(), {"C": [0.1, 1]}, cv=2).fit(X, y)

    single, search = witness.calls
    losses = single.curves()["loss"]
    probability = plain.predict_proba(X)[np.arange(len(y)), y]
    penalty = (plain.coef_**2).sum() / (2 * 0.3 * len(y))
    assert pytest.approx(np.mean(-np.log(probability)) + penalty, rel=1e-4) == losses[-1] == min(losses)
    assert pytest.approx(np.log(3)) == losses[0]
    assert search.curves is None
    assert (plain.coef_ == model.coef_).all()
    assert set(vars(plain)) == set(vars(model)) > before


def test_a_method_that_is_not_available_stays_so(witness) -> None:
    from sklearn.svm import LinearSVC

    assert not hasattr(make_pipeline(LinearSVC()), "predict_proba")
    with pytest.raises(AttributeError, match="has no attribute"):
        _ = make_pipeline(LinearSVC()).predict_proba


def test_a_property_named_fit_is_left_alone(witness) -> None:
    class Odd(BaseEstimator):
        @property
        def fit(self):
            return lambda X: "fitted"

    assert "fitted" == Odd().fit(X)
    assert [] == witness.seen


def test_metadata_routing_knows_the_signature(witness) -> None:
    if "enable_metadata_routing" not in sklearn.get_config():
        pytest.skip("scikit-learn 1.3 and later have it")

    with sklearn.config_context(enable_metadata_routing=True):
        model = Own().set_fit_request(sample_weight=True)
        request = model.get_metadata_routing()

    assert {"sample_weight": True} == request.fit.requests


def test_clone_pickle_and_signature_are_as_before(witness) -> None:
    model = LogisticRegression(C=3).fit(X, y)

    copied = clone(model)
    loaded = pickle.loads(pickle.dumps(model))

    assert model.get_params() == copied.get_params()
    assert (model.predict(X) == loaded.predict(X)).all()
    assert ["X", "y", "sample_weight"] == list(inspect.signature(model.fit).parameters)
    assert accuracy_score is pickle.loads(pickle.dumps(accuracy_score))
    assert accuracy_score is sklearn.metrics.accuracy_score
    assert set(vars(copied)) == set(vars(LogisticRegression()))


def test_a_warning_points_at_the_users_line(witness) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        here = inspect.currentframe().f_lineno
        Own().fit(X, y)

    assert [(__file__, here + 1)] == [(str(one.filename), one.lineno) for one in caught]


def test_all_estimators_of_scikit_learn_are_seen(witness) -> None:
    unseen = [
        name
        for name, cls in all_estimators()
        if not any(isinstance(vars(parent).get("fit"), RecordedMethod) for parent in cls.__mro__)
    ]

    assert [] == unseen


def test_all_metrics_and_helpers_of_cross_validation_are_seen(probe, witness) -> None:
    assert [] == probe.not_seen
    assert 60 <= len(metric_names(sklearn.metrics))


def test_a_function_in_two_wrappers_is_seen_and_looks_as_it_did() -> None:
    function = getattr(sklearn.metrics, "confusion_matrix_at_thresholds", None)
    if function is None:
        pytest.skip("scikit-learn 1.8 and later have it")
    before = (inspect.signature(function), inspect.getsource(function), function.__code__, dict(vars(function)))
    witness = Witness()

    disarm = SklearnProbe().arm(CallSink(witness, witness.report))
    here = inspect.currentframe().f_lineno
    counts = function(y == 0, X[:, 2])
    during = (inspect.signature(function), inspect.getsource(function))
    disarm()

    assert len(counts[0])
    assert (["metric confusion_matrix_at_thresholds"], [here + 1]) == (witness.seen, witness.lines)
    assert before[:2] == during
    assert before[2:] == (function.__code__, dict(vars(function)))


def test_a_bound_method_goes_to_another_process_as_ever(witness) -> None:
    model = LogisticRegression().fit(X, y)

    data = cloudpickle.dumps(model.predict)

    assert b"celltrail" not in data
    assert (model.predict(X) == pickle.loads(data)(X)).all()
    assert (model.predict(X) == pickle.loads(pickle.dumps(model.predict))(X)).all()
    assert model.predict == model.predict
    assert "predict" == model.predict.__name__
    assert LogisticRegression.predict.__code__ is model.predict.__code__
    assert inspect.getsource(LogisticRegression.predict) == inspect.getsource(model.predict)


def everything_hookable() -> dict[str, Any]:
    """Each class attribute and closure cell that the probe may touch, by name."""
    found: dict[str, Any] = {}
    for name, cls in [*all_estimators(), ("Own", Own), ("_BaseScorer", type(early_scorer).__mro__[1])]:
        for parent in cls.__mro__[:-1]:
            for attribute, value in vars(parent).items():
                found[f"{name}.{parent.__qualname__}.{attribute}"] = value
    for module in (sklearn.metrics, sklearn.model_selection):
        for name in module.__all__:
            function = vars(module).get(name)
            if inspect.isfunction(function):
                found[f"{name}()"] = function.__code__
            for number, cell in enumerate(getattr(function, "__closure__", None) or ()):
                found[f"{name}[{number}]"] = cell.cell_contents
    return found


def test_disarming_puts_every_wrapped_thing_back() -> None:
    before = everything_hookable()
    finders = list(sys.meta_path)

    witness = Witness()
    disarm = SklearnProbe().arm(CallSink(witness, witness.report))
    changed = [name for name, value in everything_hookable().items() if value is not before.get(name)]
    disarm()
    LogisticRegression().fit(X, y)
    after = everything_hookable()

    assert 1000 < len(changed)
    assert [] == [name for name, value in before.items() if after[name] is not value]
    assert before.keys() == after.keys()
    assert "__init_subclass__" not in vars(BaseEstimator)
    assert finders == sys.meta_path
    assert [] == witness.calls


def run_python(source: str, *, isolated: bool = False, data: bytes = b"") -> str:
    flags = ["-I"] if isolated else []
    done = subprocess.run(
        [sys.executable, *flags, "-c", textwrap.dedent(source)], input=data, capture_output=True, check=False
    )
    assert 0 == done.returncode, done.stderr.decode()
    return done.stdout.decode()


ARMED = """
import sys
from celltrail.capture.calls import CallSink
from celltrail.flavors.sklearn_probe import SklearnProbe
class Witness:
    seen = []
    def opened(self, call): self.seen.append(call.function)
    def closed(self, call, result, error): pass
probe = SklearnProbe()
disarm = probe.arm(CallSink(Witness(), print))
"""


def test_arming_imports_nothing_and_sees_what_is_imported_later() -> None:
    source = """
    assert not {"sklearn", "numpy", "pandas"} & set(sys.modules)
    finders = len(sys.meta_path)
    import sklearn.tree
    from sklearn.metrics import accuracy_score
    import sklearn.model_selection, sklearn.base, sklearn.calibration, sklearn.inspection, sklearn.linear_model
    model = sklearn.tree.DecisionTreeClassifier().fit([[0], [1]], [0, 1])
    accuracy_score([0, 1], model.predict([[0], [1]]))
    assert finders - 1 == len(sys.meta_path)
    loader = sklearn.base.__spec__.loader
    print(Witness.seen, type(loader).__name__, loader is sklearn.base.__loader__)
    """

    assert "['fit', 'predict', 'accuracy_score'] SourceFileLoader True\n" == run_python(
        ARMED + textwrap.dedent(source)
    )


def test_a_pickle_of_a_class_of_main_loads_where_celltrail_is_not_installed(tmp_path) -> None:
    source = """
    import cloudpickle
    from sklearn.base import BaseEstimator, ClassifierMixin
    from sklearn.model_selection import cross_val_score
    class Mine(ClassifierMixin, BaseEstimator):
        def fit(self, X, y):
            self.classes_ = sorted(set(y))
            return self
        def predict(self, X):
            return [self.classes_[0]] * len(X)
    X, y = [[i] for i in range(20)], [0, 1] * 10
    model = Mine().fit(X, y)
    scores = cross_val_score(model, X, y, n_jobs=2, cv=2)
    assert [0.5, 0.5] == list(scores), scores
    assert ["fit", "cross_val_score"] == Witness.seen, Witness.seen
    assert b"celltrail" not in cloudpickle.dumps(model)
    open(sys.argv[1] if len(sys.argv) > 1 else PATH, "wb").write(cloudpickle.dumps(model))
    """
    path = tmp_path / "model.pkl"
    run_python(f"PATH = {str(path)!r}\n" + ARMED + textwrap.dedent(source))

    load = f"""
    import pickle, sys
    sys.modules["celltrail"] = None
    print(pickle.load(open({str(path)!r}, "rb")).predict([[1], [2]]))
    """

    assert "[0, 0]\n" == run_python(load)


def test_cloudpickle_of_a_local_class_holds_the_original(witness) -> None:
    class Local(BaseEstimator):
        def fit(self, X, y=None):
            return self

    data = cloudpickle.dumps(Local())

    assert b"RecordedMethod" not in data
    assert b"celltrail.flavors" not in data
