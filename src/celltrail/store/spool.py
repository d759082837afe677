"""Where a cell waits whose store was locked: its record as JSON, one file a record, committed by the next save.

A later record of the same cell takes the place of the earlier one, under a name of its own: whoever has the earlier
one in hand can't remove the later one. Only one process at a time takes in what waits.
"""

from __future__ import annotations

import base64
import contextlib
import json
import math
import os
import sqlite3
import time
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

from celltrail.domain.ids import new_id
from celltrail.domain.record import CellRecord
from celltrail.errors import TrailError
from celltrail.store.locks import FileLock
from celltrail.store.store import Store

_LOOK_AGAIN_S = 0.02


def spool(folder: Path, cell: CellRecord) -> Path:
    """Write a record to the spool.

    Parameters
    ----------
    folder : Path
        The trail.
    cell : CellRecord
        What could not be committed.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    TrailError
        If it can't be written; nothing half-written is left.
    """
    path = folder / "spool" / f"{cell.execution.id}-{new_id()}.json"
    unfinished = path.with_name(f".{new_id()}")
    earlier = waiting_of(folder, cell)
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        unfinished.write_bytes(cell_to_json(cell))
        unfinished.chmod(0o600)
        unfinished.replace(path)
    except OSError as error:
        discard(unfinished)
        raise TrailError(
            f"this run is not kept: the store is busy and {path.parent} can't be written ({error.strerror}). "
            "Make room or name another folder in CELLTRAIL_TRAIL."
        ) from error
    for one in earlier:
        discard(one)
    return path


def waiting_of(folder: Path, cell: CellRecord) -> list[Path]:
    """Return the files in which records of a cell wait, oldest first."""
    return [path for path in waiting(folder) if path.name.startswith(cell.execution.id)]


def hold(folder: Path) -> FileLock | None:
    """Take the turn to commit what waits; None where another process, or another thread, has it."""
    try:
        return FileLock.take(folder / "spool.lock")
    except OSError:
        return None  # what waits goes on waiting


def take_in(trail: Store, *, wait_s: float) -> None:
    """Commit what waits in the spool; where somebody is at it, wait until it is done.

    Parameters
    ----------
    trail : Store
        Open for writing.
    wait_s : float
        Seconds to wait for one's turn, and for the store, for each cell.

    Raises
    ------
    TrailError
        If the store can't be written; what waits goes on waiting.
    """
    until = time.monotonic() + wait_s
    while waiting(trail.path):
        lock = hold(trail.path)
        if lock is not None:
            with lock:
                commit_spooled(trail, wait_s=wait_s)
            return
        if time.monotonic() > until:
            return
        time.sleep(_LOOK_AGAIN_S)


def commit_spooled(trail: Store, *, wait_s: float, but: CellRecord | None = None) -> int:
    """Commit what waits in the spool, oldest first; only while one holds it.

    Parameters
    ----------
    trail : Store
        Open for writing.
    wait_s : float
        Seconds to wait for the store, for each cell.
    but : CellRecord, optional
        A cell whose record in hand is newer than the one that may wait.

    Returns
    -------
    int
        How many cells were committed.

    Raises
    ------
    TrailError
        If the store can't be written; what waits goes on waiting.
    """
    found = waiting(trail.path)
    if not found:
        return 0
    from celltrail.store import writer  # half of the store, and at nearly every opening nothing waits

    done = 0
    overtaken = [] if but is None else waiting_of(trail.path, but)
    for path in found:
        if path in overtaken:
            continue
        try:
            writer.commit(trail, cell_from_json(path.read_bytes()), wait_s=wait_s)
        except FileNotFoundError:
            continue  # its kernel has a newer one
        except (ValueError, KeyError, TypeError, sqlite3.Error) as error:
            # A record that can't be committed must not stand in the way of those that can.
            aside = path.with_suffix(".unreadable")
            with contextlib.suppress(FileNotFoundError):  # another kernel has set it aside
                path.replace(aside)
            trail.notices.append(f"a spooled run can't be read ({error}); it is set aside in {aside}")
            continue
        discard(path)
        done += 1
    return done


def discard(path: Path) -> None:
    """Take a file out of the spool; where that fails it is read once more, which changes nothing."""
    with contextlib.suppress(OSError):
        path.unlink()


def waiting(folder: Path) -> list[Path]:
    """Return the files in the spool, oldest first."""
    spooled = f"{folder}/spool"
    if not os.access(spooled, os.F_OK):
        return []  # nothing ever waited here
    try:
        found = [name for name in os.listdir(spooled) if name.endswith(".json") and not name.startswith(".")]
    except OSError:
        return []  # it can't be read, or has just gone
    return [Path(spooled, name) for name in sorted(found)]  # ids sort by time


def cell_to_json(cell: CellRecord) -> bytes:
    """Return a record as JSON that `cell_from_json` reads back, content included."""
    return json.dumps(_encode(cell), ensure_ascii=True, separators=(",", ":"), allow_nan=False).encode()


def cell_from_json(text: bytes) -> CellRecord:
    """Undo `cell_to_json`.

    Raises
    ------
    ValueError, KeyError, TypeError
        If the text is not such a record.
    """
    found = _decode(CellRecord, json.loads(text))
    if not isinstance(found, CellRecord):
        raise TypeError("not a record of a cell")
    return found


def _encode(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: _encode(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes | bytearray | memoryview):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, float) and not math.isfinite(value):
        return {"$float": repr(float(value))}
    if isinstance(value, Mapping):
        items = {str(key): _encode(item) for key, item in value.items()}
        return {"$dict": list(items.items())} if any(key.startswith("$") for key in items) else items
    if isinstance(value, list | tuple):
        return [_encode(item) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return {"repr": f"<{type(value).__module__}.{type(value).__qualname__}>"}


def _decode(hint: Any, value: Any) -> Any:
    if isinstance(value, dict) and "$float" in value:
        return float(value["$float"])
    if isinstance(value, dict) and "$dict" in value:
        value = dict(value["$dict"])
    return _decoder(hint)(value)


@cache
def _decoder(hint: Any) -> Callable[[Any], Any]:
    """Return what turns JSON into a value of a declared type."""
    if isinstance(hint, typing.NewType):
        hint = hint.__supertype__
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in {typing.Union, types.UnionType}:
        inner = _decoder(next(part for part in arguments if part is not types.NoneType))
        return lambda value: None if value is None else inner(value)
    if origin is list:
        return lambda value: [_decode(arguments[0], item) for item in value]
    if origin is tuple:
        return lambda value: tuple(_decode(arguments[0], item) for item in value)
    if origin is dict:
        return lambda value: {key: _decode(arguments[1], item) for key, item in value.items()}
    if is_dataclass(hint) and isinstance(hint, type):
        hints = typing.get_type_hints(hint)
        return lambda value: hint(**{name: _decode(hints[name], item) for name, item in value.items()})
    if hint is datetime:
        return datetime.fromisoformat
    if hint is bytes:
        return lambda value: base64.b64decode(value, validate=True)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint
    return _plain


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _decode(Any, item) for key, item in value.items()}
    return [_decode(Any, item) for item in value] if isinstance(value, list) else value
