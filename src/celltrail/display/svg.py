"""The one picture of the panel: a trend as an SVG inside an `<img>`, so that no viewer has reason to strip it.

There is no text in it: letters in a picture can take no colour from the page, so numbers stand beside it as HTML.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from html import escape

from celltrail.display.words import clean
from celltrail.views.numbers import number_text
from celltrail.views.schema import TrendPoint

# Colours of a picture can't follow the page. These stand out at least 3:1 from white and from #1e1e1e, as WCAG 2.2,
# success criterion 1.4.11, asks of graphics (no colour reaches 4.5:1 on both: the product of the two ratios is 16.7).
LINE = "#7d7d7d"
POINT = "#2f80d8"

_MARGIN = 5


def trend_image(points: Sequence[TrendPoint], *, label: str, width: int = 190, height: int = 52) -> str:
    """Return an `<img>` of the trend, empty for fewer than two finite values.

    Parameters
    ----------
    points : sequence of TrendPoint
        Oldest first.
    label : str
        What is measured, for the words that stand in for the picture.
    width, height : int
        CSS pixels.

    Returns
    -------
    str
        Escaped HTML.
    """
    values = [_finite(point) for point in points]
    if sum(value is not None for value in values) < 2:
        return ""
    code = base64.b64encode(_svg(points, values, width, height).encode()).decode()
    return (
        f'<img src="data:image/svg+xml;base64,{code}" width="{width}" height="{height}" '
        f'alt="{escape(_words(points, label))}" style="display:block;margin:0">'
    )


def _finite(point: TrendPoint) -> float | None:
    value = None if point["value"] is None else float(point["value"])
    return value if value is not None and math.isfinite(value) else None


def _svg(points: Sequence[TrendPoint], values: Sequence[float | None], width: int, height: int) -> str:
    known = [value for value in values if value is not None]
    low, span = min(known), max(known) - min(known)
    step = (width - 2 * _MARGIN) / max(len(values) - 1, 1)
    places = [
        (
            _MARGIN + step * index,
            height / 2 if not span else height - _MARGIN - (height - 2 * _MARGIN) * (value - low) / span,
        )
        for index, value in enumerate(values)
        if value is not None
    ]
    path = " ".join(f"{x:.0f} {y:.0f}" for x, y in places)
    marks = [point for point, value in zip(points, values, strict=True) if value is not None]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">'
        f'<path d="M{path}" fill="none" stroke="{LINE}" stroke-width="1.5"/>'
        + "".join(_mark(point, x, y) for point, (x, y) in zip(marks, places, strict=True))
        + "</svg>"
    )


def _mark(point: TrendPoint, x: float, y: float) -> str:
    """Draw this run as a disc and the best as a ring; the others are corners of the line."""
    ring = f'<circle cx="{x:.0f}" cy="{y:.0f}" r="4" fill="none" stroke="{POINT}" stroke-width="1.5"/>'
    disc = f'<circle cx="{x:.0f}" cy="{y:.0f}" r="3" fill="{POINT}"/>'
    return (ring if point["is_best"] and not point["is_this"] else "") + (disc if point["is_this"] else "")


def _words(points: Sequence[TrendPoint], label: str) -> str:
    told = ", ".join(f"#{point['number']} {number_text(point['value'])}" for point in points[-8:])
    return f"{clean(label, 40)}: {told}"
