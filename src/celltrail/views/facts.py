"""What a view asks of the trail and of a run, and nothing more.

The store hands rows over as plain dicts; here they get names and types, once, so that no view has to look into a
dict twice.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol

from celltrail.domain.ids import Digest
from celltrail.domain.run import Fit, MetricPoint, Run, RunContent
from celltrail.store.as_saved import SavedContent
from celltrail.store.connection import State
from celltrail.views.folds import over_folds
from celltrail.views.measure import Measure, measure_of, measure_of_record


class RunSource(Protocol):
    """The part of a trail that views read."""

    def run(self, reference: str) -> Run:
        """Return a run by its id."""
        ...

    def run_before(self, run: Run) -> Run | None:
        """Return the last run before this one, in its experiment, that finished."""
        ...

    def newest_number(self, experiment: str) -> int:
        """Return the highest number in an experiment, 0 where it has none."""
        ...

    def scores_of(self, experiment: str, key: str, *, above: int, upto: int) -> list[dict[str, Any]]:
        """Return the values of one metric in the runs with these numbers, by number."""
        ...

    def state(self) -> State:
        """Return what is equal while nothing that a view shows has changed."""
        ...

    def repeats_of(self, run: Run, *, last: int | None = None) -> list[Run]:
        """Return the unchanged repeats of a run, oldest first; only the last ones if asked."""
        ...

    def count_scored(self, target_digest: str) -> int:
        """Return how often this target data was scored in this trail."""
        ...

    def read_blob(self, digest: Digest) -> bytes:
        """Return a content by its digest."""
        ...


# A value as a run bears it: predictions change with every model, so they are no change of the data.
PREDICTION_ROLES = {"y_pred", "y_score", "y_proba", "y_prob", "labels_pred", "probas_pred", "X_pred"}


class _Remembered:
    """A run's content that is fetched once, however often a view looks at it."""

    def __init__(self, content: RunContent) -> None:
        self.content = content
        self._fields: dict[str, Any] = {}
        self._fits: list[Fit] | None = None
        self.measures: list[Measure] | None = None
        self.data: list[dict[str, Any]] | None = None

    def fits(self) -> list[Fit]:
        if self._fits is None:
            self._fits = self.content.fits()
        return self._fits

    def field(self, name: str) -> Any:
        if name not in self._fields:
            self._fields[name] = self.content.field(name)
        return self._fields[name]

    def history(self, key: str) -> list[MetricPoint]:
        return self.content.history(key)

    def curves(self, fit_id: str) -> dict[str, list[float]]:
        return self.content.curves(fit_id)

    def model(self, fit: str | None) -> Any:
        return self.content.model(fit)


def remembered(run: Run) -> Run:
    """Return the run with a content that asks the store for each thing only once."""
    if isinstance(run.content, _Remembered):
        return run
    return replace(run, content=_Remembered(run.content))


def measures(run: Run) -> list[Measure]:
    """Return the metrics of a run in the order in which they were taken.

    Parameters
    ----------
    run : Run
        A run as the trail gives it.

    Returns
    -------
    list of Measure
        Empty where nothing was measured. The folds of one model are one measure: mean and deviation.
    """
    content = run.content
    if not isinstance(content, _Remembered):
        return _read_measures(run)
    if content.measures is None:
        content.measures = _read_measures(run)
    return list(content.measures)


def _read_measures(run: Run) -> list[Measure]:
    found = _just_taken(run) or [measure_of(row) for row in run.content.field("metrics") or []]
    # Only where a measure was taken of several fits: reading the fits of every run of a list would cost too much.
    has_several = len({one.key for one in found if one.fit_id}) < sum(one.fit_id is not None for one in found)
    return over_folds(found, run.fits) if has_several else found


def _just_taken(run: Run) -> list[Measure]:
    """Return the metrics of a run whose cell has just ended, by its own record; none where there is none."""
    content = run.content.content if isinstance(run.content, _Remembered) else run.content
    if not isinstance(content, SavedContent) or content.has_series:
        return []
    fits = {fit.id for fit in content.record.fits}
    execution = content.execution_id
    return [measure_of_record(metric, fits, execution) for metric in content.metrics]


def rows(run: Run, name: str) -> list[dict[str, Any]]:
    """Return a list-valued field of a run; empty where it has none."""
    return [dict(row) for row in run.content.field(name) or []]


def field(run: Run, name: str) -> Any:
    """Return one field of a run's content, None where it is not known."""
    return run.content.field(name)


def data_of(run: Run) -> list[dict[str, Any]]:
    """Return the frames and arrays that went in, each name once, predictions left out."""
    content = run.content
    if not isinstance(content, _Remembered):
        return _read_data(run)
    if content.data is None:
        content.data = _read_data(run)
    return list(content.data)


def _read_data(run: Run) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for row in [*rows(run, "inputs"), *(dict(data) for fit in run.fits for data in fit.inputs)]:
        if row.get("role") not in PREDICTION_ROLES:
            found.setdefault(row["name"], row)
    return list(found.values())
