"""The header of a tracked cell."""

from __future__ import annotations

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from celltrail.domain.header import TrackOptions, find_header, parse_header, strip_header
from celltrail.errors import HeaderError


def test_a_header_says_all_that_can_be_asked() -> None:
    text = "forest --tag owner=me --tag=team=risk --note 'more trees' --seed 42 --main roc_auc --no-model --panel"

    options = parse_header(text, is_magic=True)

    assert TrackOptions(
        "forest", {"owner": "me", "team": "risk"}, "more trees", 42, "roc_auc", False, True, True
    ) == (options)


def test_an_empty_header_tracks_with_defaults() -> None:
    assert TrackOptions() == parse_header("  ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("forest --tga owner=me", "Did you mean --tag?"),
        ("--sed 3", "Did you mean --seed?"),
        ("forest --tag", "--tag needs a value"),
        ("forest --tag owner", "--tag KEY=VALUE"),
        ("forest --seed soon", "whole number"),
        ("forest --seed -3", "whole number"),
        ("my forest", "one word too many"),
        ("best", "means a run already"),
        ("churn/4", "can't be a name"),
        ("2nd", "can't be a name"),
        ("--no-model=yes", "takes no value"),
        ("--note 'open", "not closed"),
    ],
)
def test_a_wrong_header_says_what_is_wrong_and_how_it_is_written(text: str, said: str) -> None:
    with pytest.raises(HeaderError) as caught:
        parse_header(text, is_magic=True)

    assert said in str(caught.value)
    assert "Usage: %%track [NAME]" in str(caught.value)


def test_a_remark_behind_the_header_is_not_part_of_it() -> None:
    assert TrackOptions("forest") == parse_header("forest  # the one with more trees")


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("%%track forest\nfit()", 1),
        ("\n\n%%track forest\nfit()", 3),
        ("%%time\n%%track forest\nfit()", 2),
        ("%%capture out\n%%time\n%%track forest", 3),
        ("# %% [markdown]\n%%track forest", 2),
    ],
)
def test_the_magic_is_found_below_other_cell_magics(source: str, line: int) -> None:
    header = find_header(source)

    assert header is not None
    assert ("magic", line, "forest", "") == (header.kind, header.line, header.options.name, header.problem)
    assert header.options.is_magic


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("# celltrail: forest\nfit()", 1),
        ("#celltrail: forest\nfit()", 1),
        ("%%time\n\n# a word before\n# celltrail: forest\nfit()", 4),
    ],
)
def test_the_comment_is_found_before_the_first_statement(source: str, line: int) -> None:
    header = find_header(source)

    assert header is not None
    assert ("comment", line, "forest") == (header.kind, header.line, header.options.name)


@pytest.mark.parametrize(
    "source",
    [
        "",
        "fit()\n# celltrail: forest",
        "fit()\n%%track forest",
        "%%writefile train.py\n# celltrail: forest",
        "%%bash\n%%track forest",
        "%%tracker x\nfit()",
        "'# celltrail: forest'",
    ],
)
def test_what_only_looks_like_a_header_is_none(source: str) -> None:
    assert find_header(source) is None


def test_a_wrong_option_in_a_comment_leaves_the_rest_in_force() -> None:
    header = find_header("# celltrail: forest --tga a=b --seed 3")

    assert header is not None
    assert ("forest", 3) == (header.options.name, header.options.seed)
    assert "--tga is no option. Did you mean --tag?" == header.problem


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("%%track forest\n1/0\n", "#\n1/0\n"),
        ("%%track\n%%time\nfit()\n", "%%time\nfit()\n"),
        ("%%track\n\n%%writefile a.txt\nx\n", "%%writefile a.txt\nx\n"),
        ("%%time\n%%track\nfit()\n", "%%time\nfit()\n"),
        ("%%track", "#\n"),
        ("# celltrail: forest\nfit()\n", "# celltrail: forest\nfit()\n"),
        ("%%track --tga\nfit()\n", "#\nfit()\n"),
        ("%%bash\n%%track\nls\n", "%%bash\n%%track\nls\n"),
    ],
)
def test_stripping_leaves_the_users_code_and_its_line_numbers(source: str, expected: str) -> None:
    once = strip_header(source.splitlines(keepends=True))
    twice = strip_header(once)

    assert expected == "".join(once)
    assert once == twice


def test_in_a_terminal_the_header_alone_does_not_end_the_cell() -> None:
    manager = TransformerManager()
    manager.cleanup_transforms.append(strip_header)

    status, _ = manager.check_complete("%%track forest")

    assert "incomplete" == status


def test_line_numbers_hold_through_ipythons_own_transformers() -> None:
    manager = TransformerManager()
    manager.cleanup_transforms.append(strip_header)

    once = manager.transform_cell("%%track forest\nx = 1\n1/0")
    twice = manager.transform_cell(once)

    assert "1/0" == once.splitlines()[2]
    assert once == twice
