"""Which notebook a path is: the same as ever, one that was renamed, a copy, or a new one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path, PurePosixPath

from celltrail.domain.ids import new_id
from celltrail.store.connection import Connection
from celltrail.store.values import text_in, text_out, time_in

FIND = "SELECT id, copied_from, cell_ids FROM notebooks WHERE path = ?"
OTHERS = "SELECT id, path, cell_ids FROM notebooks WHERE id <> ? AND cell_ids <> '[]' ORDER BY id DESC"
KNOWN_CELLS = """
SELECT n.text FROM experiment_cells AS c JOIN names AS n ON n.id = c.cell_id WHERE c.notebook_id = ?
"""
ADD = "INSERT INTO notebooks (global_id, path, copied_from, author, created_at) VALUES (?, ?, ?, ?, ?)"
LEARN_CELLS = "UPDATE notebooks SET cell_ids = ? WHERE id = ?"
LEARN_ORIGIN = "UPDATE notebooks SET copied_from = ? WHERE id = ?"
REMEMBER_PATH = """
INSERT INTO notebook_paths (notebook_id, path, until) SELECT id, path, ? FROM notebooks WHERE id = ?
ON CONFLICT DO UPDATE SET until = excluded.until
"""
MOVE = "UPDATE notebooks SET path = ? WHERE id = ?"
HAS_EXPERIMENTS = "SELECT 1 FROM experiments WHERE notebook_id = ? LIMIT 1"
MOVE_EXECUTIONS = "UPDATE executions SET notebook_id = ? WHERE notebook_id = ?"
MOVE_SNAPSHOTS = "UPDATE snapshots SET notebook_id = ? WHERE notebook_id = ?"
REMOVE = "DELETE FROM notebooks WHERE id = ?"

# No path on a disk begins so: a notebook of another trail is never taken for one that was renamed or copied here.
IMPORTED_PATH = "import:"


@dataclass(frozen=True, slots=True)
class Notebook:
    """A notebook as the store knows it."""

    id: int
    copied_from: int | None
    cell_ids: list[str]


def stored_path(base: Path, path: str) -> str:
    """Return a path as the trail keeps it: POSIX, relative where it lies below the trail's own folder.

    So a project that is moved or synced keeps its history.
    """
    return _stored(base.as_posix(), path)


@lru_cache(maxsize=256)  # a kernel runs the cells of one notebook, mostly
def _stored(base: str, path: str) -> str:
    posix = path.replace("\\", "/") if ":\\" in path[:3] else path
    pure = PurePosixPath(posix)
    return str(pure.relative_to(base)) if pure.is_relative_to(base) else posix


@lru_cache(maxsize=16)  # as they were the last time, mostly
def _ids(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


def find_notebook(
    connection: Connection,
    base: Path,
    path: str,
    *,
    cell_id: str | None,
    cell_ids: Sequence[str],
    author: str,
    now: datetime,
) -> Notebook:
    """Return the notebook that a path names, made where it is new; inside a transaction.

    Parameters
    ----------
    connection : Connection
        In a transaction.
    base : Path
        The folder that holds the trail.
    path : str
        Absolute.
    cell_id : str or None
        The cell that runs: evidence where the whole list is not known.
    cell_ids : sequence of str
        All cells of the notebook, in order; empty where not known.
    author : str
        Who runs it.
    now : datetime
        For what is new.

    Returns
    -------
    Notebook
        A path not seen before is a rename where the file of an old one has gone and at least half of its cells
        agree, a copy where that file still stands, else a new notebook.
    """
    kept = stored_path(base, path)
    found = connection.execute(FIND, (text_in(kept),)).fetchone()
    known = list(_ids(found[2])) if found else []
    if found and (known or not cell_ids):
        if cell_ids and known != list(cell_ids):
            connection.execute(LEARN_CELLS, (json.dumps(list(cell_ids)), found[0]))
        return Notebook(found[0], found[1], list(cell_ids) or known)
    row, origin = (found[0], found[1]) if found else (None, None)
    old, is_gone = _same_cells(connection, base, row, cell_id, cell_ids)
    if old is not None and is_gone and (row is None or not connection.execute(HAS_EXPERIMENTS, (row,)).fetchone()):
        row = _rename(connection, old, row, kept, now)
    elif row is None:
        origin = old
        row = connection.insert(ADD, (new_id(), text_in(kept), old, author, time_in(now)))
    elif old is not None:
        origin = old
        connection.execute(LEARN_ORIGIN, (old, row))
    if cell_ids:
        connection.execute(LEARN_CELLS, (json.dumps(list(cell_ids)), row))
    return Notebook(row, origin, list(cell_ids))


def _rename(connection: Connection, old: int, provisional: int | None, path: str, now: datetime) -> int:
    if provisional is not None:
        # Cells ran under the new path before its list of cells was known.
        connection.execute(MOVE_EXECUTIONS, (old, provisional))
        connection.execute(MOVE_SNAPSHOTS, (old, provisional))
        connection.execute(REMOVE, (provisional,))
    connection.execute(REMEMBER_PATH, (time_in(now), old))
    connection.execute(MOVE, (text_in(path), old))
    return old


def _same_cells(
    connection: Connection, base: Path, row: int | None, cell_id: str | None, cell_ids: Sequence[str]
) -> tuple[int | None, bool]:
    """Return the notebook whose cells these are, and whether its file has gone; one that has gone comes first."""
    here, standing = set(cell_ids), None
    for other, path, text in connection.execute(OTHERS, (row or 0,)).fetchall():
        its = set(_ids(text))
        agrees = 2 * len(its & here) >= len(its) if here else cell_id is not None and cell_id in its
        if not agrees:
            continue
        if not (base / text_out(path)).exists():
            return other, True
        standing = standing if standing is not None else other
    return standing, False
