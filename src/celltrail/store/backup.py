"""Copies a whole trail to another place, while kernels go on writing, and checks the copy."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from blake3 import blake3

from celltrail.domain.ids import new_id
from celltrail.errors import TrailDamagedError, TrailError, UsageError
from celltrail.store.blobs import blob_path
from celltrail.store.failures import failures_named
from celltrail.store.marking import named_blobs
from celltrail.store.store import Store

COUNT_RUNS = "SELECT count(*) FROM runs WHERE forgotten_at IS NULL"
FILES = "SELECT id, digest FROM blobs WHERE encoding = 'file'"


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy that was checked: it is a trail itself, and opens as one."""

    path: Path
    runs: int
    files: int
    size_bytes: int


def back_up(trail: Store, target: Path) -> Backup:
    """Copy a trail.

    Parameters
    ----------
    trail : Store
        The trail; it stays in use meanwhile.
    target : Path
        A folder that does not exist yet; name it in CELLTRAIL_TRAIL to look into the copy.

    Returns
    -------
    Backup
        Where it is and what it holds.

    Raises
    ------
    UsageError
        If something is there already.
    TrailDamagedError
        If the copy is not whole: what is damaged in the trail is not passed on as sound.
    TrailError
        If it can't be written; no half of it is left.
    """
    target = Path(target).absolute()
    if target.exists():
        raise UsageError(f"{target} exists already; name a folder that does not.")
    unfinished = target.with_name(f".{target.name}.{new_id()}")
    try:
        unfinished.mkdir(parents=True, mode=0o700)
        found = _copy(trail, unfinished)
        unfinished.replace(target)
    except OSError as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        if isinstance(error, TrailError):
            raise
        raise TrailError(f"no backup was made: {target} can't be written ({error.strerror})") from error
    return Backup(target, *found)


def _copy(trail: Store, folder: Path) -> tuple[int, int, int]:
    file = folder / "trail.db"
    with failures_named(trail.path / "trail.db"):
        copy = sqlite3.connect(file, isolation_level=None)
        try:
            trail.db.raw.backup(copy)
            # One file that is whole by itself: a reader of the copy needs no log beside it.
            copy.execute("PRAGMA journal_mode = DELETE").fetchall()
            faults = [text for (text,) in copy.execute("PRAGMA integrity_check(5)").fetchall() if text != "ok"]
            runs = int(copy.execute(COUNT_RUNS).fetchone()[0])
            files = [(int(row), digest.hex()) for row, digest in copy.execute(FILES).fetchall()]
        finally:
            copy.close()
    if faults:
        raise TrailDamagedError(f"no backup was made: {trail.path} is damaged ({faults[0]}); see: celltrail doctor")
    # What nothing names may be swept while we copy.
    named = named_blobs(trail)
    digests = [digest for row, digest in files if row in named]
    size = file.stat().st_size + sum(_copy_file(trail, folder, digest) for digest in digests)
    (folder / ".gitignore").write_text("*\n", encoding="ascii")
    return runs, len(digests), size


def _copy_file(trail: Store, folder: Path, digest: str) -> int:
    source, target = blob_path(trail.path, digest), blob_path(folder, digest)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copyfile(source, target)
    except FileNotFoundError as error:
        raise TrailDamagedError(
            f"no backup was made: {source} is gone, though runs name it; see: celltrail doctor"
        ) from error
    content = target.read_bytes()
    if blake3(content).hexdigest() != digest:
        raise TrailDamagedError(f"no backup was made: {source} is not what was written; see: celltrail doctor")
    return len(content)
