"""`doctor`, `backup`, `gc`: keeping a real trail well."""

from __future__ import annotations

from pathlib import Path

import pytest

import celltrail
from celltrail.domain.record import RunStatus
from celltrail.errors import UsageError
from celltrail.verbs.care import backup, doctor, gc
from celltrail.verbs.current import Context


def test_doctor_says_in_six_lines_that_all_is_well(shell_door: Context) -> None:
    answer = doctor(shell_door)

    assert "All is well." == answer.text.splitlines()[0]
    assert (0, True, 4) == (answer.exit_status, answer.data["is_well"], answer.data["runs"])


def test_a_backup_is_a_trail_itself(shell_door: Context, project: Path) -> None:
    answer = backup(shell_door, folder="copy")

    assert 4 == len(celltrail.open_trail(project / "copy").search_runs())
    assert str(project / "copy") == answer.data["path"]
    with pytest.raises(UsageError, match="exists already"):
        backup(shell_door, folder="copy")


def test_a_backup_without_a_place_lies_beside_the_trail(shell_door: Context, project: Path) -> None:
    made = Path(backup(shell_door).data["path"])

    assert (project, True) == (made.parent, made.name.startswith(".celltrail-backup-"))


def test_gc_only_says_what_would_go_when_asked_so(shell_door: Context) -> None:
    answer = gc(shell_door, check=True)

    assert answer.text.startswith("Would remove 0 forgotten runs")
    assert answer.data["is_dry"]


def test_runs_of_another_machine_are_lost_only_when_a_person_says_so(project: Path, running_elsewhere: str) -> None:
    here = Context("shell", project)

    doctor(here)
    before = celltrail.run(running_elsewhere).status
    answer = doctor(here, mark_lost=True)

    assert RunStatus.RUNNING == before
    assert "marked   1 run as lost" in answer.text
    assert RunStatus.LOST == celltrail.run(running_elsewhere).status
