"""Distributions installed from a folder of this machine: no index has them, so their files are kept, as a wheel.

What is kept is what was loaded: the packages of an editable installation that modules came from, the installed files
of another. It is taken after the cell, and bounded: a package with more files or bytes, or with a value in it that is
masked, is named and not kept. celltrail itself changes no result, and is left out.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import importlib.metadata
import io
import os
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from celltrail.analysis.source import bytes_digest
from celltrail.capture.door import Door
from celltrail.capture.door_blobs import mask_content
from celltrail.domain.ids import ArtifactId, new_id
from celltrail.domain.record import DISTRIBUTION_MEDIA_TYPE, ArtifactRecord, EnvironmentRecord, Keeping

# Rules of the house: a package of one's own is seldom larger, and each of its versions is kept.
MOST_FILES = 1_000
MOST_BYTES = 2**20
_LEFT_OUT = {"__pycache__", "node_modules"}

_Stamp = tuple[tuple[str, int, int], ...]
_known: dict[str, tuple[_Stamp, ArtifactRecord, bytes | None]] = {}
_last: tuple[EnvironmentRecord | None, list[tuple[str, str, str]]] = (None, [])


def name_local(environment: EnvironmentRecord) -> list[ArtifactRecord]:
    """Return a pending artifact for each distribution that came from a folder.

    Parameters
    ----------
    environment : EnvironmentRecord
        As it stands.

    Returns
    -------
    list of ArtifactRecord
        Nothing is read yet.
    """
    return [
        ArtifactRecord(
            ArtifactId(new_id()),
            f"{name}-{version}",
            "file",
            DISTRIBUTION_MEDIA_TYPE,
            status=Keeping.PENDING,
            details={"distribution": name, "version": version, "origin": origin},
        )
        for name, version, origin in _local_of(environment)
    ]


def _local_of(environment: EnvironmentRecord) -> list[tuple[str, str, str]]:
    """Return name, version and origin of what came from a folder; an environment stays the same object for long."""
    global _last  # noqa: PLW0603  a process has one environment
    if _last[0] is not environment:
        found = [(name, version, origin) for name, version, origin, _ in environment.distributions]
        local = [one for one in found if one[2].startswith(("editable ", "local ")) and one[0] != "celltrail"]
        _last = (environment, local)
    return _last[1]


def keep_files(pending: ArtifactRecord, door: Door, started_at: datetime) -> tuple[ArtifactRecord, bytes | None]:
    """Read the files of a distribution.

    Parameters
    ----------
    pending : ArtifactRecord
        As `name_local` made it.
    door : Door
        Says whether a file holds what must not be kept.
    started_at : datetime
        When the kernel started: what was saved later may not be what was loaded.

    Returns
    -------
    artifact : ArtifactRecord
        Kept, or not kept with the reason.
    content : bytes or None
        A wheel.
    """
    name, origin = str(pending.details["distribution"]), str(pending.details["origin"])
    files = dict(_files_of(name, origin))
    stamp = tuple((arc, status.st_size, status.st_mtime_ns) for arc, (_, status) in sorted(files.items()))
    known = _known.get(name)
    if known is None or known[0] != stamp:
        known = _known[name] = (stamp, *_read(pending, files, door))
    _, kept, content = known
    since = sorted(arc for arc, (_, status) in files.items() if status.st_mtime > started_at.timestamp())
    details = {**pending.details, "files": len(files), **({"saved_since": since[:10]} if since else {})}
    return replace(kept, id=pending.id, details=details), content


def _read(
    pending: ArtifactRecord, files: dict[str, tuple[Path, os.stat_result]], door: Door
) -> tuple[ArtifactRecord, bytes | None]:
    size = sum(status.st_size for _, status in files.values())
    if not files:
        return _not_kept(pending, "no module of it was loaded"), None
    if len(files) > MOST_FILES or size > MOST_BYTES:
        most = f"{MOST_FILES:,} files and {MOST_BYTES // 2**20} MiB"
        return _not_kept(pending, f"it has {len(files):,} files, {size:,} bytes: more than {most}"), None
    contents = {arc: path.read_bytes() for arc, (path, _) in sorted(files.items())}
    for arc, content in contents.items():
        if mask_content(content, "code" if arc.endswith(".py") else "text", door) is not content:
            return _not_kept(pending, f"{arc} holds a value that is masked"), None
    wheel = _wheel(pending, contents)
    return replace(pending, status=Keeping.KEPT, digest=bytes_digest(wheel), size_bytes=len(wheel)), wheel


def _not_kept(pending: ArtifactRecord, reason: str) -> ArtifactRecord:
    return replace(pending, status=Keeping.NOT_KEPT, reason=reason)


def _files_of(name: str, origin: str) -> Iterator[tuple[str, tuple[Path, os.stat_result]]]:
    """Give each file by the place that it has below a site folder."""
    if origin.startswith("editable "):
        folder = Path(url2pathname(unquote(urlsplit(origin.partition(" ")[2]).path)))
        for top in _loaded_below(folder):
            yield from _below(top)
        return
    for each in importlib.metadata.distribution(name).files or ():
        if each.parts[0] != ".." and not each.parts[0].endswith(".dist-info") and each.suffix != ".pyc":
            path = Path(str(each.locate()))
            yield each.as_posix(), (path, path.stat())


def _loaded_below(folder: Path) -> list[Path]:
    """Return the packages and modules that were loaded from below a folder, but for what is installed there."""
    found = set()
    for module_name, module in list(sys.modules.items()):
        if "." in module_name or not isinstance(module, ModuleType):
            continue
        file = object.__getattribute__(module, "__dict__").get("__file__")
        if not isinstance(file, str) or "site-packages" in file:
            continue
        path = Path(file)
        if path.is_relative_to(folder):
            found.add(path.parent if path.stem == "__init__" else path)
    return sorted(found)


def _below(top: Path) -> Iterator[tuple[str, tuple[Path, os.stat_result]]]:
    if top.is_file():
        yield top.name, (top, top.stat())
        return
    count = 0
    for folder, folders, names in os.walk(top):
        folders[:] = sorted(each for each in folders if each not in _LEFT_OUT and not each.startswith("."))
        for name in sorted(names):
            path = Path(folder, name)
            if name.endswith(".pyc") or not path.is_file():
                continue
            yield path.relative_to(top.parent).as_posix(), (path, path.stat())
            count += 1
            if count > MOST_FILES:
                return  # enough to know that there are too many


def _wheel(pending: ArtifactRecord, contents: dict[str, bytes]) -> bytes:
    """Write a wheel [1]_ that is byte for byte the same wherever and whenever it is written.

    References
    ----------
    .. [1] PyPA specification "Binary distribution format".
    """
    name, version = str(pending.details["distribution"]), str(pending.details["version"])
    info = f"{name.replace('-', '_')}-{version}.dist-info"
    installed = importlib.metadata.distribution(name)
    metadata = {
        f"{info}/METADATA": installed.read_text("METADATA")
        or f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: celltrail\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": installed.read_text("entry_points.txt") or "",
    }
    everything = {**contents, **{arc: text.encode() for arc, text in metadata.items() if text}}
    record = io.StringIO()
    rows: list[tuple[Any, ...]] = [(arc, _sha256(data), len(data)) for arc, data in everything.items()]
    csv.writer(record, lineterminator="\n").writerows([*rows, (f"{info}/RECORD", "", "")])
    everything[f"{info}/RECORD"] = record.getvalue().encode()
    wheel = io.BytesIO()
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_STORED) as archive:  # the store packs it
        for arc, data in everything.items():
            archive.writestr(zipfile.ZipInfo(arc), data)  # of 1980: ZipInfo's own date
    return wheel.getvalue()


def _sha256(data: bytes) -> str:
    return f"sha256={base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode()}"
