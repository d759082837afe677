"""Where one distribution of a run came from, and how a lock can name it.

What is recorded as its origin is told in `capture.environment`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from celltrail.domain.words import nearest
from celltrail.errors import ReplayError

Kind = Literal["index", "version control", "archive", "folder"]

# Folders in which conda's packages were built; `pip` then notes them as their address.
_CONDA = re.compile(r"/croot/|/conda-bld/|feedstock|_build_env|/h_env")
_VERSION_CONTROL = re.compile(r"(git|hg|bzr|svn)\+(.+)@([^@]*)")


@dataclass(frozen=True, slots=True)
class Source:
    """One distribution of a run.

    Attributes
    ----------
    name, version, origin : str
        As recorded.
    kind : str
        What it came from.
    package : str
        Its block of the lock, where that needs no index; empty otherwise.
    reason : str
        Why no lock can name it.
    remark : str
        What is to be said although it is named.
    """

    name: str
    version: str
    origin: str
    kind: Kind
    package: str = ""
    reason: str = ""
    remark: str = ""


def with_versions(environment: Mapping[str, Any], instead: Mapping[str, str]) -> dict[str, Any]:
    """Return an environment with other versions of some of its distributions, from the index.

    Parameters
    ----------
    environment : mapping
        As `Run.environment` has it.
    instead : mapping of str to str
        Versions by name.

    Returns
    -------
    dict
        A copy.

    Raises
    ------
    ReplayError
        If the run had no such distribution.

    Examples
    --------
    >>> with_versions({"distributions": [["six", "1.17.0", "", "used"]]}, {"six": "1.16.0"})
    {'distributions': [['six', '1.16.0', '', 'used']]}
    """
    wanted = {re.sub(r"[-_.]+", "-", name).lower(): str(version) for name, version in instead.items()}
    rows = [list(row) for row in environment.get("distributions") or []]
    for name in wanted.keys() - {row[0] for row in rows}:
        near = nearest(name, [row[0] for row in rows])
        hint = f"Did you mean {near}?" if near else "Give a version of what it had."
        raise ReplayError(f"env: the run had no {name}. {hint}")
    rows = [[row[0], wanted[row[0]], "", *row[3:]] if row[0] in wanted else row for row in rows]
    return {**environment, "distributions": rows}


def read_source(row: Sequence[str]) -> Source:
    """Read one row of a recorded environment.

    Parameters
    ----------
    row : sequence of str
        Name, version, origin, "used" or "".

    Returns
    -------
    Source
        What a lock can do with it.

    Examples
    --------
    >>> read_source(["six", "1.17.0", "", "used"]).kind
    'index'
    >>> read_source(["mine", "0.1", "editable file:///home/me/mine", ""]).kind
    'folder'
    """
    name, version, origin = row[0], row[1], row[2] if len(row) > 2 else ""
    word, _, place = origin.partition(" ")
    if not origin:
        return Source(name, version, origin, "index")
    if origin in {"conda", "system"} or _CONDA.search(origin):
        manager = "the operating system" if origin == "system" else "conda"
        remark = f"{name} {version} came from {manager}, and comes from the index now: its libraries may differ"
        return Source(name, version, origin, "index", remark=remark)
    if found := _VERSION_CONTROL.fullmatch(origin):
        return _from_version_control(Source(name, version, origin, "version control"), *found.groups())
    if word == "archive":
        return _from_archive(Source(name, version, origin, "archive"), place)
    if name == "celltrail":
        return Source(name, version, origin, "folder", reason="it only looks on, so its own files are not kept")
    how = "installed as editable" if word == "editable" else "installed"
    return Source(name, version, origin, "folder", reason=f"{how} from {place}, whose files are not kept")


@dataclass(frozen=True, slots=True)
class KeptFiles:
    """What a run kept of a distribution that was installed from a folder: a wheel, or the reason why not."""

    digest: str
    content: bytes | None
    reason: str
    saved_since: tuple[str, ...] = ()


def from_kept_files(source: Source, kept: KeptFiles) -> Source:
    """Return a distribution from a folder with what its run kept of it.

    Parameters
    ----------
    source : Source
        Of kind "folder".
    kept : KeptFiles
        Its files.

    Returns
    -------
    Source
        Its package names a wheel beside the lock, at `place_of`.
    """
    if kept.content is None:
        return _with(source, reason=f"{source.reason.partition(', ')[0]}, and its files were not kept: {kept.reason}")
    place = place_of(source, kept.content)
    digest = hashlib.sha256(kept.content).hexdigest()
    name, hashes = _text(place.rpartition("/")[2]), f"{{ sha256 = {_text(digest)} }}"
    wheel = f"{{ name = {name}, path = {_text(place)}, hashes = {hashes} }}"
    remark = f"{source.name} {source.version} comes from the files that the run kept of it"
    if kept.saved_since:
        remark += f"; {', '.join(kept.saved_since)} had been saved since its kernel started: what ran may be older"
    return _with(source, package=_block(source.name, source.version, f"wheels = [{wheel}]\n"), remark=remark)


def place_of(source: Source, content: bytes) -> str:
    """Return where the wheel of kept files lies, seen from its lock; another content lies elsewhere."""
    name = f"{source.name.replace('-', '_')}-{source.version}-py3-none-any.whl"
    return f"pylock-wheels/{hashlib.sha256(content).hexdigest()[:12]}/{name}"


def _from_version_control(source: Source, system: str, url: str, commit: str) -> Source:
    if system != "git":
        return _with(source, reason=f"from {system} at {url}, and uv knows git alone")
    if not re.fullmatch(r"[0-9a-f]{40}", commit):
        return _with(source, reason=f"from {url}, at a commit that was not recorded in full")
    lines = f"[packages.vcs]\ntype = {_text(system)}\nurl = {_text(url)}\ncommit-id = {_text(commit)}\n"
    # A version must not stand beside a source tree (PEP 751, packages.version).
    remark = f"{source.name} {source.version} is built from {url} at {commit[:12]}"
    return _with(source, package=_block(source.name, "", lines), remark=remark)


def _from_archive(source: Source, place: str) -> Source:
    url, _, digest = place.partition("#sha256=")
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        return _with(source, reason=f"from the file {url}, whose digest was not recorded")
    lines = f"[packages.archive]\nurl = {_text(url)}\nhashes = {{ sha256 = {_text(digest)} }}\n"
    return _with(source, package=_block(source.name, source.version, lines))


def _with(source: Source, *, package: str = "", reason: str = "", remark: str = "") -> Source:
    return Source(source.name, source.version, source.origin, source.kind, package, reason, remark)


def _block(name: str, version: str, lines: str) -> str:
    said = f"version = {_text(version)}\n" if version else ""
    return f"[[packages]]\nname = {_text(name)}\n{said}\n{lines}\n"


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
