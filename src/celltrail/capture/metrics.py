"""One measure: its key, what it scored, and the fit whose predictions those were."""

from __future__ import annotations

import json
from typing import Any

from celltrail.analysis.source import bytes_digest
from celltrail.capture.cell import OpenCell
from celltrail.capture.kernel import Kernel
from celltrail.capture.naming import name_of_argument
from celltrail.capture.origins import Tie, tie_of
from celltrail.capture.subsets import subset_of
from celltrail.domain.ids import ArtifactId, new_id
from celltrail.domain.record import ArtifactRecord, DatasetRecord, MetricRecord, ScoredTable
from celltrail.flavors.describing import metric_facts
from celltrail.flavors.descriptions import MetricFacts
from celltrail.flavors.protocol import Call


def take_metrics(cell: OpenCell, call: Call, result: Any, kernel: Kernel) -> None:
    """Take in what a metric, a score or a cross-validation measured.

    Parameters
    ----------
    cell : OpenCell
        The cell that called it.
    call : Call
        Of kind "metric", "score", "cross-validation", or the fit of a search.
    result : object
        What it returned.
    kernel : Kernel
        The kernel.
    """
    for facts in metric_facts(call, result):
        record = _record(cell, call, facts, kernel)
        prediction = _name(call, facts.prediction, kernel)
        if record.fit_id is None and cell.run.fits and prediction is not None:
            record.key = f"{record.key}.{prediction}"  # beside the numbers of the cell's models, but of none of them
        if facts.values:
            cell.add_metric(record, prediction=prediction)
        if facts.table is not None:
            _keep_table(cell, record, facts.table)


def _record(cell: OpenCell, call: Call, facts: MetricFacts, kernel: Kernel) -> MetricRecord:
    target = _target(call, facts, kernel)
    tie = tie_of(cell, call, facts.prediction, kernel)
    origin = tie.origin
    if origin is not None and origin.run_id != cell.run.id and not origin.is_recorded:
        origin = None  # of a cell that is no run
    key = facts.key
    if target is not None and facts.appends_target:
        key = f"{facts.key}.{target.name}"
    digest = target.sampled_digest if target is not None else None
    return MetricRecord(
        key=key,
        values=[float(value) for value in facts.values],
        run_id=origin.run_id if origin is not None else cell.run.id,
        fit_id=origin.fit_id if origin is not None else None,
        function=facts.function,
        target=target.name if target is not None else None,
        target_digest=digest,
        target_rows=target.rows if target is not None else None,
        target_positives=_positives(call, facts),
        greater_is_better=facts.greater_is_better,
        on_training_data=None if facts.is_of_training else _is_seen(call, facts, tie, digest),
        is_tie_certain=tie.is_certain,
        folds=list(facts.folds) if facts.folds is not None else None,
        spread=facts.spread,
    )


def _keep_table(cell: OpenCell, record: MetricRecord, table: dict[str, Any]) -> None:
    """Keep a matrix or a curve as an artifact of the run that was scored."""
    content = json.dumps(table, separators=(",", ":")).encode()
    digest = bytes_digest(content)
    cell.add_blob(digest, content)
    artifact = ArtifactRecord(
        ArtifactId(new_id()), record.key, "table", "application/json", digest, len(content), fit_id=record.fit_id
    )
    if record.run_id != cell.run.id:
        artifact.details["is_late"] = True
    cell.add_table(ScoredTable(record.run_id, artifact))


def _target(call: Call, facts: MetricFacts, kernel: Kernel) -> DatasetRecord | None:
    if facts.target is None or facts.target not in call.arguments:
        return None
    name = name_of_argument(call, facts.target, kernel.namespace())
    record = kernel.inputs.describe(call.arguments[facts.target], name=name, role=facts.target, in_full=False)
    if record is None:
        record = DatasetRecord(name, facts.target, type(call.arguments[facts.target]).__name__)
    return record


def _is_seen(call: Call, facts: MetricFacts, tie: Tie, digest: str | None) -> bool | None:
    if tie.is_out_of_fold or facts.folds is not None:
        return False  # each row was scored by a fit that had not seen it
    if tie.origin is None or facts.target is None:
        return None
    is_seen = tie.origin.seen.holds(call.arguments.get(facts.target), digest)
    if is_seen is False:
        whole, subset = subset_of(call, facts.target)
        return whole is not None and tie.origin.seen.holds_part(whole, subset)
    return is_seen


def _positives(call: Call, facts: MetricFacts) -> int | None:
    """Count the rarer class of a target of two classes; read only where NumPy can do it without a copy."""
    value = call.arguments.get(facts.target) if facts.target else None
    values: Any = getattr(value, "_values", value) if type(value).__module__.startswith("pandas") else value
    if type(values).__module__ != "numpy" or getattr(values, "ndim", 0) != 1 or values.dtype.kind not in "biu":
        return None
    if len(values) > 10_000_000 or len(values) == 0:
        return None
    low, high = int(values.min()), int(values.max())
    if low == high:
        return None
    count = int((values == high).sum())
    return min(count, len(values) - count) if count + int((values == low).sum()) == len(values) else None


def _name(call: Call, parameter: str | None, kernel: Kernel) -> str | None:
    if parameter is None or parameter not in call.arguments:
        return None
    return name_of_argument(call, parameter, kernel.namespace())
