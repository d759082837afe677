"""Runs on their way to another trail: whole, once, and from nobody to be trusted."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.stored import ACCURACY, Workshop, a_fit, a_full_cell, a_metric

from celltrail.domain.ids import FitId, new_id
from celltrail.domain.record import RunStatus
from celltrail.errors import BadReferenceError, NotFoundError, UntrustedModelError, UsageError
from celltrail.store.annotate import forget, set_note
from celltrail.store.content import FIELDS
from celltrail.store.doctor import examine
from celltrail.store.gc import collect_garbage
from celltrail.store.trail import Trail
from celltrail.store.travel import export_runs, import_runs


@pytest.fixture
def bob(tmp_path: Path) -> Iterator[Workshop]:
    with Trail.open(tmp_path / "bob" / ".celltrail") as trail:
        yield Workshop(trail, author="bob")


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Trail]:
    with Trail.open(tmp_path / "ann" / ".celltrail") as trail:
        yield trail


def contents(run: Any) -> dict[str, Any]:
    """Return every field of a run but the notebook's place, which is another machine's."""
    found = {name: run.content.field(name) for name in FIELDS if name not in {"notebook", "execution"}}
    if found["snapshot"]:
        found["snapshot"].pop("notebook")
    return {**found, "fits": run.fits, "history": {key: run.metric_history(key) for key in run.metrics}}


def everything(trail: Trail) -> dict[str, Any]:
    tables = [name for (name,) in trail.db.rows("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    return {table: trail.db.rows(f"SELECT * FROM {table}") for table in tables}


def test_a_whole_run_arrives_as_it_left(bob: Workshop, here: Trail, tmp_path: Path) -> None:
    left = bob.keep(a_full_cell(bob))
    later = bob.cell("evaluation", metrics=[])
    assert later.run is not None
    later.metrics = [a_metric(left.id, FitId(left.fits[0].id), ACCURACY, 0.5)]
    later.run = None
    bob.trail.save(later, wait_s=5)
    left = bob.trail.run(left.id)

    export_runs(bob.trail, ["forest#1"], tmp_path / "runs.zip")
    imported = import_runs(here, tmp_path / "runs.zip")

    (run,) = here.search_runs()
    assert ("forest#1 · bob",) == imported.runs
    assert "forest#1 · bob" == run.reference
    assert 0.5 == run.metrics[ACCURACY]
    assert [0.91, 0.5] == [point.value for point in run.metric_history(ACCURACY)]
    for name in ("experiment", "number", "author", "status", "params", "tags", "note", "started_at", "duration_s"):
        assert getattr(left, name) == getattr(run, name)
    # NaN differs from itself: compared as text.
    assert repr(contents(left)) == repr(contents(run))
    assert left.figures == run.figures
    assert left.outputs == run.outputs
    assert examine(here).is_well


def test_importing_twice_changes_nothing(bob: Workshop, here: Trail, tmp_path: Path) -> None:
    bob.save(metrics={ACCURACY: 0.9})
    export_runs(bob.trail, ["last"], tmp_path / "runs.zip")
    import_runs(here, tmp_path / "runs.zip")
    set_note(here, here.run("forest#1"), "mine")
    before = everything(here)

    again = import_runs(here, tmp_path / "runs.zip")

    assert ((), ("forest#1 · bob",)) == (again.runs, again.known)
    assert before == everything(here)


def test_an_imported_run_stands_beside_ours_of_the_same_name(bob: Workshop, here: Trail, tmp_path: Path) -> None:
    theirs = [bob.save(metrics={ACCURACY: 0.99}), bob.save()]
    shop = Workshop(here)
    ours = shop.save(metrics={ACCURACY: 0.5})
    export_runs(bob.trail, ["forest#1", "forest#2"], tmp_path / "runs.zip")

    import_runs(here, tmp_path / "runs.zip")
    next_one = shop.save(metrics={ACCURACY: 0.4})

    assert ours == here.run("forest#1")
    assert theirs[0].id == here.run("forest#1 · bob").id
    assert 2 == next_one.number
    assert [ours, next_one] == here.runs_of("forest")
    assert next_one.id == here.run("last").id
    assert ours.id == here.run("best").id
    assert 4 == len(here.search_runs())


def test_repeats_go_along_and_are_counted(bob: Workshop, here: Trail, tmp_path: Path) -> None:
    for _ in range(3):
        bob.save(source="same", metrics={ACCURACY: 0.9})
    export_runs(bob.trail, ["forest#1"], tmp_path / "runs.zip")

    import_runs(here, tmp_path / "runs.zip")

    (run,) = here.search_runs()
    assert 3 == run.repeats
    assert 2 == len(here.repeats_of(run))


def test_what_was_imported_travels_on_under_its_author(bob: Workshop, here: Trail, tmp_path: Path) -> None:
    bob.save()
    export_runs(bob.trail, ["forest#1"], tmp_path / "runs.zip")
    import_runs(here, tmp_path / "runs.zip")
    export_runs(here, ["forest#1"], tmp_path / "on.zip")

    with Trail.open(tmp_path / "carl" / ".celltrail") as third:
        first, second = import_runs(third, tmp_path / "on.zip"), import_runs(third, tmp_path / "runs.zip")

    assert ("forest#1 · bob",) == first.runs == second.known


def test_a_run_that_was_swept_comes_home_to_its_number(bob: Workshop, tmp_path: Path) -> None:
    run = bob.save()
    bob.save()
    export_runs(bob.trail, ["forest#1"], tmp_path / "runs.zip")
    forget(bob.trail, run)
    collect_garbage(bob.trail)

    imported = import_runs(bob.trail, tmp_path / "runs.zip")

    assert ("forest#1",) == imported.runs
    assert [1, 2] == [one.number for one in bob.trail.runs_of("forest")]


def test_two_copies_of_a_trail_that_both_went_on_do_not_mix(bob: Workshop, tmp_path: Path) -> None:
    from celltrail.store.backup import back_up

    bob.save()
    back_up(bob.trail, tmp_path / "copy")
    mine = bob.save(tags={"who": "bob"})
    with Trail.open(tmp_path / "copy") as copy:
        Workshop(copy, author="carl").save(source="another", tags={"who": "carl"})
        export_runs(copy, ["forest#2"], tmp_path / "runs.zip")

    import_runs(bob.trail, tmp_path / "runs.zip")

    assert mine == bob.trail.run("forest#2")
    assert "carl" == bob.trail.run("forest#2 · carl").tags["who"]


def test_two_authors_of_one_name_must_be_told_apart(bob: Workshop, here: Trail, tmp_path: Path) -> None:
    bob.save()
    export_runs(bob.trail, ["forest"], tmp_path / "bob.zip")
    with Trail.open(tmp_path / "carl" / ".celltrail") as trail:
        Workshop(trail, author="carl").save()
        export_runs(trail, ["forest"], tmp_path / "carl.zip")
    import_runs(here, tmp_path / "bob.zip")
    import_runs(here, tmp_path / "carl.zip")

    with pytest.raises(BadReferenceError, match="forest#1 · bob, forest#1 · carl"):
        here.run("forest#1")

    assert "carl" == here.run("forest#1 · carl").author
    with pytest.raises(NotFoundError):
        here.run("forest#1 · dora")


def test_an_imported_pickle_is_not_opened(bob: Workshop, here: Trail, tmp_path: Path) -> None:
    bob.keep(a_full_cell(bob))
    export_runs(bob.trail, ["last"], tmp_path / "runs.zip")
    import_runs(here, tmp_path / "runs.zip")

    with pytest.raises(UntrustedModelError):
        here.run("forest#1").model()


def test_a_running_run_arrives_as_lost(bob: Workshop, here: Trail, tmp_path: Path) -> None:
    cell = bob.cell(fits=[a_fit()])
    assert cell.run is not None
    cell.run.status = cell.execution.status = RunStatus.RUNNING
    bob.trail.save(cell, wait_s=5)
    export_runs(bob.trail, [cell.run.id], tmp_path / "runs.zip")

    import_runs(here, tmp_path / "runs.zip")

    assert RunStatus.LOST == here.run("forest#1").status


Change = Callable[[dict[str, bytes]], None]


def _climb(members: dict[str, bytes]) -> None:
    members["../../evil.py"] = b"import os"


def _absolute(members: dict[str, bytes]) -> None:
    members["/etc/cron.d/evil"] = b"*"


def _lie(members: dict[str, bytes]) -> None:
    name = next(name for name in members if name.startswith("blobs/"))
    members[name] = b"something else"


def _lose(members: dict[str, bytes]) -> None:
    del members[next(name for name in members if name.startswith("blobs/"))]


def _newer(members: dict[str, bytes]) -> None:
    members["celltrail.json"] = members["celltrail.json"].replace(b"celltrail.runs/1", b"celltrail.runs/9")


def _no_list(members: dict[str, bytes]) -> None:
    del members["celltrail.json"]


def _no_json(members: dict[str, bytes]) -> None:
    members["celltrail.json"] = b"\xff not json"


def _deep(members: dict[str, bytes]) -> None:
    name = next(name for name in members if name.startswith("cells/"))
    members[name] = b'{"session": ' + b"[" * 100_000


def _changed(members: dict[str, bytes], change: Callable[[Any], None]) -> None:
    name = next(name for name in members if name.startswith("cells/"))
    cell = json.loads(members[name])
    change(cell)
    members[name] = json.dumps(cell).encode()


def _wrong_type(members: dict[str, bytes]) -> None:
    _changed(members, lambda cell: cell["run"].update(author=5))


def _wrong_kind(members: dict[str, bytes]) -> None:
    _changed(members, lambda cell: cell["run"]["artifacts"][0].update(kind="program"))


def _other_run(members: dict[str, bytes]) -> None:
    _changed(members, lambda cell: cell["run"].update(id=new_id()))


def _huge_number(members: dict[str, bytes]) -> None:
    listed = json.loads(members["celltrail.json"])
    listed["runs"][0]["number"] = 10**30
    members["celltrail.json"] = json.dumps(listed).encode()


def _bad_name(members: dict[str, bytes]) -> None:
    listed = json.loads(members["celltrail.json"])
    listed["experiments"][0]["name"] = "../x"
    members["celltrail.json"] = json.dumps(listed).encode()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (_climb, r"'../../evil.py', which no export writes"),
        (_absolute, "which no export writes"),
        (_lie, "is not what its name says"),
        (_lose, "can't be read"),
        (_newer, "upgrade celltrail"),
        (_no_list, "no celltrail.json"),
        (_no_json, "can't be read"),
        (_deep, "can't be read"),
        (_wrong_type, "can't be read"),
        (_wrong_kind, "can't be read"),
        (_other_run, "is not where its list says"),
        (_huge_number, "no proper id, experiment or number"),
        (_bad_name, "no proper name"),
    ],
)
def test_a_hostile_file_is_refused_and_nothing_is_written(
    bob: Workshop, here: Trail, tmp_path: Path, change: Change, says: str
) -> None:
    bob.keep(a_full_cell(bob))
    path = tmp_path / "runs.zip"
    export_runs(bob.trail, ["last"], path)
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    change(members)
    with zipfile.ZipFile(path, "w") as file:
        for name, data in members.items():
            file.writestr(name, data)
    before = everything(here)

    with pytest.raises(UsageError, match=says):
        import_runs(here, path)

    assert before == everything(here)
    assert not (tmp_path / "evil.py").exists()


def test_a_file_that_would_fill_the_disk_is_refused(bob: Workshop, here: Trail, tmp_path: Path) -> None:
    bob.keep(a_full_cell(bob))
    export_runs(bob.trail, ["last"], tmp_path / "runs.zip")

    with pytest.raises(UsageError, match="would unpack to more than"):
        import_runs(here, tmp_path / "runs.zip", largest_bytes=1000)


def test_a_file_can_not_take_over_what_is_ours(bob: Workshop, here: Trail, tmp_path: Path) -> None:
    ours = Workshop(here).keep(a_full_cell(Workshop(here)))
    theirs = bob.keep(a_full_cell(bob))
    path = tmp_path / "runs.zip"
    export_runs(bob.trail, ["last"], path)
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    stolen = {
        name: data.replace(theirs.fits[0].id.encode(), ours.fits[0].id.encode()) for name, data in members.items()
    }
    with zipfile.ZipFile(path, "w") as file:
        for name, data in stolen.items():
            file.writestr(name, data)
    before = everything(here)

    with pytest.raises(UsageError, match="belongs to another run"):
        import_runs(here, path)

    assert before == everything(here)


def test_what_is_no_export_at_all_is_said(here: Trail, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_text("hello")

    with pytest.raises(UsageError, match="can't be read as a file of `celltrail export`"):
        import_runs(here, tmp_path / "x.zip")
    with pytest.raises(UsageError, match="can't be read as a file of `celltrail export`"):
        import_runs(here, tmp_path / "missing.zip")
    with pytest.raises(UsageError, match="Name the runs to export"):
        export_runs(here, [], tmp_path / "y.zip")
