"""Bare names stay the user's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from celltrail.magics.trail import NAMES, register


@pytest.fixture
def shell() -> Iterator[Any]:
    config = Config()
    config.HistoryManager.hist_file = ":memory:"
    made = InteractiveShell(config=config)
    yield made
    made.history_manager.end_session()
    InteractiveShell.clear_instance()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("rest", ["", " forest"])
def test_a_bare_name_is_the_users_own(shell: Any, name: str, rest: str) -> None:
    forget = register(shell)

    bare = shell.run_cell(name + rest)

    expected = SyntaxError if rest else NameError
    assert expected is type(bare.error_in_exec or bare.error_before_exec)
    forget()


def test_a_name_that_another_magic_holds_is_not_taken(shell: Any) -> None:
    shell.register_magic_function(lambda line: f"theirs {line}", "line", "runs")

    forget = register(shell)

    assert "theirs x" == shell.run_line_magic("runs", "x")
    forget()
    assert "theirs x" == shell.run_line_magic("runs", "x")


def test_taking_the_magics_out_leaves_the_shell_as_it_was(shell: Any) -> None:
    before = dict(shell.magics_manager.magics["line"])
    checkers = list(shell.prefilter_manager.checkers)

    register(shell)()

    assert before == shell.magics_manager.magics["line"]
    assert checkers == list(shell.prefilter_manager.checkers)


@pytest.mark.parametrize("line", ["%runs --bset 3", "%trail stats", "%trail runs --bset", "%restore"])
def test_a_wrong_word_is_one_line_and_the_cell_is_in_error(shell: Any, capsys: Any, line: str) -> None:
    forget = register(shell)

    result = shell.run_cell(line)

    said = capsys.readouterr()
    assert result.error_in_exec is not None
    assert "Traceback" not in said.out + said.err
    assert 1 == len([each for each in said.err.splitlines() if each.strip()])
    forget()


def test_a_misspelt_verb_is_answered_with_the_nearest(shell: Any, capsys: Any) -> None:
    forget = register(shell)

    shell.run_cell("%trail forgett forest#1")

    assert "forgett is no verb. Did you mean forget?" in capsys.readouterr().err
    forget()


def test_help_is_printed(shell: Any, capsys: Any) -> None:
    forget = register(shell)

    shell.run_cell("%trail help")
    shell.run_cell("%restore -h")

    said = capsys.readouterr().out
    assert "Lists runs" in said
    assert "%restore forest#2 --notebook" in said
    forget()


def offered(shell: Any, line: str) -> list[str]:
    """Lines as Tab would complete them."""
    with provisionalcompleter():
        return [
            line[: each.start] + each.text + line[each.end :] for each in shell.Completer.completions(line, len(line))
        ]


def test_tab_offers_verbs_and_options(shell: Any) -> None:
    forget = register(shell)

    assert {"%trail rename", "%trail restore"} <= set(offered(shell, "%trail re"))
    assert ["%restore forest#2 --notebook"] == offered(shell, "%restore forest#2 --no")
    assert "%%track --no-model" in offered(shell, "%%track --no")
    forget()
