"""Cuts a filter into words, signs, numbers and quoted texts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from celltrail.store.filter_tree import filter_error

WordKind = Literal["word", "quoted", "number", "sign", "end"]

_SIGNS = ("!=", "<>", "<=", ">=", "==", "=", "<", ">", "(", ")", ",")
# A date may stand without quotes; it is read as the text it is.
_DATE = re.compile(r"\d{4}-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2})?)?)?(?![\w.])")
_NUMBER = re.compile(r"[+-]?(\d[\d_]*(\.\d*)?|\.\d+)([eE][+-]?\d+)?(?![\w.])|[+-](inf|nan)\b", re.IGNORECASE)
# A name: `metrics.f1_score.macro.y_test`, `rf:accuracy`, `random-forest`. A dot at the end means that a quoted
# part follows: metrics."my metric".
_WORD = re.compile(r"[^\W\d]\w*(?:[.:\-]\w+)*\.?|#\d+")
_QUOTES = "'\"`"


@dataclass(frozen=True, slots=True)
class Word:
    """One piece of a filter."""

    kind: WordKind
    text: str  # without its quotes
    position: int
    quote: str = ""

    def is_keyword(self, *words: str) -> bool:
        """Say whether this is one of the grammar's own words, in any case."""
        return self.kind == "word" and self.text.lower() in words

    def is_sign(self, *signs: str) -> bool:
        """Say whether this is one of these signs."""
        return self.kind == "sign" and self.text in signs


def cut(text: str) -> list[Word]:
    """Cut a filter into its words.

    Parameters
    ----------
    text : str
        The filter.

    Returns
    -------
    list of Word
        The last one has kind "end".

    Raises
    ------
    FilterError
        At a character that begins nothing, and at a quote that is never closed.
    """
    words: list[Word] = []
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        word, position = _next_word(text, position)
        words.append(word)
    words.append(Word("end", "", len(text)))
    return words


def _next_word(text: str, position: int) -> tuple[Word, int]:
    if text[position] in _QUOTES:
        return _quoted(text, position)
    if match := _DATE.match(text, position):
        return Word("quoted", match.group(), position), match.end()
    if match := _NUMBER.match(text, position):
        return Word("number", match.group(), position), match.end()
    if match := _WORD.match(text, position):
        return Word("word", match.group(), position), match.end()
    for sign in _SIGNS:
        if text.startswith(sign, position):
            return Word("sign", sign, position), position + len(sign)
    raise filter_error(text, position, f"{text[position]!r} has no meaning in a filter.")


def _quoted(text: str, position: int) -> tuple[Word, int]:
    """Read up to the closing quote; a doubled quote stands for the quote itself."""
    quote = text[position]
    parts = []
    start = position + 1
    while True:
        end = text.find(quote, start)
        if end < 0:
            raise filter_error(text, position, f"This {quote} is never closed.")
        parts.append(text[start:end])
        if text[end + 1 : end + 2] != quote:
            return Word("quoted", quote.join(parts), position, quote), end + 1
        start = end + 2
