"""Files, URLs and SQLite databases that a cell reads and writes.

A few functions that open things are replaced while a cell runs and put back after it: a permanent audit hook would
double the time of `deepcopy`. What opens files in compiled code of its own (HDF5, Arrow's readers) is not seen.
Which paths are nobody's data is in `ignored_paths`.
"""

from __future__ import annotations

import functools
import io
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

from blake3 import blake3

from celltrail.capture.environment import without_credentials
from celltrail.capture.ignored_paths import is_ignored
from celltrail.domain.ids import Digest
from celltrail.domain.record import FileRecord, Keeping

_AT_ONCE_BYTES = 4_000_000
_AT_ONCE_S = 0.010  # half of what a cell without a fit may cost
_MOST_FILES = 1_000
_CHUNK_BYTES = 1 << 20
_WRITING_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_APPEND

Mode = Literal["read", "write"]

# Taken before anything is replaced: celltrail's own reading is never seen.
_plain_open = io.open

_lock = threading.RLock()
_watches: list[FileWatch] = []
_replaced: list[tuple[ModuleType, str, Any, Any]] = []


class FileWatch:
    """Sees what is opened between `start` and `stop`. Watches may overlap, as nested cells do.

    Parameters
    ----------
    ignored : sequence of Path
        Folders whose files are not recorded: the trail.
    """

    def __init__(self, ignored: Sequence[Path] = ()) -> None:
        # The first question finds the folder for temporary files, which opens one there under a lock of its own:
        # asked inside somebody's `open`, that may be a deadlock.
        is_ignored(os.sep)
        self._ignored = tuple(os.path.abspath(folder) + os.sep for folder in ignored)
        self._seen: dict[tuple[str, Mode], os.stat_result | None] = {}
        self.skipped = 0  # files beyond the thousandth

    def start(self) -> None:
        """Begin to see."""
        with _lock:
            _watches.append(self)
            if len(_watches) == 1:
                _replace_openers()

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
                _put_back()
        until = time.perf_counter() + _AT_ONCE_S
        records = []
        for (path, mode), told in list(self._seen.items()):
            record = _record(path, mode, told)
            if record is None:
                continue
            is_small = record.size_bytes is not None and record.size_bytes <= _AT_ONCE_BYTES
            if is_small and time.perf_counter() < until:
                record = digest_file(record)
            records.append(record)
        return records

    def note(self, path: str, mode: Mode) -> None:
        """Take note of one opening."""
        if (path, mode) in self._seen or path.startswith(self._ignored):
            return
        if len(self._seen) >= _MOST_FILES:
            self.skipped += 1
            return
        # What was written is looked at when the cell is over; what was read must not have moved until then.
        self._seen[path, mode] = _stat(path) if mode == "read" else None


def digest_file(record: FileRecord) -> FileRecord:
    """Complete a pending record by reading the file.

    Parameters
    ----------
    record : FileRecord
        Returned as it is unless it is pending.

    Returns
    -------
    FileRecord
        With its digest; `changed` where the file's size, time or place has moved since it was opened.
    """
    if record.digest_status is not Keeping.PENDING:
        return record
    hasher = blake3(max_threads=1)
    try:
        with _plain_open(record.path, "rb") as file:
            before = os.fstat(file.fileno())
            while chunk := file.read(_CHUNK_BYTES):
                hasher.update(chunk)
            after = _stat(record.path)
    except OSError:
        return replace(record, digest_status=Keeping.CHANGED)
    same = after is not None and _mark(before) == _mark(after)
    if not same or (before.st_size, before.st_mtime_ns) != (record.size_bytes, record.modified_ns):
        return replace(record, digest_status=Keeping.CHANGED)
    return replace(record, digest=Digest(hasher.hexdigest()), digest_status=Keeping.KEPT)


def _record(path: str, mode: Mode, told: os.stat_result | None) -> FileRecord | None:
    """Return the record of one opening, as the file stands now; None for what is no file."""
    if "://" in path:
        return FileRecord(path, mode, digest_status=Keeping.NOT_KEPT)
    now = _stat(path)
    if now is None:
        # It was read and then deleted; what was written and deleted was temporary.
        gone = FileRecord(path, mode, digest_status=Keeping.CHANGED)
        return gone if mode == "read" and told is not None else None
    if not os.path.isfile(path):
        return None
    first = now if told is None else told
    status = Keeping.PENDING if _mark(first) == _mark(now) else Keeping.CHANGED
    return FileRecord(path, mode, first.st_size, first.st_mtime_ns, digest_status=status)


