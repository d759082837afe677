"""Digests of files and folders, taken when their cell is over: a file that moved meanwhile is `changed`.

What is opened is seen in `files`; here it is only read.
"""

from __future__ import annotations

import glob
import io
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from blake3 import blake3

from celltrail.capture.ignored_paths import is_ignored
from celltrail.domain.ids import Digest
from celltrail.domain.record import FileRecord, Keeping

_CHUNK_BYTES = 1 << 20
_MOST_MEMBERS = 10_000
_MOST_KNOWN = 1_000
# A file written again within its clock's tick has the same time. Git trusts no time younger than its own index
# (git, Documentation/technical/racy-git); file systems tick in 2 s at the coarsest (FAT), so that is the margin here.
_RACY_NS = 2_000_000_000
_TEXT = (".csv", ".tsv", ".txt", ".jsonl", ".ndjson")
_GLOB = frozenset("*?[")

# Taken before anything is replaced: celltrail's own reading is never seen.
plain_open = io.open


@dataclass(frozen=True, slots=True)
class _Content:
    digest: Digest
    lines: int | None


_known: dict[tuple[str, int, int, int], _Content] = {}


def mark(told: os.stat_result) -> tuple[int, int, int]:
    """Return what moves when a file is written, replaced or cut: size, time, place."""
    return told.st_size, told.st_mtime_ns, told.st_ino


def status_of(path: str) -> os.stat_result | None:
    """Return how a file stands; None where there is none."""
    try:
        return os.stat(path)
    except (OSError, ValueError):
        return None


def is_many(path: str) -> bool:
    """Say whether a path stands for many files: a folder, or a glob that is no file's name."""
    return os.path.isdir(path) or (not _GLOB.isdisjoint(path) and not os.path.exists(path))


def members(path: str) -> Iterator[str]:
    """Return the files below a folder, or those that a glob names, without those that are nobody's data."""
    if os.path.isdir(path):
        for folder, below, names in os.walk(path):
            below.sort()
            yield from (os.path.join(folder, name) for name in sorted(names))
    else:
        yield from (found for found in sorted(glob.glob(path, recursive=True)) if os.path.isfile(found))


def list_many(record: FileRecord, *, until: float | None = None) -> FileRecord:
    """Complete the record of a folder or glob by number, size and youngest time of its files.

    Parameters
    ----------
    record : FileRecord
        Without a size.
    until : float, optional
        By `time.perf_counter`: when this passes, the record is returned as it was.

    Returns
    -------
    FileRecord
        `details["files"]` is their number. Not kept where there are more than 10,000.
    """
    size, newest, count = 0, 0, 0
    for path in members(record.path):
        told = status_of(path)
        if told is None or is_ignored(path):
            continue
        size, newest, count = size + told.st_size, max(newest, told.st_mtime_ns), count + 1
        if count > _MOST_MEMBERS:
            reason = f"more than {_MOST_MEMBERS:,} files".replace(",", " ")
            return replace(record, digest_status=Keeping.NOT_KEPT, details={**record.details, "reason": reason})
        if until is not None and time.perf_counter() > until:
            return record
    return replace(record, size_bytes=size, modified_ns=newest, details={**record.details, "files": count})


def digest_file(record: FileRecord) -> FileRecord:
    """Complete a pending record by reading the file, or all files of the folder.

    Parameters
    ----------
    record : FileRecord
        Returned as it is unless it is pending.

    Returns
    -------
    FileRecord
        With its digest, and the number of lines of a text file; `changed` where the file's size, time or place has
        moved since it was opened. The digest of a folder is one over path, size and digest of each file, sorted.
    """
    if record.digest_status is not Keeping.PENDING:
        return record
    if is_many(record.path):
        return _digest_many(record)
    told = status_of(record.path)
    content = None
    if told is not None and (told.st_size, told.st_mtime_ns) == (record.size_bytes, record.modified_ns):
        content = _content(record.path, told)
    if content is None:
        return replace(record, digest_status=Keeping.CHANGED)
    details = record.details if content.lines is None else {**record.details, "lines": content.lines}
    return replace(record, digest=content.digest, digest_status=Keeping.KEPT, details=details)


def as_it_stands(path: str) -> FileRecord | None:
    """Return a pending record of a file, a folder or a glob as it is now; None where there is none."""
    if is_many(path):
        record = list_many(FileRecord(path, "read"))
        return record if record.details.get("files") or record.digest_status is Keeping.NOT_KEPT else None
    told = status_of(path)
    return None if told is None else FileRecord(path, "read", told.st_size, told.st_mtime_ns)


def _digest_many(record: FileRecord) -> FileRecord:
    listed = list_many(replace(record, size_bytes=None, modified_ns=None))
    if listed.digest_status is not Keeping.PENDING:
        return listed
    if record.size_bytes is not None and (listed.size_bytes, listed.modified_ns) != (
        record.size_bytes,
        record.modified_ns,
    ):
        return replace(record, digest_status=Keeping.CHANGED)
    base = record.path if os.path.isdir(record.path) else os.path.dirname(record.path.partition("*")[0])
    hasher = blake3(max_threads=1)
    for path in members(record.path):
        told = status_of(path)
        if told is None or is_ignored(path):
            continue
        content = _content(path, told)
        if content is None:
            return replace(record, digest_status=Keeping.CHANGED)
        name = os.path.relpath(path, base).replace(os.sep, "/")
        hasher.update(f"{name}\0{told.st_size}\0{content.digest}\n".encode("utf-8", "surrogatepass"))
    return replace(listed, digest=Digest(hasher.hexdigest()), digest_status=Keeping.KEPT)


def _content(path: str, told: os.stat_result) -> _Content | None:
    """Return digest and lines of a file; None where it is not, or does not stay, as it was told."""
    key = (path, *mark(told))
    found = _known.get(key)
    if found is not None:
        return found
    hasher, lines, last = blake3(max_threads=1), 0, b"\n"
    counts = path.lower().endswith(_TEXT)
    try:
        with plain_open(path, "rb") as file:
            before = os.fstat(file.fileno())
            while chunk := file.read(_CHUNK_BYTES):
                hasher.update(chunk)
                if counts:
                    lines, last = lines + chunk.count(b"\n"), chunk[-1:]
    except OSError:
        return None
    after = status_of(path)
    if after is None or not mark(told) == mark(before) == mark(after):
        return None
    whole = lines + (last != b"\n")
    content = _Content(Digest(hasher.hexdigest()), whole if counts else None)
    if time.time_ns() - told.st_mtime_ns > _RACY_NS:
        while len(_known) >= _MOST_KNOWN:
            _known.pop(next(iter(_known)), None)
        _known[key] = content
    return content
