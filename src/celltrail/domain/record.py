"""What the Recorder knows about one cell, on its way into the store.

Everything here is plain data that survives a round trip through JSON, so that a cell that can't be committed
now can be spooled and committed later. Reading back is `domain.run`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, NewType

from celltrail.domain.ids import ArtifactId, Digest, ExecutionId, FitId, RunId, SessionId
from celltrail.domain.touches import FileTouch, Touches

ParamValue = Any
"""A parameter as JSON can hold it: None, bool, int, float (NaN and infinities too), str, list, dict. An object
that JSON can't hold (an estimator, a function) is kept as `{"repr": "…"}`."""


class RunStatus(StrEnum):
    """How a run, or an execution, stands."""

    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    LOST = "lost"


class Keeping(StrEnum):
    """Whether the content of a thing on record is there."""

    KEPT = "kept"
    PENDING = "pending"  # a late fact: will be filled in by a transaction of its own
    CHANGED = "changed"  # a file that moved on before its digest could be taken
    NOT_KEPT = "not kept"  # over the budget or can't be serialised; the reason stands beside
    UNKNOWN = "unknown"  # the step that takes it failed; the reason stands beside


@dataclass(slots=True)
class SessionRecord:
    """One start of one kernel."""

    id: SessionId
    author: str
    host: str
    boot_id: str
    pid: int
    started_at: datetime
    lock_name: str
    client: str = ""  # "jupyterlab", "vscode", "colab", "nbclient", "ipython"; empty when not known


@dataclass(slots=True)
class ExecutionRecord:
    """One execution of one cell."""

    id: ExecutionId
    session_id: SessionId
    notebook: str | None  # absolute path as POSIX text; None where no notebook is known
    cell_id: str | None
    execution_count: int | None
    source: str
    started_at: datetime
    status: RunStatus = RunStatus.RUNNING
    duration_s: float | None = None
    error_name: str | None = None
    error_message: str | None = None
    is_false_start: bool = False
    parent_id: ExecutionId | None = None  # the cell that ran this one (`get_ipython().run_cell`)
    masked: int = 0  # values in the source that the door masked
    touches: Touches | None = None  # None: not known
    touched_files: list[FileTouch] = field(default_factory=list)


@dataclass(slots=True)
class DatasetRecord:
    """A frame or an array that entered a fit or a metric."""

    name: str  # as the call's source text names it: "X_train"; the role where it has no name
    role: str  # "X", "y", "y_true", "y_pred", "sample_weight", or the parameter's name
    kind: str  # "pandas.DataFrame", "numpy.ndarray", "scipy.sparse.csr_matrix", …
    rows: int | None = None
    columns: list[list[str]] | None = None  # [name, logical type] in order; None where there are none
    size_bytes: int | None = None
    sampled_digest: str | None = None
    digest: Digest | None = None
    digest_status: Keeping = Keeping.PENDING
    column_digests: dict[str, str] | None = None
    profile: dict[str, Any] | None = None
    reason: str = ""
    derived_from: dict[str, Any] | None = None  # as `analysis.related.as_record` gives it


@dataclass(slots=True)
class FileRecord:
    """A file, folder, URL or database that the cell read or wrote.

    `details`, each where it is known: `reason` (why there is no digest), `maybe` (why it may be another cell's),
    `earlier` (an earlier cell read it, and this one computes with what it gave), `files` (how many, for a folder),
    `rows`, `lines`, `etag`, `last_modified`, `method` (of a URL), `database` (its kind), `tables`, `statements`.
    """

    path: str
    mode: Literal["read", "write"]
    size_bytes: int | None = None
    modified_ns: int | None = None
    digest: Digest | None = None
    digest_status: Keeping = Keeping.PENDING
    details: dict[str, Any] = field(default_factory=dict)


DISTRIBUTION_MEDIA_TYPE = "application/vnd.celltrail.distribution+zip"
"""Of the files of a distribution that was installed from a folder; they are kept as a wheel."""


@dataclass(slots=True)
class ArtifactRecord:
    """Something with content: a model, a figure, a file, a text, a table of trials."""

    id: ArtifactId
    name: str
    kind: Literal["model", "figure", "file", "text", "table", "trials", "output", "curve"]
    media_type: str
    digest: Digest | None = None
    size_bytes: int | None = None
    status: Keeping = Keeping.KEPT
    reason: str = ""
    fit_id: FitId | None = None
    flavor: str = ""
    signature: str = ""  # HMAC of this user's kernel over the digest; empty where nobody vouches
    details: dict[str, Any] = field(default_factory=dict)
    is_pinned: bool = False  # `celltrail.keep` named it: gc never frees it


@dataclass(slots=True)
class SeriesRecord:
    """A metric with a step: a training curve, or `log_metric(…, step=…)`."""

    key: str
    steps: list[int]
    values: list[float]
    times_s: list[float]  # seconds since the run started; empty where not known
    fit_id: FitId | None = None


@dataclass(slots=True)
class MetricRecord:
    """One value of one measure, with the fit that it scored."""

    key: str  # "accuracy_score.y_test", "f1_score.macro.y_test"
    values: list[float]  # several values without a step are shown as mean ± sd (n)
    run_id: RunId
    fit_id: FitId | None = None
    function: str = ""  # "accuracy_score"; the key itself where logged by hand
    target: str | None = None  # the name of the data that was scored: "y_test"
    target_digest: str | None = None
    target_rows: int | None = None
    target_positives: int | None = None  # rows of the rarer class of a binary target
    greater_is_better: bool | None = None
    on_training_data: bool | None = None  # True where a fit of the run has seen the target; None: not known
    is_confirmed: bool = True  # False: a scalar bound in the cell from predictions
    is_logged: bool = False
    is_tie_certain: bool = True  # False: the cell's only model, since nothing spoke for another or against it
    spread: float | None = None  # standard deviation over folds, where there are folds
    folds: list[float] | None = None


