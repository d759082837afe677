"""The libraries and the machine under a run, taken without a subprocess.

Distributions are read from the names of their `*.dist-info` folders, once, and again when a site folder changes.
What the hardware is called is in `hardware`.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import platform
import re
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from celltrail.capture import hardware
from celltrail.capture.variables import read_variables
from celltrail.domain.forks import renew_in_child
from celltrail.domain.record import EnvironmentRecord

_POOL_KEYS = ("user_api", "internal_api", "version", "num_threads", "threading_layer", "architecture")


@dataclass(slots=True)
class _Distribution:
    name: str  # normalised: "scikit-learn"
    version: str
    origin: str
    folder: str  # its dist-info
    imports: set[str] = field(default_factory=set)  # import names of it that are known to be loaded


@dataclass(slots=True)
class _Seen:
    """What the last snapshot was made from."""

    folders: tuple[tuple[str, int], ...] = ()
    distributions: list[_Distribution] = field(default_factory=list)
    modules: set[str] = field(default_factory=set)  # import names that were looked up
    module_count: int = 0
    variables: tuple[tuple[str, str], ...] = ()
    record: EnvironmentRecord | None = None


_seen = _Seen()
_lock = threading.RLock()  # the first look is taken beside the person's first cells
renew_in_child(sys.modules[__name__], "_lock")


def snapshot_environment() -> EnvironmentRecord:
    """Return interpreter, distributions, machine and thread settings as they stand now.

    Returns
    -------
    EnvironmentRecord
        The very same object as last time while nothing has changed: nobody may write into it. `distributions` has
        [name, version, origin, "used" or ""], sorted; "used" means that a module of it is loaded. `origin` is
        empty for what came from an index, else "editable URL", "local URL", "archive URL#sha256=DIGEST" or
        "git+URL@COMMIT", without credentials; "conda" or "system" for what such a package manager brought.
    """
    with _lock:
        return _snapshot()


def _snapshot() -> EnvironmentRecord:
    folders = _site_folders()
    variables = read_variables()
    same = folders == _seen.folders and variables == _seen.variables and len(sys.modules) == _seen.module_count
    if same and _seen.record is not None:
        return _seen.record
    if folders != _seen.folders:
        _seen.distributions = _scan([folder for folder, _ in folders])
        _seen.folders, _seen.modules = folders, set()
    _find_used()
    _seen.module_count, _seen.variables = len(sys.modules), variables
    record = _record(variables)
    if record != _seen.record:  # another module of the standard library changes nothing
        _seen.record = record
    assert _seen.record is not None
    return _seen.record


def _record(variables: tuple[tuple[str, str], ...]) -> EnvironmentRecord:
    return EnvironmentRecord(
        python=platform.python_version(),
        implementation=platform.python_implementation(),
        platform=hardware.system_name(),
        machine=hardware.describe_machine(),
        distributions=[
            [one.name, one.version, one.origin, "used" if one.imports else ""]
            for one in sorted(_seen.distributions, key=lambda one: one.name)
        ],
        threads={"variables": dict(variables), "pools": _thread_pools()},
    )


def _thread_pools() -> list[dict[str, Any]]:
    """Return the BLAS and OpenMP libraries that are loaded; asked only where scikit-learn has loaded the means."""
    threadpoolctl = sys.modules.get("threadpoolctl")
    if threadpoolctl is None:
        return []
    found = [{key: pool.get(key) for key in _POOL_KEYS} for pool in threadpoolctl.threadpool_info()]
    return sorted(found, key=lambda pool: json.dumps(pool, sort_keys=True))


def _site_folders() -> tuple[tuple[str, int], ...]:
    """Return the folders that modules are loaded from, each with its modification time."""
    folders = []
    for folder in dict.fromkeys(sys.path):
        try:
            if folder:
                folders.append((folder, os.stat(folder).st_mtime_ns))
        except OSError:
            continue  # sys.path may name what does not exist
    return tuple(folders)


def _scan(folders: list[str]) -> list[_Distribution]:
    """Return the distributions in these folders; the first of a name wins, as for imports."""
    found: dict[str, _Distribution] = {}
    for folder in folders:
        if not os.path.isdir(folder):
            continue  # a zip file
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith((".dist-info", ".egg-info")) and (one := _read(entry)) is not None:
                    found.setdefault(one.name, one)
    return list(found.values())


def _read(entry: os.DirEntry[str]) -> _Distribution | None:
    stem = re.sub(r"(-py\d[\d.]*)?\.(dist|egg)-info$", "", entry.name)
    name, _, version = stem.partition("-")
    if not version:
        # `setup.py develop` leaves a folder without a version in its name.
        version = _version_from_metadata(Path(entry.path))
    if not name or not version:
        return None
    return _Distribution(re.sub(r"[-_.]+", "-", name).lower(), version, _origin(entry.path), entry.path)


def _version_from_metadata(folder: Path) -> str:
    try:
        text = (folder / "PKG-INFO").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    found = re.search(r"^Version: *(\S+)", text, re.MULTILINE)
    return found[1] if found else ""


def _origin(folder: str) -> str:
    """Return where a distribution came from, if not from an index (PEP 610)."""
    try:
        with open(os.path.join(folder, "direct_url.json"), encoding="utf-8") as file:
            told = json.load(file)
    except FileNotFoundError:
        return _package_manager(folder)
    except (OSError, ValueError):
        return ""
    if not isinstance(told, dict) or not isinstance(told.get("url"), str):
        return ""
    url = without_credentials(told["url"])
    if isinstance(vcs := told.get("vcs_info"), dict):
        return f"{vcs.get('vcs', 'vcs')}+{url}@{vcs.get('commit_id', '')}"
    if isinstance(folder_info := told.get("dir_info"), dict):
        return f"{'editable' if folder_info.get('editable') else 'local'} {url}"
    digest = _archive_digest(told.get("archive_info"))
    return f"archive {url}#sha256={digest}" if digest else f"archive {url}"


def _archive_digest(info: Any) -> str:
    """Return the SHA-256 of an archive as PEP 610 has it: in `hashes`, or in the older `hash`."""
    if not isinstance(info, dict):
        return ""
    hashes, older = info.get("hashes"), info.get("hash")
    if isinstance(hashes, dict) and isinstance(hashes.get("sha256"), str):
        return str(hashes["sha256"])
    return older.removeprefix("sha256=") if isinstance(older, str) and older.startswith("sha256=") else ""


def _package_manager(folder: str) -> str:
    """Return which package manager brought a distribution, where it was no installer of Python's."""
    if os.sep + "dist-packages" + os.sep in folder and folder.startswith("/usr/lib/"):
        return "system"  # Debian's own place: pip writes to /usr/local there
    if _is_conda():
        with contextlib.suppress(OSError), open(os.path.join(folder, "INSTALLER"), encoding="utf-8") as file:
            return "conda" if file.read(16).strip() == "conda" else ""
    return ""


