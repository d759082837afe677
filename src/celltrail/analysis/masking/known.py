"""Values that this kernel knows to be secret: they are masked wherever they stand, and live in memory alone."""

from __future__ import annotations

import html
import json
import os
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

from celltrail.analysis.masking import keys

# Beyond this the oldest are forgotten: each is looked for in every text.
_MOST_LEARNED = 100


class KnownSecrets:
    """The secrets of the environment, and those that a name gave away."""

    def __init__(self) -> None:
        self._variables: dict[str, str] = {}
        self._count = -1
        self._learned: dict[str, None] = {}
        self.values: tuple[str, ...] = ()
        self.pattern: re.Pattern[str] | None = None

    def look_at_environment(self, *, again: bool = False) -> bool:
        """Take note of secret variables; say whether anything is new.

        Parameters
        ----------
        again : bool, default False
            Look at every name, even where the number of variables is as it was.
        """
        if (
            not again
            and len(os.environ) == self._count
            and all(os.environ.get(name) == value for name, value in self._variables.items())
        ):
            return False
        self._count = len(os.environ)
        found = {
            name: value
            for name, value in os.environ.items()
            if keys.is_secret_variable(name) and keys.is_secret_value(value)
        }
        if found == self._variables:
            return False
        # A value that was replaced may still stand in a variable of the user's.
        self._learned.update(dict.fromkeys(set(self._variables.values()) - set(found.values())))
        self._variables = found
        self._prepare()
        return True

    def learn(self, values: Iterable[str]) -> bool:
        """Take note of values that a name gave away, where they can't be taken for a word; say whether any is new."""
        new = [value for value in values if value not in self._learned and _is_unmistakable(value)]
        if not new:
            return False
        self._learned.update(dict.fromkeys(new))
        while len(self._learned) > _MOST_LEARNED:
            del self._learned[next(iter(self._learned))]
        self._prepare()
        return True

    def are_in(self, data: bytes) -> bool:
        """Say whether one of the values stands in bytes, such as a pickle."""
        return any(value.encode("utf-8", "surrogatepass") in data for value in self.values)

    def _prepare(self) -> None:
        known = {*self._variables.values(), *self._learned}
        forms = sorted({form for value in known for form in _written(value)}, key=lambda form: (-len(form), form))
        self.values = tuple(forms)
        self.pattern = re.compile("|".join(map(_whole, forms))) if forms else None


def _is_unmistakable(value: str) -> bool:
    kinds = [str.islower, str.isupper, str.isdigit, lambda sign: not sign.isalnum()]
    mixed = sum(any(map(kind, value)) for kind in kinds)
    return keys.is_secret_value(value) and (len(value) >= 12 or (mixed >= 3 and len(value) >= 8))


def _written(value: str) -> set[str]:
    """Return a value as it stands in text, in HTML, in a URL, in JSON."""
    in_urls = {quote(value, safe=""), quote(value), quote_plus(value)}
    return {value, html.escape(value), json.dumps(value)[1:-1], *in_urls}


def _whole(form: str) -> str:
    """Return the pattern of a value; a short one counts as a whole word only."""
    pattern = re.escape(form)
    if len(form) >= 16:
        return pattern
    return ("(?<!\\w)" if form[0].isalnum() else "") + pattern + ("(?!\\w)" if form[-1].isalnum() else "")
