"""Eight kernels that write to one trail at once, beside a reader, sweeps, backups and examinations."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from support.scenario import Zygote
from support.whole import check_trail

from celltrail.store.trail import Trail

pytestmark = [pytest.mark.kernel, pytest.mark.skipif(sys.platform == "win32", reason="no fork there")]

# The log is folded at 8 MB, by whoever ends a cell when nobody reads an older state.
LONGEST_LOG_BYTES = 64 << 20


@pytest.mark.parametrize(
    ("kernels", "seconds"),
    [pytest.param(4, 10, marks=pytest.mark.short), pytest.param(8, 60, marks=pytest.mark.long)],
)
def test_kernels_that_write_to_one_trail_lose_nothing(tmp_path: Path, kernels: int, seconds: int) -> None:
    (tmp_path / "celltrail.toml").touch()
    place = {"folder": str(tmp_path), "seconds": seconds}
    zygote = Zygote()
    with Trail.open(tmp_path / ".celltrail"):
        pass  # for the reader, which makes none

    jobs = [place | {"life": "write", "worker": number} for number in range(kernels)]
    told = zygote.live_together([*jobs, place | {"life": "read"}, place | {"life": "care"}])
    zygote.close()

    assert [] == [fact["failed"] for fact in told if "failed" in fact]
    assert [0] * (kernels + 2) == told[-1]["ended"]
    assert kernels == sum("done" in fact for fact in told), told
    said = {line for fact in told for line in fact.get("said", "").splitlines()}
    assert all("waits in its spool" in line for line in said), said
    (read,) = [fact for fact in told if "longest_log" in fact]
    assert read["reads"] > 0
    assert read["longest_log"] < LONGEST_LOG_BYTES
    check_trail(tmp_path, told, sample=7)
    with Trail.open(tmp_path / ".celltrail") as trail:
        runs = {fact["run"] for fact in told if "returned" in fact}
        assert [(len(runs),)] == trail.db.rows("SELECT count(*) FROM runs")
        noted = {fact["noted"]: f"noted {fact['turn']}" for fact in told if "noted" in fact}
        assert noted == {run: note for run, note in trail.db.rows("SELECT global_id, note FROM runs") if note}
    sys.stdout.write(f"{kernels} kernels, {seconds} s: {len(runs)} runs, longest log {read['longest_log']:,} bytes\n")
