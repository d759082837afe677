"""The rows below the headline: fits, metrics, inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from celltrail.domain.fit_keys import counted
from celltrail.domain.record import Keeping
from celltrail.domain.run import Fit, Run
from celltrail.views.cautions import fit_remark
from celltrail.views.facts import rows
from celltrail.views.folds import fold_groups
from celltrail.views.labels import metric_label
from celltrail.views.measure import Measure, is_better
from celltrail.views.numbers import as_number, noise_text, number_text, size_text
from celltrail.views.plain import json_safe
from celltrail.views.schema import FitRow, InputRow, MetricRow, Number

# A curve in the notebook file is a picture, not a record: the trail holds every step.
_CURVE_POINTS = 60
_SHOWN_DIGITS = 12


def fit_rows(run: Run, main: Measure | None, found: Sequence[Measure], *, in_full: bool = True) -> list[FitRow]:
    """Return the models of a run, the best first where the direction of the main metric is known.

    Parameters
    ----------
    run : Run
        The run.
    main : Measure or None
        The metric by which they are ranked.
    found : sequence of Measure
        All metrics of the run.
    in_full : bool, default True
        Whether curves and models are told: both are read from the trail.

    Returns
    -------
    list of FitRow
        In the order of the cell where there is nothing to rank by.
    """
    if not run.fits:
        return []
    scores = {one.fit_id: one for one in found if main is not None and one.key == main.key}
    fits = [group[0] for group in fold_groups(counted(run.fits))]
    if main is not None and main.greater_is_better is not None and len(fits) > 1:
        fits.sort(key=lambda fit: _rank(scores.get(fit.id)))
    top = _top_fit(fits, scores)
    rows = [_fit_row(fit, scores.get(fit.id), is_top=fit.id == top) for fit in fits]
    if in_full:
        for row, fit in zip(rows, fits, strict=True):
            row["model"], row["curve"] = _model_words(run, fit), _curves(run, fit)
    return rows


def _rank(score: Measure | None) -> tuple[int, float]:
    if score is None or score.value != score.value:
        return (1, 0.0)
    return (0, -score.value if score.greater_is_better else score.value)


def _top_fit(fits: Sequence[Fit], scores: dict[str | None, Measure]) -> str | None:
    ranked = [fit.id for fit in fits if fit.id in scores]
    if len(ranked) < 2:
        return None
    leads = all(is_better(scores[ranked[0]], scores[other]) for other in ranked[1:])
    return ranked[0] if leads else None


def _fit_row(fit: Fit, score: Measure | None, *, is_top: bool) -> FitRow:
    own = [name for name, value in fit.params.items() if "__" not in name and not _is_object(value)]
    written = fit.params_written
    return {
        "name": fit.name,
        "estimator": fit.estimator,
        "value": None if score is None else as_number(score.value),
        "text": "" if score is None else number_text(score.value),
        "is_top": is_top,
        "remark": fit_remark(fit),
        "params_written": None if written is None else {name: json_safe(value) for name, value in written.items()},
        "params_default": len([name for name in own if name not in (written or {})]),
        "model": "",
        "curve": {},
    }


def _is_object(value: Any) -> bool:
    return isinstance(value, dict) and "repr" in value


def _curves(run: Run, fit: Fit) -> dict[str, list[Number]]:
    return {
        name: [as_number(value) or 0.0 for value in _thinned(values)]
        for name, values in run.content.curves(fit.id).items()
    }


def _thinned(values: Sequence[float]) -> list[float]:
    if len(values) <= _CURVE_POINTS:
        return list(values)
    step = (len(values) - 1) / (_CURVE_POINTS - 1)
    return [values[round(index * step)] for index in range(_CURVE_POINTS)]


def _model_words(run: Run, fit: Fit) -> str:
    for artifact in rows(run, "artifacts"):
        if artifact.get("kind") == "model" and artifact.get("fit_id") == fit.id:
            status = str(artifact.get("status", ""))
            if status == Keeping.KEPT:
                size = artifact.get("size_bytes")
                return f"kept, {size_text(size)}" if size else "kept"
            reason = artifact.get("reason")
            return f"{status}: {reason}" if reason else status
    return ""


def metric_rows(run: Run, found: Sequence[Measure]) -> list[MetricRow]:
    """Return all metrics of a run in the order they were taken."""
    names = {fit.id: fit.name for fit in run.fits}
    return [
        {
            "key": one.key,
            "label": metric_label(one.key, one.target),
            "value": as_number(one.value) or 0.0,
            "text": _metric_text(one),
            "spread": as_number(one.spread),
            "count": one.count,
            "fit": names.get(one.fit_id or ""),
            "is_confirmed": one.is_confirmed,
        }
        for one in found
    ]


def _metric_text(one: Measure) -> str:
    text = number_text(one.value)
    if one.spread is None or (one.count < 2 and not one.folds):
        return text
    return f"{text} ± {noise_text(one.spread)} ({one.folds or one.count})"


def input_rows(data: Sequence[dict[str, Any]]) -> list[InputRow]:
    """Return the frames and arrays that went in."""
    return [
        {
            "name": str(row["name"]),
            "role": str(row.get("role") or ""),
            "kind": str(row.get("kind") or ""),
            "rows": row.get("rows"),
            "columns": len(row["columns"]) if isinstance(row.get("columns"), list) else None,
            "digest": str(row.get("digest") or "")[:_SHOWN_DIGITS],
            "status": str(row.get("digest_status") or ""),
        }
        for row in data
    ]


def pending_of(data: Sequence[dict[str, Any]]) -> list[str]:
    """Name the data whose digest is not finished yet. The state of git comes late too, and no line tells it."""
    return [str(row["name"]) for row in data if row.get("digest_status") == Keeping.PENDING and row.get("rows")]
