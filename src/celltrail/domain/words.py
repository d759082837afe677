"""What a person may have meant: the nearest of the words that celltrail knows."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word most like `word`, or None where none is like it.

    Parameters
    ----------
    word : str
        What was typed.
    known : iterable of str
        What could have been meant.

    Returns
    -------
    str or None
        A member of `known`.
    """
    words = list(known)
    by_folded = {each.casefold(): each for each in reversed(words)}
    # 0.6 is difflib's own cutoff, a rule of thumb.
    found = difflib.get_close_matches(word.casefold(), list(by_folded), n=1, cutoff=0.6)
    if found:
        return by_folded[found[0]]
    starts = [each for each in words if word and each.lstrip("-").startswith(word.lstrip("-") or word)]
    return starts[0] if len(starts) == 1 else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `Did you mean X?`, or the list of what there is where nothing is near."""
    words = list(known)
    near = nearest(word, words)
    if near is not None:
        return f"Did you mean {near}?"
    return f"There is {', '.join(words)}." if words else "There is none."
