"""A trail of many runs, made a million by copying it within itself: `tests/bench/multiplied.py FOLDER [TIMES]`.

Writing a million runs one by one takes the real writer more than an hour of the processor. So the first hundred
thousand come from it (many_runs.py), and each copy of them stands where the writer would have put it: ids of its own,
later times, the next numbers, other content under its true digest, the tables' own triggers and indexes.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import zlib
from datetime import timedelta
from pathlib import Path
from typing import Any

from blake3 import blake3

from celltrail.store import blobs
from celltrail.store.checkpoint import checkpoint
from celltrail.store.trail import Trail
from celltrail.store.values import time_in, time_out

# A copy's ids begin as those of a later year do: ids stay in the order of time.
LATER = "npqrstvwx"
SHIFTED = {
    "blobs": ("id",),
    "executions": ("id", "source_id", "parent_id"),
    "cell_versions": ("id", "source_id", "outputs_id"),
    "snapshots": ("id",),
    "datasets": ("id", "columns_id", "column_digests_id", "profile_id"),
    "runs": ("id", "execution_id", "repeat_of", "source_id", "snapshot_id"),
    "fits": ("id", "run_id", "search_id"),
    "params": ("run_id",),
    "metrics": ("run_id", "execution_id", "fit_id"),
    "scorings": ("execution_id",),
    "tags": ("run_id",),
    "inputs": ("run_id", "dataset_id"),
    "artifacts": ("id", "run_id", "fit_id", "blob_id"),
}
# What a copy says otherwise, beside its ids; :n is the copy's number.
CHANGED = {
    "global_id": "substr(global_id, 1, 2) || :letter || substr(global_id, 4)",
    "identity": "randomblob(16)",
    "started_at": "later(started_at, :n)",
    "saved_at": "later(started_at, :n)",
    "cells": "moved(cells, :blobs_n, :cell_versions_n)",
    "repeats": "1",  # the triggers count
    "number": "number + :n * (SELECT count FROM temp.grown AS g WHERE g.id = runs.experiment_id)",
}
BASE = "SELECT value FROM trail WHERE key = 'bench_base'"
MADE = """
SELECT max(r.id), min(x.started_at), max(x.started_at) FROM executions AS x
JOIN sessions AS s ON s.id = x.session_id LEFT JOIN runs AS r ON r.execution_id = x.id WHERE s.host = 'workshop'
"""
KEEP_BASE = "INSERT INTO trail (key, value) VALUES ('bench_base', ?)"
COUNTED = """
UPDATE experiments SET next_number = 1 + max(next_number - 1,
  ifnull((SELECT max(r.number) FROM runs AS r WHERE r.experiment_id = experiments.id), 0))
