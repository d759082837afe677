"""`note`, `tag`, `rename`, `forget`, `export`, `import`: changing a real trail."""

from __future__ import annotations

from pathlib import Path

import pytest

import celltrail
from celltrail.errors import CelltrailError, NotFoundError, UsageError
from celltrail.store.trail import Trail
from celltrail.verbs import current
from celltrail.verbs.annotate import note, rename, tag
from celltrail.verbs.care import gc
from celltrail.verbs.carry import export_runs, import_runs
from celltrail.verbs.current import Context
from celltrail.verbs.forget import forget


def numbers(experiment: str) -> list[int | None]:
    return [run.number for run in celltrail.open_trail().runs_of(experiment)]


def test_a_note_is_set_shown_and_taken_away(shell_door: Context) -> None:
    note(shell_door, run="forest#2", text="more trees")

    assert "forest#2: more trees" == note(shell_door, run="forest#2").text
    note(shell_door, run="forest#2", text="")
    assert "forest#2: no note" == note(shell_door, run="forest#2").text


def test_tags_are_set_and_taken_away(shell_door: Context) -> None:
    tag(shell_door, run="forest#2", tags=["owner=me", "stage=trial"])
    tag(shell_door, run="forest#2", tags=["stage="])

    assert {"owner": "me"} == tag(shell_door, run="forest#2").data["tags"]


def test_a_wrong_tag_leaves_the_run_as_it_is(shell_door: Context) -> None:
    with pytest.raises(UsageError, match="lacks its '='"):
        tag(shell_door, run="forest#2", tags=["owner=me", "stage"])

    assert {} == tag(shell_door, run="forest#2").data["tags"]


def test_a_renamed_experiment_keeps_its_numbers(shell_door: Context) -> None:
    checked = rename(shell_door, experiment="forest", name="trees", check=True)
    before = numbers("forest")
    rename(shell_door, experiment="forest", name="trees")

    assert "Would rename forest to trees: forest#3 becomes trees#3." == checked.text
    assert [1, 2, 3] == before == numbers("trees")


def test_a_name_that_is_taken_or_can_not_be_one_is_refused(shell_door: Context) -> None:
    for name in ("boost", "best", "churn/4"):
        with pytest.raises(UsageError):
            rename(shell_door, experiment="forest", name=name)

    assert 1 == rename(shell_door, experiment="forest", name="boost", check=True).exit_status


def test_forgotten_runs_come_back_until_gc(shell_door: Context) -> None:
    forget(shell_door, runs=["forest#1"], check=True)
    untouched = numbers("forest")
    forget(shell_door, runs=["forest#1", "forest#2"])
    left = numbers("forest")
    forget(shell_door, runs=["forest#1"], undo=True)

    assert [1, 2, 3] == untouched
    assert [3] == left
    assert [1, 3] == numbers("forest")


def test_after_gc_a_forgotten_run_is_gone(shell_door: Context) -> None:
    forget(shell_door, runs=["forest#1"])

    dry = gc(shell_door, dry_run=True)
    swept = gc(shell_door)

    assert ("Would remove 1 forgotten run (forest#1)", dry.data["runs"]) == (
        dry.text.split(" and ", maxsplit=1)[0],
        swept.data["runs"],
    )
    with pytest.raises(NotFoundError):
        forget(shell_door, runs=["forest#1"], undo=True)


def test_a_run_travels_to_another_trail(
    shell_door: Context, project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    written = export_runs(shell_door, runs=["forest#2", "boost#1"])
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    Trail.open(elsewhere / ".celltrail").close()

    answer = import_runs(Context("shell", elsewhere), file=written.data["file"])

    assert project / "forest-2-and-1-more.celltrail.zip" == Path(written.data["file"])
    assert 2 == len(answer.data["runs"])
    arrived = current.open_at(elsewhere).search_runs("experiment = 'forest'")[0]
    assert celltrail.run("forest#2").id == arrived.id
    assert celltrail.run("forest#2").source == arrived.source


def test_export_never_writes_over_a_file(shell_door: Context) -> None:
    export_runs(shell_door, runs=["forest#2"])

    with pytest.raises(CelltrailError):
        export_runs(shell_door, runs=["forest#2"])


def test_a_file_that_is_no_export_is_refused(shell_door: Context, project: Path) -> None:
    (project / "other.zip").write_text("nothing")

    with pytest.raises(CelltrailError):
        import_runs(shell_door, file="other.zip")


def test_verbs_without_a_function_of_their_own_work_in_python(python_door: Context) -> None:
    celltrail.note("forest#2", "a first try")
    celltrail.tag(celltrail.run("forest#2"), "owner=me")

    run = celltrail.run("forest#2")
    assert ("a first try", {"owner": "me"}) == (run.note, dict(run.tags))
    with pytest.raises(UsageError, match=r"txet is no keyword\. Did you mean text\?"):
        celltrail.note("forest#2", txet="x")
