"""Asks a verb: words in, its answer out. What every door does between typing and showing."""

from __future__ import annotations

import json
import math
from typing import Any

from celltrail.domain.words import did_you_mean
from celltrail.errors import UsageError
from celltrail.verbs.current import Context
from celltrail.verbs.helping import table_help, verb_help
from celltrail.verbs.model import Answer, Verb
from celltrail.verbs.reading import Request, Word, read_request
from celltrail.verbs.table import VERBS, find_verb


def ask(context: Context, verb: Verb, words: list[Word]) -> tuple[Answer, Request]:
    """Read the words behind a verb and run it.

    Parameters
    ----------
    context : Context
        Where we stand.
    verb : Verb
        What is asked.
    words : list of Word
        What was typed behind it.

    Returns
    -------
    tuple of (Answer, Request)
        The help instead, where `-h` was typed.

    Raises
    ------
    CelltrailError
        What the verb raises; all are one line.
    """
    request = read_request(verb, words)
    if request.wants_help:
        text = verb_help(verb, context.door)
        return Answer(text, text), request
    return verb.function()(context, **request.values), request


def as_json(answer: Answer) -> str:
    """Return the answer as JSON; numbers that are not finite as "nan", "inf", "-inf"."""
    return json.dumps(_finite(answer.data), ensure_ascii=False, indent=2, allow_nan=False, default=str)


def show_help(context: Context, *, verb: str | None = None) -> Answer:
    """Show the table of verbs, or the help of one."""
    if verb == "privacy":
        from celltrail.verbs.privacy import PRIVACY

        return Answer(PRIVACY, {"topic": "privacy", "text": PRIVACY})
    group = tuple(each for each in VERBS if verb and each.name.startswith(f"{verb} "))
    text = (
        verb_help(find_verb(verb), context.door) if verb and not group else table_help(group or VERBS, context.door)
    )
    return Answer(text, [{"verb": each.name, "summary": each.summary} for each in group or VERBS])


def unknown_keyword(verb: Verb, name: str) -> UsageError:
    """Return the error for a keyword that a verb does not take at the Python door."""
    known = [*(each.name for each in verb.arguments), *(each.keyword for each in verb.options)]
    return UsageError(f"{verb.name}: {name} is no keyword. {did_you_mean(name, known)}")


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {str(key): _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return value
