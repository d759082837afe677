"""Values on their way into columns and out again: text, numbers that are not finite, times, JSON.

SQLite holds no NaN, no integer beyond 64 bits and no text with a lone surrogate; JSON holds no NaN. Each comes back
here as it went in.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

_SPECIAL = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
# U+FDD0 is a noncharacter that Unicode reserves for a program's own use: it marks text that was escaped here.
ESCAPED = "\ufdd0"
_LARGEST = 2**63


def text_in(text: str) -> str:
    """Return text that UTF-8 can hold; `text_out` gives the original back."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return ESCAPED + json.dumps(text)
    return ESCAPED + json.dumps(text) if text.startswith(ESCAPED) else text


def text_out(text: str) -> str:
    """Undo `text_in`."""
    return str(json.loads(text[1:])) if text.startswith(ESCAPED) else text


@lru_cache(maxsize=64)  # a cell's start stands in a handful of places
def time_in(moment: datetime) -> str:
    """Return a time as ISO-8601 in UTC with microseconds, so that text sorts as time does."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def time_out(text: str) -> datetime:
    """Undo `time_in`: aware, UTC."""
    return datetime.fromisoformat(text)


def number_in(value: float) -> tuple[float | None, str | None]:
    """Return a number and the word that stands beside it where it is not finite."""
    if math.isfinite(value):
        return float(value), None
    return None, _special_word(value)


def number_out(value: float | None, special: str | None) -> float:
    """Undo `number_in`."""
    return _SPECIAL[special or "nan"] if value is None else value


def param_in(value: Any) -> tuple[Any, str | None]:
    """Return a parameter as a column that keeps its type, and the word that tells what the column can't.

    Parameters
    ----------
    value : object
        As `domain.record.ParamValue` says.

    Returns
    -------
    value : None, int, float or str
        What the column holds.
    special : str or None
        'bool', 'json', 'int' (beyond 64 bits, as text), 'nan', 'inf', '-inf'; None where the column says it all.
    """
    match value:
        case None:
            return None, None
        case bool():
            return int(value), "bool"
        case int():
            return (int(value), None) if -_LARGEST <= value < _LARGEST else (str(int(value)), "int")
        case float():
            return number_in(value)
        case str():
            return text_in(value), None
    return json_in(value), "json"


def param_out(value: Any, special: str | None) -> Any:
    """Undo `param_in`; a 'blob' is for the caller to read."""
    match special:
        case None:
            return text_out(value) if isinstance(value, str) else value
        case "bool":
            return bool(value)
        case "int":
            return int(value)
        case "json":
            return json_out(value)
    return _SPECIAL[special]


def json_in(value: Any) -> str:
    """Return compact JSON that `json_out` reads back, NaN, infinities and lone surrogates included.

    Keys become text. An object that JSON can't hold becomes the name of its class: no code of the user's runs here.
    """
    text = _dump(value, _PLAIN)
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return _dump(value, _ASCII)
    return text


def json_out(text: str | bytes) -> Any:
    """Undo `json_in`."""
    marked = b'{"$' in text if isinstance(text, bytes) else '{"$' in text
    return json.loads(text, object_hook=_unmark) if marked else json.loads(text)


def _dump(value: Any, encoder: json.JSONEncoder) -> str:
    try:
        text = encoder.encode(value)
    except ValueError:
        text = ""
    if text and '{"$' not in text and ',"$' not in text:
        return text
    return encoder.encode(_mark(value))


def _mark(value: Any) -> Any:
    """Write what is not finite as {"$float": …}, and a dict of the user's that looks so as {"$dict": […]}."""
    if isinstance(value, float) and not math.isfinite(value):
        return {"$float": _special_word(value)}
    if isinstance(value, Mapping):
        marked = {key if isinstance(key, str) else str(key): _mark(item) for key, item in value.items()}
        return {"$dict": list(marked.items())} if any(key.startswith("$") for key in marked) else marked
    if isinstance(value, list | tuple):
        return [_mark(item) for item in value]
    return value


def _unmark(found: dict[str, Any]) -> Any:
    if "$float" in found:
        return _SPECIAL[found["$float"]]
    return dict(found["$dict"]) if "$dict" in found else found


def _special_word(value: float) -> str:
    return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"


def _class_name(value: object) -> dict[str, str]:
    return {"repr": f"<{type(value).__module__}.{type(value).__qualname__}>"}


# Made once: `json.dumps` would make one for each of the forty texts of a run.
_PLAIN = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_class_name)
_ASCII = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), allow_nan=False, default=_class_name)
