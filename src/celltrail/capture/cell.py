"""One cell while it runs: what is known of it so far."""

from __future__ import annotations

import threading
import time
import weakref
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from celltrail.domain.header import TrackOptions
from celltrail.domain.ids import Digest, FitId, RunId
from celltrail.domain.record import CellRecord, FitRecord, MetricRecord, RunRecord, SavedRun, ScoredTable

if TYPE_CHECKING:
    from celltrail.capture.predictions import FitOrigin
    from celltrail.flavors.protocol import Call


@dataclass(slots=True, eq=False)
class OpenCell:
    """A cell between its start and its end.

    Attributes
    ----------
    record : CellRecord
        What will be committed; `record.run` is set as soon as the cell is a run.
    run : RunRecord
        The run that this cell is, if it becomes one.
    options : TrackOptions or None
        What the header asks for; None without a header.
    tracks : bool
        Whether fits and metrics make this cell a run by themselves.
    training : dict
        Fits that are going on, with their calls.
    models_s : float
        Seconds that keeping its models took.
    unrecorded : Counter
        Fits and measures beyond what one cell records, by "fits" and "measures".
    measures : int
        Metrics and scores that were called.
    logged : dict of str to MetricRecord
        What was logged by hand without a step.
    at_end : list of callable
        Given what the cell raised, or None: what ends with the cell and not by itself.
    """

    record: CellRecord
    run: RunRecord
    options: TrackOptions | None
    tracks: bool
    namespace: Mapping[str, Any]
    started_s: float = field(default_factory=time.perf_counter)
    lock: threading.RLock = field(default_factory=threading.RLock)
    origins: dict[FitId, FitOrigin] = field(default_factory=dict)
    trains: bool = False
    evaluates: bool = False
    logs: bool = False
    saved: SavedRun | None = None
    own_cost_s: float = 0.0
    models_s: float = 0.0
    unrecorded: Counter[str] = field(default_factory=Counter)
    measures: int = 0
    is_over: bool = False
    is_settled: bool = False  # the store has been given what was known at the end
    problems: list[str] = field(default_factory=list)
    warnings: list[tuple[str, str]] = field(default_factory=list)
    transformers: list[tuple[weakref.ref[Any], FitRecord, FitOrigin]] = field(default_factory=list)
    kept: CellRecord | None = None  # the record as it went to the trail, masked
    unkept: dict[str, Any] = field(default_factory=dict)  # models whose content was not kept, by artifact
    partial_fits: dict[int, tuple[Any, FitRecord]] = field(default_factory=dict)
    training: dict[FitId, tuple[FitRecord, Call]] = field(default_factory=dict)
    logged: dict[str, MetricRecord] = field(default_factory=dict)
    at_end: list[Callable[[BaseException | None], None]] = field(default_factory=list)
    _measured: dict[tuple[str, RunId, FitId | None], tuple[str | None, MetricRecord]] = field(default_factory=dict)

    @property
    def is_run(self) -> bool:
        """Say whether this cell is a run by what is known so far."""
        if self.options is not None or self.logs:
            return True
        return self.tracks and (self.trains or (self.evaluates and not self.scores_earlier_only))

    @property
    def scores_earlier_only(self) -> bool:
        """Say whether all that the cell did was to score fits of earlier runs."""
        scored = {*(one.run_id for one in self.record.metrics), *(one.run_id for one in self.record.tables)}
        has_own = bool(self.run.fits) or any(artifact.kind == "table" for artifact in self.run.artifacts)
        return not has_own and bool(scored) and self.run.id not in scored

    @property
    def has_begun(self) -> bool:
        """Say whether a fit, a metric or a log came; a failure before that is a false start."""
        return bool(self.run.fits or self.record.metrics or self.logs)

    def add_fit(self, fit: FitRecord, origin: FitOrigin) -> None:
        """Take a fit in."""
        with self.lock:
            self.run.fits.append(fit)
            self.origins[fit.id] = origin

    def add_metric(self, metric: MetricRecord, *, prediction: str | None = None) -> None:
        """Take a metric in.

        The same measure of the same prediction again is one more value; of another prediction of the same fit it is
        a metric of its own, named after the prediction.
        """
        with self.lock:
            self.evaluates = self.evaluates or metric.is_confirmed
            place = (metric.key, metric.run_id, metric.fit_id)
            known = self._measured.get(place)
            if known is not None and None in (prediction, known[0]) and metric.values == known[1].values[-1:]:
                return  # a display or a scorer, which predicts by itself, and the function: one measure
            if known is not None and prediction != known[0] and prediction is not None:
                metric.key = f"{metric.key}.{prediction}"
                place = (metric.key, metric.run_id, metric.fit_id)
                known = self._measured.get(place)
            if known is None:
                self._measured[place] = (prediction, metric)
                self.record.metrics.append(metric)
            elif known[1].folds is None and metric.values != known[1].values[-1:]:
                known[1].values.extend(metric.values)

    def add_table(self, table: ScoredTable) -> None:
        """Take a matrix or a curve in, once for each content."""
        with self.lock:
            self.evaluates = True
            is_own = table.run_id == self.run.id
            known = self.run.artifacts if is_own else [other.artifact for other in self.record.tables]
            new = table.artifact
            if any(
                (a.kind, a.name, a.digest, a.fit_id) == ("table", new.name, new.digest, new.fit_id) for a in known
            ):
                return
            if is_own:
                self.run.artifacts.append(new)
            else:
                self.record.tables.append(table)

    def hear_warning(self, category: str, message: str) -> None:
        """Take note of a warning that the cell raised."""
        self.warnings.append((category, message[:500]))

    def add_blob(self, digest: Digest, data: bytes) -> None:
        """Take content in that a record names by digest."""
        with self.lock:
            self.record.blobs[digest] = data

    def add_blobs(self, blobs: Mapping[Digest, bytes]) -> None:
        """Take several contents in."""
        with self.lock:
            self.record.blobs.update(blobs)

    def scored_runs(self) -> list[RunId]:
        """Return the earlier runs whose fits this cell scored by a metric, each once, in order."""
        return list(
            dict.fromkeys(m.run_id for m in self.record.metrics if m.run_id != self.run.id and m.is_confirmed)
        )