"""


def multiply(trail: Trail, times: int) -> int:
    """Copy all runs of a trail until there are so many times as many; go on where a former call was interrupted.

    Returns
    -------
    int
        Runs that the trail holds now.
    """
    base = _base(trail)
    _functions(trail.db.raw, base)
    trail.db.raw.executescript("PRAGMA synchronous = OFF; PRAGMA cache_size = -1500000; PRAGMA secure_delete = OFF;")
    for n in range(1, times):
        if trail.db.rows("SELECT 1 FROM runs WHERE id = ?", (1 + n * base["runs"],)):
            continue
        with trail.db.atomic(checks_keys=False):
            for table in SHIFTED:
                trail.db.execute(_copy(trail, table, base), _values(n, base))
            trail.db.execute(COUNTED)
        checkpoint(trail)
        print(f"  {(n + 1) * base['runs']:,} runs", flush=True)  # noqa: T201
    trail.db.raw.executescript("PRAGMA synchronous = NORMAL; PRAGMA cache_size = -2000; PRAGMA secure_delete = ON;")
    return int(trail.db.rows("SELECT count(*) FROM runs")[0][0])


def _base(trail: Trail) -> dict[str, Any]:
    """Return the highest row of each table before the first copy, and how much later a copy is."""
    kept = trail.db.rows(BASE)
    if not kept:
        base: dict[str, Any] = {
            table: trail.db.rows(f"SELECT max(id) FROM {table}")[0][0]
            for table, columns in SHIFTED.items()
            if columns[0] == "id"
        }
        newest, first, last = trail.db.rows(MADE)[0]
        if newest != base["runs"]:
            raise SystemExit("a bench has added runs since: multiply a trail as many_runs.py left it")
        base["seconds"] = (time_out(last) - time_out(first)).total_seconds() + 60
        base["numbers"] = dict(trail.db.rows("SELECT id, next_number - 1 FROM experiments"))
        with trail.db.atomic():
            trail.db.execute(KEEP_BASE, (json.dumps(base),))
        kept = trail.db.rows(BASE)
    found: dict[str, Any] = json.loads(kept[0][0])
    trail.db.raw.execute("CREATE TEMP TABLE grown (id INTEGER PRIMARY KEY, count INTEGER)")
    trail.db.raw.executemany("INSERT INTO temp.grown VALUES (?, ?)", list(found["numbers"].items()))
    return found


def _functions(raw: sqlite3.Connection, base: dict[str, Any]) -> None:
    def later(text: str, n: int) -> str:
        return time_in(time_out(text) + timedelta(seconds=base["seconds"] * n))

    def moved(cells: str, _: int, by: int) -> str:
        return json.dumps([cell + by for cell in json.loads(cells)], separators=(",", ":"))

    def other(content: bytes, encoding: str, n: int) -> bytes:
        plain = zlib.decompress(content) if encoding == "zlib" else content
        return plain + b" " * n

    raw.create_function("later", 2, later, deterministic=True)
    raw.create_function("moved", 3, moved, deterministic=True)
    raw.create_function("other", 3, other, deterministic=True)
    raw.create_function("digest_of", 1, lambda content: blake3(content).digest(), deterministic=True)
    raw.create_function("packed", 1, lambda content: blobs._packed(content)[1], deterministic=True)
    raw.create_function("packing", 1, lambda content: blobs._packed(content)[0], deterministic=True)


def _copy(trail: Trail, table: str, base: dict[str, Any]) -> str:
    names = [name for _, name, *_ in trail.db.rows(f"PRAGMA table_info({table})")]
    if table == "blobs":
        told = "SELECT id, created_at, other(content, encoding, :n) AS plain FROM blobs WHERE id <= :blobs"
        columns = "id, digest, size_bytes, encoding, content, created_at"
        made = "id + :blobs_n, digest_of(plain), length(plain), packing(plain), packed(plain), created_at"
        return f"INSERT INTO blobs ({columns}) SELECT {made} FROM ({told}) ORDER BY id"
    made = ", ".join(_column(table, name) for name in names)
    where = "run_id <= :runs" if "run_id" in names else "execution_id <= :executions"
    where = f"id <= :{table}" if "id" in names else where
    return f"INSERT INTO {table} ({', '.join(names)}) SELECT {made} FROM {table} WHERE {where}"


OWNERS = {"execution_id": "executions", "parent_id": "executions", "fit_id": "fits", "run_id": "runs"}
OWNERS |= {"repeat_of": "runs", "snapshot_id": "snapshots", "dataset_id": "datasets"}


def _column(table: str, name: str) -> str:
    if name in SHIFTED[table]:
        return f"{name} + :{table if name == 'id' else OWNERS.get(name, 'blobs')}_n"
    return CHANGED.get(name, name)


def _values(n: int, base: dict[str, Any]) -> dict[str, Any]:
    rows = {key: value for key, value in base.items() if isinstance(value, int)}
    return {"n": n, "letter": LATER[n - 1], **rows, **{f"{key}_n": n * value for key, value in rows.items()}}


if __name__ == "__main__":
    with Trail.open(Path(sys.argv[1]) / ".celltrail", create=False) as made:
        multiply(made, int(sys.argv[2]) if sys.argv[2:] else 10)
