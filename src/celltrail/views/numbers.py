"""How numbers are written: as many digits as mean something, at most four.

The same number looks the same in line, panel, table and report. Text only; what is drawn from it is `display`.
"""

from __future__ import annotations

import math
import re
from typing import Any

from celltrail.views.schema import Number

THIN = "\u202f"
"""Narrow no-break space between thousands: `60 216` never breaks over two lines."""

# Not the narrow no-break space: it holds a number together.
_BREAKS = re.compile(r"[ \t\r\n\f\v]+")
_UNITS = ("B", "kB", "MB", "GB", "TB")


def as_number(value: float | None) -> Number | None:
    """Return a number as JSON can hold it: NaN and infinities become "nan", "inf" and "-inf".

    Parameters
    ----------
    value : float or None
        None, for "not known", stays None.

    Returns
    -------
    float or str or None
        The number itself where it is finite.
    """
    if value is None or math.isfinite(value):
        return value
    return "nan" if math.isnan(value) else ("inf" if value > 0 else "-inf")


def as_float(number: Number | None) -> float | None:
    """Undo `as_number`."""
    return None if number is None else float(number)


def number_text(value: Number | None) -> str:
    """Write a measured value: `0.8412`, `12.34`, `60 216`, `1.2e-05`, `nan`.

    Parameters
    ----------
    value : float or str or None
        None gives an empty text.

    Returns
    -------
    str
        Four decimals below one, four significant digits above, whole numbers whole.
    """
    if value is None:
        return ""
    value = float(value)
    if not math.isfinite(value):
        return str(as_number(value))
    size = abs(value)
    if size >= 1e7 or 0 < size < 5e-4:
        return f"{value:.3g}".replace("e+0", "e").replace("e+", "e").replace("e-0", "e-")
    if size >= 1000 or (value.is_integer() and size > 1):
        return count_text(round(value))
    if 0 < size < 1:
        return f"{value:.4f}"
    return f"{value:.{3 if size < 10 else 2 if size < 100 else 1}f}"


def delta_text(value: float) -> str:
    """Write the size of a difference without its sign: `.0087`, `.62`, `1.250`.

    A zero before the point says nothing in a difference; the arrow before it carries the sign.
    """
    text = number_text(abs(value))
    return text[1:] if text.startswith("0.") else text


def arrow(value: float) -> str:
    """Return the shape that carries a difference's sign."""
    return "▲" if value > 0 else "▼" if value < 0 else "="


def noise_text(value: float) -> str:
    """Write an uncertainty with the two digits that it deserves: `.011`, `1.2`."""
    if not math.isfinite(value):
        return str(as_number(value))
    if value == 0:
        return "0"
    if value >= 10:
        return count_text(round(value))
    decimals = max(0, 1 - math.floor(math.log10(value)))
    text = f"{value:.{decimals}f}" if decimals <= 5 else f"{value:.1e}"
    return text[1:] if text.startswith("0.") else text


def count_text(count: int) -> str:
    """Write a count: `60 216`."""
    return f"{count:,}".replace(",", THIN)


def signed_count(count: int) -> str:
    """Write a change of a count: `+17 571`, `−3`."""
    return f"{'+' if count > 0 else '−'}{count_text(abs(count))}"


def size_text(size_bytes: int) -> str:
    """Write a size: `18 MB`, `812 kB` (thousands, as disks are sold)."""
    value, unit = float(size_bytes), 0
    while value >= 999.5 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{value:.1f} {_UNITS[unit]}" if unit and value < 9.95 else f"{value:.0f} {_UNITS[unit]}"


def duration_text(seconds: float) -> str:
    """Write a duration: `2.1 s`, `39 min`, `3 h 05 min`. Only for places that may change from run to run."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60:02d} min"


def plural(count: int, noun: str) -> str:
    """Write a count with its noun: `1 fit`, `3 fits`."""
    return f"{count_text(count)} {noun}{'' if count == 1 else 's'}"


def value_text(value: Any, *, limit: int = 40) -> str:
    """Write a parameter's value as its source would: `12`, `'gini'`, `None`, an object by its short form.

    Parameters
    ----------
    value : object
        A parameter as the store gives it; `{"repr": "…"}` stands for an object.
    limit : int, default 40
        Longest text, in characters; the rest becomes `…`.
    """
    if isinstance(value, dict) and set(value) == {"repr"}:
        text = str(value["repr"])
    elif isinstance(value, str):
        text = value
    elif isinstance(value, float):
        text = str(as_number(value)) if not math.isfinite(value) else f"{value:.6g}"
    else:
        text = repr(value)
    return shorten(text, limit)


def shorten(text: str, limit: int) -> str:
    """Return the text on one line, cut at `limit` characters."""
    text = _BREAKS.sub(" ", text).strip(" ")
    return text if len(text) <= limit else text[: max(limit - 1, 0)].rstrip() + "…"
