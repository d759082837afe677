"""Where locks and rebuilt environments are kept: the user's cache. Finds what lies there, and gives its room back."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from celltrail.errors import EnvironmentNotMadeError
from celltrail.replay.environment_uv import Uv
from celltrail.store.locks import FileLock

# What a finished environment says of itself; without it the folder is what an ended build left. Its time of change is
# when the environment was last asked for.
SAYS = "celltrail.json"
# An environment is left so long for another process that makes the same one.
_POLL_S = 0.2
# As content in the trail: whoever asked for it just now is about to start a kernel in it.
_YOUNG = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Folder:
    """An environment's folder: the lock and what is said of it lie in it, beside what a virtual environment has."""

    path: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.path / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")

    @property
    def lock(self) -> Path:
        """The lock that it was made from."""
        return self.path / "pylock.toml"

    def says(self) -> dict[str, Any] | None:
        """Return what was written when it was done; None where it never was."""
        try:
            found = json.loads((self.path / SAYS).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) and self.python.exists() else None

    def write(self, facts: dict[str, Any]) -> None:
        """Say that it is done."""
        beside = self.path / f".{SAYS}"
        beside.write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")
        os.replace(beside, self.path / SAYS)

    def mark_used(self) -> None:
        """Say that it was asked for now."""
        with contextlib.suppress(OSError):
            os.utime(self.path / SAYS)


@dataclass(frozen=True, slots=True)
class KeptEnvironment:
    """An environment in the cache.

    Attributes
    ----------
    path : Path
        Its folder.
    python : str
        Version of its interpreter; "" where a build ended before it was done.
    packages : int
        How many distributions its lock brought.
    used_at : datetime
        When it was last asked for, UTC.
    size_bytes : int
        Of its files. What uv keeps beside it as the same file on the disk is counted too.
    is_in_use : bool
        Whether it is being made, was asked for within the last hour or one of its programs runs.
    """

    path: Path
    python: str
    packages: int
    used_at: datetime
    size_bytes: int
    is_in_use: bool


def cache_folder() -> Path:
    """Return where it all lies."""
    import platformdirs

    return Path(platformdirs.user_cache_dir("celltrail"))


def lock_folder() -> Path:
    """Return where locks are kept, a folder in which no project's settings lie.

    Raises
    ------
    EnvironmentNotMadeError
        If it can't be made.
    """
    place = cache_folder() / "locks"
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EnvironmentNotMadeError(
            f"{place} can't be made ({error.strerror}): it holds what was locked."
        ) from error
    return place


def environment_folder(key: str) -> Folder:
    """Return where the environment of a lock is kept."""
    return Folder(_environments() / key)


@contextlib.contextmanager
def alone(made: Folder, uv: Uv) -> Iterator[None]:
    """Let no two processes make the same environment at once."""
    place = _lock_of(made.path)
    place.parent.mkdir(parents=True, exist_ok=True)
    while (lock := FileLock.take(place)) is None:
        uv.told("another process is making the same environment: waiting for it")
        uv.check_time()
        time.sleep(_POLL_S)
    with lock:
        yield


def environment_folders() -> list[Folder]:
    """Return where environments lie, made or half made."""
    try:
        return [Folder(path) for path in _environments().iterdir() if path.is_dir()]
    except FileNotFoundError:
        return []


def kept_environments() -> list[KeptEnvironment]:
    """Return the environments of the cache, the one that was asked for last first.

    Returns
    -------
    list of KeptEnvironment
        Empty where no replay ever asked for one.
    """
    running = _running_programs()
    found = []
    for made in environment_folders():
        with contextlib.suppress(FileNotFoundError):  # somebody else removed it just now
            found.append(_kept(made, running))
    return sorted(found, key=lambda each: each.used_at, reverse=True)


def remove_environments(found: list[KeptEnvironment]) -> list[KeptEnvironment]:
    """Remove environments that nobody uses; the next replay makes again what it needs.

    Parameters
    ----------
    found : list of KeptEnvironment
        Which; those in use stay.

    Returns
    -------
    list of KeptEnvironment
        What was removed.
    """
    removed = []
    for each in found:
        lock = None if each.is_in_use else FileLock.take(_lock_of(each.path))
        if lock is None:
            continue
        with lock:
            if not each.path.exists() or _is_young(Folder(each.path)):  # others may have been here in the meantime
                continue
            # First the file without which it is none: a replay that asks in between makes it anew.
            (each.path / SAYS).unlink(missing_ok=True)
            shutil.rmtree(each.path, ignore_errors=True)
        removed.append(each)
    return removed


def _environments() -> Path:
    return cache_folder() / "environments"


def _lock_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.lock")


def _kept(made: Folder, running: set[str]) -> KeptEnvironment:
    facts = made.says() or {}
    below = f"{made.path}{os.sep}"
    return KeptEnvironment(
        path=made.path,
        python=str(facts.get("python", "")),
        packages=int(facts.get("packages", 0)),
        used_at=_used_at(made),
        size_bytes=_size_of(made.path),
        is_in_use=_is_young(made) or any(program.startswith(below) for program in running),
    )


def _used_at(made: Folder) -> datetime:
    told = made.path / SAYS
    return datetime.fromtimestamp((told if told.exists() else made.path).stat().st_mtime, UTC)


def _is_young(made: Folder) -> bool:
    return datetime.now(UTC) - _used_at(made) < _YOUNG


def _size_of(folder: Path) -> int:
    size = 0
    for root, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                size += os.lstat(os.path.join(root, name)).st_size
    return size


def _running_programs() -> set[str]:
    """Return how the programs of this user were started: a virtual environment's Python is a link to another."""
    import psutil

    found = set()
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            found.update(process.cmdline()[:1])
    return found
