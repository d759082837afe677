"""The Python door for verbs without a function of their own in `api`: `celltrail.note("last", "a first try")`."""

from __future__ import annotations

import keyword
from collections.abc import Callable
from typing import Any

from celltrail.errors import UsageError
from celltrail.verbs import current
from celltrail.verbs.asking import unknown_keyword
from celltrail.verbs.helping import verb_help
from celltrail.verbs.model import Answer, Verb
from celltrail.verbs.reading import read_value, usage
from celltrail.verbs.table import VERBS


def verb_names() -> list[str]:
    """Return the names that verbs have in Python: `import` is `import_`, `env lock` is `env_lock`."""
    return [_python_name(verb) for verb in VERBS]


def verb_function(name: str) -> Callable[..., Any] | None:
    """Return the function of a verb; None where no verb bears the name.

    Parameters
    ----------
    name : str
        As in Python.

    Returns
    -------
    callable or None
        Takes the verb's words by place and its options by keyword.
    """
    verb = next((each for each in VERBS if _python_name(each) == name), None)
    if verb is None:
        return None

    def call(*words: Any, **options: Any) -> Any:
        return call_verb(verb, *words, **options)

    call.__name__ = call.__qualname__ = name
    call.__module__ = "celltrail"
    call.__doc__ = verb_help(verb, "python")
    return call


def call_verb(verb: Verb, *words: Any, **options: Any) -> Any:
    """Run a verb from Python.

    Parameters
    ----------
    verb : Verb
        The verb.
    *words : str or Run
        Its words, in order; a run does for its reference.
    **options
        Its options by keyword; None is "not given".

    Returns
    -------
    object
        The value where the verb has one (a run, a table), else the answer, which shows itself.

    Raises
    ------
    CelltrailError
        What the verb raises.
    """
    values = _placed(verb, [_as_word(each) for each in words])
    for name, value in options.items():
        values.update(_option(verb, name, value))
    for argument in verb.arguments:
        if argument.count in {"one", "many", "text"} and not values.get(argument.name):
            raise UsageError(f"{verb.name}: {argument.name} is missing ({argument.help}).")
    answer: Answer = verb.function()(current.context("python"), **values)
    return answer if answer.value is None else answer.value


def _placed(verb: Verb, words: list[Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    queue = list(words)
    for argument in verb.arguments:
        if not queue:
            break
        if argument.count in {"many", "any"}:
            values[argument.name], queue = queue, []
        else:
            values[argument.name] = queue.pop(0)
            if argument.choices and values[argument.name] not in argument.choices:
                raise UsageError(f"{verb.name}: {argument.name} is one of {', '.join(argument.choices)}.")
    if queue:
        raise UsageError(f"{verb.name}: {queue[0]!r} is one word too many. Usage: {usage(verb)}")
    return values


def _option(verb: Verb, name: str, value: Any) -> dict[str, Any]:
    if value is None or value is False:
        return {}
    for argument in verb.arguments:
        if argument.name == name:
            is_list = argument.count in {"many", "any"} and not isinstance(value, list | tuple)
            return {name: [_as_word(value)] if is_list else value}
    for option in verb.options:
        if option.keyword == name:
            return {name: read_value(verb, option, str(value)) if option.value else bool(value)}
    raise unknown_keyword(verb, name)


def _as_word(value: Any) -> Any:
    """Return the id of a run, so that it can stand where a reference can."""
    from celltrail.domain.run import Run

    return str(value.id) if isinstance(value, Run) else value


def _python_name(verb: Verb) -> str:
    name = verb.name.replace(" ", "_")
    return f"{name}_" if keyword.iskeyword(name) else name
