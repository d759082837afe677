"""What is typed behind a verb."""

from __future__ import annotations

from typing import Any

import pytest

from celltrail.errors import UsageError
from celltrail.verbs.reading import cut_line, read_request, shell_words
from celltrail.verbs.table import find_verb


def read(line: str) -> dict[str, Any]:
    name, _, rest = line.partition(" ")
    return read_request(find_verb(name), cut_line(rest)).values


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("runs", {}),
        ("runs --best 3 --mine", {"best": 3, "mine": True}),
        ("runs --best=3", {"best": 3}),
        ("runs params.owner = 'me' and metrics.x > -0.5", {"filter": "params.owner = 'me' and metrics.x > -0.5"}),
        ("runs metrics.x > 0.9 --since '3 days ago'", {"filter": "metrics.x > 0.9", "since": "3 days ago"}),
        ('runs "metrics.x > 0.9"', {"filter": "metrics.x > 0.9"}),
        ('runs metrics."my metric" > 1', {"filter": 'metrics."my metric" > 1'}),
        ("compare forest#1 forest#2 --code", {"runs": ["forest#1", "forest#2"], "code": True}),
        ("note last don't forget the columns", {"run": "last", "text": "don't forget the columns"}),
        ("note last ''", {"run": "last", "text": ""}),
        ("tag last owner=me", {"run": "last", "tags": ["owner=me"]}),
        ("restore forest#2 -o forest.py", {"run": "forest#2", "output": "forest.py"}),
        ("export -o x.zip forest#2", {"runs": ["forest#2"], "output": "x.zip"}),
        ("note last -- --not-an-option", {"run": "last", "text": "--not-an-option"}),
    ],
)
def test_words_and_options_are_read_as_they_are_meant(line: str, expected: dict[str, Any]) -> None:
    assert expected == read(line)


def test_the_shell_has_cut_and_unquoted_already() -> None:
    words = shell_words(["params.owner = 'me'", "--best", "2"])

    assert {"filter": "params.owner = 'me'", "best": 2} == read_request(find_verb("runs"), words).values


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("runs --bset 3", "--bset is no option. Did you mean --best?"),
        ("runs --best many", "runs: --best N: 'many' won't do. Only the first n by main metric"),
        ("runs --best 0", "won't do"),
        ("runs --best", "--best needs a value"),
        ("runs --mine=yes", "--mine takes no value"),
        ("compare", "compare: RUNS is missing"),
        ("restore", "restore: RUN is missing (forest#7"),
        ("show forest#1 forest#2", "'forest#2' is one word too many. Usage: show RUN [--all] [--json]"),
        ("track of", "'of' won't do. Did you mean off?"),
    ],
)
def test_a_wrong_word_is_answered_in_one_line_with_the_right_one(line: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(line)

    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_help_is_given_even_where_words_are_missing() -> None:
    request = read_request(find_verb("restore"), cut_line("-h"))

    assert request.wants_help


def test_an_unknown_verb_names_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"stats is no verb\. Did you mean status\?"):
        find_verb("stats")
