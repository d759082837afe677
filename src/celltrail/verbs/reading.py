"""Reads what was typed behind a verb: words and options in, keywords of its function out.

Options may stand anywhere among the words. `--best 5` and `--best=5` are one. A number such as `-0.5` is no option,
and behind `--` nothing is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from celltrail.domain.words import did_you_mean
from celltrail.errors import UsageError
from celltrail.verbs.model import Argument, Option, Verb

JSON = Option("--json", "the answer as JSON")
HELP = Option("--help", "this help", short="-h")
COMMON = (JSON, HELP)

_LOOKS_LIKE_OPTION = re.compile(r"-(?![\d.])\S")


@dataclass(frozen=True, slots=True)
class Word:
    """One word: as it was typed, and without its quotes."""

    raw: str
    text: str


@dataclass(slots=True)
class Request:
    """What is asked of a verb."""

    verb: Verb
    values: dict[str, Any] = field(default_factory=dict)
    as_json: bool = False
    wants_help: bool = False


def cut_line(line: str) -> list[Word]:
    """Cut the line of a magic into words.

    A quote that is never closed is an apostrophe: `%trail note last don't forget` needs no care.

    Parameters
    ----------
    line : str
        What stands behind the magic's name.

    Returns
    -------
    list of Word
        In order.
    """
    words, position = [], 0
    while position < len(line):
        if line[position].isspace():
            position += 1
            continue
        start, text = position, ""
        while position < len(line) and not line[position].isspace():
            closing = line.find(line[position], position + 1) if line[position] in "'\"" else -1
            end = closing + 1 if closing > 0 else position + 1
            text += line[position + 1 : closing] if closing > 0 else line[position]
            position = end
        words.append(Word(line[start:position], text))
    return words


def shell_words(arguments: list[str]) -> list[Word]:
    """Return the words that a shell has cut already."""
    return [Word(each, each) for each in arguments]


def read_request(verb: Verb, words: list[Word]) -> Request:
    """Read what was typed behind a verb.

    Parameters
    ----------
    verb : Verb
        The verb.
    words : list of Word
        What stands behind it.

    Returns
    -------
    Request
        Values by the keywords of the verb's function; what was not given is not there.

    Raises
    ------
    UsageError
        If an option is unknown or its value wrong, or a word is missing or one too many; one line, with the nearest.
    """
    request = Request(verb)
    places, queue = [], list(words)
    while queue:
        word = queue.pop(0)
        if word.raw == "--":
            places += queue
            break
        if _LOOKS_LIKE_OPTION.match(word.raw):
            _take_option(request, word, queue)
        else:
            places.append(word)
    if not request.wants_help:
        _place(request, places)
    return request


def _take_option(request: Request, word: Word, queue: list[Word]) -> None:
    flag, has_value, text = word.text.partition("=")
    known = (*request.verb.options, *COMMON)
    option = next((each for each in known if flag in {each.flag, each.short}), None)
    if option is None:
        raise UsageError(
            f"{request.verb.name}: {flag} is no option. {did_you_mean(flag, [each.flag for each in known])}"
        )
    if option in COMMON:
        request.as_json |= option is JSON
        request.wants_help |= option is HELP
        return
    if not option.value:
        if has_value:
            raise UsageError(f"{request.verb.name}: {flag} takes no value.")
        request.values[option.keyword] = True
        return
    if not has_value:
        if not queue:
            raise UsageError(f"{request.verb.name}: {flag} needs a value: {option.shown}.")
        text = queue.pop(0).text
    request.values[option.keyword] = read_value(request.verb, option, text)


def read_value(verb: Verb, option: Option, text: str) -> Any:
    """Make the value of an option; a wrong one is a `UsageError` that says what it should be."""
    try:
        return option.read(text)
    except ValueError as error:
        raise UsageError(f"{verb.name}: {option.shown}: {text!r} won't do. {option.help.capitalize()}.") from error


def _place(request: Request, words: list[Word]) -> None:
    """Give the words to the arguments, in order."""
    queue = list(words)
    for argument in request.verb.arguments:
        if argument.count in {"many", "any"}:
            taken, queue = [word.text for word in queue], []
            if taken:
                request.values[argument.name] = taken
        elif argument.count in {"text", "optional text"}:
            if queue:
                request.values[argument.name] = _text(queue)
            queue = []
        elif queue:
            request.values[argument.name] = queue.pop(0).text
        _check(request, argument)
    if queue:
        raise UsageError(f"{request.verb.name}: {queue[0].text!r} is one word too many. Usage: {usage(request.verb)}")


def _check(request: Request, argument: Argument) -> None:
    value = request.values.get(argument.name)
    if value is None:
        if argument.count in {"one", "many", "text"}:
            raise UsageError(
                f"{request.verb.name}: {argument.name.upper()} is missing ({argument.help}). "
                f"Usage: {usage(request.verb)}"
            )
    elif argument.choices and value not in argument.choices:
        raise UsageError(f"{request.verb.name}: {value!r} won't do. {did_you_mean(value, argument.choices)}")


def _text(words: list[Word]) -> str:
    """Return text as it was typed; one word in quotes loses them."""
    if len(words) == 1:
        return words[0].text if words[0].raw[0] in "'\"" else words[0].raw
    return " ".join(word.raw for word in words)


def usage(verb: Verb) -> str:
    """Return the usage line: `compare RUN… [--code] [--json]`."""
    places = [argument.shown for argument in verb.arguments]
    options = [f"[{option.shown}]" for option in (*verb.options, JSON)]
    return " ".join([verb.name, *places, *options])
