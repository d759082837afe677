"""The attributes of a run that a filter knows, and how a value is read for what it is compared with."""

from __future__ import annotations

from datetime import datetime

from celltrail.domain.record import RunStatus
from celltrail.store.filter_dates import read_moment
from celltrail.store.filter_tree import Key, Moment, Value
from celltrail.store.filter_words import Word

ATTRIBUTES = (
    "status",
    "started",
    "duration",
    "experiment",
    "number",
    "author",
    "notebook",
    "note",
    "repeats",
    "estimator",
    "id",
)
NUMERIC_ATTRIBUTES = frozenset({"duration", "number", "repeats"})
# Other words for the same attribute: MLflow's, and those of celltrail's Python names.
_SYNONYMS = {
    "created": "started",
    "duration_s": "duration",
    "experiment_name": "experiment",
    "run_id": "id",
    "start_time": "started",
    "started_at": "started",
    "user_id": "author",
}
_STATUS_SYNONYMS = {"killed": "interrupted"}
RESERVED = ("and", "or", "not", "like", "ilike", "in", "is", "null")


class UnfitValueError(ValueError):
    """Raised when a value does not fit what it is compared with; the caller knows where it stands."""


def attribute_name(text: str) -> str | None:
    """Return celltrail's own word for an attribute, or None where a run has none of that name."""
    name = _SYNONYMS.get(text.lower(), text.lower())
    return name if name in ATTRIBUTES else None


def is_numeric(key: Key) -> bool:
    """Say whether the values of a key are always numbers or times, never texts."""
    if key.kind == "attribute":
        return key.name in NUMERIC_ATTRIBUTES or key.name == "started"
    return key.kind == "metric"


def read_value(key: Key, operator: str, word: Word, now: datetime) -> Value:
    """Read the right side of a comparison.

    Parameters
    ----------
    key : Key
        What it is compared with.
    operator : str
        `=` for the members of a list too.
    word : Word
        The value as it was typed.
    now : datetime
        Aware; for dates.

    Returns
    -------
    str, float, bool or Moment
        Typed: what stands in quotes is a text, `5` is a number.

    Raises
    ------
    UnfitValueError
        If the value can't be compared with the key.
    """
    if word.kind in {"sign", "end"} or (word.is_keyword(*RESERVED) and not word.is_keyword("null")):
        raise UnfitValueError("Expected a value here.")
    if word.is_keyword("null", "none"):
        raise UnfitValueError("A missing value is asked for with `is null` or `is not null`.")
    if key.kind == "attribute":
        return _attribute_value(key, operator, word, now)
    value = _plain_value(word)
    if key.kind == "metric" and isinstance(value, (str, bool)):
        raise UnfitValueError("A metric is compared with a number, without quotes: 0.9.")
    if key.kind == "tag" and not isinstance(value, str):
        return word.text  # a tag is a text: tags.fold = 3 means '3'
    return value


def _attribute_value(key: Key, operator: str, word: Word, now: datetime) -> Value:
    if key.name in NUMERIC_ATTRIBUTES:
        return _number(key, word)
    if key.name == "started":
        return _moment(word, now)
    if key.name == "status" and operator in {"=", "!="}:
        return _status(word)
    return word.text


def _number(key: Key, word: Word) -> float:
    if word.kind == "word" and word.text.startswith("#"):
        return int(word.text[1:])
    value = _plain_value(word)
    if isinstance(value, (str, bool)):
        raise UnfitValueError(f"`{key.name}` is compared with a number, without quotes.")
    return value


def _moment(word: Word, now: datetime) -> Moment:
    moment = _unix(word, now) if word.kind == "number" else read_moment(word.text, now)
    if moment is None:
        raise UnfitValueError("Expected a date: '2026-11-01', '2026-11-01 14:30', '3 days ago', 'yesterday'.")
    return moment


def _unix(word: Word, now: datetime) -> Moment | None:
    """Read MLflow's `start_time`: milliseconds since 1970."""
    try:
        moment = datetime.fromtimestamp(float(word.text) / 1000, tz=now.tzinfo)
    except (ValueError, OverflowError, OSError):
        return None
    return read_moment(moment.isoformat(), now)


def _status(word: Word) -> str:
    said = _STATUS_SYNONYMS.get(word.text.lower(), word.text.lower())
    if said not in set(RunStatus):
        raise UnfitValueError(f"No run is ever {word.text!r}: status is one of {', '.join(RunStatus)}.")
    return said


def _plain_value(word: Word) -> str | float | bool:
    """Give a value its type: only what stands without quotes is a number or a truth."""
    lowered = word.text.lower()
    if word.kind == "word" and lowered in {"true", "false"}:
        return lowered == "true"
    if word.kind == "number" or (word.kind == "word" and lowered in {"nan", "inf"}):
        try:
            return int(word.text)
        except ValueError:
            return float(word.text)
    return word.text
