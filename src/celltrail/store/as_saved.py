"""A run as the trail gives it back, made from the record that was just committed: nothing is read.

What is seldom asked of a run that has just ended (its files, its outputs, a curve) is read all the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from blake3 import blake3

from celltrail.domain.ids import ExecutionId, FitId
from celltrail.domain.record import (
    CellRecord,
    EnvironmentRecord,
    FitRecord,
    MetricRecord,
    RunRecord,
    SavedRun,
    SeriesRecord,
)
from celltrail.domain.run import Fit, Run
from celltrail.store.content import StoredContent
from celltrail.store.runs import named_params
from celltrail.store.store import Store
from celltrail.store.summary import Summary, describe
from celltrail.store.values import number_in, time_in
from celltrail.store.write_metrics import standing, summary_of


def as_saved(trail: Store, cell: CellRecord, saved: SavedRun) -> Run:
    """Return the run of a cell that has just been saved.

    Parameters
    ----------
    trail : Store
        The store that holds it.
    cell : CellRecord
        As it was saved when the cell ended.
    saved : SavedRun
        What the store answered.

    Returns
    -------
    Run
        Equal to what the trail gives when it is asked for it.
    """
    run = cell.run
    assert run is not None
    metrics = [one for one in cell.metrics if one.run_id == run.id and one.values]
    summary: Summary = saved.summary or summary_of(run, metrics)
    return Run(
        id=run.id,
        experiment=saved.experiment,
        number=saved.number,
        repeats=saved.repeats,
        author=run.author,
        status=run.status,
        params=named_params(trail, saved.row, summary.params, run.fits, run.params),
        metrics={key: brief.last for key, brief in summary.metrics.items()},
        tags=dict(sorted(run.tags.items())),
        note=run.note,
        error=run.error,
        started_at=run.started_at,
        duration_s=run.duration_s,
        main_metric=summary.main_metric,
        repeat_of=saved.repeat_of,
        content=SavedContent(trail, saved.row, f"{saved.experiment}#{saved.number}", cell, metrics),
    )


class SavedContent(StoredContent):
    """What a run holds, as far as its record tells.

    Attributes
    ----------
    metrics : sequence of MetricRecord
        Its own, in the order in which they were taken.
    """

    __slots__ = ("_cell", "metrics")

    def __init__(
        self, trail: Store, row: int, reference: str, cell: CellRecord, metrics: Sequence[MetricRecord]
    ) -> None:
        super().__init__(trail, row, reference)
        self._cell = cell
        self.metrics = metrics

    def fits(self) -> list[Fit]:
        """Return the training calls, in order."""
        run = self.record
        return [self._fit(fit, [row for row in self._metric_rows() if row["fit_id"] == fit.id]) for fit in run.fits]

    def field(self, name: str) -> Any:
        """Return one field; see `StoredContent.field`."""
        run = self.record
        match name:
            case "metrics":
                return self._metric_rows()
            case "inputs":
                return [_as_row(data) for data in (*(one for fit in run.fits for one in fit.inputs), *run.inputs)]
            case "environment" if run.environment is not None:
                git = {} if run.git is None else {"git": _as_row(run.git)}
                return {**_environment_row(run.environment), **git}
            case "snapshot" if run.snapshot is not None:
                return _as_row(run.snapshot)
            case "source_digest":
                return blake3(run.source.encode("utf-8", "surrogatepass")).hexdigest()
            case "cell_id":
                return self._cell.execution.cell_id
            case "cautions" | "seed" | "source" | "unknown":
                return getattr(run, name)
        return super().field(name)

    @property
    def record(self) -> RunRecord:
        """The run as it was saved."""
        assert self._cell.run is not None
        return self._cell.run

    @property
    def execution_id(self) -> ExecutionId:
        """The execution of its cell."""
        return self._cell.execution.id

    @property
    def has_series(self) -> bool:
        """Whether some of its metrics were logged with steps."""
        return any(one.fit_id is None and one.values for one in self.record.series)

    def _metric_rows(self) -> list[dict[str, Any]]:
        fits, execution = {fit.id for fit in self.record.fits}, self._cell.execution
        taken = (execution.id, time_in(execution.started_at))
        logged = [one for one in self.record.series if one.fit_id is None and one.values]
        return [
            *[_metric_row(one, fits, *taken) for one in self.metrics],
            *[_series_row(one, *taken) for one in logged],
        ]

    def _fit(self, fit: FitRecord, scored: Sequence[Mapping[str, Any]]) -> Fit:
        written = fit.params_written
        return Fit(
            id=fit.id,
            name=fit.name,
            variable=fit.variable,
            estimator=fit.estimator,
            module=fit.module,
            kind=fit.kind,
            params_written=None if written is None else dict(sorted(written.items())),
            params=dict(sorted(fit.params.items())),
            metrics={row["key"]: row["last"] if row["count"] == 1 else row["mean"] for row in scored},
            duration_s=fit.duration_s,
            error=fit.error,
            warnings=fit.warnings,
            inputs=[_as_row(data) for data in fit.inputs],
            search=fit.search,
            content=self,
        )


def _metric_row(metric: MetricRecord, fits: set[FitId], execution: ExecutionId, taken_at: str) -> dict[str, Any]:
    values = metric.values
    brief = describe(values) if len(values) == 1 else standing(describe(values))
    has_target = metric.target_digest is not None
    spread = metric.spread if metric.spread is not None and number_in(metric.spread)[1] is None else None
    return {
        "key": metric.key,
        "values": list(values),
        "fit_id": metric.fit_id if metric.fit_id in fits else None,
        "function": metric.function or metric.key,
        "target": metric.target,
        "target_digest": metric.target_digest,
        "target_rows": metric.target_rows if has_target else None,
        "target_positives": metric.target_positives if has_target else None,
        "greater_is_better": metric.greater_is_better,
        "on_training_data": metric.on_training_data,
        "is_confirmed": metric.is_confirmed,
        "is_logged": metric.is_logged,
        "is_tie_certain": metric.is_tie_certain,
        "spread": spread,
        "folds": metric.folds,
        "last": values[-1],
        "min": brief.last if brief.min is None else brief.min,
        "max": brief.last if brief.max is None else brief.max,
        "mean": brief.last if brief.mean is None else brief.mean,
        "sd": brief.sd,
        "count": brief.count,
        "is_series": False,
        "is_current": True,
        "execution_id": execution,
        "taken_at": taken_at,
    }


def _series_row(series: SeriesRecord, execution: ExecutionId, taken_at: str) -> dict[str, Any]:
    brief = describe(series.values)
    return {
        **dict.fromkeys(("fit_id", "target", "target_digest", "target_rows", "target_positives", "spread", "folds")),
        "key": series.key,
        "values": [brief.last],
        "function": series.key,
        "greater_is_better": None,
        "on_training_data": None,
        "is_confirmed": True,
        "is_logged": True,
        "is_tie_certain": True,
        "last": brief.last,
        "min": brief.last if brief.min is None else brief.min,
        "max": brief.last if brief.max is None else brief.max,
        "mean": brief.last if brief.mean is None else brief.mean,
        "sd": brief.sd,
        "count": brief.count,
        "is_series": True,
        "is_current": True,
        "execution_id": execution,
        "taken_at": taken_at,
    }


_names: dict[type[Any], tuple[str, ...]] = {}
_environments: dict[int, tuple[EnvironmentRecord, dict[str, Any]]] = {}


def _environment_row(record: EnvironmentRecord) -> dict[str, Any]:
    """Return an environment as a dict; the recorder hands in the same record until a package changes."""
    known = _environments.get(id(record))
    if known is None or known[0] is not record:
        _environments.clear()
        known = _environments[id(record)] = (record, _as_row(record))
    return known[1]


def _as_row(record: Any) -> dict[str, Any]:
    kind = type(record)
    names = _names.get(kind) or _names.setdefault(kind, tuple(one.name for one in fields(kind)))
    return {name: getattr(record, name) for name in names}
