"""A find in a text, and the masks that stand in its place: `‹masked:email:1›`.

Masks are numbered within one text (or one document), by first appearance: equal values have equal numbers there, and
the same text has the same masks in every kernel and every trail. A number that lasted longer would need the value, or
a digest of it that can be guessed back, in the trail; a number by the order of a kernel would make every unchanged
cell look changed after a restart.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

# As it was before 0.2, a mask has no number.
MASK = re.compile(r"[‹<]masked:([a-z-]+)(?::(\d+))?[›>]")


@dataclass(frozen=True, slots=True)
class Span:
    """A place in a text that must not be kept.

    Attributes
    ----------
    start, end : int
        Places in the text.
    kind : str
        "key", "password", "email", "card", "iban" or "phone".
    value : str
        What stands there.
    plain : bool
        Whether the mask must be ASCII: in a literal of bytes.
    """

    start: int
    end: int
    kind: str
    value: str
    plain: bool = False


@dataclass(slots=True)
class Numbering:
    """The numbers of one document; it lives as long as its document is masked."""

    numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    last: Counter[str] = field(default_factory=Counter)

    def number(self, kind: str, value: str) -> int:
        """Return the number of a value: the one it has, or the next."""
        known = self.numbers.get((kind, value))
        if known is None:
            self.last[kind] += 1
            known = self.numbers[kind, value] = self.last[kind]
        return known

    def pass_over(self, text: str) -> None:
        """Take note of masks that a text holds already, so that none of them is given to another value."""
        for kind, number in MASK.findall(text):
            self.last[kind] = max(self.last[kind], int(number or 0))


def put_masks(text: str, spans: Sequence[Span], numbering: Numbering) -> str:
    """Return a text with its finds masked.

    Parameters
    ----------
    text : str
        Any text.
    spans : sequence of Span
        In order, none over another.
    numbering : Numbering
        Of the document; gets the values that are new to it.

    Returns
    -------
    str
        The text with masks.
    """
    if "masked:" in text:
        numbering.pass_over(text)
    parts, place = [], 0
    for span in spans:
        name = f"masked:{span.kind}:{numbering.number(span.kind, span.value)}"
        parts += [text[place : span.start], f"<{name}>" if span.plain else f"‹{name}›"]
        place = span.end
    return "".join([*parts, text[place:]])


def without_overlaps(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Return finds in order; of two that overlap the one that begins first, then the longer one."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda one: (one.start, -one.end)):
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
        elif span.end > kept[-1].end:  # nothing of either may stay
            first = kept[-1]
            joined = first.value + span.value[first.end - span.start :]
            kept[-1] = Span(first.start, span.end, first.kind, joined, first.plain)
    return tuple(kept)


def count_masks(text: str) -> dict[str, int]:
    """Return how many masks of each kind a text holds."""
    return dict(Counter(kind for kind, _ in MASK.findall(text))) if "masked:" in text else {}


def is_same_but_for_masks(kept: str, text: str) -> bool:
    """Say whether a text is the one that was kept, whatever stood where the masks are.

    Parameters
    ----------
    kept : str
        From a trail.
    text : str
        As it stands now, not masked.

    Returns
    -------
    bool
        Also True for text that holds the masks themselves.
    """
    if kept == text or "masked:" not in kept:
        return kept == text
    pattern = ".+?".join(re.escape(part) for part in re.split(r"[‹<]masked:[a-z-]+(?::\d+)?[›>]", kept))
    return re.fullmatch(pattern, text, re.DOTALL) is not None
