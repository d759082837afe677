"""Finds what must not be kept in the source of a cell: in string literals and comments, never in numbers or names.

Literals are found by their quotation marks rather than by `tokenize`: a cell may hold magics, or not parse at all.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from celltrail.analysis.masking import keys
from celltrail.analysis.masking.find import Rules, find_in_text, look_through, may_hold
from celltrail.analysis.masking.spans import Span, without_overlaps

_LITERALS = (
    r'#[^\n]*|"""(?:[^\\]|\\.)*?(?:"""|\Z)|' + r"'''(?:[^\\]|\\.)*?(?:'''|\Z)"
    r'|"(?:[^"\\\n]|\\.)*"?' + r"|'(?:[^'\\\n]|\\.)*'?"
)
_PIECE = re.compile(_LITERALS, re.DOTALL)
_MAGIC = r"^[ \t]*(?:[A-Za-z_][\w, ]*=[ \t]*)?(?:%{1,2}[A-Za-z]|!(?!=))[^\n]*"
_MAGIC_LINE = re.compile(_MAGIC, re.MULTILINE)
_PIECE_OR_MAGIC = re.compile(f"(?P<magic>{_MAGIC})|{_LITERALS}", re.DOTALL | re.MULTILINE)
_PREFIX = re.compile(r"(?<![\w])[rRbBuUfFtT]{1,3}$")
_REPLACED = re.compile(r"\{\{|\}\}|\{(?P<code>[^{}]*(?:\{[^{}]*\}[^{}]*)*)\}")
# The body of these cell magics is no Python: all of it is text.
_OTHER_LANGUAGES = re.compile(
    r"\s*%%(?:bash|sh|zsh|script|writefile|file|html|svg|javascript|js|latex|markdown|perl|ruby|sql|bigquery|system|sx|"
    r"cmd|powershell|R|julia|cython)\b|\s*%%!"
)
_ASSIGNED_TO = re.compile(r"([A-Za-z_][\w.]*)\s*(?::\s*[\w.\[\] |]{1,40})?\s*(?:[!=]?=)\s*\(?\s*[A-Za-z]{0,2}$")
_AFTER_TEXT = re.compile(r"[\"']([\w.\- ]{2,60})[\"']\s*\]?\s*(?P<by>[!=]?=|:|,)\s*\(?\s*[A-Za-z]{0,2}$")
_PASSED_ON = re.compile(
    r"(?:([A-Za-z_][\w.]*)\s*=|[\"']([\w.\-]{2,60})[\"']\s*(?:\]\s*=|:))\s*([A-Za-z_]\w*)\b(?![\w.(\[\"'])"
)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of the source that is text."""

    start: int
    end: int
    text: str
    is_literal: bool
    is_bytes: bool = False
    is_formatted: bool = False


def find_in_code(source: str, rules: Rules) -> tuple[Span, ...]:
    """Find what must not be kept in the source of a cell.

    Parameters
    ----------
    source : str
        Python, as it was typed: magics and faults included.
    rules : Rules
        What is looked for.

    Returns
    -------
    tuple of Span
        In order, none over another; each within a string literal, a comment, or the line of a magic.
    """
    if not may_hold(source, rules):
        return ()
    if _OTHER_LANGUAGES.match(source):
        return find_in_text(source, rules)
    pieces = list(_pieces(source))
    # One look at all that is text, with nothing but fillers where code stands.
    view = list("\x00" * len(source))
    for piece in pieces:
        view[piece.start : piece.end] = piece.text
    starts = [piece.start for piece in pieces]
    found = []
    for span in look_through("".join(view), rules):
        is_bytes = pieces[bisect_right(starts, span.start) - 1].is_bytes
        found.append(Span(span.start, span.end, span.kind, span.value, is_bytes))
    if "keys" in rules.parts and keys.names_secrets(source):
        passed_on = _passed_on(source)
        literals = [piece for piece in pieces if piece.is_literal]
        found += [named for piece in literals if (named := _named(source, piece, passed_on)) is not None]
    return without_overlaps(found)


def _pieces(source: str, place: int = 0) -> Iterator[_Piece]:
    """Return the parts that are text, by their beginnings; what stands in an f-string's braces is code."""
    pattern = _PIECE_OR_MAGIC if _MAGIC_LINE.search(source) else _PIECE
    for found in pattern.finditer(source):
        text, start = found[0], found.start()
        if text[0] not in "\"'":
            yield _Piece(place + start, place + found.end(), text, is_literal=False)
            continue
        quote = text[0] * 3 if text.startswith(text[0] * 3) and len(text) > 2 else text[0]
        body = text[len(quote) :].removesuffix(quote) if len(text) > len(quote) else ""
        start += len(quote)
        before = _PREFIX.search(source, max(0, found.start() - 4), found.start())
        prefix = before[0].lower() if before else ""
        is_formatted = ("f" in prefix or "t" in prefix) and "{" in body
        shown = _REPLACED.sub(lambda part: "{" * len(part[0]), body) if is_formatted else body
        yield _Piece(place + start, place + start + len(body), shown, True, "b" in prefix, is_formatted)
        if is_formatted:
            for part in _REPLACED.finditer(body):
                if part["code"]:
                    yield from _pieces(part["code"], place + start + part.start("code"))


def _named(source: str, piece: _Piece, passed_on: frozenset[str]) -> Span | None:
    """Return the whole literal where the name before it says that it is a secret: `token="…"`, `{"token": "…"}`."""
    value = source[piece.start : piece.end]
    if not value or keys.is_placeholder(value) or piece.is_formatted:
        return None
    begin = source[max(0, piece.start - 120) : piece.start].rstrip("\"'")
    kind, name = None, ""
    if assigned := _ASSIGNED_TO.search(begin):
        name = assigned[1]
        if keys.is_password_name(name):
            kind = "password"
        elif (keys.is_secret_name(name) or name in passed_on) and keys.is_secret_text(value):
            kind = "key"
    elif text := _AFTER_TEXT.search(begin):
        name = text[1]
        if keys.is_password_name(name) and (text["by"] != "," or keys.is_secret_text(value)):
            kind = "password"
        elif keys.is_secret_name(name) and keys.is_secret_text(value):
            kind = "key"
    return None if kind is None else Span(piece.start, piece.end, kind, value, piece.is_bytes)


def _passed_on(source: str) -> frozenset[str]:
    """Return variables that are handed on as a secret: `x` in `login(token=x)`."""
    return frozenset(
        variable
        for name, text, variable in _PASSED_ON.findall(source)
        if keys.is_secret_name(name or text) and variable not in ("None", "True", "False")
    )
