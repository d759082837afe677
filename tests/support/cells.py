"""Cells as the Recorder would hand them to the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from celltrail.domain.ids import Digest, ExecutionId, FitId, RunId, new_id
from celltrail.domain.record import (
    CellRecord,
    DatasetRecord,
    EnvironmentRecord,
    ExecutionRecord,
    ExperimentIdentity,
    FitRecord,
    Keeping,
    MetricRecord,
    RunRecord,
    RunStatus,
    SessionRecord,
)
from celltrail.store.blobs import digest_of
from celltrail.store.liveness import new_session

ENVIRONMENT = EnvironmentRecord("3.11.7", "cpython", "linux", {"cores": 2}, [["numpy", "2.1", "pypi", "used"]], {})
SOURCE = "clf = RandomForestClassifier(max_depth=8)\nclf.fit(X_train, y_train)\naccuracy_score(y_test, pred)\n"


def dataset(name: str, role: str, content: str = "", *, is_full: bool = True) -> DatasetRecord:
    """Return a frame whose digests follow from what it is said to hold."""
    digest = digest_of(f"{name}{content}".encode())
    return DatasetRecord(
        name,
        role,
        "pandas.DataFrame",
        rows=150,
        columns=[["a", "float64"]],
        size_bytes=1200,
        sampled_digest=digest[:32],
        digest=digest if is_full else None,
        digest_status=Keeping.KEPT if is_full else Keeping.PENDING,
    )


def metric(run: RunId, fit: FitId | None, key: str, *values: float, **more: Any) -> MetricRecord:
    """Return a metric on `y_test`."""
    facts: dict[str, Any] = {
        "function": key.partition(".")[0],
        "target": "y_test",
        "target_digest": digest_of(b"y_test"),
        "target_rows": 50,
        "greater_is_better": True,
        "on_training_data": False,
    }
    return MetricRecord(key, list(values), run, fit, **(facts | more))


@dataclass
class Kernel:
    """One start of one kernel, and the notebook that it works for."""

    notebook: Path | None
    client: str = "jupyterlab"
    cell_ids: Sequence[str] = ()
    session: SessionRecord = field(init=False)
    count: int = 0

    def __post_init__(self) -> None:
        self.session = new_session(author="ann", client=self.client)

    def execution(self, source: str = SOURCE, *, cell: str | None = "c1", **more: Any) -> ExecutionRecord:
        """Return an execution of a cell that has ended."""
        self.count += 1
        facts: dict[str, Any] = {"status": RunStatus.FINISHED, "duration_s": 1.5}
        notebook = self.notebook.as_posix() if self.notebook else None
        now = datetime.now(UTC)
        return ExecutionRecord(
            ExecutionId(new_id()), self.session.id, notebook, cell, self.count, source, now, **(facts | more)
        )

    def trains(
        self,
        source: str = SOURCE,
        *,
        cell: str | None = "c1",
        name: str | None = None,
        score: float = 0.9,
        estimator: str = "RandomForestClassifier",
        status: RunStatus = RunStatus.FINISHED,
        data: str = "",
        depth: object = 8,
    ) -> CellRecord:
        """Return a cell with one fit and one metric."""
        execution = self.execution(source, cell=cell, status=status)
        run, fit = RunId(new_id()), FitId(new_id())
        record = RunRecord(
            run,
            execution.id,
            ExperimentIdentity(name, execution.notebook, cell, source, estimator, list(self.cell_ids)),
            "ann",
            source,
            execution.started_at,
            status,
            1.5,
            fits=[
                FitRecord(
                    fit,
                    "clf",
                    "clf",
                    estimator,
                    "sklearn.ensemble",
                    params={"max_depth": depth, "n_estimators": 100},
                    params_written={"max_depth": depth},
                    inputs=[dataset("X_train", "X", data), dataset("y_train", "y")],
                )
            ],
            inputs=[dataset("y_test", "y_true"), dataset("pred", "y_pred", str(score))],
            environment=ENVIRONMENT,
        )
        return CellRecord(self.session, execution, record, [metric(run, fit, "accuracy_score.y_test", score)])


def keep(cell: CellRecord, *contents: bytes) -> list[Digest]:
    """Hand contents to the store with a cell; return their digests."""
    digests = [digest_of(content) for content in contents]
    cell.blobs.update(zip(digests, contents, strict=True))
    return digests
