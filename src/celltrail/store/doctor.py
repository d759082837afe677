"""Examines a trail: is it sound, what waits, what is lost, where the room goes. Changes nothing."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from blake3 import blake3

from celltrail.store import liveness, spool
from celltrail.store.blobs import blob_path
from celltrail.store.marking import named_blobs
from celltrail.store.size import folder_size, sizes_by_kind
from celltrail.store.store import Store

# "The WAL reset bug", https://sqlite.org/wal.html#walresetbug: two connections that write and checkpoint at the same
# moment may damage the file, in 3.7.0 to 3.51.2.
SOUND_SQLITE = (3, 51, 3)

INTEGRITY = "PRAGMA integrity_check(20)"
FOREIGN_KEYS = "PRAGMA foreign_key_check"
FILES = "SELECT id, digest, size_bytes FROM blobs WHERE encoding = 'file'"
COUNTS = """
SELECT (SELECT count(*) FROM runs WHERE forgotten_at IS NULL),
  (SELECT count(*) FROM runs WHERE forgotten_at IS NOT NULL),
  (SELECT count(*) FROM executions), (SELECT count(*) FROM experiments),
  (SELECT count(*) FROM runs WHERE status = 'lost' AND forgotten_at IS NULL)
"""
UNWRITTEN_LOST = """
SELECT count(*) FROM runs AS r JOIN executions AS x ON x.id = r.execution_id
WHERE r.status = 'running' AND r.forgotten_at IS NULL AND x.session_id IN (SELECT value FROM json_each(?))
"""


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found.

    Attributes
    ----------
    path : str
        The folder of the trail.
    size_bytes : int
        Its room on the disk, log and files included.
    runs, forgotten, lost, executions, experiments : int
        How many.
    sqlite : str
        Version of SQLite.
    sqlite_doubt : str
        What is wrong with that version; empty where nothing is known.
    journal : str
        "wal", or "delete" on disks where a log is unsafe.
    faults : tuple of str
        What SQLite's own examination found.
    missing, corrupt : tuple of str
        Digests of content that runs name and that is gone, or not what was written.
    spooled : int
        Cells that wait to be committed.
    sizes : dict of str to int
        Bytes by kind: models, outputs, notebooks, data facts, runs.
    """

    path: str
    size_bytes: int
    runs: int
    forgotten: int
    lost: int
    executions: int
    experiments: int
    sqlite: str
    sqlite_doubt: str
    journal: str
    faults: tuple[str, ...]
    missing: tuple[str, ...]
    corrupt: tuple[str, ...]
    spooled: int
    sizes: dict[str, int]

    @property
    def is_well(self) -> bool:
        """Whether nothing is damaged."""
        return not (self.faults or self.missing or self.corrupt)

    def lines(self) -> list[str]:
        """Say it in five lines: trail, store, content, what waits, room.

        Returns
        -------
        list of str
            Each with what to type where something is to be done.
        """
        room = ", ".join(f"{kind} {_size(size)}" for kind, size in self.sizes.items())
        return [
            f"trail    {self.path} · {_size(self.size_bytes)} · {_count(self.runs, 'run')} in "
            f"{_count(self.experiments, 'experiment')}, {_count(self.executions, 'execution')}",
            f"store    {self._store()}",
            f"content  {self._content()}",
            f"waiting  {self._waiting()}",
            f"room     {room or 'nothing kept yet'}",
        ]

    def _store(self) -> str:
        version = f"SQLite {self.sqlite}, {'with' if self.journal == 'wal' else 'without'} log"
        doubt = f" · {self.sqlite_doubt}" if self.sqlite_doubt else ""
        if self.faults:
            return f"DAMAGED: {self.faults[0]} · {version} · restore a backup, or save the runs: celltrail export"
        return f"sound · {version}{doubt}"

    def _content(self) -> str:
        if not self.missing and not self.corrupt:
            return "all there, every digest agrees"
        parts = [
            f"{_count(len(names), 'piece')} {what} ({names[0][:12]}…)"
            for names, what in ((self.missing, "missing"), (self.corrupt, "corrupt"))
            if names
        ]
        return f"DAMAGED: {', '.join(parts)} · copy these files of blobs/ from a backup"

    def _waiting(self) -> str:
        parts = [
            f"{_count(self.spooled, 'cell')} to be committed (opening the trail does it)" if self.spooled else "",
            f"{_count(self.lost, 'lost run')} (their kernel died)" if self.lost else "",
            f"{_count(self.forgotten, 'forgotten run')} (gone with: celltrail gc)" if self.forgotten else "",
        ]
        return ", ".join(part for part in parts if part) or "nothing"


def examine(trail: Store) -> Examination:
    """Examine a trail.

    Parameters
    ----------
    trail : Store
        Open, also if only to read.

    Returns
    -------
    Examination
        What was found; every file of content has been read and its digest compared.

    Raises
    ------
    TrailDamagedError
        If the store is too damaged to answer.
    """
    missing, corrupt = _examine_files(trail)
    size = folder_size(trail.path)
    runs, forgotten, executions, experiments, lost = trail.db.rows(COUNTS)[0]
    dead = str(sorted(liveness.dead_sessions(trail)))
    return Examination(
        path=str(trail.path),
        size_bytes=size,
        runs=runs,
        forgotten=forgotten,
        lost=lost + trail.db.rows(UNWRITTEN_LOST, (dead,))[0][0],
        executions=executions,
        experiments=experiments,
        sqlite=sqlite3.sqlite_version,
        sqlite_doubt=sqlite_doubt(sqlite3.sqlite_version_info),
        journal=str(trail.db.rows("PRAGMA journal_mode")[0][0]).lower(),
        faults=tuple(_faults(trail)),
        missing=tuple(missing),
        corrupt=tuple(corrupt),
        spooled=len(spool.waiting(trail.path)),
        sizes=sizes_by_kind(trail, size),
    )


def sqlite_doubt(version: tuple[int, ...]) -> str:
    """Say what is wrong with a version of SQLite; empty where nothing is known."""
    if version >= SOUND_SQLITE:
        return ""
    return "older than 3.51.3: has the WAL reset bug, which celltrail avoids by one checkpoint at a time"


def _faults(trail: Store) -> list[str]:
    faults = [str(text) for (text,) in trail.db.rows(INTEGRITY) if text != "ok"]
    broken = trail.db.rows(FOREIGN_KEYS)
    return faults + [
        f"row {row} of {table} points at a {parent} that is gone" for table, row, parent, _ in broken[:20]
    ]


def _examine_files(trail: Store) -> tuple[list[str], list[str]]:
    missing, corrupt = [], []
    named = named_blobs(trail)
    for row, digest, size in trail.db.rows(FILES):
        if row not in named:
            continue
        path = blob_path(trail.path, digest.hex())
        try:
            content = path.read_bytes()
        except OSError:
            missing.append(digest.hex())
            continue
        if len(content) != size or blake3(content).digest() != digest:
            corrupt.append(digest.hex())
    return missing, corrupt


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number:,} {word}s".replace(",", " ")


def _size(size_bytes: int) -> str:
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size_bytes >= factor:
            return f"{size_bytes / factor:.3g} {unit}"
    return f"{size_bytes} B"
