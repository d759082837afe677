"""A run as it is read back. Light: what is large is fetched when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from celltrail.domain.ids import RunId
from celltrail.domain.record import ParamValue, RunStatus


@dataclass(frozen=True, slots=True)
class MetricPoint:
    """One value of a metric: `step` is None where none was given; `at` is aware UTC."""

    value: float
    step: int | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Fit:
    """One outermost training call of a run.

    Attributes
    ----------
    name : str
        The variable, or the estimator's class where a variable held several.
    estimator : str
        Name of the class.
    params_written : dict or None
        Parameters as the source says them; None where the source could not be read.
    params : dict
        All parameters, defaults included.
    metrics : dict
        Last value of each metric that scored this fit.
    curve : dict of str to list of float
        Training curves by name.
    """

    id: str
    name: str
    variable: str | None
    estimator: str
    module: str
    kind: str
    params_written: Mapping[str, ParamValue] | None
    params: Mapping[str, ParamValue]
    metrics: Mapping[str, float]
    duration_s: float | None
    error: str | None
    warnings: Sequence[str]
    inputs: Sequence[Mapping[str, Any]]
    search: Mapping[str, Any] | None
    content: RunContent = field(repr=False, compare=False)

    @property
    def curve(self) -> dict[str, list[float]]:
        """Training curves by name."""
        return self.content.curves(self.id)

    @property
    def model(self) -> Any:
        """The fitted model, loaded only if this user's kernel made it or the user trusts it."""
        return self.content.model(self.id)


class RunContent(Protocol):
    """Fetches what a run holds; given by the store."""

    def fits(self) -> list[Fit]: ...
    def field(self, name: str) -> Any: ...
    def history(self, key: str) -> list[MetricPoint]: ...
    def curves(self, fit_id: str) -> dict[str, list[float]]: ...
    def model(self, fit: str | None) -> Any: ...


@dataclass(frozen=True, slots=True)
class Run:
    """One tracked execution, `forest#7`.

    Attributes
    ----------
    id : str
        Global id, sortable by time.
    experiment, number
        `forest` and 7. An imported run keeps the number that its author's trail gave it.
    repeats : int
        How often the unchanged cell was run in all, at least 1.
    author : str
        Who ran it.
    status : RunStatus
        running, finished, failed, interrupted or lost.
    params, metrics : dict
        Of the only fit, or prefixed `NAME:` where there are several.
    started_at : datetime
        Aware, UTC.
    duration_s : float or None
        Seconds; None while running.
    """

    id: RunId
    experiment: str
    number: int | None
    repeats: int
    author: str
    status: RunStatus
    params: Mapping[str, ParamValue]
    metrics: Mapping[str, float]
    tags: Mapping[str, str]
    note: str
    error: str | None
    started_at: datetime
    duration_s: float | None
    main_metric: str | None
    repeat_of: RunId | None
    content: RunContent = field(repr=False, compare=False)
    is_imported: bool = False  # numbered by its author's trail, beside runs of the same name here

    @property
    def reference(self) -> str:
        """`forest#7`, as a person types it; with the author, `forest#7 · bob`, where the run was imported."""
        if self.number is None:
            return str(self.id)
        return f"{self.experiment}#{self.number}" + (f" · {self.author}" if self.is_imported else "")

    @property
    def fits(self) -> list[Fit]:
        """The training calls, in order."""
        return self.content.fits()

    @property
    def source(self) -> str:
        """The cell, to the letter."""
        return str(self.content.field("source"))

    @property
    def inputs(self) -> list[dict[str, Any]]:
        """Frames and arrays that went in: name, role, kind, rows, columns, digests."""
        return list(self.content.field("inputs"))

    @property
    def files(self) -> list[dict[str, Any]]:
        """Files read and written: path, mode, size, digest."""
        return list(self.content.field("files"))

    @property
    def figures(self) -> list[bytes]:
        """Figures as PNG, in the order they were shown."""
        return list(self.content.field("figures"))

    @property
    def outputs(self) -> list[dict[str, Any]]:
        """Outputs as nbformat has them, but for celltrail's own panel."""
        return list(self.content.field("outputs"))

    @property
    def environment(self) -> dict[str, Any]:
        """Interpreter, distributions, platform, hardware, threads, git."""
        return dict(self.content.field("environment"))

    def metric_history(self, key: str) -> list[MetricPoint]:
        """Return every value of a metric, in the order it was taken.

        Parameters
        ----------
        key : str
            As in `metrics`, for instance `"accuracy_score.y_test"`.

        Returns
        -------
        list of MetricPoint
            Empty where the run has no such metric.
        """
        return self.content.history(key)

    def model(self, name: str | None = None) -> Any:
        """Load a fitted model of this run.

        Parameters
        ----------
        name : str, optional
            Name of the fit; may be left out where the run has one model.

        Returns
        -------
        object
            The model.

        Raises
        ------
        NotKeptError
            If the model is on record but its content was not kept.
        UntrustedModelError
            If it is a pickle that neither this user's kernel made nor the user trusted.
        """
        return self.content.model(name)
