"""A real trail of every released schema comes up to date at its opening, with all that it holds.

The trails beside this file were made by the code of their time (make_trail.py).
"""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from support.stored import ACCURACY, Workshop

from celltrail.domain.record import RunStatus
from celltrail.errors import TrailVersionError
from celltrail.store.blobs import digest_of
from celltrail.store.doctor import examine
from celltrail.store.migrate import migrations, schema_version
from celltrail.store.trail import Trail

TRAILS = sorted(Path(__file__).parent.glob("schema_*.zip"))
# What make_trail.py keeps: numbered runs that are not forgotten, the newest first.
KEPT = [
    "cut-short#1",
    "forest#7",
    "zoo#2",
    "zoo#1",
    "steady#1",
    "forest#6",
    "forest#5",
    "forest#4",
    "forest#3",
    "forest#2",
    "forest#1",
]


@pytest.fixture(params=TRAILS, ids=lambda path: path.stem)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Unpack an old trail."""
    folder = tmp_path / ".celltrail"
    with zipfile.ZipFile(request.param) as packed:
        packed.extractall(folder)
    return folder


def schema_of(trail: Trail) -> set[tuple[str, str]]:
    found = trail.db.rows("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL")
    return {(name, " ".join(sql.split())) for name, sql in found}


def test_there_is_a_trail_of_every_schema_before_this_one() -> None:
    assert [f"schema_{step.number:04d}" for step in migrations()[:-1]] == [path.stem for path in TRAILS]


def test_opening_an_old_trail_brings_it_up_to_date_after_a_copy(old: Path, tmp_path: Path) -> None:
    with Trail.open(old) as trail, Trail.open(tmp_path / "new") as fresh:
        assert (schema_version(),) == trail.db.row("PRAGMA user_version")
        assert [(step.number, step.name) for step in migrations()] == trail.db.rows(
            "SELECT number, name FROM migrations ORDER BY number"
        )
        assert schema_of(fresh) == schema_of(trail)
        assert examine(trail).is_well
        assert [] == trail.db.rows("PRAGMA foreign_key_check")
        assert [("ok",)] == trail.db.rows("PRAGMA integrity_check")
    assert 1 == len(list(old.glob("trail.before-*.db")))


def test_an_old_trail_keeps_every_run_and_what_it_holds(old: Path) -> None:
    with Trail.open(old) as trail:
        runs = trail.search_runs()
        assert KEPT == [run.reference for run in runs]
        scores = [run.metrics[ACCURACY] for run in trail.runs_of("forest")[:5]]
        assert [0.8, 0.81, 0.82, 0.83, 0.84] == pytest.approx(scores)
        assert ["forest#5"] == [
            run.reference for run in trail.search_runs("params.max_depth = 4 and tags.owner = 'me'")
        ]
        assert (3, 2) == (trail.run("steady#1").repeats, len(trail.repeats_of(trail.run("steady#1"))))
        assert RunStatus.FAILED == trail.run("zoo#2").status
        # Scored twice: by its own cell, and by a later one.
        assert 0.87 == trail.run("forest#6").metrics[ACCURACY]
        assert 1 + 6 + 3 + 1 + 1 == trail.count_scored(digest_of(b"y_test"))


def test_the_content_of_an_old_run_is_read_back_whole(old: Path) -> None:
    with Trail.open(old) as trail:
        run = trail.run("forest#7")

        assert ("the one to keep", "tried") == (run.note, run.tags["stage"])
        assert [b"\x89PNG" + bytes(70_000)] == run.figures
        assert [0.5, 0.25, 0.125] == [point.value for point in run.content.history("loss")]
        assert ["clf"] == [fit.name for fit in run.fits]
        assert 3000 == len(run.params["clf.note"])
        assert ["X_train", "y_train", "y_test"] == [row["name"] for row in run.content.field("inputs")]
        assert "live" == run.content.field("snapshot")["completeness"]


def test_work_goes_on_in_an_old_trail(old: Path) -> None:
    with Trail.open(old) as trail:
        shop = Workshop(trail, "ben")
        scored = trail.count_scored(digest_of(b"y_test"))

        again = [shop.save("steady", source="clf.fit(X, y)", metrics={ACCURACY: 0.7}) for _ in range(2)]
        new = shop.save("forest", metrics={ACCURACY: 0.9})

        assert "ben" == new.author
        assert [None, None] == [run.number for run in again]
        assert 5 == trail.run("steady#1").repeats
        assert "forest#8" == new.reference
        assert scored + 3 == trail.count_scored(digest_of(b"y_test"))


def test_a_reader_of_an_old_trail_is_told_what_to_do(old: Path) -> None:
    before = (old / "trail.db").read_bytes()

    with pytest.raises(TrailVersionError, match=r"schema \d+ of an older celltrail.*Load celltrail once"):
        Trail.open(old, read_only=True)

    assert before == (old / "trail.db").read_bytes()
