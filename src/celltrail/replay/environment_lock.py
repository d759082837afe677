"""A run's environment as a lock file that pip and uv install from: `pylock.toml`, PEP 751 [1]_.

A lock names for each distribution where to get it and its digests. A run records versions, so that no cell waits for
an index; the index is asked, through uv, when the lock is written.

References
----------
.. [1] B. Cannon, "A file format to record Python dependencies for installation reproducibility", PEP 751, 2025;
   kept up as the PyPA specification "pylock.toml".
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from celltrail.errors import EnvironmentNotMadeError
from celltrail.replay.environment_origin import KeptFiles, Source, from_kept_files, read_source
from celltrail.replay.environment_python import minor_of
from celltrail.replay.environment_target import Target, uv_platform
from celltrail.replay.environment_uv import Uv, UvAnswer, cause


@dataclass(frozen=True, slots=True)
class Missing:
    """A distribution of the run that its lock can't bring, and why."""

    name: str
    version: str
    origin: str
    reason: str


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock file, and what is to be said of it.

    Attributes
    ----------
    text : str
        The file.
    packages : dict of str to str
        What it brings: name and version.
    missing : tuple of Missing
        What it does not bring.
    remarks : tuple of str
        What comes, but from elsewhere than the run had it; each begins with the name.
    wheels : dict of str to bytes
        Wheels that lie beside the file, by their place seen from it.
    """

    text: str
    packages: Mapping[str, str]
    missing: tuple[Missing, ...]
    remarks: tuple[str, ...]
    wheels: Mapping[str, bytes] = field(default_factory=dict)

    def write(self, path: Path) -> None:
        """Write the file, and beside it the wheels that it names."""
        path.write_text(self.text, encoding="utf-8")
        for place, content in self.wheels.items():
            beside = path.parent / place
            beside.parent.mkdir(parents=True, exist_ok=True)
            beside.write_bytes(content)

    def without(self, names: Sequence[str], reason: str) -> Lock:
        """Return the lock without some of its packages."""
        head, *blocks = _blocks(self.text)
        left = [block for block in blocks if _name_of(block) not in names]
        gone = tuple(Missing(name, self.packages[name], "", reason) for name in names)
        packages = {name: version for name, version in self.packages.items() if name not in names}
        remarks = tuple(remark for remark in self.remarks if remark.partition(" ")[0] not in names)
        text = "".join([head, *left])
        return replace(self, text=text, packages=packages, missing=(*self.missing, *gone), remarks=remarks)


def lock_environment(
    environment: Mapping[str, Any], target: Target, uv: Uv, folder: Path, kept: Mapping[str, KeptFiles]
) -> Lock:
    """Write the lock of a recorded environment.

    Parameters
    ----------
    environment : mapping
        As `Run.environment` has it.
    target : Target
        Python and platform that it is to be installed on.
    uv : Uv
        Asks the index.
    folder : Path
        Where uv runs; no project's settings lie here.
    kept : mapping of str to KeptFiles
        What the run kept of distributions that came from folders, by name.

    Returns
    -------
    Lock
        Packages sorted by name; what it can't bring is in `missing`.

    Raises
    ------
    EnvironmentNotMadeError
        If the environment is not known, or the index can't be asked.
    """
    sources = [read_source(row) for row in environment.get("distributions") or []]
    sources = [
        from_kept_files(one, kept[one.name]) if one.kind == "folder" and one.name in kept else one for one in sources
    ]
    if not sources or not minor_of(target.python):
        raise EnvironmentNotMadeError(
            "What was installed is not known of this run, so there is nothing to lock. "
            "Newer runs have it: show RUN --all says what is kept."
        )
    asked = [source for source in sources if source.kind == "index"]
    blocks, missing = _ask_index(asked, target, uv, folder)
    for source in sources:
        if source.package:
            blocks.append(source.package)
        elif source.kind != "index":
            missing.append(Missing(source.name, source.version, source.origin, source.reason))
    blocks.sort(key=_name_of)
    text = "".join([_head(target), *blocks])
    tomllib.loads(text)  # what is written can be read, whatever an index says
    here = {missed.name for missed in missing}
    packages = {source.name: source.version for source in sources if source.name not in here}
    remarks = tuple(source.remark for source in sources if source.remark and source.name not in here)
    return Lock(text, packages, tuple(sorted(missing, key=lambda one: one.name)), remarks)


def _ask_index(sources: list[Source], target: Target, uv: Uv, folder: Path) -> tuple[list[str], list[Missing]]:
    """Return the blocks of the lock for what comes from an index, and what the index does not have."""
    left = {source.name: source for source in sources}
    missing: list[Missing] = []
    while left:
        said = _ask(left.values(), target, uv, folder)
        if said.status == 0:
            _, *blocks = _blocks(_without_passwords(said.output))
            return blocks, missing
        why = cause(said.messages)
        # Exit status 1: no solution, and the message names what has none; 2: the index could not be asked.
        named = [name for name in left if said.status == 1 and f"{name}=={left[name].version}" in why]
        # A proof may name several, and what is said of which is uv's own wording: each is asked for alone.
        alone = {name: _ask([left[name]], target, uv, folder) for name in named}
        gone = {name: cause(answer.messages) for name, answer in alone.items() if answer.status == 1}
        if not gone:
            raise EnvironmentNotMadeError(
                f"uv could not ask for the {len(left)} distributions of this run: {why}. A lock needs the index that "
                "they came from: type it again when it can be reached, or name it in UV_INDEX."
            )
        missing += [Missing(name, left.pop(name).version, "", _in_short(why)) for name, why in gone.items()]
    return [], missing


def _ask(sources: Iterable[Source], target: Target, uv: Uv, folder: Path) -> UvAnswer:
    wanted = "".join(f"{source.name}=={source.version}\n" for source in sources)
    words = ["pip", "compile", "--no-deps", "--no-header", "--no-annotate", "--format", "pylock.toml", "--quiet"]
    words += ["--python-version", target.python_for_uv, *uv_platform(target), "-"]
    return uv.ask(*words, folder=folder, text=wanted)


def _in_short(why: str) -> str:
    """Return of uv's proof what it begins with: "there is no version of torch==2.4.0+cpu"."""
    found = re.search(r"\(Because (.+?)(?: and you require|, we can conclude)", why)
    return found[1] if found else why


def _without_passwords(text: str) -> str:
    return re.sub(r"(://)[^/\s\"@]+@", r"\1", text)


def _head(target: Target) -> str:
    lines = ['lock-version = "1.0"']
    if target.marker:
        lines.append(f"environments = [{_toml(target.marker)}]")
    lines += [f'requires-python = "=={minor_of(target.python)}.*"', 'created-by = "celltrail"', "", ""]
    return "\n".join(lines)


def _blocks(text: str) -> list[str]:
    """Cut a lock file into its head and one text a package."""
    head, *blocks = re.split(r"^(?=\[\[packages\]\]$)", text, flags=re.MULTILINE)
    return [head, *(f"{block.rstrip()}\n\n" for block in blocks)]


def _name_of(block: str) -> str:
    found = re.search(r'^name = "([^"]+)"', block, re.MULTILINE)
    return found[1] if found else ""


def _toml(text: str) -> str:
    """Write a text as TOML does: what JSON escapes TOML reads alike."""
    return json.dumps(text, ensure_ascii=False)
