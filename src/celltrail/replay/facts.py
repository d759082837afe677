"""What is on record of the executions of a recipe, recorded and replayed alike, for a comparison."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from celltrail.domain.fit_keys import metric_prefixes
from celltrail.domain.lineage import PastExecution
from celltrail.domain.run import Run
from celltrail.errors import CelltrailError
from celltrail.flavors.models import state_of
from celltrail.store.store import Store

# Roles in which predictions of labels enter a metric (scikit-learn's parameter names); scores are no decisions.
DECISIONS = frozenset({"y_pred", "labels_pred", "pred_decision", "X_pred"})


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame or array that entered a fit or a metric."""

    name: str
    role: str
    rows: int | None
    columns: int | None
    digest: str | None
    sampled_digest: str | None


@dataclass(frozen=True, slots=True)
class Model:
    """A model that was fitted; `state` is None where it was not kept, or can't be told."""

    name: str
    estimator: str
    state: str | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What a run is known to have taken in and given.

    Attributes
    ----------
    frames : tuple of Frame
        In their order: fit by fit, then those of metrics.
    metrics : dict of str to tuple
        By key: all values, and the rows of the data that was scored.
    figures : tuple of str
        Digests, in the order in which they were shown.
    """

    frames: tuple[Frame, ...] = ()
    models: tuple[Model, ...] = ()
    metrics: Mapping[str, tuple[tuple[float, ...], int | None]] = field(default_factory=dict)
    figures: tuple[str, ...] = ()
    environment: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExecutionFacts:
    """What one execution is known to have done.

    Attributes
    ----------
    reads, wrote : dict of str to (str or None)
        Files by absolute path: their digests.
    """

    execution: PastExecution
    reads: Mapping[str, str | None] = field(default_factory=dict)
    wrote: Mapping[str, str | None] = field(default_factory=dict)
    run: RunFacts | None = None


def facts_of(
    trail: Store,
    executions: Sequence[PastExecution],
    runs: Mapping[str, Run],
    scored_by: Collection[str],
    *,
    path_of: Callable[[str], str] = lambda path: path,
) -> list[ExecutionFacts]:
    """Gather what is known of executions.

    Parameters
    ----------
    trail : Store
        Where they are.
    executions : sequence of PastExecution
        In their order.
    runs : mapping of str to Run
        By the id of the execution, those that are runs.
    scored_by : collection of str
        Ids of the executions whose metrics count: what a later cell took of a run is no part of what it gave.
    path_of : callable, optional
        Gives the path by which a file is known on both sides.

    Returns
    -------
    list of ExecutionFacts
        One each.
    """
    project = trail.path.parent
    found = []
    for execution in executions:
        run = runs.get(execution.id)
        # A run knows of the files that went into it by way of earlier cells too.
        told = [] if run is None else run.files
        files = [(one["mode"], one["path"], one["digest"]) for one in told if "://" not in one["path"]]
        reads = {(project / path).as_posix(): digest for mode, path, digest in files if mode == "read"}
        wrote = {(project / path).as_posix(): digest for mode, path, digest in files if mode == "write"}
        reads |= {one.path: one.digest for one in execution.files if one.mode != "write"}
        wrote |= {one.path: one.digest for one in execution.files if one.mode != "read"}
        found.append(
            ExecutionFacts(
                execution,
                {path_of(path): digest for path, digest in reads.items()},
                {path_of(path): digest for path, digest in wrote.items()},
                None if run is None else run_facts(trail, run, scored_by),
            )
        )
    return found


def run_facts(trail: Store, run: Run, scored_by: Collection[str]) -> RunFacts:
    """Gather what is known of one run."""
    fits = run.fits
    prefixes = dict(zip((fit.id for fit in fits), metric_prefixes(fits), strict=True))
    artifacts = run.content.field("artifacts")
    return RunFacts(
        frames=tuple(_frame(each) for each in run.inputs),
        models=tuple(
            _model(trail, fit.name, fit.estimator, [one for one in artifacts if one["fit_id"] == fit.id])
            for fit in fits
        ),
        metrics={
            f"{prefixes.get(one['fit_id'] or '', '')}{one['key']}": (tuple(one["values"]), one["target_rows"])
            for one in run.content.field("metrics")
            if one["execution_id"] is None or one["execution_id"] in scored_by
        },
        figures=tuple(str(one["digest"]) for one in artifacts if one["kind"] == "figure" and one["digest"]),
        environment=run.environment,
    )


def _frame(told: Mapping[str, Any]) -> Frame:
    columns = told["columns"]
    return Frame(
        str(told["name"]),
        str(told["role"]),
        told["rows"],
        None if columns is None else len(columns),
        told["digest"],
        told["sampled_digest"],
    )


def _model(trail: Store, name: str, estimator: str, artifacts: Sequence[Mapping[str, Any]]) -> Model:
    kept = [one for one in artifacts if one["kind"] == "model"]
    if not kept:
        return Model(name, estimator, None, "it was not kept")
    if not kept[0]["digest"]:
        return Model(name, estimator, None, kept[0]["reason"] or "it was not kept")
    try:
        state = state_of(trail.read_blob(kept[0]["digest"]), kept[0]["flavor"])
    except CelltrailError as error:
        return Model(name, estimator, None, str(error))
    return Model(name, estimator, state, "" if state else "its bytes can't be read without running them")
