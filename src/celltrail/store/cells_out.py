"""A run as the records that made it: what the writer took apart, put together again, to travel to another trail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar, cast

from celltrail.domain.ids import Digest, ExecutionId, RunId, SessionId
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
    MachineUse,
    MetricRecord,
    RunRecord,
    RunStatus,
    SeriesRecord,
    SessionRecord,
    SnapshotRecord,
)
from celltrail.store import blobs
from celltrail.store.content import StoredContent
from celltrail.store.marking import digests_inside
from celltrail.store.notebooks import IMPORTED_PATH
from celltrail.store.read_data import read_artifacts, read_files, read_inputs
from celltrail.store.read_fits import BY_HAND, read_fit_rows, read_params
from celltrail.store.read_metrics import read_metrics, read_series
from celltrail.store.store import Store
from celltrail.store.values import text_out, time_out

EXECUTION = """
SELECT x.global_id, n.path, c.text, x.execution_count, x.source_id, x.started_at, x.status, x.duration_s,
  x.error_name, x.error_message, s.global_id, s.author, s.host, s.boot_id, s.pid, s.started_at, s.lock_name, s.client,
  x.masked
FROM executions AS x JOIN sessions AS s ON s.id = x.session_id
LEFT JOIN notebooks AS n ON n.id = x.notebook_id LEFT JOIN names AS c ON c.id = x.cell_id
WHERE x.global_id = ?
"""
RUN = """
SELECT r.global_id, x.global_id, e.name, r.author, r.started_at, r.status, r.duration_s, r.error, r.note,
  r.main_asked, r.seed, r.kind
