"""References: how a run, a version or a thing in a run is named. One parser for every door.

==========================  ==========================================================
`forest#7`                  run 7 of an experiment
`forest#best`               likewise `forest#last`, `forest#prev`
`#7`, `7`                   run 7 of this experiment (`7` because a shell takes `#7` for a remark)
`last` `prev` `best`        the newest run, the one before it, the highest of this experiment
`saved`                     the run whose panel is saved in the open notebook
`01k8cz`                    the first six letters, or more, of a global id
`forest`                    an experiment, or a registered model: the reader decides
`churn/4`                   version 4 of a registered model
`churn@champion`            the version to which an alias points
`REF:name`                  a variable, fit or artifact in any of these
==========================  ==========================================================

Names begin with a letter and ids with a digit, so that none can be taken for another. Pure: what a reference means in
a trail is found out in `store`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from celltrail.errors import BadReferenceError

FORMS = (
    "forest#7, #7, last, prev, best, saved, the first six letters of an id, churn/4, churn@champion, "
    "or one of these with :name"
)


class ReferenceKind(StrEnum):
    """What a reference names."""

    NUMBER = "number"  # with `name`: run of that experiment; without: of this one
    LAST = "last"
    PREV = "prev"
    BEST = "best"
    SAVED = "saved"
    ID = "id"
    NAME = "name"
    VERSION = "version"
    ALIAS = "alias"

    @property
    def names_a_run(self) -> bool:
        """Whether it names a run rather than a registered model's version."""
        return self not in {ReferenceKind.VERSION, ReferenceKind.ALIAS}


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference that was read.

    Attributes
    ----------
    kind : ReferenceKind
        What it names.
    text : str
        As it was typed.
    name : str or None
        Experiment (or model); None means "this experiment" where the kind needs one.
    number : int or None
        Number of a run, or of a version.
    id_prefix : str or None
        At least six letters of an id, in lower case.
    alias : str or None
        Alias of a model, without `@`.
    member : str or None
        What follows `:`.
    """

    kind: ReferenceKind
    text: str
    name: str | None = None
    number: int | None = None
    id_prefix: str | None = None
    alias: str | None = None
    member: str | None = None

    def __str__(self) -> str:
        return self.text


_WORD = r"[^\W\d][\w.+-]*"
_WORDS = {kind.value: kind for kind in (ReferenceKind.LAST, ReferenceKind.PREV, ReferenceKind.BEST)}
_PATTERNS = [
    (ReferenceKind.NUMBER, re.compile(rf"(?:(?P<name>{_WORD})?#)?(?P<number>\d{{1,5}})")),
    (ReferenceKind.NUMBER, re.compile(rf"(?P<name>{_WORD})?#(?P<number>\d+)")),
    # Ids are Crockford's base 32 and begin with a digit until the year 3084.
    (ReferenceKind.ID, re.compile(r"(?P<id>[0-9][0-9a-hjkmnp-tv-z]{5,25})", re.IGNORECASE)),
    (ReferenceKind.VERSION, re.compile(rf"(?P<name>{_WORD})/(?P<number>\d+)")),
    (ReferenceKind.ALIAS, re.compile(rf"(?P<name>{_WORD})@(?P<alias>{_WORD})")),
    (ReferenceKind.NAME, re.compile(rf"(?P<name>{_WORD})")),
]
_RELATIVE = re.compile(rf"(?:(?P<name>{_WORD})#)?(?P<which>last|prev|best)")


def parse_reference(text: str) -> Reference:
    """Read a reference.

    Parameters
    ----------
    text : str
        As typed; blanks around it do not count.

    Returns
    -------
    Reference
        What it says. Whether such a run exists is for the store to find out.

    Raises
    ------
    BadReferenceError
        If it is none; the message lists what can be written.

    Examples
    --------
    >>> parse_reference("forest#7:clf").member
    'clf'
    """
    typed = text.strip()
    thing, colon, member = typed.partition(":")
    if colon and not member:
        raise BadReferenceError(f"{typed!r} ends in ':': a name is missing. Write {thing}:name.")
    found = _relative(thing) or _absolute(thing)
    if found is None:
        raise BadReferenceError(f"{_fault(thing)} Write {FORMS}.")
    return _complete(found, typed, member or None)


def _relative(thing: str) -> Reference | None:
    if thing == "saved":
        return Reference(ReferenceKind.SAVED, thing)
    if match := _RELATIVE.fullmatch(thing):
        return Reference(_WORDS[match["which"]], thing, name=match["name"])
    return None


def _absolute(thing: str) -> Reference | None:
    for kind, pattern in _PATTERNS:
        if match := pattern.fullmatch(thing):
            parts = match.groupdict()
            return Reference(
                kind,
                thing,
                name=parts.get("name"),
                number=int(parts["number"]) if parts.get("number") else None,
                id_prefix=parts["id"].lower() if parts.get("id") else None,
                alias=parts.get("alias"),
            )
    return None


def _complete(found: Reference, typed: str, member: str | None) -> Reference:
    return Reference(found.kind, typed, found.name, found.number, found.id_prefix, found.alias, member)


def _fault(thing: str) -> str:
    if not thing:
        return "A reference is missing."
    if thing.endswith(("#", "/", "@")):
        return f"{thing!r} ends in {thing[-1]!r}: a number or name is missing."
    if thing[0].isdigit():
        return f"{thing!r} is no id: ids have at least six letters and digits, none of them i, l, o or u."
    return f"{thing!r} is no reference."
