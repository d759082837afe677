"""The command `celltrail`, as a shell calls it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from celltrail.cli import main


def test_without_words_it_shows_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == main([])
    assert "celltrail VERB …" in capsys.readouterr().out


def test_help_of_a_verb_shows_three_examples(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == main(["restore", "-h"])
    said = capsys.readouterr().out
    assert 3 == said.count("celltrail restore forest#2")


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["rnus"], 2, "celltrail: rnus is no verb. Did you mean runs?"),
        (["runs", "--bset", "3"], 2, "celltrail: runs: --bset is no option. Did you mean --best?"),
        (["show"], 2, "celltrail: show: RUN is missing"),
        (["runs"], 1, "celltrail: There is no trail at"),
        (["track", "off"], 1, "celltrail: track off speaks to a kernel"),
    ],
)
def test_what_it_does_not_know_or_can_not_do_is_one_line_and_a_status(
    words: list[str],
    status: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CELLTRAIL_TRAIL", raising=False)

    found = main(words)

    caught = capsys.readouterr()
    assert status == found
    assert caught.err.startswith(said)
    assert 1 == len(caught.err.splitlines())
    assert not caught.out


def test_the_environment_names_the_trail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from celltrail.store.trail import Trail

    Trail.open(tmp_path / "elsewhere").close()
    monkeypatch.setenv("CELLTRAIL_TRAIL", str(tmp_path / "elsewhere"))

    assert 0 == main(["status", "--json"])
    assert str(tmp_path / "elsewhere") == json.loads(capsys.readouterr().out)["trail"]


def test_status_is_five_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    main(["status"])

    assert ["notebook", "trail", "server", "captured", "not"] == [
        line.split()[0] for line in capsys.readouterr().out.splitlines()
    ]


def test_a_reader_that_goes_away_is_no_error() -> None:
    command = f"{sys.executable} -m celltrail.cli help | true"

    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False, env=dict(os.environ))

    assert "" == done.stderr


def test_a_terminal_without_unicode_is_answered_too() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "celltrail.cli", "help"],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )

    assert 0 == done.returncode
    assert b"Lists runs" in done.stdout
