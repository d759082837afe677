"""Which models a sweep of models leaves: `best:3,last,registered`."""

from __future__ import annotations

from dataclasses import dataclass

from celltrail.domain.words import did_you_mean
from celltrail.errors import UsageError

_WORDS = ("best", "last", "registered")


@dataclass(frozen=True, slots=True)
class KeepRule:
    """What stays, of each experiment.

    Attributes
    ----------
    best : int
        Models of so many runs that stand highest by main metric.
    last : int
        Models of so many of the newest runs.

    Notes
    -----
    Models that are registered, or that `celltrail.keep` named, stay by every rule.
    """

    best: int = 0
    last: int = 0

    def __str__(self) -> str:
        told = (("best", self.best), ("last", self.last))
        parts = [f"{word}:{count}" if count > 1 else word for word, count in told if count]
        return ",".join([*parts, "registered"])


DEFAULT = KeepRule(best=3, last=1)


def read_keep_rule(text: str) -> KeepRule:
    """Read a rule as it is typed.

    Parameters
    ----------
    text : str
        Words with commas between: `best` or `best:N`, `last` or `last:N`, `registered`.

    Returns
    -------
    KeepRule
        The rule.

    Raises
    ------
    UsageError
        If a word is none of these, or N no whole number of at least 1.

    Examples
    --------
    >>> read_keep_rule("best:3,last,registered")
    KeepRule(best=3, last=1)
    """
    counts: dict[str, int] = {}
    for part in text.split(","):
        word, _, number = part.strip().partition(":")
        if word not in _WORDS:
            raise UsageError(
                f"--keep {text}: {word!r} says nothing of what to keep. {did_you_mean(word, _WORDS)} "
                "Such as: --keep best:3,last,registered"
            )
        is_count = number.isascii() and number.isdigit() and int(number) > 0
        if number and (word == "registered" or not is_count):
            raise UsageError(f"--keep {text}: {part.strip()!r} has no number of models. Such as: --keep best:3,last")
        counts[word] = int(number or 1)
    return KeepRule(counts.get("best", 0), counts.get("last", 0))
