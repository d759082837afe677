"""Values of the user's objects as JSON can hold them: typed, without addresses, of bounded size."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_LONGEST_TEXT = 2000
_MOST_ITEMS = 200


def json_value(value: Any) -> Any:
    """Return a value as JSON can hold it.

    Parameters
    ----------
    value : object
        Anything.

    Returns
    -------
    object
        None, bool, int, float (NaN and infinities stay floats), str, list, dict with text keys; else
        `{"repr": text}`, the same text in every process.
    """
    if value is None or isinstance(value, bool | str) or type(value) in (int, float):
        return value
    if isinstance(value, int | float):  # an IntEnum, numpy's float64
        return float(value) if isinstance(value, float) else int(value)
    if isinstance(value, list | tuple) and len(value) <= _MOST_ITEMS:
        return [json_value(item) for item in value]
    if isinstance(value, Mapping) and len(value) <= _MOST_ITEMS and all(isinstance(key, str) for key in value):
        return {key: json_value(item) for key, item in value.items()}
    if getattr(value, "shape", None) == () and hasattr(value, "item"):  # a scalar of numpy
        item = value.item()
        return json_value(item) if type(item) in (bool, int, float, str) else {"repr": str(item)}
    return _array(value) if isinstance(getattr(value, "shape", None), tuple) else {"repr": _text(value)}


def _array(value: Any) -> Any:
    name, shape = type(value).__name__, tuple(value.shape)
    if name == "ndarray" and value.size <= _MOST_ITEMS and value.dtype.kind in "biufUO":
        return json_value(value.tolist())
    return {"repr": f"{name} of shape {shape}"}


def _text(value: Any) -> str:
    qualified = getattr(value, "__qualname__", None)
    if isinstance(qualified, str):  # a function or a class
        return f"{getattr(value, '__module__', '')}.{qualified}"
    if isinstance(value, list | tuple | Mapping) and len(value) > _MOST_ITEMS:
        return f"{type(value).__name__} of {len(value)} items"
    text = _ADDRESS.sub("", repr(value))
    return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1] + "…"


def numbers(value: Any) -> list[float]:
    """Return a list or one-dimensional array of numbers as floats; empty where it is none."""
    if hasattr(value, "tolist") and len(getattr(value, "shape", ())) == 1:
        value = value.tolist()
    if not isinstance(value, list) or not all(isinstance(item, int | float) for item in value):
        return []
    return [float(item) for item in value]
