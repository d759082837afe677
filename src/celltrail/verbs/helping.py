"""The help of every verb, written from the table: usage, words, options, three examples."""

from __future__ import annotations

import shlex
from typing import Literal

from celltrail.verbs.model import Verb
from celltrail.verbs.reading import COMMON, usage

Door = Literal["shell", "cell", "python"]


def verb_help(verb: Verb, door: Door) -> str:
    """Return the help of one verb as it is typed at a door.

    Parameters
    ----------
    verb : Verb
        The verb.
    door : {"shell", "cell", "python"}
        Where it is asked.

    Returns
    -------
    str
        Usage, arguments, options, examples.
    """
    prefix = _prefix(verb, door)
    lines = [f"{prefix}{usage(verb).removeprefix(verb.name)}", "", f"  {verb.summary}."]
    rows = [(argument.name.upper(), argument.help) for argument in verb.arguments]
    rows += [
        (f"{option.short}, {option.shown}" if option.short else option.shown, option.help)
        for option in (*verb.options, *COMMON)
    ]
    lines += ["", *_columns(rows), ""]
    lines += _columns([(f"{prefix} {_typed(each.words, door)}".rstrip(), each.does) for each in verb.examples])
    return "\n".join(lines)


def table_help(verbs: tuple[Verb, ...], door: Door) -> str:
    """Return the table of all verbs."""
    head = "celltrail VERB …" if door == "shell" else "%trail VERB …"
    short = ", ".join(f"%{verb.name}" for verb in verbs if verb.short_magic)
    foot = [] if door == "shell" or not short else ["", f"Short: %%track, %track, {short}."]
    more = "celltrail VERB -h" if door == "shell" else "%trail VERB -h"
    rows = [(verb.name, verb.summary) for verb in verbs]
    return "\n".join([head, "", *_columns(rows), *foot, "", f"{more} shows options and three examples."])


def _prefix(verb: Verb, door: Door) -> str:
    if door == "shell":
        return f"celltrail {verb.name}"
    return f"%{verb.name}" if verb.short_magic else f"%trail {verb.name}"


def _typed(words: str, door: Door) -> str:
    """A shell would act on `>` and quotes: there such words stand in quotation marks."""
    if door != "shell" or not set(words) & set("<>'()"):
        return words
    filter_text, separator, rest = words.partition(" --")
    return f"{_quoted(filter_text)}{separator}{rest}"


def _quoted(text: str) -> str:
    return f'"{text}"' if '"' not in text and "$" not in text else shlex.quote(text)


def _columns(rows: list[tuple[str, str]]) -> list[str]:
    width = max((len(left) for left, _ in rows), default=0)
    return [f"  {left:<{width}}   {right}".rstrip() for left, right in rows]
