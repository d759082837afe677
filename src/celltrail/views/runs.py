"""The line and the panel of one run: did it get better, is that real, what did I change, may I believe it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from celltrail.domain.run import Run
from celltrail.views.cautions import cautions_of
from celltrail.views.changes import changes_between
from celltrail.views.ending import ending
from celltrail.views.facts import RunSource, data_of, measures, remembered
from celltrail.views.files import file_rows, files_of
from celltrail.views.fits import fit_rows, input_rows, metric_rows, pending_of
from celltrail.views.measure import Measure
from celltrail.views.metrics import choose_main, compare_with, headline, standing, trend
from celltrail.views.peers import Peer, peer_of
from celltrail.views.recent import Recent
from celltrail.views.repeats import repeated_values, repeats_sentence
from celltrail.views.saved import saved_of, saved_says
from celltrail.views.schema import Delta, RunHead, RunView, Saved, TrendPoint
from celltrail.views.versions import environment_line

# As many points as the little chart has room for: older runs no longer answer "did it get better".
_TREND_POINTS = 24


def run_view(
    trail: RunSource | Recent,
    run: Run,
    *,
    mode: Literal["line", "panel"],
    evaluates_later: bool = False,
    saved: Saved | None = None,
) -> RunView:
    """Return all that the line or the panel of a run shows.

    Parameters
    ----------
    trail : RunSource or Recent
        Where the other runs are, and what is remembered of them.
    run : Run
        The run; a repeat is shown as the run that it repeats, with what the repeats told.
    mode : {"line", "panel"}
        How it will be drawn.
    evaluates_later : bool, default False
        The cell only scored a fit of this earlier run: its newest metric is the headline.
    saved : Saved, optional
        What the open notebook's saved output says, where this trail does not hold that run.

    Returns
    -------
    RunView
        Plain data, ready for JSON; text is not escaped. Without what a line does not show, for a line: metrics that
        another speaks for, inputs, environment, curves, what stayed the same.
    """
    in_full = mode == "panel"
    run = remembered(run)
    recent = trail if isinstance(trail, Recent) else Recent(trail)
    trail = recent.trail
    recent.look(run)
    shown = trail.run(run.repeat_of) if run.number is None and run.repeat_of is not None else run
    found = measures(run)
    main = _newest(found) if evaluates_later else choose_main(found, run.main_metric)
    scored = trail.count_scored(main.target_digest) if main is not None and main.target_digest else 0
    before = recent.before(shown)
    this = None if main is None else peer_of(shown, main)
    story = _Story() if this is None or evaluates_later else _story(recent, shown, this, before)
    told = ([], []) if before is None or evaluates_later else changes_between(before, run, tells_same=in_full)
    recent.learn(run, this)
    data = data_of(run)
    return {
        "schema": "celltrail.run/1",
        "mode": mode,
        "run": run_head(run, shown),
        "evaluates_later": evaluates_later,
        "headline": None if main is None else headline(main, in_full=in_full),
        "standing": story.standing,
        "is_best": story.is_best,
        "delta": story.delta,
        "changed": told[0],
        "same": told[1],
        "cautions": cautions_of(run, main, found, scored),
        "error": ending(run, len(found), len(data)),
        "target_scored": scored,
        "repeats_say": story.repeats_say,
        "metrics": metric_rows(run, found) if in_full or main is None else [],
        "fits": fit_rows(run, main, found, in_full=in_full),
        "inputs": [*input_rows(data), *file_rows(files_of(shown))] if in_full else [],
        "environment": environment_line(run) if in_full else "",
        "trend": story.trend,
        "saved": saved_of(run, None if evaluates_later else main),
        "saved_says": None if saved is None else saved_says(saved, run),
        "pending": pending_of(data) if in_full else [],
        "note": run.note,
    }


@dataclass(frozen=True, slots=True)
class _Story:
    """What the other runs of the experiment tell about this one."""

    standing: str = ""
    is_best: bool = False
    delta: Delta | None = None
    trend: list[TrendPoint] = field(default_factory=list)
    repeats_say: str = ""


def _story(recent: Recent, shown: Run, this: Peer, before: Run | None) -> _Story:
    repeated = repeated_values(recent.trail, shown, this.measure)
    near = recent.peers(shown.experiment, this.measure.key, shown.number)
    if shown.number is not None and shown.number > near.newest:
        others, peers = near.found, (*near.found, this)
    else:
        others = tuple(peer for peer in near.found if peer.id != shown.id)
        peers = tuple(sorted((*others, this), key=lambda peer: peer.number or 0))
    place, is_best = standing(this, peers, repeated, is_cut=near.is_cut) if near.reaches_end else ("", False)
    same_as_before = next((peer for peer in others if before is not None and peer.id == before.id), None)
    return _Story(
        standing=place,
        is_best=is_best,
        delta=compare_with(this, same_as_before, repeated),
        trend=trend(this, peers, limit=_TREND_POINTS),
        repeats_say=repeats_sentence(shown, repeated),
    )


def _newest(found: Sequence[Measure]) -> Measure | None:
    """Return the main metric among those that the last cell took."""
    if not found:
        return None
    last = found[-1]
    taken = [one for one in found if one.execution_id is not None and one.execution_id == last.execution_id]
    return choose_main(taken) or last


def run_head(run: Run, shown: Run | None = None) -> RunHead:
    """Return which run this is; a repeat bears the reference and the count of the run that it repeats."""
    shown = shown or run
    return {
        "id": str(run.id),
        "reference": shown.reference,
        "experiment": shown.experiment,
        "number": shown.number,
        "repeats": max(shown.repeats, run.repeats),
        "author": run.author,
        "status": run.status.value,
        "started_at": run.started_at.isoformat(timespec="milliseconds"),
        "duration_s": run.duration_s,
    }
