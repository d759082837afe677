"""Gives back the room of forgotten runs: mark and sweep, all under the write lock.

What is swept is found by doing it; a dry run does the same and takes it back, so it can't say anything else.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from celltrail.errors import TrailError, TrailReadOnlyError
from celltrail.store import checkpoint
from celltrail.store.blobs import blob_path
from celltrail.store.leftovers import left_over
from celltrail.store.marking import named_blobs
from celltrail.store.size import room_of
from celltrail.store.store import Store
from celltrail.store.values import text_out, time_in

# Another process may have written content that its next transaction will name.
YOUNGEST_S = 3600.0
# A transaction that sweeps a thousand runs or models writes about so much into the log.
TO_WORK_IN_BYTES = 1_000_000
# A sweep comes when the user asked for it, and may wait for a cell that commits.
WAIT_S = 30.0

FORGOTTEN = """
SELECT r.id, r.execution_id, e.name, r.number, r.global_id FROM runs AS r
JOIN experiments AS e ON e.id = r.experiment_id WHERE r.forgotten_at IS NOT NULL ORDER BY r.id
"""
# The foreign keys are off in a sweep (checking them would look through every table for every blob), so what they
# would do is done here; a test holds this list against the schema.
SWEEP_RUN = (
    "DELETE FROM series_chunks WHERE series_id IN (SELECT s.id FROM series AS s WHERE s.run_id = :run)",
    "DELETE FROM series WHERE run_id = :run",
    "DELETE FROM metrics WHERE run_id = :run",
    "DELETE FROM params WHERE run_id = :run",
    "DELETE FROM tags WHERE run_id = :run",
    "DELETE FROM inputs WHERE run_id = :run",
    "DELETE FROM files WHERE run_id = :run",
    "DELETE FROM pins WHERE artifact_id IN (SELECT a.id FROM artifacts AS a WHERE a.run_id = :run)",
    "DELETE FROM artifacts WHERE run_id = :run",
    "DELETE FROM fits WHERE run_id = :run",
    "UPDATE runs SET repeat_of = NULL WHERE repeat_of = :run",
    "DELETE FROM runs WHERE id = :run",
)
SWEEP_EXECUTION = (
    "DELETE FROM scorings WHERE execution_id = :execution",
    "DELETE FROM execution_files WHERE execution_id = :execution",
    "UPDATE executions SET parent_id = NULL WHERE parent_id = :execution",
    "DELETE FROM executions WHERE id = :execution",
)
# Names, measures, targets, shapes and touches stay: kernels remember their ids.
SWEEP_SHARED = (
    "DELETE FROM snapshots WHERE id NOT IN (SELECT snapshot_id FROM runs WHERE snapshot_id IS NOT NULL)",
    "DELETE FROM cell_versions WHERE id NOT IN (SELECT j.value FROM snapshots AS s, json_each(s.cells) AS j)",
    "DELETE FROM environments WHERE id NOT IN (SELECT environment_id FROM runs WHERE environment_id IS NOT NULL)",
    "DELETE FROM git_states WHERE id NOT IN (SELECT git_id FROM runs WHERE git_id IS NOT NULL)",
    "DELETE FROM datasets WHERE id NOT IN (SELECT dataset_id FROM inputs)",
)
OLD_BLOBS = """
SELECT id, digest, size_bytes, encoding, length(content) FROM blobs
WHERE created_at < ?
"""
KEPT_FILES = "SELECT digest FROM blobs WHERE encoding = 'file'"
SWEEP_BLOB = "DELETE FROM blobs WHERE id = ?"


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep removed, or would remove.

    Attributes
    ----------
    runs : tuple of str
        References of the forgotten runs, which can't be brought back any more.
    blobs : int
        Pieces of content that nothing named any more.
    size_bytes : int
        Their room on the disk.
    files : int
        Files among them, and left over from writers that died.
    is_dry : bool
        Whether it was only tried.
    """

    runs: tuple[str, ...]
    blobs: int
    size_bytes: int
    files: int
    is_dry: bool


class _TakenBackError(Exception):
    """Ends a dry run: the transaction round it is rolled back."""


