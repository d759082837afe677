"""Compares what a replay gave with what was recorded, execution by execution, and finds the word for it. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from celltrail.domain.verdict import Divergence, MetricCheck, Outcome
from celltrail.replay.facts import DECISIONS, ExecutionFacts, Frame, RunFacts

# How far results of the same computation lie apart on other machines and builds: what scikit-learn's own tests
# allow of float64 (`sklearn.utils._testing.assert_allclose`: rtol 1e-7). A convention, no bound.
RELATIVE_TOLERANCE = 1e-7
# Unit roundoff of float64. Summed in another order, n terms of at most 1 differ by about n of it at most (Higham,
# Accuracy and Stability of Numerical Algorithms, 2nd ed., 2002, section 4.2): for metrics that are near 0.
UNIT_ROUNDOFF = 2.0**-53

# "shape" is whatever differs in kind and not in value; "target" a frame of what is to be predicted.
Kind = Literal["error", "file", "shape", "frame", "target", "model", "metric", "figure", "output"]
_TARGETS = frozenset({"y", "y_true", "labels_true"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs, and in which execution (by place)."""

    place: int
    kind: Kind
    what: str


@dataclass(slots=True)
class Comparison:
    """All that was compared, and what of it differs.

    Attributes
    ----------
    counts : dict of str to int
        How many of each kind could be compared.
    decisions : list of bool
        For each array of predicted labels, whether it is the same.
    uncompared : list of str
        What could not be compared, and why.
    """

    differences: list[Difference] = field(default_factory=list)
    metrics: dict[str, MetricCheck] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    decisions: list[bool] = field(default_factory=list)
    uncompared: list[str] = field(default_factory=list)

    def count(self, kind: str) -> None:
        """Take note that one of a kind was compared."""
        self.counts[kind] = self.counts.get(kind, 0) + 1

    @property
    def compared(self) -> tuple[str, ...]:
        """In words: "1 model", "2 metrics"."""
        return tuple(f"{count} {kind}{'s' if count != 1 else ''}" for kind, count in self.counts.items())


def tolerance_of(recorded: float, rows: int | None) -> float:
    """Return the largest difference of a metric that is called close.

    Parameters
    ----------
    recorded : float
        Its recorded value.
    rows : int or None
        Of the data that was scored.

    Returns
    -------
    float
        `RELATIVE_TOLERANCE` of the value, or the rounding of a mean over the rows, whichever is larger.

    Examples
    --------
    >>> tolerance_of(0.5, 100)
    5e-08
    """
    if not math.isfinite(recorded):
        return 0.0
    return max(abs(recorded) * RELATIVE_TOLERANCE, (rows or 1) * UNIT_ROUNDOFF)


def check_metric(recorded: Sequence[float] | None, replayed: Sequence[float] | None, rows: int | None) -> MetricCheck:
    """Compare one metric, which may have several values."""
    if not recorded or not replayed:
        before, after = recorded[-1] if recorded else None, replayed[-1] if replayed else None
        return MetricCheck(before, after, 0.0, Outcome.DIFFERENT)
    tolerance = tolerance_of(recorded[-1], rows)
    outcome = Outcome.DIFFERENT
    if len(recorded) == len(replayed):
        pairs = list(zip(recorded, replayed, strict=True))
        if all(_same(one, other) for one, other in pairs):
            outcome = Outcome.IDENTICAL
        elif all(_same(one, other) or abs(one - other) <= tolerance_of(one, rows) for one, other in pairs):
            outcome = Outcome.CLOSE
    return MetricCheck(recorded[-1], replayed[-1], tolerance, outcome)


def _same(one: float, other: float) -> bool:
    return one.hex() == other.hex() if math.isfinite(one) and math.isfinite(other) else repr(one) == repr(other)


def compare(recorded: Sequence[ExecutionFacts], replayed: Sequence[ExecutionFacts]) -> Comparison:
    """Compare the executions of a recipe with those of its replay.

    Parameters
    ----------
    recorded, replayed : sequence of ExecutionFacts
        As many on both sides, in the same order.

    Returns
    -------
    Comparison
        Differences in the order of the executions; within one, what goes in before what comes out.
    """
    found = Comparison()
    for place, (was, now) in enumerate(zip(recorded, replayed, strict=True)):
        found.differences += _of_execution(found, place, was, now)
    return found


def _of_execution(found: Comparison, place: int, was: ExecutionFacts, now: ExecutionFacts) -> Iterator[Difference]:
    for path, digest in was.reads.items():
        other = now.reads.get(path)
        if digest and other:
            found.count("file read")
            if digest != other:
                yield Difference(place, "file", f"read {_name(path)} with other content")
    if was.run is not None and now.run is not None:
        yield from _of_run(found, place, was.run, now.run)
    elif was.run is not None:
        yield Difference(place, "shape", "trained or measured nothing this time")
    for path, digest in was.wrote.items():
        other = now.wrote.get(path)
        if digest and other:
            found.count("file written")
            if digest != other:
                yield Difference(place, "output", f"wrote {_name(path)} with other content")


