"""A real trail with three runs of a forest and one of boosting, made by the real writer."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from celltrail.domain.ids import ExecutionId, FitId, RunId, SessionId, new_id
from celltrail.domain.record import (
    CellRecord,
    EnvironmentRecord,
    ExecutionRecord,
    ExperimentIdentity,
    FitRecord,
    MetricRecord,
    RunRecord,
    RunStatus,
    SessionRecord,
)
from celltrail.store.trail import Trail
from celltrail.verbs import current
from celltrail.verbs.current import Context

START = datetime(2026, 11, 12, 9, 30, tzinfo=UTC)


def session() -> SessionRecord:
    return SessionRecord(
        id=SessionId(new_id()),
        author=getpass.getuser(),
        host="here",
        boot_id="boot",
        pid=os.getpid(),
        started_at=START,
        lock_name="none.lock",
    )


def make_record(name: str, source: str, *, depth: int, score: float, minutes: int, **more: Any) -> CellRecord:
    """One cell that fitted a forest and scored it."""
    of = session()
    at = START + timedelta(minutes=minutes)
    execution = ExecutionRecord(
        id=ExecutionId(new_id()),
        session_id=of.id,
        notebook=None,
        cell_id=f"cell-{name}",
        execution_count=minutes + 1,
        source=source,
        started_at=at,
        status=RunStatus.FINISHED,
        duration_s=1.5,
    )
    fit = FitRecord(
        id=FitId(new_id()),
        name="clf",
        variable="clf",
        estimator="RandomForestClassifier",
        module="sklearn.ensemble._forest",
        params={"max_depth": depth, "n_estimators": 100},
        params_written={"max_depth": depth},
        duration_s=1.0,
    )
    run = RunRecord(
        id=RunId(new_id()),
        execution_id=execution.id,
        identity=ExperimentIdentity(name, None, f"cell-{name}", source, "RandomForestClassifier"),
        author=of.author,
        source=source,
        started_at=at,
        status=RunStatus.FINISHED,
        duration_s=1.5,
        fits=[fit],
        environment=EnvironmentRecord(
            "3.11.7", "CPython", "Linux", {}, [["scikit-learn", "1.0.1", "", "used"], ["pip", "20.0", "", ""]], {}
        ),
        **more,
    )
    metric = MetricRecord(
        key="accuracy_score.y_test",
        values=[score],
        run_id=run.id,
        fit_id=fit.id,
        function="accuracy_score",
        target="y_test",
        target_digest="t" * 64,
        target_rows=100,
        greater_is_better=True,
        on_training_data=False,
    )
    return CellRecord(of, execution, run, [metric])


FOREST = """\
clf = RandomForestClassifier(max_depth={depth})
clf.fit(X_train, y_train)
accuracy_score(y_test, clf.predict(X_test))
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project folder whose trail holds forest#1 to forest#3 and boost#1; we stand in it."""
    monkeypatch.delenv("CELLTRAIL_TRAIL", raising=False)
    monkeypatch.chdir(tmp_path)
    with Trail.open(tmp_path / ".celltrail") as trail:
        for number, (depth, score) in enumerate([(4, 0.81), (8, 0.87), (12, 0.85)]):
            cell = make_record("forest", FOREST.format(depth=depth), depth=depth, score=score, minutes=number)
            trail.save(cell, wait_s=1.0)
        trail.save(make_record("boost", "# celltrail: boost\nfit()\n", depth=3, score=0.9, minutes=10), wait_s=1.0)
    yield tmp_path
    current.close_all()


@pytest.fixture
def record() -> Callable[..., CellRecord]:
    """Make one cell that fitted a forest and scored it, for a test that adds to it."""
    return make_record


@pytest.fixture
def record_cell(project: Path) -> Callable[[str, str], None]:
    """Add one run of a cell to the project's trail."""

    def add(name: str, source: str) -> None:
        with Trail.open(project / ".celltrail") as trail:
            trail.save(make_record(name, source, depth=5, score=0.5, minutes=20), wait_s=1.0)

    return add


@pytest.fixture
def running_elsewhere(project: Path) -> str:
    """Add a run that a kernel of another machine left running; return its reference."""
    cell = make_record("remote", "fit()\n", depth=5, score=0.5, minutes=30)
    cell.session.host, cell.session.boot_id = "elsewhere", "another boot"
    assert cell.run is not None
    cell.execution.status = cell.run.status = RunStatus.RUNNING
    with Trail.open(project / ".celltrail") as trail:
        trail.save(cell, wait_s=1.0)
    return "remote#1"


@pytest.fixture
def shell_door(project: Path) -> Context:
    return Context("shell", project)


@pytest.fixture
def python_door(project: Path) -> Context:
    return Context("python", project)
