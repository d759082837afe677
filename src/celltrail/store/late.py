"""Facts that come after their cell was committed: each may only fill what is marked pending."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from celltrail.domain.ids import Digest, RunId
from celltrail.domain.record import ArtifactRecord, DatasetRecord, FileRecord, GitState
from celltrail.store import spool, write_context, write_data
from celltrail.store.room import Room, writing
from celltrail.store.store import Store

# Nobody waits for a late fact, so it may wait for others.
_WAIT_S = 10.0

PENDING_INPUTS = """
UPDATE inputs SET dataset_id = :filled
WHERE run_id = (SELECT id FROM runs WHERE global_id = :run) AND dataset_id IN (
  SELECT id FROM datasets WHERE digest_status = 'pending' AND sampled_digest = :sampled AND size_bytes IS :size
)
"""
PENDING_FILE = """
UPDATE files SET size_bytes = ?, modified_ns = ?, digest = ?, digest_status = ?, details = ?
WHERE run_id = (SELECT id FROM runs WHERE global_id = ?) AND digest_status = 'pending' AND mode = ? AND path_id = ?
"""
MISSING_CONTENT = """
UPDATE artifacts SET blob_id = ?, size_bytes = ?, status = ?, reason = ?, flavor = ?, signature = ?, details = ?
WHERE global_id = ? AND blob_id IS NULL
"""
PENDING_GIT = """
UPDATE runs SET git_id = ?
WHERE global_id = ? AND git_id IN (SELECT id FROM git_states WHERE status = 'pending')
"""


def fill_input(trail: Store, run: RunId, record: DatasetRecord) -> None:
    """Put in the digest of data that entered a run, where it is pending.

    Parameters
    ----------
    trail : Store
        Open for writing.
    run : str
        Global id of the run.
    record : DatasetRecord
        As it was saved, with the digest now known, or with the reason why it never will be.
    """
    if trail.db.is_foreign:
        return
    with _filling(trail, {}) as room:
        filled = write_data.dataset_row(room, record)
        found = {"filled": filled, "run": run, "sampled": record.sampled_digest, "size": record.size_bytes}
        room.db.execute(PENDING_INPUTS, found)


def fill_file(trail: Store, run: RunId, file: FileRecord) -> None:
    """Put in the digest of a file that a run read or wrote, where it is pending.

    Parameters
    ----------
    trail : Store
        Open for writing.
    run : str
        Global id of the run.
    file : FileRecord
        With its digest or with `changed`.
    """
    if trail.db.is_foreign:
        return
    with _filling(trail, {}) as room:
        path, filled = write_data.file_columns(room, file)
        room.db.execute(PENDING_FILE, (*filled, run, file.mode, path))


def fill_artifact(trail: Store, artifact: ArtifactRecord, content: bytes) -> None:
    """Put in the content of something that was on record without it.

    Parameters
    ----------
    trail : Store
        Open for writing.
    artifact : ArtifactRecord
        As it is now: with the content's digest, and what else is known with it.
    content : bytes
        The content.
    """
    if trail.db.is_foreign or artifact.digest is None:
        return
    with _filling(trail, {artifact.digest: content}) as room:
        room.keep(artifact.digest, content)
        if artifact.is_pinned:
            write_data.pin(room, artifact)
        room.db.execute(MISSING_CONTENT, (*write_data.content_columns(room, artifact), artifact.id))


def settle_artifact(trail: Store, artifact: ArtifactRecord) -> None:
    """Put in why something on record will never have its content.

    Parameters
    ----------
    trail : Store
        Open for writing.
    artifact : ArtifactRecord
        With the reason.
    """
    if trail.db.is_foreign:
        return
    with _filling(trail, {}) as room:
        room.db.execute(MISSING_CONTENT, (*write_data.content_columns(room, artifact), artifact.id))


def fill_git(trail: Store, runs: Sequence[RunId], state: GitState, diff: bytes | None) -> None:
    """Put in whether the code of some runs was changed against its commit, where that is pending.

    Parameters
    ----------
    trail : Store
        Open for writing.
    runs : sequence of str
        Global ids of the runs: in one transaction, since the next cell waits while each is open.
    state : GitState
        With the answer.
    diff : bytes or None
        The difference, whose digest the state names.
    """
    if trail.db.is_foreign:
        return
    content = {Digest(state.diff_digest): diff} if state.diff_digest is not None and diff is not None else {}
    with _filling(trail, content, changes=None) as room:
        room.keep_all(content)
        filled = write_context.git_state(room, state)
        room.db.executemany(PENDING_GIT, [(filled, run) for run in runs])


@contextmanager
def _filling(trail: Store, content: Mapping[Digest, bytes], changes: str | None = "trail") -> Iterator[Room]:
    """Open the transaction of a late fact, once the run that it is about has come out of the spool."""
    spool.take_in(trail, wait_s=_WAIT_S)
    with writing(trail, wait_s=_WAIT_S, content=content, changes=changes) as room:
        yield room
