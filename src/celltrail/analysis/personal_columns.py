"""Which columns hold personal data: those that the settings mark, and those that name or content give away.

Of such a column a profile keeps counts alone: no value, no smallest and largest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from typing import Any

from celltrail.analysis.masking.find import Rules, find_in_text
from celltrail.analysis.masking.personal import is_card

_NAMES = re.compile(
    r"(?:^|.*_)(?:e_?mail(?:_?addr(?:ess)?)?|(?:tele|cell)?phone(?:_?(?:number|no|nr))?|mobile_?(?:number|no|nr)|iban|"
    r"ssn|social_security(?:_number)?|passport(?:_?(?:number|no))?|(?:credit_?)?card_?(?:number|no)|"
    r"(?:first|last|full|sur|maiden|given|family)_?name|(?:street|home|postal|mailing)_?address|"
    r"date_of_birth|dob|birth_?date)$"
)
_PERSONAL = Rules(frozenset({"emails", "cards", "phones"}))
# A rule of thumb: half of a hundred values tell what a column holds, and chance never makes half of them valid.
_LOOKED_AT = 100
_SHARE = 0.5


def personal_kind(name: str, values: Any, marked: Iterable[str] = ()) -> str | None:
    """Return what makes a column personal, or None.

    Parameters
    ----------
    name : str
        Of the column.
    values : sequence or array of shape (n,)
        Its values without the missing ones; only the first hundred are looked at.
    marked : iterable of str, optional
        Names from the settings, in which `*` stands for any text; case is not minded.

    Returns
    -------
    {"marked", "name", "email", "card", "iban", "phone"} or None
    """
    if any(fnmatchcase(name.lower(), pattern.lower()) for pattern in marked):
        return "marked"
    seen = values[:_LOOKED_AT]
    seen = seen.tolist() if hasattr(seen, "tolist") else list(seen)
    # A flag that tells whether there is an address is none.
    if _NAMES.match(_plain(name)) and not all(value in (0, 1) for value in seen):
        return "name"
    return _kind_of_content(seen)


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)).strip("_").lower()


def _kind_of_content(seen: Sequence[Any]) -> str | None:
    counts: dict[str, int] = {}
    for value in seen:
        if type(value) is int and value >= 10**12 and is_card(str(value)):
            counts["card"] = counts.get("card", 0) + 1
        elif type(value) is str:
            spans = find_in_text(value, _PERSONAL)
            if spans and sum(span.end - span.start for span in spans) >= 0.8 * len(value.strip()):
                counts[spans[0].kind] = counts.get(spans[0].kind, 0) + 1
    kind = max(counts, key=lambda one: counts[one], default=None)
    return kind if kind is not None and counts[kind] >= _SHARE * len(seen) else None
