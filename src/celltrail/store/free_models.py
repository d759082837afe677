"""Gives back the room of models: what a rule does not keep of each experiment goes, the runs stay.

A model that went says so in its place (`model not kept: removed by gc on 2026-11-21`) and keeps its digest, so that
it can come back where its content is in the trail still, or again. As with `gc`, a dry run does it all and takes it
back.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from celltrail.domain.keep_rule import KeepRule
from celltrail.errors import RunNotFoundError, TrailError, TrailReadOnlyError
from celltrail.store import checkpoint
from celltrail.store.blobs import blob_path
from celltrail.store.gc import SWEEP_BLOB, TO_WORK_IN_BYTES, WAIT_S, YOUNGEST_S
from celltrail.store.marking import named_blobs
from celltrail.store.ranking import best_first
from celltrail.store.size import room_of
from celltrail.store.store import Store
from celltrail.store.values import text_out, time_in

EXPERIMENTS = """
SELECT e.id, e.name FROM experiments AS e WHERE EXISTS (
  SELECT 1 FROM runs AS r JOIN artifacts AS a ON a.run_id = r.id
  WHERE r.experiment_id = e.id AND a.kind = 'model' AND a.blob_id IS NOT NULL)
ORDER BY e.name, e.id
"""
# Newest first. A run that was heard of within the hour may still be written to.
MODELS = """
SELECT a.id, a.run_id, a.blob_id, b.digest,
  ifnull(b.size_bytes, 0),
  r.saved_at < :before AND b.created_at < :before AND r.status <> 'running' AND r.forgotten_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM pins AS p WHERE p.artifact_id = a.id)
FROM artifacts AS a JOIN runs AS r ON r.id = a.run_id JOIN blobs AS b ON b.id = a.blob_id
WHERE r.experiment_id = :experiment AND a.kind = 'model' ORDER BY r.id DESC
"""
FREE = """
UPDATE artifacts SET blob_id = NULL, status = 'not kept', reason = ?,
  details = json_set(ifnull(details, '{}'), '$.freed_digest', ?) WHERE id = ?
"""
BLOB = "SELECT digest, encoding, length(content), size_bytes FROM blobs WHERE id = ?"
FREED = """
SELECT a.id, json_extract(a.details, '$.freed_digest') FROM artifacts AS a
WHERE a.kind = 'model' AND a.blob_id IS NULL AND json_extract(a.details, '$.freed_digest') IS NOT NULL
"""
FIND_BLOB = "SELECT id FROM blobs WHERE digest = ?"
RETURN = """
UPDATE artifacts SET blob_id = ?, status = 'kept', reason = '',
  details = nullif(json_remove(details, '$.freed_digest'), '{}') WHERE id = ?
