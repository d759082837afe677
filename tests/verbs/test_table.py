"""The table of verbs that the three doors share."""

from __future__ import annotations

import inspect

import pytest

from celltrail.verbs.helping import Door, table_help, verb_help
from celltrail.verbs.model import Verb
from celltrail.verbs.reading import cut_line, read_request
from celltrail.verbs.table import VERBS, find_verb

EACH = pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)


@EACH
def test_a_verbs_function_takes_exactly_what_the_table_says(verb: Verb) -> None:
    parameters = list(inspect.signature(verb.function()).parameters)

    assert [*(each.name for each in verb.arguments), *(each.keyword for each in verb.options)] == parameters[1:]


@EACH
def test_every_verb_has_three_examples_that_can_be_read(verb: Verb) -> None:
    assert 3 == len(verb.examples)
    for example in verb.examples:
        assert example.does
        read_request(verb, cut_line(example.words))


@EACH
@pytest.mark.parametrize(("door", "begins"), [("shell", "celltrail "), ("cell", "%")])
def test_help_shows_usage_options_and_examples(verb: Verb, door: Door, begins: str) -> None:
    text = verb_help(verb, door)

    assert text.startswith(begins)
    assert verb.summary in text
    for option in verb.options:
        assert option.flag in text


def test_a_shell_is_shown_examples_it_will_not_act_upon() -> None:
    text = verb_help(find_verb("runs"), "shell")

    assert 'celltrail runs "metrics.accuracy_score.y_test > 0.9 and params.max_depth = 5"' in text


def test_the_table_lists_every_verb_once() -> None:
    lines = table_help(VERBS, "cell").splitlines()

    for verb in VERBS:
        assert 1 == sum(line.startswith(f"  {verb.name}  ") for line in lines)


@pytest.mark.parametrize("name", ["forget", "gc", "rename", "enable", "disable"])
def test_what_erases_or_changes_much_can_be_checked_first(name: str) -> None:
    assert "--check" in [option.flag for option in find_verb(name).options]
