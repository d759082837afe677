"""What went into a run and what came out: frames, files, artifacts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from celltrail.domain.ids import FitId
from celltrail.domain.record import ArtifactRecord, DatasetRecord, FileRecord, Keeping, RunRecord, ScoredTable
from celltrail.store.data_facts import pack_digests, pack_profile
from celltrail.store.notebooks import stored_path
from celltrail.store.room import Room, identity_of
from celltrail.store.values import json_in, text_in, time_in

FIND_DATASET = """
SELECT id, column_digests IS NULL AND column_digests_id IS NULL, profile IS NULL AND profile_id IS NULL
FROM datasets WHERE identity = ?
"""
ADD_DATASET = """
INSERT INTO datasets (identity, kind, rows, size_bytes, columns_id, sampled_digest, digest, digest_status,
  column_digests, profile, reason)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
FILL_DATASET = """
UPDATE datasets SET
  column_digests = CASE WHEN column_digests_id IS NULL THEN ifnull(column_digests, ?) END,
  profile = CASE WHEN profile_id IS NULL THEN ifnull(profile, ?) END
WHERE id = ?
"""
CLEAR_INPUTS = "DELETE FROM inputs WHERE run_id = ?"
ADD_INPUT = """
INSERT INTO inputs (run_id, fit, position, name_id, role_id, dataset_id, derived_id) VALUES (?, ?, ?, ?, ?, ?, ?)
"""
CLEAR_FILES = "DELETE FROM files WHERE run_id = ?"
ADD_FILE = """
INSERT INTO files (run_id, position, path_id, mode, size_bytes, modified_ns, digest, digest_status, details)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
WRITE_ARTIFACT = """
INSERT INTO artifacts (global_id, run_id, fit_id, position, name, kind, media_type, blob_id, size_bytes, status,
  reason, flavor, signature, details)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (global_id) DO UPDATE SET fit_id = excluded.fit_id, position = excluded.position, name = excluded.name,
  kind = excluded.kind, media_type = excluded.media_type, blob_id = excluded.blob_id,
  size_bytes = excluded.size_bytes, status = excluded.status, reason = excluded.reason, flavor = excluded.flavor,
  signature = excluded.signature, details = excluded.details
"""
PIN = """
INSERT OR IGNORE INTO pins (artifact_id, why, pinned_at) SELECT id, 'kept', ? FROM artifacts WHERE global_id = ?
"""

FIND_RUN = "SELECT id FROM runs WHERE global_id = ?"
FIND_FIT = "SELECT id FROM fits WHERE global_id = ?"
COUNT_ARTIFACTS = "SELECT ifnull(max(position), -1) + 1 FROM artifacts WHERE run_id = ?"
# The same cell again takes the same table again: the newest stands.
DROP_TABLE = """
DELETE FROM artifacts
WHERE run_id = ? AND fit_id IS ? AND kind = 'table' AND name = ? AND json_extract(details, '$.is_late') = 1
  AND global_id <> ?
