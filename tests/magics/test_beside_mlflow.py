"""MLflow's autologging and celltrail in one notebook: each records what it records alone, whichever came first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

import celltrail
from celltrail.capture.beside_mlflow import CellContext
from celltrail.flavors.mlflow_probe import without_credentials

# MLflow's own imports warn of what they use.
pytestmark = pytest.mark.filterwarnings("ignore")

Run = Callable[..., Any]

LOAD = "%load_ext celltrail"
UNLOAD = "%unload_ext celltrail"
# Without the model, whose requirements MLflow finds out in a process of its own.
AUTOLOG = "import mlflow\nmlflow.sklearn.autolog(log_models=False)"
DISABLE = "mlflow.sklearn.autolog(disable=True)"
PREPARE = """
import sklearn.metrics
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
X, y = load_iris(return_X_y=True, as_frame=True)
"""
TRAIN = """
clf = LogisticRegression(C=0.5, max_iter=500).fit(X, y)
pred = clf.predict(X)
acc = sklearn.metrics.accuracy_score(y, pred)
mean = clf.score(X, y)
"""
PIPE = """
pipe = make_pipeline(StandardScaler(), LogisticRegression(C=2.0)).fit(X, y)
f1 = sklearn.metrics.f1_score(y, pipe.predict(X), average="macro")
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of one database for all: MLflow takes seconds to make one."""
    return f"sqlite:///{(tmp_path_factory.mktemp('mlflow') / 'mlflow.db').as_posix()}"


@pytest.fixture
def mlflow(store: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return MLflow with an empty experiment; its autologging is off after."""
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    monkeypatch.setenv("DO_NOT_TRACK", "true")
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_ID", "MLFLOW_RUN_ID"):  # MLflow sets them for its children
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    module = pytest.importorskip("mlflow")
    pytest.importorskip("alembic")
    before = module.get_tracking_uri()
    module.set_tracking_uri(store)
    module.set_experiment(request.node.name)
    yield module
    module.sklearn.autolog(disable=True)
    module.set_tracking_uri(before)


def methods() -> dict[tuple[type, str], Any]:
    """Return what stands in the classes that are trained here, and in those that they descend from."""
    classes = {*LogisticRegression.__mro__, *Pipeline.__mro__} - {object, BaseEstimator}
    return {(cls, name): vars(cls).get(name) for cls in classes for name in ("fit", "predict", "score")} | {
        (Pipeline, "predict.fn"): vars(Pipeline)["predict"].fn
    }


def logged(mlflow: Any) -> list[tuple[str, dict[str, str], dict[str, float]]]:
    """Return what MLflow has logged in the experiment that is set, in order."""
    runs = mlflow.search_runs(output_format="list", order_by=["start_time asc"])
    return [
        (run.info.status, run.data.params, {key: round(value, 9) for key, value in run.data.metrics.items()})
        for run in runs
    ]


def recorded() -> list[Any]:
    """Return what celltrail has recorded, in order."""
    return [
        (
            fit.name,
            fit.estimator,
            fit.kind,
            fit.params_written,
            dict(fit.metrics),
            list(fit.warnings),
            [(data["name"], data["role"]) for data in fit.inputs],
        )
        for run in reversed(celltrail.open_trail().search_runs())
        for fit in run.fits
    ]


def test_each_records_in_any_order_what_it_records_alone(
    plain_shell: InteractiveShell, run: Run, mlflow: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cells(*sources: str) -> None:
        for source in sources:
            run(plain_shell, source)

    def anew(name: str) -> None:
        mlflow.set_experiment(name)
        monkeypatch.setenv("CELLTRAIL_TRAIL", str(tmp_path / name))

    cells(PREPARE)
    before = methods()
    anew("alone")
    cells(AUTOLOG, TRAIN, PIPE, DISABLE)
    mlflow_alone = logged(mlflow)
    assert 2 == len(mlflow_alone)
    assert {"training_score", "accuracy_score_X", "LogisticRegression_score_X"} <= set(mlflow_alone[0][2])
    assert before == methods()
    cells(LOAD, TRAIN, PIPE, UNLOAD)
    trail_alone = recorded()
    assert ["clf", "pipe"] == [fit[0] for fit in trail_alone]
    assert {"accuracy_score.y", "score.y"} == set(trail_alone[0][4])

    orders = [
        (LOAD, AUTOLOG, DISABLE, UNLOAD),
        (LOAD, AUTOLOG, UNLOAD, DISABLE),
        (AUTOLOG, LOAD, UNLOAD, DISABLE),
        (AUTOLOG, LOAD, DISABLE, UNLOAD),
    ]
    for number, (first, second, third, last) in enumerate(orders):
        anew(f"order-{number}")
        cells(first, second, TRAIN, PIPE)
        assert mlflow_alone == logged(mlflow)
        assert trail_alone == recorded()
        cells(third, TRAIN)
        goes_on = "celltrail" if third == DISABLE else "mlflow"
        assert 2 + (goes_on == "mlflow") == len(logged(mlflow))
        assert 1 + (goes_on == "celltrail") == celltrail.open_trail().search_runs()[-1].repeats
        cells(last)
        assert before == methods()


def test_a_run_of_mlflow_and_the_run_of_the_cell_know_each_other(
    plain_shell: InteractiveShell, run: Run, mlflow: Any
) -> None:
    run(plain_shell, LOAD)
    run(plain_shell, "import mlflow")
    run(plain_shell, "# celltrail: by-hand\nwith mlflow.start_run() as theirs:\n    mlflow.log_metric('a', 1.0)")

    theirs = mlflow.get_run(plain_shell.user_ns["theirs"].info.run_id)
    (ours,) = celltrail.open_trail().search_runs()
    assert ours.id == theirs.data.tags["celltrail.run_id"]
    assert "by-hand" == theirs.data.tags["celltrail.experiment"]
    assert theirs.info.run_id == ours.tags["mlflow.run_id"]
    assert ours.tags["mlflow.tracking_uri"].endswith("mlflow.db")


def test_a_cell_that_is_no_run_stays_none_and_mlflow_s_error_is_the_plain_one(
    plain_shell: InteractiveShell, run: Run, mlflow: Any
) -> None:
    run(plain_shell, LOAD)
    run(plain_shell, "import mlflow")
    failed = run(plain_shell, "mlflow.start_run()\nmlflow.start_run()", fails=True)
    run(plain_shell, "mlflow.end_run()")

    assert [] == celltrail.open_trail().search_runs()
    frames, entry = [], failed.error_in_exec.__traceback__
    while entry is not None:
        frames.append(entry.tb_frame.f_code.co_filename)
        entry = entry.tb_next
    ours = str(Path(celltrail.__file__).parent)
    assert not [name for name in frames if name.startswith(ours)]


def test_mlflow_is_told_nothing_where_celltrail_is_not_loaded() -> None:
    context = CellContext()

    assert (False, {}) == (context.in_context(), context.tags())


@pytest.mark.parametrize(
    ("uri", "kept"),
    [
        ("sqlite:///mlflow.db", "sqlite:///mlflow.db"),
        ("sqlite:////srv/team/mlflow.db", "sqlite:////srv/team/mlflow.db"),
        ("https://ann:secret@host:5000/x?token=1", "https://host:5000/x"),
        ("postgresql://ann:secret@host/db", "postgresql://host/db"),
        ("databricks", "databricks"),
        ("/srv/team/mlruns", "/srv/team/mlruns"),
    ],
)
def test_a_tracking_uri_is_kept_without_credentials(uri: str, kept: str) -> None:
    assert kept == without_credentials(uri)
