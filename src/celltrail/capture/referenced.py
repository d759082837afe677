"""Models over the budget: the best of each experiment so far stays in this kernel's memory, and nowhere else."""

from __future__ import annotations

import math
from collections.abc import Hashable, MutableMapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from celltrail.capture.cell import OpenCell
    from celltrail.domain.record import ArtifactRecord, MetricRecord


# With more experiments, models of such a size would fill the memory of a person who thinks them gone.
_MOST = 4
STAYS = "the best so far stays in this kernel's memory"


@dataclass(frozen=True, slots=True)
class _Held:
    artifact: str
    model: Any
    score: MetricRecord | None


class Referenced:
    """The best model over the budget, by experiment.

    Parameters
    ----------
    within_reach : mutable mapping of str to object
        Where the trail looks for a model by its artifact when its content was not kept.
    """

    def __init__(self, within_reach: MutableMapping[str, Any]) -> None:
        self._within_reach = within_reach
        self._held: dict[Hashable, _Held] = {}

    def choose(self, cell: OpenCell) -> None:
        """Keep hold of what a cell's models are better than; the record of one that stays says so.

        Parameters
        ----------
        cell : OpenCell
            A cell that is over and about to be saved; it lets go of its models.
        """
        leave_best(cell)
        unkept, cell.unkept = cell.unkept, {}
        identity = cell.run.identity
        place = identity.name or (identity.notebook, identity.cell_id, identity.estimator)
        held = self._held.get(place)
        for artifact in cell.run.artifacts:
            model, score = unkept.get(artifact.id), _score_of(cell, artifact)
            if model is not None and artifact.digest is None and (held is None or _is_better(score, held.score)):
                self._let_go(place)
                self._held[place] = _Held(artifact.id, model, score)
                self._within_reach[artifact.id] = model
                artifact.reason = f"{artifact.reason}; {STAYS}"
        while len(self._held) > _MOST:
            self._let_go(next(iter(self._held)))

    def forget(self, model: Any) -> None:
        """Let go of a model that is about to be fitted again: it will not be what that run made."""
        for place in [place for place, held in self._held.items() if held.model is model]:
            self._let_go(place)

    def close(self) -> None:
        """Let go of all."""
        for place in list(self._held):
            self._let_go(place)

    def _let_go(self, place: Hashable) -> None:
        held = self._held.pop(place, None)
        if held is not None:
            self._within_reach.pop(held.artifact, None)


def leave_best(cell: OpenCell) -> None:
    """Let go of all models over the budget but the best of this cell so far: a loop may fit any number."""
    best: tuple[ArtifactRecord, MetricRecord | None] | None = None
    for artifact in cell.run.artifacts:
        if artifact.id in cell.unkept:
            score = _score_of(cell, artifact)
            if best is None or _is_better(score, best[1]):
                best = artifact, score
    cell.unkept = {} if best is None else {best[0].id: cell.unkept[best[0].id]}


def _score_of(cell: OpenCell, artifact: ArtifactRecord) -> MetricRecord | None:
    for metric in cell.record.metrics:
        is_telling = metric.is_confirmed and metric.on_training_data is not True and bool(metric.values)
        if metric.fit_id == artifact.fit_id and is_telling and metric.greater_is_better is not None:
            return metric
    return None


def _is_better(score: MetricRecord | None, held: MetricRecord | None) -> bool:
    """Say whether a model takes the place of another: where the two can't be compared, the newer one does."""
    if score is None or held is None or (score.key, score.target_digest) != (held.key, held.target_digest):
        return score is not None or held is None
    one, other = score.values[-1], held.values[-1]
    if math.isnan(one) or math.isnan(other):
        return math.isnan(other)
    return one > other if score.greater_is_better else one < other
