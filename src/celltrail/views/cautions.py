"""Doubts about a run: each with its consequence and the next step. A false alarm counts as a bug."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from celltrail.domain.record import REMARK
from celltrail.domain.run import Fit, Run
from celltrail.views.facts import field
from celltrail.views.measure import Measure
from celltrail.views.numbers import count_text, number_text
from celltrail.views.schema import Caution

# How often a target may be scored before choosing by it is worth a word. A rule of thumb: the highest of 20 equally
# good candidates lies 1.9 standard errors above their mean (H. Leon Harter, Biometrika 48, 1961, table 1).
_OFTEN = 20
_ITERATIONS = re.compile(r"(\d+) iteration|[Ii]terations \((\d+)\)")


def cautions_of(run: Run, main: Measure | None, found: Sequence[Measure], scored: int) -> list[Caution]:
    """Return the doubts about a run, the gravest first.

    Parameters
    ----------
    run : Run
        The run.
    main : Measure or None
        Its main metric.
    found : sequence of Measure
        All its metrics.
    scored : int
        How often the target of the main metric was scored in this trail.

    Returns
    -------
    list of Caution
        What the capture wrote down comes first, in its order.
    """
    cautions: list[Caution] = [_written(text) for text in field(run, "cautions") or []]
    cautions += [one for fit in run.fits if (one := _convergence(fit)) is not None]
    if main is not None and not math.isfinite(main.value):
        cautions.append(
            {
                "text": f"{main.key} is {number_text(main.value)}.",
                "consequence": "This run can't be ranked.",
                "next": "Look for missing or infinite values in the predictions.",
            }
        )
    if main is None and any(one.on_training_data for one in found):
        cautions.append(
            {
                "text": "Scored only on data that it was trained on.",
                "consequence": "That tells nothing about new data.",
                "next": "Score on rows that were held out.",
            }
        )
    if main is not None and scored >= _OFTEN:
        cautions.append(
            {
                "text": f"{main.target or 'This target'} was scored {count_text(scored)} times.",
                "consequence": "Choosing by it makes the best score look better than new data will.",
                "next": "Choose by cross-validation, keep this set for the end.",
            }
        )
    cautions += [_unknown(name, why) for name, why in (field(run, "unknown") or {}).items()]
    return cautions


def _written(text: str) -> Caution:
    """Split a sentence of the capture: what is the case, what follows, what to do."""
    parts = re.split(r"(?<=[.!?])\s+|\s*\n\s*", text.strip(), maxsplit=2)
    first, second, third = [*parts, "", ""][:3]
    return {"text": first, "consequence": second, "next": third}


def _convergence(fit: Fit) -> Caution | None:
    remark = fit_remark(fit)
    if not remark.startswith("did not converge"):
        return None
    return {
        "text": f"{fit.estimator} {remark}.",
        "consequence": "Its score may still move.",
        "next": "Raise max_iter, or scale the columns.",
    }


def _unknown(name: str, why: str) -> Caution:
    return {
        "text": f"{name} could not be taken: {why}",
        "consequence": "The run is kept without it.",
        "next": "celltrail doctor tells more.",
    }


def fit_remark(fit: Fit) -> str:
    """Return what a person must know of a fit: `did not converge (100 iterations)`, or how it failed."""
    if fit.error:
        return f"failed: {fit.error}"
    for warning in fit.warnings:
        if "converge" in warning.lower():
            match = _ITERATIONS.search(warning)
            count = next((group for group in match.groups() if group), None) if match else fit.params.get("max_iter")
            return f"did not converge ({count} iterations)" if count else "did not converge"
    return _remark(fit)


def progress(fit: Fit) -> str:
    """Return how far the curve of a fit goes that did not end: `curve kept to round 371 of 400`."""
    remark = _remark(fit)
    return remark if remark.startswith("curve kept") else ""


def _remark(fit: Fit) -> str:
    return next((warning.removeprefix(REMARK) for warning in fit.warnings if warning.startswith(REMARK)), "")