def _stat(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except (OSError, ValueError):
        return None


def _mark(told: os.stat_result) -> tuple[int, int, int]:
    return told.st_size, told.st_mtime_ns, told.st_ino


def _replace_openers() -> None:
    made: dict[int, Any] = {}  # `io.open` and `builtins.open` are one function, and stay one
    for (module_name, name), read in _READERS.items():
        module = sys.modules.get(module_name)
        original = getattr(module, name, None)
        if module is None or original is None:
            continue
        ours = made.get(id(original))
        if ours is None:
            ours = made[id(original)] = _seeing(original, read)
        setattr(module, name, ours)
        _replaced.append((module, name, original, ours))
        if module is os:
            # Which functions take `dir_fd` is a set of the functions themselves.
            os.supports_dir_fd.add(ours)


def _put_back() -> None:
    while _replaced:
        module, name, original, ours = _replaced.pop()
        # Somebody else may have replaced it meanwhile: theirs stays.
        if getattr(module, name, None) is ours:
            setattr(module, name, original)
        if module is os:
            os.supports_dir_fd.discard(ours)


def _seeing(original: Callable[..., Any], read: Callable[..., tuple[str, Mode] | None]) -> Callable[..., Any]:
    """Return a function that does what the original does, and notes what it opened."""

    @functools.wraps(original)
    def opener(*args: Any, **kwargs: Any) -> Any:
        try:
            result = original(*args, **kwargs)
        except BaseException as error:
            # A bare `raise` adds no entry for this frame: the traceback is the one of the plain call.
            if error.__traceback__ is not None:
                error.__traceback__ = error.__traceback__.tb_next
            raise
        if _watches:
            opened = read(args, kwargs)
            if opened is not None and not is_ignored(opened[0]):
                for watch in list(_watches):
                    watch.note(*opened)
        return result

    return opener


def _argument(args: tuple[Any, ...], kwargs: dict[str, Any], place: int, name: str) -> Any:
    return args[place] if len(args) > place else kwargs.get(name)


def _path(told: Any) -> str | None:
    """Return an absolute path; None for file descriptors and classes of others."""
    if isinstance(told, bytes):
        told = os.fsdecode(told)
    if type(told).__module__.partition(".")[0] == "pathlib":
        told = str(told)
    return os.path.abspath(told) if type(told) is str else None


def _opened(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[str, Mode] | None:
    path = _path(_argument(args, kwargs, 0, "file"))
    mode = _argument(args, kwargs, 1, "mode") or "r"
    return None if path is None else (path, "write" if set("wax+") & set(mode) else "read")


def _opened_by_os(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[str, Mode] | None:
    path, flags = _path(_argument(args, kwargs, 0, "path")), _argument(args, kwargs, 1, "flags")
    if path is None or kwargs.get("dir_fd") is not None or type(flags) is not int:
        return None
    return path, "write" if flags & _WRITING_FLAGS else "read"


def _opened_database(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[str, Mode] | None:
    told = _argument(args, kwargs, 0, "database")
    if isinstance(told, str) and told.startswith("file:"):
        told = told.removeprefix("file:").partition("?")[0]
    return None if told in ("", ":memory:") or (path := _path(told)) is None else (path, "read")


def _opened_url(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[str, Mode] | None:
    told = _argument(args, kwargs, 0, "url")
    url = told if isinstance(told, str) else getattr(told, "full_url", None)
    if not isinstance(url, str):
        return None
    return without_credentials(url), "read"


# Where functions that open things are looked up when they are called. IPython gives cells an `open` of its own.
_READERS: dict[tuple[str, str], Callable[..., tuple[str, Mode] | None]] = {
    ("builtins", "open"): _opened,
    ("_io", "open"): _opened,  # by this name Python 3.12 and later pickle it
    ("io", "open"): _opened,
    ("IPython.core.interactiveshell", "io_open"): _opened,
    ("os", "open"): _opened_by_os,
    ("sqlite3", "connect"): _opened_database,
    ("urllib.request", "urlopen"): _opened_url,
}
