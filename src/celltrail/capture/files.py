"""Files, URLs and databases that a cell reads and writes: what is taken of each, and for which cell.

A permanent audit hook would double the time of `deepcopy`, so a few functions are replaced while a cell runs; which,
and how they are put back, is in `files_openers`. Which paths are nobody's data is in `ignored_paths`, what is read of
a file in `files_digest`.
"""

from __future__ import annotations

import os
import stat
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from celltrail.capture.environment import without_credentials
from celltrail.capture.files_digest import digest_file, is_many, list_many, mark, status_of
from celltrail.capture.files_openers import Openers
from celltrail.capture.ignored_paths import is_ignored
from celltrail.capture.late import working
from celltrail.domain.forks import renew_in_child
from celltrail.domain.ids import Digest
from celltrail.domain.record import FileRecord, Keeping
from celltrail.flavors.opened import Mode, Opened

# What is taken before the cell's line is shown; the rest is a late fact. A cell that reads nothing pays none of it,
# BLAKE3 on one thread reads one to three megabytes in a millisecond, and half of a cell's budget is the limit.
_AT_ONCE_BYTES = 1_000_000
_AT_ONCE_S = 0.010
_LISTED_S = 0.002
_MOST_FILES = 1_000
_MOST_WORDS = 20  # tables and statements of one database


@dataclass(slots=True)
class _Seen:
    """One thing that was opened."""

    told: os.stat_result | None
    details: dict[str, Any] = field(default_factory=dict)
    is_many: bool = False


Way = Literal["read", "write", "both"]

_lock = threading.RLock()
renew_in_child(sys.modules[__name__], "_lock")
_watches: list[FileWatch] = []


class FileWatch:
    """Sees what is opened between `start` and `stop`. Watches may overlap, as nested cells and subshells do.

    Parameters
    ----------
    ignored : sequence of Path
        Folders whose files are not recorded: the trail.
    """

    def __init__(self, ignored: Sequence[Path] = ()) -> None:
        # The first question finds the folder for temporary files, which opens one there under a lock of its own:
        # asked inside somebody's `open`, that may be a deadlock.
        is_ignored(os.sep)
        self.ignored = tuple(os.path.abspath(folder) + os.sep for folder in ignored)
        self.thread = threading.get_ident()
        self.skipped = 0  # files beyond the thousandth
        # How each path was first used: what is read after it was written is the cell's own.
        self.ways: dict[str, Way] = {}
        self._seen: dict[tuple[str, Mode], _Seen] = {}

    def start(self) -> None:
        """Begin to see."""
        self.thread = threading.get_ident()
        with _lock:
            _watches.append(self)
            if len(_watches) == 1:
                _openers.arm()
                _openers.turn_on()

    def stop(self) -> list[FileRecord]:
        """Put everything back and return what was opened.

        Returns
        -------
        list of FileRecord
            In the order of first opening. Small files have their digest; larger ones are pending and
            `digest_file` completes them. What was written and is gone again, as temporary files, is left out.
        """
        with _lock:
            if self in _watches:
                _watches.remove(self)
                if not _watches:
                    _openers.turn_off()
        if not self._seen:
            return []
        until = time.perf_counter() + _AT_ONCE_S
        records = []
        for (path, mode), seen in list(self._seen.items()):
            record = _record(path, mode, seen)
            if record is None or (_is_gone(record) and (path, "write") in self._seen):
                continue  # a temporary file, also where it was read before it went
            is_small = record.size_bytes is not None and record.size_bytes <= _AT_ONCE_BYTES
            if is_small and time.perf_counter() < until:
                record = digest_file(record)
            records.append(record)
        return records

    def note(
        self, path: str, mode: Mode, seen: _Seen | None = None, *, is_sure: bool = True, keeps: bool = False
    ) -> None:
        """Take note of one opening; `keeps` says that what it writes is added to what there was."""
        if not path.startswith(self.ignored) and len(self.ways) < _MOST_FILES:
            first = self.ways.setdefault(path, "both" if keeps else mode)
            if first == "read" and mode == "write":
                self.ways[path] = "both"
        known = self._seen.get((path, mode))
        if known is None:
            if path.startswith(self.ignored):
                return
            if len(self._seen) >= _MOST_FILES:
                self.skipped += 1
                return
            # What was written is looked at when the cell is over; what was read must not have moved until then.
            known = self._seen[path, mode] = seen or _Seen(status_of(path) if mode == "read" else None)
            if not is_sure:
                known.details["maybe"] = "another cell ran at the same time"
        elif seen is not None:
            _merge(known.details, seen.details)

    def move(self, before: str, after: str) -> None:
        """Take note that what was written bears another name now."""
        self._move_way(before, after)
        seen = self._seen.pop((before, "write"), None)
        if seen is not None and not is_ignored(after) and not after.startswith(self.ignored):
            self._seen[after, "write"] = seen

    def _move_way(self, before: str, after: str) -> None:
        if is_ignored(after) or after.startswith(self.ignored):
            return
        if before == after:
            self.ways.setdefault(before, "both")
        elif self.ways.get(before) == "write":
            del self.ways[before]  # made here, and gone again under this name
        else:
            self.ways[before] = "both"
        if before != after:
            self.ways[after] = "write"


def disarm() -> None:
    """Wait for no library any more: celltrail is unloaded."""
    with _lock:
        if not _watches:
            _openers.disarm()


def _hear(told: Any, mode: Mode, keeps: bool = False) -> None:
    path = _path(told)
    if path is not None:
        _note(path, mode, None, keeps=keeps)


