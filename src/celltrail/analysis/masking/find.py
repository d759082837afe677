"""Finds what must not be kept in one text. Most texts hold none of it, and are done after a quick look."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from celltrail.analysis.masking import keys, personal
from celltrail.analysis.masking.spans import Span, without_overlaps

PARTS = ("keys", "emails", "cards", "phones")
"""What `mask = […]` in the settings may name."""

# Cards, accounts and phones by their outline: digits as 0, capitals as A. Looking for these is ten times as fast as a
# regular expression that begins with any digit.
_OUTLINE = str.maketrans("123456789BCDEFGHIJKLMNOPQRSTUVWXYZ-", "000000000AAAAAAAAAAAAAAAAAAAAAAAAA ")
_OUTLINES = ("0000 0000 0000", "0000 000000 0000", "000 000 0000", "000.000.0000", ") 000 0000", ")000 0000", "+0")
_ACCOUNT = "AA00"
_BARE = "000000000000"
_BARE_DIGITS = re.compile(r"(?<![\d.])\d{12}")  # and no digits of a float
# What stands between words in a terminal or in source text, and would be taken for a letter of the next word.
_BETWEEN = re.compile(r"\x1b\[[0-9;]*m|\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[ntrfv0])")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_SHORTEST = 6
_SHORTEST_NUMBER = 10


@dataclass(frozen=True, slots=True)
class Rules:
    """What is looked for.

    Attributes
    ----------
    parts : frozenset of str
        Of `PARTS`.
    known : pattern or None
        Values that this kernel knows to be secret, wherever they stand.
    values : tuple of str
        The same values, for the quick look.
    """

    parts: frozenset[str] = frozenset(PARTS)
    known: re.Pattern[str] | None = None
    values: tuple[str, ...] = field(default=(), repr=False)


def find_in_text(text: str, rules: Rules) -> tuple[Span, ...]:
    """Find what must not be kept in plain text: an output, a message, a note, a path.

    Parameters
    ----------
    text : str
        Any text.
    rules : Rules
        What is looked for.

    Returns
    -------
    tuple of Span
        In order, none over another. Numbers in code are not looked at here: that is `find_in_code`.
    """
    if len(text) < _SHORTEST or not may_hold(text, rules):
        return ()
    return look_through(text, rules)


def look_through(text: str, rules: Rules) -> tuple[Span, ...]:
    """Find what must not be kept in a text that is worth it."""
    view = _BETWEEN.sub(lambda found: "\x00" * len(found[0]), text) if "\\" in text or "\x1b" in text else text
    found = _all(view, rules)
    if rules.known is not None and "keys" in rules.parts:
        # As it stands: a value may hold signs that are written with a backslash.
        found += [Span(*one.span(), "key", one[0]) for one in rules.known.finditer(text)]
    return without_overlaps(found)


def may_hold(text: str, rules: Rules) -> bool:
    """Say whether a text is worth a closer look."""
    parts = rules.parts
    if "emails" in parts and ("@" in text or "%40" in text or "&#" in text):
        return True
    if "keys" in parts and _may_hold_key(text, rules):
        return True
    return len(text) >= _SHORTEST_NUMBER and not parts.isdisjoint(("cards", "phones")) and _may_hold_number(text)


def _may_hold_key(text: str, rules: Rules) -> bool:
    if "://" in text:
        return True
    for value in rules.values:
        if value in text:
            return True
    if len(text) >= keys.SHORTEST_FORM:
        for sign in keys.SIGNS:
            if sign in text:
                return True
    lower = text.lower()
    for sign in keys.NAME_SIGNS:  # noqa: SIM110  a generator would cost more than what it asks
        if sign in lower:
            return True
    return False


def _may_hold_number(text: str) -> bool:
    outline = text.translate(_OUTLINE)
    if "0000" not in outline:
        return False
    if _ACCOUNT in outline:
        return True
    for form in _OUTLINES:
        if form in outline:
            return True
    return _BARE in outline and _BARE_DIGITS.search(text) is not None


def without_colours(text: str) -> str:
    """Return a text as it reads on a terminal."""
    return _COLOUR.sub("", text)


def _all(view: str, rules: Rules) -> list[Span]:
    found: list[Span] = []
    if "keys" in rules.parts:
        found += _keys(view)
    if "emails" in rules.parts:
        found += personal.emails(view)
    if not rules.parts.isdisjoint(("cards", "phones")) and _may_hold_number(view):
        found += personal.cards(view) if "cards" in rules.parts else ()
        found += personal.phones(view) if "phones" in rules.parts else ()
    return found


def _keys(view: str) -> list[Span]:
    found = [Span(*one.span(), "key", one[0]) for one in keys.FORMS.finditer(view)]
    if "PRIVATE KEY" in view:
        found += [Span(*one.span(), "key", one[0]) for one in keys.PRIVATE_KEY.finditer(view)]
    if "://" in view and "@" in view:
        found += [Span(*one.span(), "password", one[0]) for one in keys.URL_PASSWORD.finditer(view)]
        found += [Span(*one.span(1), "key", one[1]) for one in keys.URL_KEY.finditer(view) if _is_key(one)]
    if "://" in view and "=" in view:
        found += [Span(*one.span(1), "key", one[1]) for one in keys.URL_QUERY.finditer(view) if _is_key(one)]
    lower = view.lower()
    if "bearer" in lower or "basic " in lower:
        found += [Span(*one.span(1), "key", one[1]) for one in keys.HEADER.finditer(view) if _is_key(one)]
    if keys.names_secrets(view):
        found += [span for one in keys.ASSIGNED.finditer(view) if (span := _assigned(one)) is not None]
    return found


def _is_key(found: re.Match[str]) -> bool:
    return keys.is_secret_text(found[1])


def _assigned(found: re.Match[str]) -> Span | None:
    """Return what stands after `password=` or `"api_key": `, if it may be one."""
    name, value = found["name"], found["value"]
    if keys.is_password_name(name):
        if keys.is_placeholder(value) or not (found["quote"] or keys.is_secret_text(value)):
            return None
        return Span(*found.span("value"), "password", value)
    if keys.is_secret_name(name) and keys.is_secret_text(value):
        return Span(*found.span("value"), "key", value)
    return None
