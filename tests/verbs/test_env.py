"""`env lock`, `env make` and `env diff` at their doors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import celltrail
from celltrail.cli import main
from celltrail.errors import UsageError
from celltrail.verbs.current import Context
from celltrail.verbs.env import env_diff, env_lock


def test_env_alone_and_with_h_shows_its_verbs(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["env"], ["env", "-h"], ["help", "env"]):
        assert 0 == main(words)
        said = capsys.readouterr().out
        assert ["env lock", "env make", "env diff"] == [
            " ".join(line.split()[:2]) for line in said.splitlines() if line.startswith("  env")
        ]


def test_each_has_its_own_help_and_a_wrong_word_the_nearest(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert 0 == main(["env", "lock", "-h"])
    assert "celltrail env lock forest#7" in capsys.readouterr().out
    assert 0 == main(["help", "env", "make"])
    assert "celltrail env make forest#7 ../forest-7-env" in capsys.readouterr().out
    assert 2 == main(["env", "lok", "forest#1"])
    assert "env lok is no verb. Did you mean lock?" in capsys.readouterr().err


def test_a_run_is_compared_with_here_by_default(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == main(["env", "diff", "forest#1", "--json"])

    told = json.loads(capsys.readouterr().out)
    assert ("forest#1", "here") == (told["left"], told["right"])
    (learn,) = [one for one in told["differences"] if one["name"] == "scikit-learn"]
    assert ("1.0.1", True) == (learn["before"], learn["is_used"])


def test_two_runs_of_one_environment_differ_in_nothing(shell_door: Context) -> None:
    answer = env_diff(shell_door, left="forest#1", right="forest#2")

    assert "nothing differs" in answer.text
    assert "same: Python 3.11.7, 2 distributions" in answer.text


def test_the_python_door_has_them_under_one_word(project: Path) -> None:
    assert "forest#1 → forest#2" in celltrail.env_diff("forest#1", "forest#2").text


def test_a_lock_is_never_written_over_a_file(shell_door: Context, project: Path) -> None:
    (project / "pylock.toml").write_text("mine")

    with pytest.raises(UsageError, match="never writes over"):
        env_lock(shell_door, run="forest#1", output="pylock.toml")

    assert "mine" == (project / "pylock.toml").read_text()


def test_a_lock_has_a_name_that_installers_know(shell_door: Context) -> None:
    with pytest.raises(UsageError, match=r"-o pylock\.forest-1\.toml"):
        env_lock(shell_door, run="forest#1", output="environment.toml")
