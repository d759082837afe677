"""Whether a trail holds all that the cells of `support.scenario` left, whatever befell their kernel."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np

from celltrail.domain.record import RunStatus
from celltrail.domain.run import Run
from celltrail.store.doctor import examine
from celltrail.store.gc import collect_garbage
from celltrail.store.trail import Trail

CURVES = {"forest": 150, "light": 300}


def check_trail(folder: Path, told: list[dict[str, Any]], *, sample: int = 1) -> None:
    """Demand that a trail is sound, that each run whose cell returned is whole, and that no other looks finished.

    Parameters
    ----------
    folder : Path
        The project's folder.
    told : list of dict
        What kernels told, as `support.scenario` does.
    sample : int, optional
        Look closely at every so many runs that returned; all must be finished.
    """
    forgotten = {fact["forgotten"] for fact in told if "forgotten" in fact}
    returned = [fact for fact in told if "returned" in fact and fact["run"] not in forgotten]
    if not (folder / ".celltrail" / "trail.db").exists():
        assert not returned
        return
    with Trail.open(folder / ".celltrail") as trail:
        _check_file(trail.path / "trail.db")
        found = examine(trail)
        assert found.is_well, found
        assert not [fact for fact in told if "failed" in fact], told
        assert 0 == found.spooled
        for fact in returned[::sample]:
            _check_run(trail.run(fact["run"]), fact)
        _check_others(trail, {fact["run"] for fact in returned})
        _check_numbers(trail, forgotten)
        collect_garbage(trail, youngest_s=-1)
        assert [] == left_over(trail.path)
        assert examine(trail).is_well


def _check_file(path: Path) -> None:
    plain = sqlite3.connect(path)
    try:
        assert [("ok",)] == plain.execute("PRAGMA integrity_check").fetchall()
        assert [] == plain.execute("PRAGMA foreign_key_check").fetchall()
        assert (2,) == plain.execute("PRAGMA auto_vacuum").fetchone()  # INCREMENTAL: can't be changed later
    finally:
        plain.close()


def _check_run(run: Run, fact: dict[str, Any]) -> None:
    kind, turn = fact["returned"], fact["turn"]
    assert RunStatus.FINISHED == run.status, (run, fact)
    if kind == "later":
        assert fact["late"] == run.metrics["f1_score.macro.y"]
        return
    assert fact["source"] == run.source
    assert f"heard {turn}\n" in str([output.get("text") for output in run.outputs if "text" in output]) or any(
        f"heard {turn}\n" == output.get("text") for output in run.outputs
    )
    assert run.environment is not None
    assert {} == run.content.field("unknown")
    _check_numbers_of(run, kind, turn, fact)
    if kind == "light":
        assert {"turn": turn, "names": ["a", "b"]} == run.params
    if kind in ("light", "spare"):
        return
    assert {"X", "y"} == {row["name"] for row in run.content.field("inputs") if row["role"] in ("X", "y")}
    assert all(row["digest"] for row in run.content.field("inputs"))
    assert fact["proba"] == run.model().predict_proba(_first_rows()).tolist()
    assert 1 == len(run.fits)


def _check_numbers_of(run: Run, kind: str, turn: int, fact: dict[str, Any]) -> None:
    if kind in CURVES:
        points = run.metric_history("loss")
        expected = [1 / (step + 1 + turn) if kind == "forest" else turn + 0.5**step for step in range(CURVES[kind])]
        assert expected == [point.value for point in points]
        assert list(range(CURVES[kind])) == [point.step for point in points]
    if kind == "forest":
        assert str(turn) == run.tags["turn"]
        assert turn % 9 + 2 == run.params["max_depth"]
    if kind == "boost":
        assert 5 + turn % 7 == run.params["n_estimators"]
        (text,) = [row for row in run.content.field("artifacts") if row["name"] == "long.txt"]
        assert f"{turn} ".encode() * 40_000 == run.content._trail.read_blob(text["digest"])
    if kind == "spare":
        (text,) = [row for row in run.content.field("artifacts") if row["name"] == "spare.txt"]
        kept = run.content._trail.read_blob(text["digest"])
        assert random.Random(turn % 7).randbytes(60_000).hex().encode() == kept
    if "acc" in fact:
        assert fact["acc"] == run.metrics["accuracy_score.y"]
    if kind == "light":
        assert turn / 7 == run.metrics["score"]


def _first_rows() -> Any:
    from sklearn.datasets import load_iris

    return np.asarray(load_iris(return_X_y=True)[0][:5])


def _check_others(trail: Trail, returned: set[str]) -> None:
    """A cell that had not returned is lost, or was committed whole in the moment before it would have."""
    rows = dict(trail.db.rows("SELECT global_id, status FROM runs"))
    assert {"finished"} >= {rows[run] for run in returned}
    assert {rows[run] for run in rows.keys() - returned} <= {"lost", "finished"}, rows
    statuses = {status for (status,) in trail.db.rows("SELECT DISTINCT status FROM executions")}
    assert statuses <= {"lost", "finished"}, statuses


def _check_numbers(trail: Trail, forgotten: set[str]) -> None:
    """Numbers have no gaps but where a run was forgotten; the next one follows the last."""
    for experiment, name, next_number in trail.db.rows("SELECT id, name, next_number FROM experiments"):
        rows = trail.db.rows(
            "SELECT number FROM runs WHERE experiment_id = ? AND repeat_of IS NULL ORDER BY number", (experiment,)
        )
        numbers, gone = [number for (number,) in rows], set(range(1, next_number)) - {number for (number,) in rows}
        assert sorted({*range(1, next_number)} - gone) == numbers
        assert len(gone) <= (len(forgotten) if name == "spare" else 0)


def left_over(folder: Path) -> list[str]:
    """Return files that a killed process left and that nothing would ever use."""
    named = {"trail.db", "trail.db-wal", "trail.db-shm", ".gitignore", "checkpoint.lock", "spool.lock"}
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file()
        and path.name not in named
        and (path.name.startswith(".") or path.suffix in {".json", ".lock", ".db-journal", ".unreadable"})
    )