FROM runs AS r JOIN executions AS x ON x.id = r.execution_id JOIN experiments AS e ON e.id = r.experiment_id
WHERE r.id = ?
"""
R = TypeVar("R")

TAGS = "SELECT n.text, t.value FROM tags AS t JOIN names AS n ON n.id = t.name_id WHERE t.run_id = ?"


@dataclass(slots=True)
class Travelling:
    """A run on its way.

    Attributes
    ----------
    cells : list of CellRecord
        The cell that was the run, then later cells that scored it; without content.
    digests : set of str
        The content that they name.
    """

    cells: list[CellRecord] = field(default_factory=list)
    digests: set[str] = field(default_factory=set)


def read_travelling(trail: Store, row: int) -> Travelling:
    """Return a run as records.

    Parameters
    ----------
    trail : Store
        The store.
    row : int
        Row of the run.

    Returns
    -------
    Travelling
        Saved to another trail they make the same run.
    """
    run = _run(trail, row)
    own = CellRecord(*_execution(trail, run.execution_id), run)
    cells = {str(run.execution_id): own}
    for metric in read_metrics(trail, row, with_history=True):
        # What a swept cell once scored goes with the run itself.
        execution = metric["execution_id"] or str(run.execution_id)
        if execution not in cells:
            cells[execution] = CellRecord(*_execution(trail, ExecutionId(execution)))
        if not metric["is_series"]:
            cells[execution].metrics.append(_record(MetricRecord, {**metric, "run_id": run.id}))
    return Travelling(list(cells.values()), _digests(trail, run))


def _execution(trail: Store, execution: ExecutionId) -> tuple[SessionRecord, ExecutionRecord]:
    row = trail.db.rows(EXECUTION, (execution,))[0]
    source = _text(trail, row[4])
    session = SessionRecord(
        SessionId(row[10]),
        author=text_out(row[11]),
        host=text_out(row[12]),
        boot_id=row[13],
        pid=row[14],
        started_at=time_out(row[15]),
        lock_name=row[16],
        client=text_out(row[17]),
    )
    return session, ExecutionRecord(
        ExecutionId(row[0]),
        session.id,
        notebook=_path(row[1]),
        cell_id=_optional(row[2]),
        execution_count=row[3],
        source=source,
        started_at=time_out(row[5]),
        status=_ended(row[6]),
        duration_s=row[7],
        error_name=_optional(row[8]),
        error_message=_optional(row[9]),
        masked=row[18],
    )


def _run(trail: Store, row: int) -> RunRecord:
    run_id, execution, experiment, author, started_at, status, duration_s, *rest = trail.db.rows(RUN, (row,))[0]
    error, note, main_asked, seed, kind = rest
    read = StoredContent(trail, row, run_id).field
    source = read("source")
    params = read_params(trail, row)
    environment, snapshot, machine = read("environment"), read("snapshot"), read("machine")
    git = environment.pop("git", None)
    return RunRecord(
        RunId(run_id),
        ExecutionId(execution),
        ExperimentIdentity(text_out(experiment), None, read("cell_id"), source, None),
        text_out(author),
        source,
        time_out(started_at),
        status=_ended(status),
        duration_s=duration_s,
        error=_optional(error),
        note=text_out(note),
        tags={text_out(key): text_out(value) for key, value in trail.db.rows(TAGS, (row,))},
        params=params.get(BY_HAND, ({}, {}))[0],
        main_metric=_optional(main_asked),
        seed=seed,
        fits=[_fit(trail, row, fit, params) for fit in read_fit_rows(trail, row)],
        series=[_record(SeriesRecord, one) for one in read_series(trail, row)],
        inputs=[_record(DatasetRecord, one) for one in read_inputs(trail, row, BY_HAND)],
        files=[_record(FileRecord, one) for one in read_files(trail, row)],
        artifacts=[_record(ArtifactRecord, one) for one in read_artifacts(trail, row)],
        cautions=read("cautions"),
        unknown=read("unknown"),
        environment=_record(EnvironmentRecord, environment) if environment else None,
        snapshot=_record(SnapshotRecord, {**snapshot, "notebook": None}) if snapshot else None,
        git=_record(GitState, git) if git else None,
        machine=_record(MachineUse, machine) if machine else None,
        kind=kind,
        masked=read("masked"),
    )


def _fit(
    trail: Store, row: int, fit: dict[str, Any], params: Mapping[int, tuple[dict[str, Any], dict[str, Any]]]
) -> FitRecord:
    resolved, written = params.get(fit["position"], ({}, {}))
    inputs = [_record(DatasetRecord, one) for one in read_inputs(trail, row, fit["position"])]
    facts = {**fit, "params": resolved, "params_written": written if fit["knows_written"] else None, "inputs": inputs}
    return _record(FitRecord, facts)


def _digests(trail: Store, run: RunRecord) -> set[str]:
    """Return the content that a run names, and what that content names in its turn."""
    found = {str(artifact.digest) for artifact in run.artifacts if artifact.digest}
    naming = {str(artifact.digest) for artifact in run.artifacts if artifact.digest and artifact.kind == "output"}
    if run.git is not None and run.git.diff_digest:
        found.add(run.git.diff_digest)
    for cell in run.snapshot.cells if run.snapshot else []:
        naming |= {cell["outputs"]} if cell.get("outputs") else set()
        # A cell's source, and attachments among the rest of it.
        found |= digests_inside(str(cell).encode("utf-8", "surrogatepass"))
    inside = [digests_inside(trail.read_blob(digest)) for digest in naming if _is_held(trail, digest)]
    return {digest for digest in found.union(naming, *inside) if _is_held(trail, digest)}


def _is_held(trail: Store, digest: str) -> bool:
    return blobs.find(trail.db, Digest(digest)) is not None


def _record(kind: type[R], facts: Mapping[str, Any]) -> R:
    return kind(**{one.name: facts[one.name] for one in fields(cast(Any, kind)) if one.name in facts})


def _ended(status: str) -> RunStatus:
    """A run travels as it stands: one whose end the traveller can't see is lost to the other trail."""
    return RunStatus.LOST if status == RunStatus.RUNNING else RunStatus(status)


def _path(path: str | None) -> str | None:
    """Return a notebook's path below the folder of its own trail."""
    if path is None or not path.startswith(IMPORTED_PATH):
        return _optional(path)
    return text_out(path.partition("/")[2])


def _optional(text: str | None) -> str | None:
    return None if text is None else text_out(text)


def _text(trail: Store, row: int) -> str:
    return blobs.read_row(trail.db, trail.path, row).decode("utf-8", "surrogatepass")
