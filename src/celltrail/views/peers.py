"""The other runs of an experiment, as far as one run is told against them: number, score, and on which rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from celltrail.domain.run import Run
from celltrail.views.facts import PREDICTION_ROLES, RunSource, data_of, measures
from celltrail.views.measure import Measure, measure_of, top

# Runs that are asked for their place: with more, a glance would cost more than the 20 ms that a cell has.
REMEMBERED = 100
# Models fitted side by side read as one where they are folds of each other, and only the run itself tells that: as
# many runs are opened for it as the little chart has points.
OPENED = 24


@dataclass(frozen=True, slots=True)
class Mark:
    """Which data went in, by content; None where a digest is missing."""

    full: tuple[tuple[str, str], ...] | None
    sampled: tuple[tuple[str, str], ...] | None

    def is_same(self, other: Mark | None) -> bool:
        """Say whether both stand for the same data; kinds of digests are never compared across."""
        if other is None:
            return False
        if self.full and other.full:
            return self.full == other.full
        return bool(self.sampled) and self.sampled == other.sampled


@dataclass(frozen=True, slots=True)
class Peer:
    """A run with its value of a metric."""

    id: str
    number: int | None
    measure: Measure
    mark: Mark | None  # looked at only where the rows that were scored are not known


@dataclass(frozen=True, slots=True)
class Peers:
    """The runs that a run is told against, by number.

    Attributes
    ----------
    is_cut : bool
        There are older ones.
    reaches_end : bool
        The newest run of the experiment is among those that were looked at.
    newest : int
        The highest number that was looked at.
    """

    found: tuple[Peer, ...] = ()
    is_cut: bool = False
    reaches_end: bool = True
    newest: int = 0


def peer_of(run: Run, measure: Measure) -> Peer:
    """Return a run as others are told against it."""
    mark = None if measure.target_digest else mark_of(data_of(run))
    return Peer(run.id, run.number, measure, mark)


def peers_of(trail: RunSource, experiment: str, key: str, number: int | None) -> Peers:
    """Return the last runs of an experiment that have a metric, each with its best value, by number.

    Parameters
    ----------
    trail : RunSource
        Where they are.
    experiment : str
        Its name.
    key : str
        The metric.
    number : int or None
        The run that is told: where it lies further back than the last hundred, those up to it are looked at.

    Returns
    -------
    Peers
        One query, but for runs that took the metric of several fits.
    """
    newest = trail.newest_number(experiment)
    reaches_end = number is None or number > newest - REMEMBERED
    upto = newest if reaches_end or number is None else number
    rows = trail.scores_of(experiment, key, above=upto - REMEMBERED, upto=upto)
    runs = [(run_id, list(taken)) for run_id, taken in groupby(rows, key=lambda row: str(row["run_id"]))]
    several = [place for place, (_, taken) in enumerate(runs) if len(taken) > 1]
    is_cut = upto > REMEMBERED
    if len(several) > OPENED:
        runs, is_cut = runs[several[-OPENED] :], True
    found = [_peer(trail, run_id, key, taken) for run_id, taken in runs]
    return Peers(tuple(one for one in found if one is not None), is_cut, reaches_end, upto)


def mark_of(data: Sequence[Mapping[str, Any]]) -> Mark:
    """Return which data these rows stand for."""
    return Mark(_digests(data, "digest"), _digests(data, "sampled_digest"))


def _peer(trail: RunSource, run_id: str, key: str, rows: list[dict[str, Any]]) -> Peer | None:
    if len(rows) > 1:
        run = trail.run(run_id)
        found = [one for one in measures(run) if one.key == key]
        return peer_of(run, top(found, key)) if found else None
    row = rows[0]
    data = {one["name"]: one for one in reversed(row["data"] or []) if one["role"] not in PREDICTION_ROLES}
    return Peer(run_id, row["number"], measure_of(row), mark_of(list(data.values())) if row["data"] else None)


def _digests(data: Sequence[Mapping[str, Any]], kind: str) -> tuple[tuple[str, str], ...] | None:
    digests = [(str(one.get("role") or ""), one.get(kind)) for one in data]
    known = [(role, str(digest)) for role, digest in digests if digest]
    return tuple(sorted(known)) if known and len(known) == len(digests) else None
