"""Reads the dates of a filter: `2026-11-01`, `2026-11-01 14:30`, `3 days ago`, `yesterday`, `today`, `now`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from celltrail.store.filter_tree import Moment

_AGO = re.compile(r"(\d{1,6}|an?)\s+(second|minute|hour|day|week|month|year)s?\s+ago", re.IGNORECASE)
_DAY = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?")
_INSTANT = timedelta(microseconds=1)
_UNIT_S = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}
_UNIT_MONTHS = {"month": 1, "year": 12}


def read_moment(text: str, now: datetime) -> Moment | None:
    """Read a date as a person types it.

    Parameters
    ----------
    text : str
        A day, a month, a time in ISO 8601, or how long ago.
    now : datetime
        Aware; its zone is the reader's zone, in which a date without one is meant.

    Returns
    -------
    Moment or None
        In UTC; None where the text is no date.
    """
    said = text.strip().lower()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        if said == "now":
            return _instant(now)
        if said in {"today", "yesterday"}:
            day = midnight - timedelta(days=1 if said == "yesterday" else 0)
            return _stretch(day, day + timedelta(days=1))
        if match := _AGO.fullmatch(said):
            return _instant(_ago(match.group(1), match.group(2), now))
        if match := _DAY.fullmatch(said):
            return _calendar(*match.groups(), now=now)
        moment = datetime.fromisoformat(text.strip())
        return _instant(moment if moment.tzinfo else _local(moment, now))
    except (ValueError, OverflowError):
        return None


def _ago(count: str, unit: str, now: datetime) -> datetime:
    number = 1 if count in {"a", "an"} else int(count)
    if unit in _UNIT_S:
        return now - timedelta(seconds=number * _UNIT_S[unit])
    months = now.year * 12 + now.month - 1 - number * _UNIT_MONTHS[unit]
    # The 31st of March less a month: the last day that February has.
    for day in range(now.day, 27, -1):
        try:
            return now.replace(year=months // 12, month=months % 12 + 1, day=day)
        except ValueError:
            continue
    return now.replace(year=months // 12, month=months % 12 + 1)


def _calendar(year: str, month: str, day: str | None, *, now: datetime) -> Moment:
    start = _local(datetime(int(year), int(month), int(day or 1)), now)
    if day is not None:
        return _stretch(start, start + timedelta(days=1))
    following = int(year) * 12 + int(month)
    return _stretch(start, _local(datetime(following // 12, following % 12 + 1, 1), now))


def _local(moment: datetime, now: datetime) -> datetime:
    return moment.replace(tzinfo=now.tzinfo)


def _instant(moment: datetime) -> Moment:
    return _stretch(moment, moment + _INSTANT)


def _stretch(start: datetime, end: datetime) -> Moment:
    return Moment(start.astimezone(UTC), end.astimezone(UTC))
