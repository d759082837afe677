"""What a view asks of the trail and of a run, and nothing more.

The store hands rows over as plain dicts; here they get names and types, once, so that no view has to look into a
dict twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from celltrail.domain.ids import Digest
from celltrail.domain.run import Fit, MetricPoint, Run, RunContent


class RunSource(Protocol):
    """The part of a trail that views read."""

    def runs_of(self, experiment: str, *, last: int | None = None) -> list[Run]:
        """Return the numbered runs, oldest first; only the last ones if asked."""
        ...

    def repeats_of(self, run: Run) -> list[Run]:
        """Return the unchanged repeats of a run."""
        ...

    def count_scored(self, target_digest: str) -> int:
        """Return how often this target data was scored in this trail."""
        ...

    def read_blob(self, digest: Digest) -> bytes:
        """Return a content by its digest."""
        ...


@dataclass(frozen=True, slots=True)
class Measure:
    """One metric of one run, as it is shown: the last value, or the mean where there were several without a step."""

    key: str
    value: float
    fit_id: str | None = None
    function: str = ""
    target: str | None = None
    target_digest: str | None = None
    target_rows: int | None = None
    target_positives: int | None = None
    greater_is_better: bool | None = None
    on_training_data: bool | None = None
    is_confirmed: bool = True
    is_logged: bool = False
    spread: float | None = None
    count: int = 1
    folds: int = 0
    execution_id: str | None = None


# A value as a run bears it: predictions change with every model, so they are no change of the data.
PREDICTION_ROLES = {"y_pred", "y_score", "y_proba", "y_prob", "labels_pred", "probas_pred", "X_pred"}


class _Remembered:
    """A run's content that is fetched once, however often a view looks at it."""

    def __init__(self, content: RunContent) -> None:
        self._content = content
        self._fields: dict[str, Any] = {}
        self._fits: list[Fit] | None = None

    def fits(self) -> list[Fit]:
        if self._fits is None:
            self._fits = self._content.fits()
        return self._fits

    def field(self, name: str) -> Any:
        if name not in self._fields:
            self._fields[name] = self._content.field(name)
        return self._fields[name]

    def history(self, key: str) -> list[MetricPoint]:
        return self._content.history(key)

    def curves(self, fit_id: str) -> dict[str, list[float]]:
        return self._content.curves(fit_id)

    def model(self, fit: str | None) -> Any:
        return self._content.model(fit)


def remembered(run: Run) -> Run:
    """Return the run with a content that asks the store for each thing only once."""
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
        Empty where nothing was measured.
    """
    return [_measure(row) for row in rows(run, "metrics")]


def rows(run: Run, name: str) -> list[dict[str, Any]]:
    """Return a list-valued field of a run; empty where it has none."""
    return [dict(row) for row in run.content.field(name) or []]


def field(run: Run, name: str) -> Any:
    """Return one field of a run's content, None where it is not known."""
    return run.content.field(name)


def data_of(run: Run) -> list[dict[str, Any]]:
    """Return the frames and arrays that went in, each name once, predictions left out."""
    found: dict[str, dict[str, Any]] = {}
    for row in [*rows(run, "inputs"), *(dict(data) for fit in run.fits for data in fit.inputs)]:
        if row.get("role") not in PREDICTION_ROLES:
            found.setdefault(row["name"], row)
    return list(found.values())


def _measure(row: Mapping[str, Any]) -> Measure:
    has_steps = bool(row.get("is_series"))
    values = [float(value) for value in row.get("values") or []]
    count = int(row.get("count") or len(values) or 1)
    last = row.get("last", values[-1] if values else None)
    mean = row.get("mean", sum(values) / len(values) if values else None)
    is_mean = count > 1 and not has_steps and mean is not None
    spread = row.get("spread")
    folds = row.get("folds") or []
    return Measure(
        key=row["key"],
        value=float(mean if is_mean else last),
        fit_id=row.get("fit_id"),
        function=row.get("function") or row["key"].split(".")[0],
        target=row.get("target"),
        target_digest=row.get("target_digest"),
        target_rows=row.get("target_rows"),
        target_positives=row.get("target_positives"),
        greater_is_better=_claim(row.get("greater_is_better")),
        on_training_data=_claim(row.get("on_training_data")),
        is_confirmed=row.get("is_confirmed") is None or bool(row["is_confirmed"]),
        is_logged=bool(row.get("is_logged")),
        spread=float(spread) if spread is not None else (row.get("sd") if is_mean else None),
        count=1 if has_steps else count,
        folds=len(folds),
        execution_id=row.get("execution_id"),
    )


def _claim(value: Any) -> bool | None:
    return None if value is None else bool(value)
