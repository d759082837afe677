"""A K-fold written by hand: one model fitted again and again on other rows reads as one, mean ± sd over its folds."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from celltrail.analysis.source import text_digest
from celltrail.domain.run import Fit
from celltrail.views.measure import Measure


def fold_groups(fits: Sequence[Fit]) -> list[list[Fit]]:
    """Return the fits, those that are folds of one another together.

    Parameters
    ----------
    fits : sequence of Fit
        Of one run, in order.

    Returns
    -------
    list of list of Fit
        Folds are of one class under one name, set alike, and each saw other rows; any other fit is alone.
    """
    groups: dict[str, list[Fit]] = {}
    for fit in fits:
        settings = [fit.variable, fit.estimator, fit.module, fit.kind, fit.params]
        groups.setdefault(json.dumps(settings, sort_keys=True, default=repr), []).append(fit)
    found = [group if _are_folds(group) else None for group in groups.values()]
    apart = [[fit] for fit in fits if not any(fit in group for group in found if group)]
    order = {fit.id: place for place, fit in enumerate(fits)}
    return sorted([*(group for group in found if group), *apart], key=lambda group: order[group[0].id])


def over_folds(found: Sequence[Measure], fits: Sequence[Fit]) -> list[Measure]:
    """Return the metrics with those of folds of one model taken together.

    Parameters
    ----------
    found : sequence of Measure
        The metrics of one run, in order.
    fits : sequence of Fit
        Its fits.

    Returns
    -------
    list of Measure
        Each in the place of its first fold, under the first fold's fit.
    """
    first = {fit.id: group[0].id for group in fold_groups(fits) if len(group) > 1 for fit in group}
    together: dict[tuple[str, str], list[Measure]] = {}
    for one in found:
        if one.fit_id in first:
            together.setdefault((first[one.fit_id], one.key), []).append(one)
    kept: list[Measure] = []
    for one in found:
        if one.fit_id not in first:
            kept.append(one)
            continue
        folds = together.pop((first[one.fit_id], one.key), [])
        if folds:
            kept.append(_mean(folds, first[one.fit_id]) if len(folds) > 1 else one)
    return kept


def _are_folds(group: Sequence[Fit]) -> bool:
    rows = [_rows_seen(fit) for fit in group]
    return len(group) > 1 and None not in rows and len(set(rows)) == len(rows)


def _rows_seen(fit: Fit) -> str | None:
    digests = [data.get("sampled_digest") or data.get("digest") for data in fit.inputs]
    known: list[Any] = [digest for digest in digests if digest]
    return "".join(map(str, known)) or None


def _mean(folds: Sequence[Measure], fit_id: str) -> Measure:
    values = [one.value for one in folds]
    mean = math.fsum(values) / len(values)
    spread = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / len(values))
    digests = [one.target_digest for one in folds]
    rows = [one.target_rows for one in folds]
    seen = {one.on_training_data for one in folds}
    return replace(
        folds[0],
        fit_id=fit_id,
        value=mean,
        spread=spread,
        folds=len(folds),
        count=len(folds),
        target_digest=text_digest("".join(map(str, digests))) if None not in digests else None,
        target_rows=sum(row for row in rows if row) if None not in rows else None,
        target_positives=None,
        on_training_data=seen.pop() if len(seen) == 1 else None,
    )