"""

# Roles whose data the run itself made: a repeat whose predictions move is still a repeat.
PREDICTED = {"y_pred", "y_score", "y_prob", "y_proba", "labels", "labels_pred", "pred_decision"}


def write(room: Room, row: int, run: RunRecord, fits: Mapping[FitId, int], *, is_new: bool) -> None:
    """Write inputs, files and artifacts of a run; what was known of the first two is replaced."""
    if not is_new:
        room.db.execute(CLEAR_INPUTS, (row,))
        room.db.execute(CLEAR_FILES, (row,))
    groups = [(-1, run.inputs), *((position, fit.inputs) for position, fit in enumerate(run.fits))]
    for fit, inputs in groups:
        for position, dataset in enumerate(inputs):
            derived = None if dataset.derived_from is None else room.name(json_in(dataset.derived_from))
            names = (room.name(dataset.name), room.name(dataset.role))
            room.db.execute(ADD_INPUT, (row, fit, position, *names, dataset_row(room, dataset), derived))
    room.db.executemany(ADD_FILE, [_file(room, row, position, file) for position, file in enumerate(run.files)])
    for position, artifact in enumerate(run.artifacts):
        fit_row = fits.get(artifact.fit_id) if artifact.fit_id else None
        room.db.execute(WRITE_ARTIFACT, _artifact(room, row, fit_row, position, artifact))
        if artifact.is_pinned:
            pin(room, artifact)


def write_tables(room: Room, tables: Sequence[ScoredTable]) -> None:
    """Write what a cell took of earlier runs; a run that was removed meanwhile gets nothing."""
    for table in tables:
        artifact = table.artifact
        run = room.db.execute(FIND_RUN, (table.run_id,)).fetchone()
        if run is None:
            continue
        fit = room.db.execute(FIND_FIT, (artifact.fit_id,)).fetchone() if artifact.fit_id else None
        fit_row = fit[0] if fit else None
        room.db.execute(DROP_TABLE, (run[0], fit_row, text_in(artifact.name), artifact.id))
        (position,) = room.db.execute(COUNT_ARTIFACTS, (run[0],)).fetchone()
        room.db.execute(WRITE_ARTIFACT, _artifact(room, run[0], fit_row, position, artifact))


def entered(run: RunRecord) -> list[list[Any]]:
    """Return the data on which a run depends, by the digests that are always taken."""
    datasets = [dataset for fit in run.fits for dataset in fit.inputs] + run.inputs
    return [
        [dataset.name, dataset.role, dataset.kind, dataset.rows, dataset.sampled_digest or dataset.digest]
        for dataset in datasets
        if dataset.role not in PREDICTED
    ]


def dataset_row(room: Room, dataset: DatasetRecord) -> int:
    """Return the row of a frame or an array, made where it is new."""
    # A frame whose digest is still pending has a row apart from the finished one: two frames that differ outside the
    # sample must not meet in one row.
    identity = identity_of(
        dataset.kind,
        dataset.rows,
        dataset.columns,
        dataset.size_bytes,
        dataset.sampled_digest,
        dataset.digest,
        dataset.digest_status,
        dataset.reason,
    )
    found = room.db.execute(FIND_DATASET, (identity,)).fetchone()
    row, lacks_digests, lacks_profile = found or (None, True, True)
    digests, told = dataset.column_digests, dataset.profile
    details = (
        None if digests is None or not lacks_digests else pack_digests(digests, dataset.columns),
        None if told is None or not lacks_profile else pack_profile(told, dataset.columns),
    )
    if row is not None:
        if details != (None, None):
            room.db.execute(FILL_DATASET, (*details, row))
        return int(row)
    values = (
        identity,
        room.name(dataset.kind),
        dataset.rows,
        dataset.size_bytes,
        None if dataset.columns is None else room.json(dataset.columns),
        dataset.sampled_digest,
        _digest(dataset.digest),
        dataset.digest_status.value,
        *details,
        text_in(dataset.reason),
    )
    return room.db.insert(ADD_DATASET, values)


def file_columns(room: Room, file: FileRecord) -> tuple[int, tuple[Any, ...]]:
    """Return `path_id` of a file, and what a late fact may fill: size, time, digest, its status, details."""
    details = json_in(file.details) if file.details else None
    filled = (file.size_bytes, file.modified_ns, _digest(file.digest), file.digest_status.value, details)
    return room.name(stored_path(room.base, file.path)), filled


def _file(room: Room, run: int, position: int, file: FileRecord) -> tuple[Any, ...]:
    path, filled = file_columns(room, file)
    return run, position, path, file.mode, *filled


def pin(room: Room, artifact: ArtifactRecord) -> None:
    """Mark an artifact as one that gc never frees."""
    room.db.execute(PIN, (time_in(datetime.now(UTC)), artifact.id))


def content_columns(room: Room, artifact: ArtifactRecord) -> tuple[Any, ...]:
    """Return what a row says of an artifact's content, from `blob_id` on."""
    blob, status, reason = room.known(artifact.digest), artifact.status, artifact.reason
    if blob is None and status is Keeping.KEPT:
        status, reason = Keeping.NOT_KEPT, artifact.reason or "its content did not reach the store"
    return (
        blob,
        artifact.size_bytes,
        status.value,
        text_in(reason),
        text_in(artifact.flavor),
        artifact.signature,
        json_in(artifact.details) if artifact.details else None,
    )


def _artifact(room: Room, run: int, fit: int | None, position: int, artifact: ArtifactRecord) -> tuple[Any, ...]:
    name, media_type = text_in(artifact.name), text_in(artifact.media_type)
    content = content_columns(room, artifact)
    return artifact.id, run, fit, position, name, artifact.kind, media_type, *content


def _digest(digest: str | None) -> bytes | None:
    return None if digest is None else bytes.fromhex(digest)
