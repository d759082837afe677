"""What an execution touched, into its tables."""

from __future__ import annotations

from typing import Any

from celltrail.domain.record import ExecutionRecord
from celltrail.domain.touches import FileTouch, Touches
from celltrail.store.notebooks import stored_path
from celltrail.store.room import Room, identity_of
from celltrail.store.values import json_in

FIND_TOUCHES = "SELECT id FROM touches WHERE identity = ?"
ADD_TOUCHES = "INSERT INTO touches (identity, content) VALUES (?, ?)"
SET_TOUCHES = "UPDATE executions SET touches_id = ? WHERE id = ?"
CLEAR_FILES = "DELETE FROM execution_files WHERE execution_id = ?"
ADD_FILE = """
INSERT INTO execution_files (execution_id, path_id, mode, size_bytes, modified_ns, digest, digest_status)
VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
"""


def write(room: Room, row: int, execution: ExecutionRecord) -> None:
    """Write what an execution touched, where that is known; what was known before is replaced.

    Parameters
    ----------
    room : Room
        An open transaction.
    row : int
        Row of the execution.
    execution : ExecutionRecord
        The execution.
    """
    if execution.touches is not None:
        room.db.execute(SET_TOUCHES, (touches_row(room, execution.touches), row))
    if execution.touched_files:
        room.db.execute(CLEAR_FILES, (row,))
        room.db.executemany(ADD_FILE, [_file(room, row, file) for file in execution.touched_files])


def touches_row(room: Room, touches: Touches) -> int:
    """Return the row of touches, made where they are new: a cell that runs again touches the same."""

    def find_or_add() -> int:
        content = json_in(as_content(touches))
        identity = identity_of(content)
        found = room.db.execute(FIND_TOUCHES, (identity,)).fetchone()
        return int(found[0]) if found else room.db.insert(ADD_TOUCHES, (identity, content))

    return room.interned.once(("touches", touches), find_or_add)


def as_content(touches: Touches) -> dict[str, Any]:
    """Return touches as JSON keeps them: what is empty is left out."""
    parts = ("reads", "binds", "mutates", "maybe", "later", "deletes", "moved", "idle")
    found: dict[str, Any] = {part: list(names) for part in parts if (names := getattr(touches, part))}
    if touches.is_dynamic:
        found["is_dynamic"] = True
    if touches.is_beside:
        found["is_beside"] = True
    if touches.degraded:
        found["degraded"] = touches.degraded
    return found


def _file(room: Room, row: int, file: FileTouch) -> tuple[Any, ...]:
    digest = None if file.digest is None else bytes.fromhex(file.digest)
    path = room.name(stored_path(room.base, file.path))
    return row, path, file.mode, file.size_bytes, file.modified_ns, digest, file.digest_status