"""


@dataclass(frozen=True, slots=True)
class FreedExperiment:
    """What went of one experiment.

    Attributes
    ----------
    name : str
        The experiment.
    models, kept : int
        How many went, how many stay.
    size_bytes : int
        Of those that went, as they were written; what others share stays.
    reason : str
        Why nothing could be chosen; empty as a rule.
    """

    name: str
    models: int
    kept: int
    size_bytes: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Freed:
    """What a sweep of models removed, or would remove.

    Attributes
    ----------
    experiments : tuple of FreedExperiment
        Those that have models, by name.
    size_bytes : int
        Room on the disk that it gives back.
    is_dry : bool
        Whether it was only tried.
    """

    experiments: tuple[FreedExperiment, ...]
    size_bytes: int
    is_dry: bool

    @property
    def models(self) -> int:
        """How many models went."""
        return sum(each.models for each in self.experiments)


class _TakenBackError(Exception):
    """Ends a dry run: the transaction round it is rolled back."""


def free_models(trail: Store, rule: KeepRule, *, dry_run: bool = False, youngest_s: float = YOUNGEST_S) -> Freed:
    """Remove the content of models that a rule does not keep.

    Parameters
    ----------
    trail : Store
        Open for writing.
    rule : KeepRule
        What stays of each experiment. Where none of its runs can be called best, and the rule asks for the best, all
        of its models stay.
    dry_run : bool, default False
        Whether only to say what would be removed.
    youngest_s : float, default 3600
        Seconds; models of younger runs stay.

    Returns
    -------
    Freed
        What was removed.

    Raises
    ------
    TrailReadOnlyError
        If the trail is open only to read.
    TrailBusyError
        If another process writes all the while.
    """
    if trail.is_read_only:
        raise TrailReadOnlyError(f"{trail.path} is open only to read: no model can be removed")
    before = time_in(datetime.now(UTC) - timedelta(seconds=youngest_s))
    if dry_run:
        found: list[Freed] = []
        with contextlib.suppress(_TakenBackError), trail.db.atomic(wait_s=WAIT_S, checks_keys=False):
            experiments, blobs = _free(trail, rule, before)
            found.append(Freed(experiments, _sweep(trail, blobs, dry_run=True), True))
            raise _TakenBackError
        return found[0]
    try:
        with trail.db.atomic(wait_s=WAIT_S):
            experiments, blobs = _free(trail, rule, before)
        # Apart, and only now: should we die in the midst of it, nothing names what is half swept.
        with trail.db.atomic(wait_s=WAIT_S, checks_keys=False):
            size = _sweep(trail, blobs, dry_run=False)
    except TrailError:
        if room_of(trail.path).free_bytes > TO_WORK_IN_BYTES:
            raise
        # The disk is so full that not even this can be written down: the files go first.
        with trail.db.atomic(wait_s=WAIT_S, checks_keys=False):
            experiments, blobs = _free(trail, rule, before)
            size = _sweep(trail, blobs, dry_run=False)
    # On a disk that is full still, the log is folded another time.
    with contextlib.suppress(TrailError):
        for _ in trail.db.rows("PRAGMA incremental_vacuum"):
            pass  # one step a row
        checkpoint.checkpoint(trail)
    return Freed(experiments, size, False)


def bring_back_models(trail: Store) -> int:
    """Put back the models that were freed and whose content is in the trail, still or again.

    Parameters
    ----------
    trail : Store
        Open for writing.

    Returns
    -------
    int
        How many came back.

    Raises
    ------
    TrailReadOnlyError
        If the trail is open only to read.
    """
    if trail.is_read_only:
        raise TrailReadOnlyError(f"{trail.path} is open only to read: no model can come back")
    count = 0
    with trail.db.atomic(wait_s=WAIT_S):
        for artifact, digest in trail.db.rows(FREED):
            blob = trail.db.row(FIND_BLOB, (bytes.fromhex(digest),))
            if blob is not None:
                trail.db.execute(RETURN, (blob[0], artifact))
                count += 1
    return count


def _free(trail: Store, rule: KeepRule, before: str) -> tuple[tuple[FreedExperiment, ...], set[int]]:
    experiments, blobs = [], set()
    for row, name in trail.db.rows(EXPERIMENTS):
        freed, loose = _free_of(trail, int(row), text_out(name), rule, before)
        experiments.append(freed)
        blobs |= loose
    return tuple(experiments), blobs


def _free_of(
    trail: Store, experiment: int, name: str, rule: KeepRule, before: str
) -> tuple[FreedExperiment, set[int]]:
    """Free the models of one experiment; return what went, and the blobs that nothing of it names any more."""
    models = trail.db.rows(MODELS, {"experiment": experiment, "before": before})
    runs = list(dict.fromkeys(int(run) for _, run, *_ in models))
    kept = set(runs[: rule.last])
    if rule.best:
        try:
            with_model = set(runs)
            kept |= set([run for run in best_first(trail, experiment) if run in with_model][: rule.best])
        except RunNotFoundError:
            return FreedExperiment(name, 0, len(models), 0, "no run of it can be called best"), set()
    reason = f"removed by gc on {datetime.now(UTC):%Y-%m-%d}"
    size, blobs, count = 0, set(), 0
    for artifact, run, blob, digest, size_bytes, may_go in models:
        if run in kept or not may_go:
            continue
        trail.db.execute(FREE, (reason, digest.hex(), artifact))
        size, count = size + size_bytes, count + 1
        blobs.add(int(blob))
    return FreedExperiment(name, count, len(models) - count, size), blobs


def _sweep(trail: Store, blobs: set[int], *, dry_run: bool) -> int:
    """Remove content that nothing names now; return its room. As in `gc`, files go within the lock."""
    total = 0
    for blob in blobs - named_blobs(trail) if blobs else ():
        found = trail.db.row(BLOB, (blob,))
        if found is None:
            continue  # another gc was quicker
        digest, encoding, length, size = found
        total += size if encoding == "file" else length or 0
        trail.db.execute(SWEEP_BLOB, (blob,))
        if encoding == "file" and not dry_run:
            _unlink(blob_path(trail.path, digest.hex()))
    return total


def _unlink(path: Path) -> None:
    # On Windows a file that is held open stays: it is a stray then, and the next gc takes it.
    with contextlib.suppress(OSError):
        path.unlink()