@functools.cache
def _is_conda() -> bool:
    return os.path.isdir(os.path.join(sys.prefix, "conda-meta"))


def without_credentials(url: str) -> str:
    """Return a URL without user, password, query and fragment, where tokens are kept.

    Parameters
    ----------
    url : str
        `https://me:token@host/repo.git`.

    Returns
    -------
    str
        `https://host/repo.git`.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _find_used() -> None:
    """Find for each loaded module the distribution it belongs to."""
    new = {name for name in list(sys.modules) if "." not in name} - _seen.modules
    _seen.modules |= new
    by_name = {one.name: one for one in _seen.distributions}
    unresolved = set()
    for name in new:
        same = by_name.get(name.lower().replace("_", "-"))
        if same is not None:
            same.imports.add(name)
        elif not name.startswith("_") and _is_installed(sys.modules.get(name)):
            unresolved.add(name)
    if unresolved:
        _look_into_records(unresolved)


def _is_installed(module: Any) -> bool:
    """Say whether a module lies in a site folder. A lazy module is not woken by asking."""
    if not isinstance(module, ModuleType):
        return False
    file = object.__getattribute__(module, "__dict__").get("__file__")
    return isinstance(file, str) and ("site-packages" in file or "dist-packages" in file)


def _look_into_records(unresolved: set[str]) -> None:
    """Find import names such as `sklearn` in the lists of installed files."""

    def order(one: _Distribution) -> tuple[bool, bool, str]:
        # Those that are named alike, and those that no module is known of, hold nearly all that is missing: three
        # lists are read for a usual notebook, instead of all from the first letter on.
        return not any(_is_alike(name, one.name) for name in unresolved), bool(one.imports), one.name

    for one in sorted(_seen.distributions, key=order):
        if not unresolved:
            return
        try:
            with open(os.path.join(one.folder, "RECORD"), "rb") as file:
                listing = b"\n" + file.read()
        except OSError:
            continue  # installed by the system's package manager, which keeps its own list
        here = {name for name in unresolved if _is_listed(name.encode(), listing)}
        one.imports |= here
        unresolved -= here


def _is_alike(name: str, distribution: str) -> bool:
    """Say whether a distribution has the letters of an import name, in their order: `sklearn`, `scikit-learn`."""
    letters = iter(distribution)
    return all(letter in letters for letter in name.lower())


def _is_listed(name: bytes, listing: bytes) -> bool:
    return any(b"\n" + name + mark in listing for mark in (b"/__init__.", b".py,", b".cpython-", b".abi3", b".cp3"))
