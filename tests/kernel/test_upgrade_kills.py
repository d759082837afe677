"""Kernels killed while they bring a trail of an older schema up to date: in the copy before it, and in each step."""

from __future__ import annotations

import random
import shutil
import sqlite3
import sys
from pathlib import Path
from typing import Any

import pytest
from support.killing import Death
from support.scenario import Zygote

from celltrail.store.doctor import examine
from celltrail.store.gc import collect_garbage
from celltrail.store.migrate import schema_version
from celltrail.store.trail import Trail

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.skipif(sys.platform != "linux", reason="dies by a timer of Linux"),
]

POINTS = ("copy", "migration")
OLDEST = Path(__file__).parent.parent / "upgrades" / "schema_0001.zip"


def an_old_trail(folder: Path) -> Path:
    shutil.unpack_archive(OLDEST, folder)
    (found,) = folder.rglob("trail.db")
    return found.parent


def counted(file: Path) -> tuple[int, dict[str, int]]:
    """Return schema and rows of a database, once SQLite calls it sound."""
    plain = sqlite3.connect(file)
    try:
        assert [("ok",)] == plain.execute("PRAGMA integrity_check").fetchall()
        assert [] == plain.execute("PRAGMA foreign_key_check").fetchall()
        tables = ("runs", "executions", "metrics", "params", "series_chunks", "blobs")
        rows = {table: plain.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}
        return plain.execute("PRAGMA user_version").fetchone()[0], rows
    finally:
        plain.close()


@pytest.mark.parametrize(
    "count", [pytest.param(4, marks=pytest.mark.short), pytest.param(24, marks=pytest.mark.long)]
)
def test_a_kernel_killed_while_it_upgrades_a_trail_leaves_the_old_or_the_new_one_whole(
    tmp_path: Path, count: int
) -> None:
    zygote = Zygote()
    before = counted(an_old_trail(tmp_path / "before") / "trail.db")
    told = zygote.live(life="open", trail=str(an_old_trail(tmp_path / "measured")), measures=POINTS)
    (calls,) = [fact["calls"] for fact in told if "calls" in fact]
    left: list[int] = []
    for seed in range(count):
        trail = an_old_trail(tmp_path / str(seed))
        death = a_death(seed, calls)

        told = zygote.live(life="open", trail=str(trail), death=vars(death))

        note = f"seed {seed}, {death}"
        assert [-9] == told[-1]["ended"], (note, told)
        found = counted(trail / "trail.db")
        assert found[1] == before[1], note
        assert found[0] in range(before[0], schema_version() + 1), note
        left.append(found[0])
        for copy in trail.glob("trail.before-*.db"):
            assert before == counted(copy), note
        with Trail.open(trail) as opened:
            assert examine(opened).is_well, note
            collect_garbage(opened, youngest_s=-1)
            assert [] == [path.name for path in trail.glob(".*") if path.name != ".gitignore"], note
        assert schema_version() == counted(trail / "trail.db")[0], note
    zygote.close()
    sys.stdout.write(f"{count} killed while upgrading, schemas left: {sorted(left)}\n")


def a_death(seed: int, calls: dict[str, Any]) -> Death:
    chance = random.Random(seed)
    point = POINTS[seed % 2]
    call = chance.randrange(len(calls[point]))
    steps, microseconds, _ = calls[point][call]
    how = chance.choice(("step", "timer", "operation") if point == "migration" else ("step", "timer"))
    far = {"step": steps, "timer": microseconds, "operation": 2000}[how]
    # A little beyond the end too, so that some die when it is just done.
    return Death(point, call + 1, how, chance.randrange(max(far * 6 // 5, 1)))