REMARK = "Remark: "
"""What a fit's warnings say in our own words begins so: "Remark: stopped early, best round 47 of 200"."""


@dataclass(slots=True)
class FitRecord:
    """One outermost training call."""

    id: FitId
    name: str
    variable: str | None
    estimator: str  # "RandomForestClassifier"
    module: str  # "sklearn.ensemble._forest"
    kind: str = "predictor"  # predictor, clusterer, detector, transformer, pipeline, search, cross-validation
    method: str = "fit"
    params: dict[str, ParamValue] = field(default_factory=dict)  # resolved: `get_params(deep=True)`
    params_written: dict[str, ParamValue] | None = None  # as the source says; None: not known
    duration_s: float | None = None
    error: str | None = None
    warnings: list[str] = field(default_factory=list)
    inputs: list[DatasetRecord] = field(default_factory=list)
    search: dict[str, Any] | None = None  # best_params, best_score, best_index, n_splits, scorer, trials artifact
    contains_training_rows: bool = False  # neighbours, support vectors


@dataclass(slots=True)
class GitState:
    """Where the code stood in git; the diff is a late fact."""

    commit: str | None = None
    branch: str | None = None
    is_dirty: bool | None = None
    diff_digest: Digest | None = None
    status: Keeping = Keeping.PENDING


@dataclass(slots=True)
class EnvironmentRecord:
    """The machine and the libraries. Stored once by digest; equal content, equal digest."""

    python: str
    implementation: str
    platform: str
    machine: dict[str, Any]  # cpu, cores, memory_bytes, gpu
    distributions: list[list[str]]  # [name, version, origin, "used" or ""], sorted by name
    threads: dict[str, Any]  # BLAS, OpenMP, environment variables that set them


@dataclass(slots=True)
class SnapshotRecord:
    """The notebook as it stood, by cell."""

    completeness: Literal["live", "saved", "executed"]
    notebook: str | None
    metadata: dict[str, Any]
    cells: list[dict[str, Any]]  # id, cell_type, source (blob digest), metadata, outputs (blob digest or None)
    nbformat: list[int] = field(default_factory=lambda: [4, 5])


@dataclass(slots=True)
class MachineUse:
    """What the execution cost."""

    wall_s: float
    cpu_s: float | None = None
    peak_memory_bytes: int | None = None
    gpu_memory_bytes: int | None = None


@dataclass(slots=True)
class ExperimentIdentity:
    """By what the experiment of a run is found (notebook and cell, else name, else likeness)."""

    name: str | None  # from `%%track NAME` or `# celltrail: NAME`
    notebook: str | None
    cell_id: str | None
    source: str
    estimator: str | None  # for the name of a new experiment: "random-forest"
    notebook_cell_ids: list[str] = field(default_factory=list)


@dataclass(slots=True)
class RunRecord:
    """One tracked execution as it is known so far; saving it again replaces what was known."""

    id: RunId
    execution_id: ExecutionId
    identity: ExperimentIdentity
    author: str
    source: str
    started_at: datetime
    status: RunStatus = RunStatus.RUNNING
    duration_s: float | None = None
    error: str | None = None
    note: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    params: dict[str, ParamValue] = field(default_factory=dict)  # logged by hand
    main_metric: str | None = None  # asked for with --main
    seed: int | None = None
    fits: list[FitRecord] = field(default_factory=list)
    series: list[SeriesRecord] = field(default_factory=list)
    inputs: list[DatasetRecord] = field(default_factory=list)  # of metrics, and logged by hand
    files: list[FileRecord] = field(default_factory=list)
    artifacts: list[ArtifactRecord] = field(default_factory=list)
    cautions: list[str] = field(default_factory=list)
    unknown: dict[str, str] = field(default_factory=dict)  # field -> why it could not be taken
    environment: EnvironmentRecord | None = None
    snapshot: SnapshotRecord | None = None
    git: GitState | None = None
    machine: MachineUse | None = None
    kind: Literal["run", "trial"] = "run"
    masked: dict[str, dict[str, int]] = field(default_factory=dict)  # "source", "outputs" -> kind -> how many masks


@dataclass(slots=True)
class ScoredTable:
    """A matrix or a curve that a cell took of a fit of an earlier run."""

    run_id: RunId
    artifact: ArtifactRecord


@dataclass(slots=True)
class CellRecord:
    """All that one commit writes, in one transaction."""

    session: SessionRecord
    execution: ExecutionRecord
    run: RunRecord | None = None
    metrics: list[MetricRecord] = field(default_factory=list)  # of this run, and of runs whose fits it scored
    tables: list[ScoredTable] = field(default_factory=list)  # of earlier runs; those of this run are its artifacts
    blobs: dict[Digest, bytes] = field(default_factory=dict)  # content that the records above name


MaskedCell = NewType("MaskedCell", CellRecord)
"""A record that has passed the door (`capture.door_record`): the only thing that `Trail.save` takes."""


@dataclass(frozen=True, slots=True)
class SavedRun:
    """What the store answered when a run was saved."""

    id: RunId
    experiment: str
    number: int | None  # None for a repeat
    repeat_of: RunId | None
    repeats: int
    said: str = ""  # "forked from forest", "matched by likeness": said once
    row: int = 0  # the store's own name of it
    summary: Any = field(default=None, compare=False, repr=False)  # what the store wrote of it in brief
