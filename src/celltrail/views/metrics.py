"""Which metric speaks for a run, whether it got better, and whether that is real."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import islice

from celltrail.views.labels import long_label, metric_label
from celltrail.views.measure import Measure, is_better, top
from celltrail.views.noise import known_noise
from celltrail.views.numbers import arrow, as_number, count_text, delta_text, number_text
from celltrail.views.peers import Peer
from celltrail.views.schema import Delta, Headline, TrendPoint

_VALIDATED = ("best_score", "cross_val_score", "cross_validate", "oob_score", "best_validation_score")


def choose_main(found: Sequence[Measure], asked: str | None = None) -> Measure | None:
    """Choose the metric that speaks for the run.

    Parameters
    ----------
    found : sequence of Measure
        All metrics of the run, in the order they were taken.
    asked : str, optional
        The key that the user set with `main` or `--main`; its beginning or its function does.

    Returns
    -------
    Measure or None
        The one asked for; else the first taken on data that no fit of the run has seen; else the score of a
        search or cross-validation; else the first logged by hand or on data of which nothing is known. Never
        one on training data, and never a scalar that nobody confirmed. Of several fits the best.
    """
    if asked and (chosen := _asked(found, asked)):
        return top(found, chosen.key)
    usable = [one for one in found if one.is_confirmed and one.on_training_data is not True]
    validated = [one for one in usable if one.key.startswith(_VALIDATED)]
    unseen = [one for one in usable if one.on_training_data is False and one not in validated]
    means = [one for one in validated if not one.key.endswith(".std")]
    for candidates in (unseen, means, [one for one in usable if one not in validated]):
        if candidates:
            return top(candidates, candidates[0].key)
    return None


def _asked(found: Sequence[Measure], asked: str) -> Measure | None:
    exact = next((one for one in found if one.key == asked), None)
    if exact is not None:
        return exact
    ranks = [(_closeness(one, asked), index) for index, one in enumerate(found)]
    named = [(rank, index) for rank, index in ranks if rank]
    return found[min(named)[1]] if named else None


def _closeness(one: Measure, asked: str) -> int:
    """Rank how well a key fits what was asked: 2 its beginning, 3 by another name, 0 not."""
    if one.key.startswith(f"{asked}."):
        return 2
    return 3 if asked in {metric_label(one.key, one.target), one.function.removesuffix("_score")} else 0


def same_target(one: Peer, other: Peer) -> bool:
    """Say whether two runs were scored on the same rows: by digest, or where none is known by all their data."""
    left, right = one.measure.target_digest, other.measure.target_digest
    if left and right:
        return left == right
    return not left and not right and one.mark is not None and one.mark.is_same(other.mark)


def _is_comparable(one: Peer) -> bool:
    """Say whether it is known on which rows a run was scored, or at least which data went in."""
    return bool(one.measure.target_digest or (one.mark is not None and (one.mark.full or one.mark.sampled)))


def headline(main: Measure, *, in_full: bool) -> Headline:
    """Write the main metric; `in_full` for the panel, where there is room for its whole name."""
    label = metric_label(main.key, main.target)
    return {
        "key": main.key,
        "label": long_label(label) if in_full else label,
        "value": as_number(main.value) or 0.0,
        "text": number_text(main.value),
        "target": main.target or "",
        "target_detail": target_detail(main),
        "greater_is_better": main.greater_is_better,
    }


def target_detail(main: Measure) -> str:
    """Write how large the scored data is: `60 216 rows, 104 rare`."""
    if not main.target_rows:
        return ""
    detail = f"{count_text(main.target_rows)} rows"
    if main.target_positives and main.target_positives < main.target_rows / 4:  # balanced classes are no news
        detail += f", {count_text(main.target_positives)} rare"
    return detail


def compare_with(this: Peer, before: Peer | None, repeated: Sequence[float] = ()) -> Delta | None:
    """Compare a run with an earlier one.

    Parameters
    ----------
    this, before : Peer
        Both with the same metric.
    repeated : sequence of float
        This score in all repeats of this run, for the noise.

    Returns
    -------
    Delta or None
        None where the two were not scored on the same rows, or one of them is no finite number.
    """
    if before is None or not same_target(this, before):
        return None
    value = this.measure.value - before.measure.value
    if not math.isfinite(value):
        return None
    if number_text(this.measure.value) == number_text(before.measure.value):
        value = 0.0
    noise = known_noise(this.measure, repeated)
    greater_is_better = this.measure.greater_is_better
    return {
        "against": f"#{before.number}",
        "value": value,
        "text": _delta_words(value, greater_is_better is not None),
        "direction": "up" if value > 0 else "down" if value < 0 else "same",
        "is_better": None if greater_is_better is None or value == 0 else (value > 0) is greater_is_better,
        "may_be_chance": value != 0 and noise is not None and abs(value) <= noise.value,
        "noise": None if noise is None else as_number(noise.value),
        "noise_source": "" if noise is None else noise.source,
    }


def _delta_words(value: float, knows_direction: bool) -> str:
    if value == 0:
        return "="
    if knows_direction:
        return f"{arrow(value)} {delta_text(value)}"
    return f"{'+' if value > 0 else '−'}{delta_text(value)}"  # an arrow would say better or worse


def standing(
    this: Peer, peers: Sequence[Peer], repeated: Sequence[float] = (), *, is_cut: bool = False
) -> tuple[str, bool]:
    """Say where a run stands among those scored on the same rows.

    Parameters
    ----------
    this : Peer
        The run.
    peers : sequence of Peer
        All runs of the experiment that have the metric, this one among them.
    repeated : sequence of float
        This score in all repeats of this run, for the noise.
    is_cut : bool, default False
        `peers` are only the last ones of many.

    Returns
    -------
    tuple of str and bool
        `best of 7` only where the lead is larger than a noise that is known; inside it, or where nothing is
        known of it, `highest of 7` or `lowest of 7`. Empty and False for a run that leads nothing, alone, or
        whose direction is unknown.
    """
    if this.measure.greater_is_better is None or math.isnan(this.measure.value):
        return "", False
    others = [peer for peer in peers if peer.id != this.id and same_target(this, peer)]
    if not others:
        return "", False
    if not all(is_better(this.measure, other.measure) for other in others):
        return "", False
    lead = min((abs(this.measure.value - peer.measure.value) for peer in others), default=0.0)
    noise = known_noise(this.measure, repeated)
    is_clear = noise is not None and lead > noise.value
    word = "best" if is_clear else "highest" if this.measure.greater_is_better else "lowest"
    return f"{word} of {'the last ' if is_cut else ''}{count_text(len(others) + 1)}", True


def trend(this: Peer, peers: Sequence[Peer], *, limit: int) -> list[TrendPoint]:
    """Return the last runs on the same rows as points of the little chart, this run always among them."""
    if not _is_comparable(this):
        peers = (this,)  # else each of a hundred would be asked
    if this.measure.greater_is_better is None:  # nothing leads: as many are looked at as are shown
        near = islice((peer for peer in reversed(peers) if peer.id == this.id or same_target(this, peer)), limit)
        shown, leader = [*near][::-1], None
    else:
        shown = [peer for peer in peers if peer.id == this.id or same_target(this, peer)]
        leader = _leader(shown)
    return [
        {
            "number": peer.number or 0,
            "value": as_number(peer.measure.value),
            "is_this": peer.id == this.id,
            "is_best": leader is not None and peer.id == leader.id,
        }
        for peer in shown[-limit:]
    ]


def _leader(peers: Sequence[Peer]) -> Peer | None:
    """Return the one that beats all others; None where two are level or the direction is unknown."""
    first = peers[0]
    for peer in peers[1:]:
        if is_better(peer.measure, first.measure):
            first = peer
    return first if all(peer is first or is_better(first.measure, peer.measure) for peer in peers) else None