def collect_garbage(trail: Store, *, dry_run: bool = False, youngest_s: float = YOUNGEST_S) -> Swept:
    """Remove forgotten runs for good, and the content that nothing names any more.

    Parameters
    ----------
    trail : Store
        Open for writing.
    dry_run : bool, optional
        Whether only to say what would be removed.
    youngest_s : float, optional
        Seconds; younger content stays, whoever may be about to name it.

    Returns
    -------
    Swept
        What was removed.

    Raises
    ------
    TrailReadOnlyError
        If the trail is open only to read.
    TrailBusyError
        If another process writes all the while.
    """
    if trail.is_read_only:
        raise TrailReadOnlyError(f"{trail.path} is open only to read: nothing can be swept")
    if dry_run:
        found: list[Swept] = []
        with contextlib.suppress(_TakenBackError), trail.db.atomic(wait_s=WAIT_S, checks_keys=False):
            found.append(_sweep(trail, dry_run=True, youngest_s=youngest_s))
            raise _TakenBackError
        return found[0]
    try:
        swept = _sweep(trail, dry_run=False, youngest_s=youngest_s)
    except TrailError:
        if room_of(trail.path).free_bytes > TO_WORK_IN_BYTES:
            raise
        # The disk is so full that not even this can be written down: all in one, in which the files go first.
        with trail.db.atomic(wait_s=WAIT_S, checks_keys=False):
            swept = _sweep(trail, dry_run=False, youngest_s=youngest_s)
    for _ in trail.db.rows("PRAGMA incremental_vacuum"):
        pass  # one step a row
    checkpoint.checkpoint(trail)
    return swept


def _sweep(trail: Store, *, dry_run: bool, youngest_s: float) -> Swept:
    with trail.db.atomic(wait_s=WAIT_S, checks_keys=False):
        runs = _sweep_runs(trail)
    # Apart, and only now: should we die in the midst of it, no run names what is half swept.
    with trail.db.atomic(wait_s=WAIT_S, checks_keys=False):
        return _sweep_content(trail, runs, dry_run=dry_run, youngest_s=youngest_s)


def _sweep_runs(trail: Store) -> list[str]:
    """Remove the forgotten runs, and what only they shared; return their references."""
    runs = []
    for run, execution, experiment, number, global_id in trail.db.rows(FORGOTTEN):
        for sql in SWEEP_RUN:
            trail.db.execute(sql, {"run": run})
        for sql in SWEEP_EXECUTION:
            trail.db.execute(sql, {"execution": execution})
        runs.append(f"{text_out(experiment)}#{number}" if number is not None else str(global_id))
    for sql in SWEEP_SHARED:
        trail.db.execute(sql)
    return runs


def _sweep_content(trail: Store, runs: list[str], *, dry_run: bool, youngest_s: float) -> Swept:
    """Remove the content that nothing names, and files that nobody will use."""
    before = datetime.now(UTC) - timedelta(seconds=youngest_s)
    named = named_blobs(trail)
    loose = [row for row in trail.db.rows(OLD_BLOBS, (time_in(before),)) if row[0] not in named]
    files = [blob_path(trail.path, digest.hex()) for _, digest, _, encoding, _ in loose if encoding == "file"]
    size = sum(length or 0 for *_, length in loose)
    trail.db.executemany(SWEEP_BLOB, [(blob,) for blob, *_ in loose])
    files.extend(_strays(trail, youngest_s))
    files.extend(left_over(trail, youngest_s))
    # Within the lock and before the commit: a writer that saw the file afterwards would trust it. Should we die in
    # between, the row comes back without its file, but nothing names it, and the next writer makes the file anew.
    removed = [_remove(path, dry_run=dry_run) for path in dict.fromkeys(files)]
    return Swept(
        runs=tuple(runs),
        blobs=len(loose),
        size_bytes=size + sum(one or 0 for one in removed),
        files=sum(1 for one in removed if one is not None),
        is_dry=dry_run,
    )


def _strays(trail: Store, youngest_s: float) -> Iterator[Path]:
    """Find files that no row names: of writers that died before their commit."""
    named = {digest.hex() for (digest,) in trail.db.rows(KEPT_FILES)}
    oldest = time.time() - youngest_s
    for path in (trail.path / "blobs").glob("*/*"):
        try:
            is_old = path.stat().st_mtime <= oldest
        except FileNotFoundError:
            continue
        if is_old and path.parent.name + path.name not in named:
            yield path


def _remove(path: Path, *, dry_run: bool) -> int | None:
    """Remove a file and return its size; None where it is not there, or is held open (Windows)."""
    try:
        size = path.stat().st_size
        if not dry_run:
            path.unlink()
    except OSError:
        return None
    return size
