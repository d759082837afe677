"""The fits of one run, and their parameters."""

from __future__ import annotations

import json
from typing import Any

from celltrail.domain.run import Fit, RunContent
from celltrail.store import blobs
from celltrail.store.read_data import read_inputs
from celltrail.store.read_metrics import read_metrics
from celltrail.store.store import Store
from celltrail.store.values import json_out, param_out, text_out

FITS = """
SELECT f.position, f.global_id, f.name, v.text, e.text, m.text, k.text, f.knows_written, f.duration_s, f.error,
  f.warnings, f.search_id, f.contains_training_rows, w.text
FROM fits AS f
LEFT JOIN names AS v ON v.id = f.variable
JOIN names AS e ON e.id = f.estimator
JOIN names AS m ON m.id = f.module
JOIN names AS k ON k.id = f.kind
JOIN names AS w ON w.id = f.method
WHERE f.run_id = ? ORDER BY f.position
"""
PARAMS = """
SELECT p.fit, n.text, p.origin, p.value, p.special FROM params AS p JOIN names AS n ON n.id = p.name_id
WHERE p.run_id = ? ORDER BY p.fit, n.text
"""
SET_BY_SOURCE = """
SELECT f.name, n.text FROM fits AS f JOIN params AS p ON p.run_id = f.run_id AND p.fit = f.position
JOIN names AS n ON n.id = p.name_id
WHERE f.run_id = ? AND p.origin IN (1, 2) ORDER BY f.position, n.text
"""
DEFAULT, WRITTEN, WRITTEN_OTHERWISE, LOGGED = range(4)
BY_HAND = -1


def read_fits(trail: Store, run: int, content: RunContent) -> list[Fit]:
    """Return the fits of a run, in order.

    Parameters
    ----------
    trail : Store
        The store.
    run : int
        Row of the run.
    content : RunContent
        What fetches their models and curves.

    Returns
    -------
    list of Fit
        With parameters, metrics and inputs.
    """
    params = read_params(trail, run)
    metrics = read_metrics(trail, run)
    fits = []
    for row in read_fit_rows(trail, run):
        resolved, written = params.get(row["position"], ({}, {}))
        scored = {one["key"]: value_of(one) for one in metrics if one["fit_id"] == row["id"]}
        fits.append(
            Fit(
                id=row["id"],
                name=row["name"],
                variable=row["variable"],
                estimator=row["estimator"],
                module=row["module"],
                kind=row["kind"],
                params_written=written if row["knows_written"] else None,
                params=resolved,
                metrics=scored,
                duration_s=row["duration_s"],
                error=row["error"],
                warnings=row["warnings"],
                inputs=read_inputs(trail, run, row["position"]),
                search=row["search"],
                content=content,
            )
        )
    return fits


def read_fit_rows(trail: Store, run: int) -> list[dict[str, Any]]:
    """Return the fits as plain dicts: the fields of `domain.record.FitRecord` but params and inputs, and position."""
    return [
        {
            "position": position,
            "id": fit,
            "name": text_out(name),
            "variable": text_out(variable) if variable is not None else None,
            "estimator": text_out(estimator),
            "module": text_out(module),
            "kind": text_out(kind),
            "method": text_out(method),
            "knows_written": bool(knows_written),
            "duration_s": duration_s,
            "error": text_out(error) if error is not None else None,
            "warnings": json.loads(warnings) if warnings else [],
            "search": json_out(blobs.read_row(trail.db, trail.path, search)) if search is not None else None,
            "contains_training_rows": bool(has_rows),
        }
        for (
            position,
            fit,
            name,
            variable,
            estimator,
            module,
            kind,
            knows_written,
            duration_s,
            error,
            warnings,
            search,
            has_rows,
            method,
        ) in trail.db.rows(FITS, (run,))
    ]


def read_params(trail: Store, run: int) -> dict[int, tuple[dict[str, Any], dict[str, Any]]]:
    """Return the parameters of a run: by the fit's position (-1: by hand) those resolved, and those written."""
    found: dict[int, tuple[dict[str, Any], dict[str, Any]]] = {}
    for fit, name, origin, value, special in trail.db.rows(PARAMS, (run,)):
        resolved, written = found.setdefault(fit, ({}, {}))
        read = _param(trail, value, special)
        if origin in {WRITTEN, WRITTEN_OTHERWISE}:
            written[text_out(name)] = read
        if origin != WRITTEN_OTHERWISE:
            resolved[text_out(name)] = read
    return found


def read_written(trail: Store, run: int) -> list[tuple[str, str]]:
    """Return which parameters the source sets: the name of the fit, and of the parameter."""
    return [(text_out(fit), text_out(name)) for fit, name in trail.db.rows(SET_BY_SOURCE, (run,))]


def value_of(metric: dict[str, Any]) -> float:
    """Return the one number that a metric shows: its last value, or the mean of several without a step."""
    return float(metric["last"] if metric["is_series"] or metric["count"] == 1 else metric["mean"])


def _param(trail: Store, value: Any, special: str | None) -> Any:
    if special == "blob":
        return json_out(blobs.read_row(trail.db, trail.path, value))
    return param_out(value, special)