def _of_run(found: Comparison, place: int, was: RunFacts, now: RunFacts) -> Iterator[Difference]:
    yield from _frames(found, place, was.frames, now.frames)
    if len(was.models) != len(now.models):
        yield Difference(place, "shape", f"fitted {len(now.models)} models, not {len(was.models)}")
    for one, other in zip(was.models, now.models, strict=False):
        if one.estimator != other.estimator:
            yield Difference(place, "shape", f"fitted {other.estimator}, not {one.estimator}")
        elif one.state is None or other.state is None:
            side = "then" if one.state is None else "in the replay"
            found.uncompared.append(f"the model {one.name} was not compared ({side}: {one.reason or other.reason})")
        else:
            found.count("model")
            if one.state != other.state:
                yield Difference(place, "model", f"the model {one.name} is another")
    for key in {**was.metrics, **now.metrics}:
        values, rows = was.metrics.get(key, ((), None))
        check = check_metric(values, now.metrics.get(key, ((), None))[0], rows)
        found.metrics[key] = check
        found.count("metric")
        if check.outcome is not Outcome.IDENTICAL:
            yield Difference(place, "metric", f"{key} {_moved(check)}")
    yield from _figures(found, place, was.figures, now.figures)


def _frames(found: Comparison, place: int, was: Sequence[Frame], now: Sequence[Frame]) -> Iterator[Difference]:
    others = list(now)
    for one in was:
        other = next((each for each in others if (each.name, each.role) == (one.name, one.role)), None)
        if other is None:
            yield Difference(place, "shape", f"{one.name} did not go in")
            continue
        others.remove(other)
        if (one.rows, one.columns) != (other.rows, other.columns):
            yield Difference(place, "shape", f"{one.name} has {_shape(other)}, not {_shape(one)}")
            continue
        if one.digest and other.digest:
            is_same = one.digest == other.digest
        elif one.sampled_digest and other.sampled_digest:
            is_same = one.sampled_digest == other.sampled_digest
        else:
            found.uncompared.append(f"{one.name} was not compared (its digest is not known)")
            continue
        found.count("frame")
        if one.role in DECISIONS:
            found.decisions.append(is_same)
        if not is_same:
            yield Difference(place, "target" if one.role in _TARGETS else "frame", f"{one.name} holds other values")


def _figures(found: Comparison, place: int, was: Sequence[str], now: Sequence[str]) -> Iterator[Difference]:
    if len(was) != len(now):
        yield Difference(place, "figure", f"showed {len(now)} figures, not {len(was)}")
    for number, (one, other) in enumerate(zip(was, now, strict=False), start=1):
        found.count("figure")
        if one != other:
            yield Difference(place, "figure", f"figure {number} is another")


def outcome_of(found: Comparison) -> Outcome:
    """Find the word for a comparison.

    Parameters
    ----------
    found : Comparison
        As `compare` gave it.

    Returns
    -------
    Outcome
        identical: nothing differs (a file that was read may, where all that was made of it is the same). close: only
        rounding does: each metric within its tolerance, the same shapes; other targets never give the same metrics by
        rounding. same decisions: metrics moved further, and all predicted labels are the same. not tried: nothing
        could be compared.
    """
    if not found.counts and not found.differences:
        return Outcome.NOT_TRIED
    kinds = {one.kind for one in found.differences}
    if kinds <= {"file"} and found.counts.keys() - {"file read"}:
        return Outcome.IDENTICAL
    if kinds & {"error", "file", "shape"} or not kinds:
        return Outcome.DIFFERENT if kinds else Outcome.IDENTICAL
    checks = [one.outcome for one in found.metrics.values()]
    agree = bool(checks) and Outcome.DIFFERENT not in checks
    same = bool(found.decisions) and all(found.decisions)
    # A score of few rows may well be the same by chance.
    by_chance = "target" in kinds and not same and Outcome.CLOSE not in checks
    if agree and (same or not found.decisions) and not by_chance:
        return Outcome.CLOSE
    if same:
        return Outcome.SAME_DECISIONS
    if kinds <= {"figure", "output"} and "model" in found.counts:
        return Outcome.CLOSE
    return Outcome.DIFFERENT


def divergence_of(found: Comparison, recorded: Sequence[ExecutionFacts], outcome: Outcome) -> Divergence | None:
    """Name the first execution that differs, and what differs first in it."""
    if outcome in {Outcome.IDENTICAL, Outcome.NOT_TRIED} or not found.differences:
        return None
    return divergence(recorded[found.differences[0].place], found.differences[0].what)


def divergence(facts: ExecutionFacts, what: str) -> Divergence:
    """Return an execution as the place where a replay differs."""
    one = facts.execution
    return Divergence(one.execution_count, one.cell_id, what, one.id)


def files_that_differ(found: Comparison, recorded: Sequence[ExecutionFacts]) -> Iterable[str]:
    """Say which files were read with other content than then."""
    for one in found.differences:
        if one.kind == "file":
            yield f"[{recorded[one.place].execution.execution_count}] {one.what}"


def _moved(check: MetricCheck) -> str:
    if check.replayed is None:
        return "was not taken"
    if check.recorded is None:
        return "is new"
    return f"{check.recorded:.6g} → {check.replayed:.6g}"


def _shape(frame: Frame) -> str:
    columns = "" if frame.columns is None else f" × {frame.columns}"
    return f"{frame.rows}{columns}"


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1]
