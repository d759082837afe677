"""What stood around a run: environment, git, the notebook as it was. Each is kept once."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial

from blake3 import blake3

from celltrail.domain.record import EnvironmentRecord, GitState, SnapshotRecord
from celltrail.store.notebooks import Notebook
from celltrail.store.room import Room, identity_of
from celltrail.store.values import json_in, text_in

FIND_ENVIRONMENT = "SELECT id FROM environments WHERE digest = ?"
ADD_ENVIRONMENT = "INSERT INTO environments (digest, python, platform, content_id) VALUES (?, ?, ?, ?)"
FIND_GIT = "SELECT id FROM git_states WHERE identity = ?"
ADD_GIT = "INSERT INTO git_states (identity, commit_id, branch, is_dirty, diff_id, status) VALUES (?, ?, ?, ?, ?, ?)"
FIND_CELL = "SELECT id FROM cell_versions WHERE identity = ?"
ADD_CELL = """
INSERT INTO cell_versions (identity, cell_id, cell_type, source_id, outputs_id, content) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (identity) DO NOTHING
"""
FIND_SNAPSHOT = "SELECT id FROM snapshots WHERE identity = ?"
ADD_SNAPSHOT = """
INSERT INTO snapshots (identity, completeness, notebook_id, nbformat, metadata_id, cells) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (identity) DO NOTHING
"""


def environment(room: Room, record: EnvironmentRecord | None) -> int | None:
    """Return the row of an environment, or None where it is not known."""
    if record is None:
        return None

    def add() -> int:
        text = json_in(asdict(record))
        digest = blake3(text.encode()).digest()
        found = room.db.execute(FIND_ENVIRONMENT, (digest,)).fetchone()
        if found:
            return int(found[0])
        return room.db.insert(
            ADD_ENVIRONMENT, (digest, text_in(record.python), text_in(record.platform), room.text(text))
        )

    # The recorder hands in the same object until a package changes: reading its hundreds of rows again would cost
    # more than all the rest.
    return room.interned.same("environment", record, add)


def environment_likeness(room: Room, record: EnvironmentRecord | None) -> int | None:
    """Return a number that is equal for environments in which the same code gives the same result.

    Which distributions have been imported by now, and which thread pools that has started, tells of other cells.
    """
    if record is None:
        return None

    def make() -> int:
        threads = {key: value for key, value in record.threads.items() if key != "pools"}
        versions = [distribution[:3] for distribution in record.distributions]
        parts = (record.python, record.implementation, record.platform, record.machine, versions, threads)
        return int.from_bytes(identity_of(*parts)[:7])

    return room.interned.same("environment likeness", record, make)


def git_state(room: Room, git: GitState) -> int:
    """Return the row of a state of git; the late diff gives another one."""
    diff = room.known(git.diff_digest)
    identity = identity_of(git.commit, git.branch, git.is_dirty, git.diff_digest, git.status)
    found = room.db.execute(FIND_GIT, (identity,)).fetchone()
    if found:
        return int(found[0])
    branch = None if git.branch is None else text_in(git.branch)
    is_dirty = None if git.is_dirty is None else int(git.is_dirty)
    return room.db.insert(ADD_GIT, (identity, git.commit, branch, is_dirty, diff, git.status.value))


def snapshot(room: Room, record: SnapshotRecord | None, notebook: Notebook | None) -> int | None:
    """Return the row of a notebook as it stood, or None where it is not known."""
    if record is None:
        return None
    # The recorder hands in the same dicts until a cell changes.
    cells = json_in(room.interned.same_each("cell", record.cells, partial(_cell, room)))
    metadata = room.interned.same("metadata", record.metadata, lambda: room.json(record.metadata))
    nbformat = json_in(record.nbformat)
    row = notebook.id if notebook else None
    identity = identity_of(record.completeness, row, cells, metadata, nbformat)
    # Cells are edited from run to run: as a rule it is new.
    values = (identity, record.completeness, row, nbformat, metadata, cells)
    return room.db.insert_or_none(ADD_SNAPSHOT, values) or _found(room, FIND_SNAPSHOT, identity)


def _found(room: Room, find: str, identity: bytes) -> int:
    return int(room.db.execute(find, (identity,)).fetchone()[0])


def _cell(room: Room, cell: dict[str, object]) -> int:
    cell_id, kind = str(cell.get("id", "")), str(cell.get("cell_type", "code"))
    source, outputs = cell.get("source"), cell.get("outputs")
    rest = {key: value for key, value in cell.items() if key not in {"id", "cell_type", "source", "outputs"}}
    content = json_in(rest)

    def add() -> int:
        identity = identity_of(cell_id, kind, source, outputs, content)
        blobs = tuple(room.known(part) if isinstance(part, str) else None for part in (source, outputs))
        values = (identity, text_in(cell_id), text_in(kind), *blobs, content)
        return room.db.insert_or_none(ADD_CELL, values) or _found(room, FIND_CELL, identity)

    return room.interned.once(("cell", cell_id, kind, str(source), str(outputs), content), add)
