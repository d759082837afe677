"""Real trails to read from, made by the real writer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from celltrail.domain.ids import ArtifactId, Digest, ExecutionId, FitId, RunId, new_id
from celltrail.domain.record import (
    ArtifactRecord,
    CellRecord,
    DatasetRecord,
    EnvironmentRecord,
    ExecutionRecord,
    ExperimentIdentity,
    FileRecord,
    FitRecord,
    GitState,
    Keeping,
    MachineUse,
    MetricRecord,
    RunRecord,
    RunStatus,
    SeriesRecord,
    SessionRecord,
    SnapshotRecord,
)
from celltrail.domain.run import Run
from celltrail.store.blobs import digest_of
from celltrail.store.liveness import new_session
from celltrail.store.trail import Trail

START = datetime(2026, 11, 12, 9, 30, tzinfo=UTC)
ENVIRONMENT = EnvironmentRecord("3.11.7", "cpython", "linux", {"cores": 2}, [["numpy", "2.1", "pypi", "used"]], {})
DEFAULTS = {"max_depth": 8, "criterion": "gini", "bootstrap": True}
ACCURACY = "accuracy_score.y_test"


def a_fit(name: str = "clf", params: Mapping[str, Any] | None = None, **more: Any) -> FitRecord:
    """Return a fit whose parameters are all written."""
    found = dict(DEFAULTS if params is None else params)
    facts: dict[str, Any] = {"params": found, "params_written": dict(found), "variable": name}
    return FitRecord(
        FitId(new_id()), name, estimator="RandomForestClassifier", module="sklearn.ensemble", **(facts | more)
    )


def a_frame(name: str, role: str, content: str = "") -> DatasetRecord:
    """Return a frame whose digest follows from what it is said to hold."""
    digest = digest_of(f"{name}{content}".encode())
    return DatasetRecord(
        name,
        role,
        "pandas.DataFrame",
        rows=150,
        columns=[["a", "float64"]],
        size_bytes=1200,
        sampled_digest=digest[:32],
        digest=digest,
        digest_status=Keeping.KEPT,
        column_digests={"a": digest[:16]},
        profile={"a": {"mean": 0.5, "max": float("inf")}},
    )


@dataclass
class Workshop:
    """A kernel that saves runs to a trail, one a minute."""

    trail: Trail
    author: str = "ann"
    notebook: str = "fraud.ipynb"
    session: SessionRecord = field(init=False)
    saved: int = 0

    def __post_init__(self) -> None:
        self.session = new_session(author=self.author)

    def cell(
        self,
        experiment: str = "forest",
        *,
        fits: Sequence[FitRecord] = (),
        metrics: Mapping[str, Any] | Sequence[MetricRecord] = (),
        **more: Any,
    ) -> CellRecord:
        """Return a cell; each one differs from those before it, so that none is a repeat."""
        self.saved += 1
        status = more.pop("status", RunStatus.FINISHED)
        source = more.pop("source", f"# {self.saved}\nclf.fit(X_train, y_train)\n")
        at = more.pop("at", START + timedelta(minutes=self.saved))
        path = (self.trail.path.parent / more.pop("notebook", self.notebook)).as_posix()
        execution = ExecutionRecord(
            ExecutionId(new_id()), self.session.id, path, experiment, self.saved, source, at, status, 1.5
        )
        run = RunId(new_id())
        facts: dict[str, Any] = {"duration_s": 1.5, "fits": list(fits), "environment": ENVIRONMENT}
        record = RunRecord(
            run,
            execution.id,
            ExperimentIdentity(experiment, path, experiment, source, None),
            self.author,
            source,
            at,
            status,
            **(facts | more),
        )
        owner = fits[0].id if len(fits) == 1 else None
        if isinstance(metrics, Mapping):
            metrics = [a_metric(run, owner, key, value) for key, value in metrics.items()]
        for one in metrics:
            one.run_id = run
        return CellRecord(self.session, execution, record, list(metrics))

    def save(self, experiment: str = "forest", **more: Any) -> Run:
        """Save a cell with one fit, unless others are given, and return its run as it is read back."""
        more.setdefault("fits", [a_fit()])
        return self.keep(self.cell(experiment, **more))

    def keep(self, cell: CellRecord) -> Run:
        """Save a cell and return its run as it is read back."""
        assert cell.run is not None
        self.trail.save(cell, wait_s=5)
        return self.trail.run(cell.run.id)


def a_metric(run: RunId, fit: FitId | None, key: str, value: Any, **more: Any) -> MetricRecord:
    """Return a metric on y_test; several values where a list is given."""
    values = [float(one) for one in value] if isinstance(value, list) else [float(value)]
    facts: dict[str, Any] = {
        "function": key.partition(".")[0],
        "target": "y_test",
        "target_digest": digest_of(b"y_test"),
        "target_rows": 50,
        "greater_is_better": True,
        "on_training_data": False,
    }
    return MetricRecord(key, values, run, fit, **(facts | more))


def content(cell: CellRecord, data: bytes) -> Digest:
    """Hand content to the store with a cell."""
    digest = digest_of(data)
    cell.blobs[digest] = data
    return digest


def a_full_cell(shop: Workshop) -> CellRecord:
    """Return a cell in which every field is filled."""
    fit = a_fit(
        "clf",
        {"max_depth": 8, "note": "x" * 3000, "weights": {"repr": "<array>"}, "c": float("inf"), "layers": [100, 50]},
        duration_s=0.5,
        warnings=["did not converge"],
        inputs=[a_frame("X_train", "X"), a_frame("y_train", "y")],
        search={"best_params": {"max_depth": 8}, "best_score": float("nan")},
        contains_training_rows=True,
    )
    fit.params_written = {"max_depth": "8", "note": "x" * 3000}
    cell = shop.cell(
        fits=[fit],
        metrics=[
            a_metric(RunId(""), fit.id, ACCURACY, 0.91, spread=0.02, folds=[0.9, 0.92]),
            a_metric(RunId(""), fit.id, "f1_score.macro.y_test", [0.7, 0.8, 0.9]),
            a_metric(RunId(""), fit.id, "log_loss.y_test", float("nan"), greater_is_better=False),
        ],
        params={"lr": 0.1},
        tags={"owner": "me", "odd \ud800": "value"},
        note="a note",
        seed=42,
        main_metric="accuracy_score",
        series=[
            SeriesRecord("loss", [0, 1, 2], [0.5, 0.25, 0.125], [0.1, 0.2, 0.3]),
            SeriesRecord("validation", [0, 1], [1.0, 2.0], [0.1, 0.2], fit.id),
        ],
        inputs=[a_frame("y_test", "y_true")],
        files=[
            FileRecord("/data/x.csv", "read", 12, 1_700_000_000_000_000_000, digest_of(b"x"), Keeping.KEPT),
            FileRecord((shop.trail.path.parent / "out.csv").as_posix(), "write"),
        ],
        cautions=["scored 41 times"],
        unknown={"git": "git was not found"},
        git=GitState("c" * 40, "main", True, None, Keeping.KEPT),
        machine=MachineUse(1.5, 1.25, 123_456, None),
    )
    run = cell.run
    assert run is not None
    source, outputs = content(cell, b"print(1)"), content(cell, b'[{"output_type": "stream"}]')
    run.snapshot = SnapshotRecord(
        "live",
        cell.execution.notebook,
        {"kernelspec": {"name": "python3"}},
        [{"id": "c1", "cell_type": "code", "source": source, "outputs": outputs, "metadata": {"tags": ["a"]}}],
    )
    run.git = GitState("c" * 40, "main", True, content(cell, b"diff --git"), Keeping.KEPT)
    picture = content(cell, b"\x89PNG" + bytes(70_000))
    shown = content(
        cell,
        b'[{"output_type": "display_data", "data": {"application/vnd.celltrail.blob": {"image/png": "%s"}}, '
        b'"metadata": {}}]' % picture.encode(),
    )
    run.artifacts = [
        ArtifactRecord(ArtifactId(new_id()), "figure-1.png", "figure", "image/png", picture, 70_004),
        ArtifactRecord(
            ArtifactId(new_id()), "outputs", "output", "application/vnd.jupyter.outputs+json", shown, len(shown)
        ),
        ArtifactRecord(
            ArtifactId(new_id()),
            "clf",
            "model",
            "application/octet-stream",
            content(cell, b"a pickle"),
            8,
            fit_id=fit.id,
            flavor="pickle",
            signature="nobody",
            details={"n": 1},
        ),
        ArtifactRecord(
            ArtifactId(new_id()), "big", "file", "text/csv", None, 10**9, Keeping.NOT_KEPT, "over the budget"
        ),
    ]
    return cell