def _hear_more(opened: Iterable[Opened]) -> None:
    for one in opened:
        places, details = _places(one.target), dict(one.details)
        if len(places) > 1:
            details.pop("rows", None)  # those of all together
        for place in places:
            if "://" in place:
                _note(place, one.mode, _Seen(None, dict(details)))
                continue
            many = one.may_be_folder and is_many(place)
            told = status_of(place) if one.mode == "read" and not many else None
            _note(place, one.mode, _Seen(told, dict(details), many))


def _hear_move(before: Any, after: Any) -> None:
    old, new = _path(before), _path(after)
    if old is not None and new is not None:
        for watch in _listening()[0]:
            watch.move(old, new)


def _note(path: str, mode: Mode, seen: _Seen | None, *, keeps: bool = False) -> None:
    if is_ignored(path):
        return
    listening, is_sure = _listening()
    for watch in listening:
        watch.note(path, mode, seen, is_sure=is_sure, keeps=keeps)


def _listening() -> tuple[list[FileWatch], bool]:
    """Return whose file this is: of the cells of this thread; of any cell that runs, if it is a thread of none."""
    if threading.get_ident() in working:
        return [], True
    if len(_watches) == 1:
        return _watches, True
    here = threading.get_ident()
    running = list(_watches)
    own = [watch for watch in running if watch.thread == here]
    return (own, True) if own else (running, len({watch.thread for watch in running}) < 2)


def _path(told: Any) -> str | None:
    """Return an absolute path; None for file descriptors and classes of others."""
    if isinstance(told, bytes):
        told = os.fsdecode(told)
    if type(told).__module__.partition(".")[0] == "pathlib":
        told = str(told)
    return os.path.abspath(told) if type(told) is str else None


def _places(target: Any) -> list[str]:
    """Return paths and URLs of what a library was given: text, paths, lists of them, files that are open."""
    if isinstance(target, str):
        if target.startswith("file:"):
            from urllib.request import url2pathname  # brings http and ssl

            return [os.path.abspath(url2pathname(urlsplit(target).path))]
        if "://" in target:
            return [url] if (url := without_credentials(target)) else []
        return [os.path.abspath(os.path.expanduser(target))] if target and "\n" not in target else []
    if isinstance(target, os.PathLike):
        return _places(os.fspath(target))
    if isinstance(target, list | tuple | set):
        return [place for one in target for place in _places(one)]
    name = getattr(target, "name", None)
    return [os.path.abspath(name)] if isinstance(name, str) and hasattr(target, "read") else []


def _merge(known: dict[str, Any], more: dict[str, Any]) -> None:
    for name, value in more.items():
        if isinstance(value, list):
            whole = known.setdefault(name, [])
            whole += [one for one in value if one not in whole][: _MOST_WORDS - len(whole)]
        else:
            known.setdefault(name, value)


def _record(path: str, mode: Mode, seen: _Seen) -> FileRecord | None:
    """Return the record of one opening, as the file stands now; None for what is no file."""
    if "://" in path:
        return _remote(path, mode, seen.details)
    if seen.is_many:
        record = FileRecord(path, mode, digest_status=Keeping.PENDING, details=seen.details)
        return list_many(record, until=time.perf_counter() + _LISTED_S)
    now = status_of(path)
    if seen.told is not None and not stat.S_ISREG(seen.told.st_mode):
        return None  # a folder that was listed, a pipe
    if now is None:
        # It was read and then deleted; what was written and deleted was temporary.
        gone = FileRecord(path, mode, digest_status=Keeping.CHANGED, details=seen.details)
        return gone if mode == "read" and seen.told is not None else None
    if not stat.S_ISREG(now.st_mode):
        return None
    first = now if seen.told is None else seen.told
    status = Keeping.PENDING if mark(first) == mark(now) else Keeping.CHANGED
    record = FileRecord(path, mode, first.st_size, first.st_mtime_ns, digest_status=status, details=seen.details)
    return _database(record, now) if "database" in seen.details else record


def _is_gone(record: FileRecord) -> bool:
    return record.digest_status is Keeping.CHANGED and record.size_bytes is None


def _remote(url: str, mode: Mode, told: dict[str, Any]) -> FileRecord:
    details = {name: value for name, value in told.items() if name not in ("digest", "size_bytes")}
    size, digest = told.get("size_bytes"), told.get("digest")
    if digest is not None:
        return FileRecord(url, mode, size, digest=Digest(digest), digest_status=Keeping.KEPT, details=details)
    details.setdefault("reason", "a database: its tables, not their content" if "tables" in told else "remote")
    return FileRecord(url, mode, size, digest_status=Keeping.NOT_KEPT, details=details)


def _database(record: FileRecord, now: os.stat_result) -> FileRecord:
    """Complete the record of a database in a file: it changed because the cell wrote to it; its log may hold more."""
    if record.digest_status is Keeping.CHANGED:
        record = replace(
            record,
            mode="write",
            size_bytes=now.st_size,
            modified_ns=now.st_mtime_ns,
            digest_status=Keeping.PENDING,
        )
    log = status_of(f"{record.path}-wal") or status_of(f"{record.path}.wal")
    if log is not None and log.st_size:
        reason = "changes stand in the log beside it"
        return replace(record, digest_status=Keeping.NOT_KEPT, details={**record.details, "reason": reason})
    return record


_openers = Openers(_hear, _hear_more, _hear_move)
