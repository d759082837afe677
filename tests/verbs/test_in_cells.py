"""The magics on a real trail, in a real shell."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from support.stored import START, Workshop
from traitlets.config import Config

import celltrail
from celltrail.cli import main
from celltrail.magics.trail import register
from celltrail.store.trail import Trail
from celltrail.widget.panel import TrailWidget


@pytest.fixture
def shell(project: Path) -> Iterator[Any]:
    config = Config()
    config.HistoryManager.hist_file = ":memory:"
    made = InteractiveShell(config=config)
    forget = register(made)
    yield made
    forget()
    made.history_manager.end_session()
    InteractiveShell.clear_instance()


def test_runs_shows_the_list_as_a_shell_does(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    shell.run_cell("%runs params.max_depth > 4 --best 1")
    in_a_cell = capsys.readouterr().out
    main(["runs", "params.max_depth > 4", "--best", "1"])

    assert capsys.readouterr().out in in_a_cell
    assert "forest#2  0.8700" in in_a_cell


def test_runs_can_be_given_a_name_to_go_on_with(shell: Any) -> None:
    shell.run_cell("found = %runs params.max_depth > 4")

    assert [0.85, 0.87] == list(shell.user_ns["found"]["metrics.accuracy_score.y_test"])


def test_a_cell_shows_a_page_of_runs_and_says_how_to_see_the_older_ones(
    shell: Any, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Trail.open(project / ".celltrail") as trail:
        shop = Workshop(trail)
        for number in range(65):
            shop.save("many", metrics={"f1_score.y_test": number / 100}, at=START + timedelta(days=1, minutes=number))

    shell.run_cell("found = %runs experiment = 'many'\n%runs experiment = 'many'")
    shell.run_cell("more = %runs experiment = 'many' --limit 62\nlast = %runs experiment = 'many' --limit 2")

    found, more, last = (shell.user_ns[name] for name in ("found", "more", "last"))
    assert (60, 62, 2) == (len(found), len(more), len(last))
    assert ["many#65", "many#64"] == list(last.index)
    assert "older ones: %runs --limit 500, or celltrail.runs() for all" in capsys.readouterr().out
    assert 65 == len(celltrail.runs("experiment = 'many'"))


def test_in_python_runs_are_a_table_to_go_on_with(shell: Any) -> None:
    shell.run_cell("import celltrail\nfound = celltrail.runs('params.max_depth > 4', best=1)")

    assert isinstance(shell.user_ns["found"], pd.DataFrame)
    assert ["forest#2"] == list(shell.user_ns["found"].index)


def test_restore_puts_the_cell_below(shell: Any) -> None:
    shell.run_cell("%restore forest#2")

    assert shell.rl_next_input.endswith(celltrail.run("forest#2").source)
    assert shell.rl_next_input.startswith("# restored from forest#2, 2026-11-12\n")


def test_trail_alone_is_the_panel_and_a_reference_shows_a_run(shell: Any) -> None:
    panel = shell.run_cell("%trail").result
    shown = shell.run_cell("%trail forest#2").result

    assert isinstance(panel, TrailWidget)
    panel.close()
    assert "text/html" in shown._repr_mimebundle_()


def test_without_anywidget_the_panel_is_a_list_and_says_what_to_install(
    shell: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "celltrail.widget.panel", raising=False)
    monkeypatch.setitem(sys.modules, "anywidget", None)

    shell.run_cell("%trail")

    shown = capsys.readouterr().out
    assert "pip install anywidget" in shown
    assert "forest#2" in shown


def test_compare_shows_what_differs(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    shown = shell.run_cell("%compare forest#1 forest#2").result._repr_mimebundle_()

    assert "max_depth 4→8" in shown["text/plain"]
    assert shown["text/plain"] in capsys.readouterr().out
    assert "max_depth&ensp;" in shown["text/html"]


def test_tab_offers_runs_experiments_and_metrics(shell: Any) -> None:
    def offered(line: str) -> list[str]:
        with provisionalcompleter():
            found = shell.Completer.completions(line, len(line))
            return [line[: each.start] + each.text + line[each.end :] for each in found]

    assert ["%compare forest#1", "%compare forest#2", "%compare forest#3"] == sorted(offered("%compare forest#"))
    assert "%trail rename boost" in offered("%trail rename bo")
    assert "%runs metrics.accuracy_score.y_test" in offered("%runs metrics.acc")


def test_the_three_doors_answer_alike(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    shell.run_cell("%trail show forest#2 --json")
    in_a_cell = capsys.readouterr().out
    main(["show", "forest#2", "--json"])
    in_a_shell = capsys.readouterr().out

    assert in_a_shell == in_a_cell
    assert f'"id": "{celltrail.show("forest#2").data["id"]}"' in in_a_shell


def test_a_restored_cell_can_be_piped_to_the_letter(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = celltrail.run("forest#2").source

    main(["restore", "forest#2"])

    assert source == capsys.readouterr().out
