"""Keeping a model: its bytes where they fit the budget, else a reason and what to type."""

from __future__ import annotations

import time
from typing import Any

from celltrail.capture.budget import model_budget
from celltrail.capture.cell import OpenCell
from celltrail.capture.referenced import leave_best
from celltrail.domain.ids import ArtifactId, FitId, new_id
from celltrail.domain.record import ArtifactRecord, Keeping
from celltrail.flavors.models import Budget, NotKept, save_model

NOTHING_LEFT = NotKept(
    "not kept: keeping the earlier models of its cell took all the time there is for it", is_over_budget=True
)


def keep_model(
    cell: OpenCell,
    model: Any,
    *,
    name: str,
    fit_id: FitId | None,
    fit_duration_s: float = 0.0,
    is_bounded: bool = True,
) -> ArtifactRecord:
    """Put a model into the cell's record, its content too where it fits the budget.

    Parameters
    ----------
    cell : OpenCell
        The running cell.
    model : object
        The fitted model; not changed.
    name : str
        Under which name.
    fit_id : str or None
        The fit that made it.
    fit_duration_s : float, default 0
        Seconds that the fit took; the budget grows with it.
    is_bounded : bool, default True
        False where the user asked for this model by name.

    Returns
    -------
    ArtifactRecord
        Its `status` says whether the content is kept.
    """
    artifact = ArtifactRecord(ArtifactId(new_id()), name, "model", "application/octet-stream", fit_id=fit_id)
    fits_s = sum(fit.duration_s or 0.0 for fit in cell.run.fits)
    budget = model_budget(fit_duration_s, is_bounded=is_bounded, spent_s=cell.models_s, fits_s=fits_s)
    started_s = time.thread_time()
    content = keep_content(artifact, model, budget, is_bounded=is_bounded)
    cell.models_s += time.thread_time() - started_s
    if content is not None and artifact.digest is not None:
        cell.add_blob(artifact.digest, content)
    with cell.lock:
        if artifact.details.get("over_budget"):
            leave_best(cell)
            cell.unkept[artifact.id] = model  # until the cell ends, and then only the best so far
        cell.run.artifacts = [
            a for a in cell.run.artifacts if a.kind != "model" or (a.fit_id, a.name) != (fit_id, name)
        ]
        cell.run.artifacts.append(artifact)
    return artifact


def keep_content(artifact: ArtifactRecord, model: Any, budget: Budget, *, is_bounded: bool) -> bytes | None:
    """Pickle a model, and write into its record what came of it.

    Parameters
    ----------
    artifact : ArtifactRecord
        Completed in place: digest and size, or the reason why there is no content.
    model : object
        The fitted model; not changed.
    budget : Budget
        What it may cost.
    is_bounded : bool
        As `keep_model` has it.

    Returns
    -------
    bytes or None
        The content; None where it is not kept.
    """
    saved = NOTHING_LEFT if budget.seconds == 0 else save_model(model, budget)
    if isinstance(saved, NotKept):
        advice = f"; celltrail.keep({artifact.name}) keeps it" if saved.is_over_budget and is_bounded else ""
        artifact.status, artifact.reason = Keeping.NOT_KEPT, saved.reason + advice
        artifact.details = {"over_budget": True} if saved.is_over_budget and is_bounded else {}
        return None
    artifact.status, artifact.reason = Keeping.KEPT, ""
    artifact.digest, artifact.size_bytes = saved.digest, len(saved.data)
    artifact.flavor, artifact.signature = saved.flavor, saved.signature
    return saved.data
