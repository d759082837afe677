"""Finds on this machine an interpreter of the version that a run had. None is ever downloaded."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from celltrail.errors import EnvironmentNotMadeError
from celltrail.replay.environment_uv import Uv

_TELL = "import platform, sys; print(platform.python_version(), platform.python_implementation(), sys.prefix)"


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python that was started and said what it is."""

    path: Path
    version: str

    @property
    def minor(self) -> str:
        """Such as "3.11"."""
        return minor_of(self.version)


def minor_of(version: str) -> str:
    """Return the minor version: "3.11" of "3.11.7"; empty where it is none."""
    found = re.match(r"\d+\.\d+", version)
    return found[0] if found else ""


def find_python(version: str, asked: str | None, uv: Uv, folder: Path) -> Interpreter:
    """Find an interpreter: the very version, else another patch of the same minor version.

    Parameters
    ----------
    version : str
        What the run had, "3.11.7".
    asked : str, optional
        A path or a version that the person named; it is taken whatever the run had.
    uv : Uv
        Knows the interpreters of the machine.
    folder : Path
        Where to run.

    Returns
    -------
    Interpreter
        It has been started.

    Raises
    ------
    EnvironmentNotMadeError
        If there is none; the message names those that there are.
    """
    if asked is not None and not re.fullmatch(r"\d+(\.\d+)*\w*", asked):
        named = shutil.which(str(Path(asked).expanduser()))
        found = _start(Path(named), uv, folder) if named else None
        if found is None:
            raise EnvironmentNotMadeError(
                f"{asked} is no Python that runs. Name one: --python PATH, or --python 3.11"
            )
        return found
    wanted = asked or version
    if not minor_of(wanted):
        raise EnvironmentNotMadeError(
            f"--python {asked} names no minor version. Name it: --python 3.11"
            if asked
            else "Which Python the run had is not known. Name one: --python 3.11"
        )
    if wanted == platform.python_version() and (found := _start(_base(), uv, folder)) is not None:
        return found
    known = _known(uv, folder)
    exact = [path for found, path in known if found == wanted]
    alike = sorted(
        ((found, path) for found, path in known if minor_of(found) == minor_of(wanted)), key=_newest, reverse=True
    )
    for path in [*exact, *(path for _, path in alike)]:
        if (found := _start(path, uv, folder)) is not None and found.minor == minor_of(wanted):
            return found
    minors = sorted({minor_of(found) for found, _ in known}, key=lambda text: [int(part) for part in text.split(".")])
    raise EnvironmentNotMadeError(
        f"Python {minor_of(wanted)} is not on this machine; there are {', '.join(minors) or 'none'}. "
        f"Install it (uv python install {minor_of(wanted)}), or take another: --python {(minors or ['PATH'])[-1]}"
    )


def _newest(known: tuple[str, Path]) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", known[0])]


def _known(uv: Uv, folder: Path) -> list[tuple[str, Path]]:
    """Return versions and paths: this very Python's base, those that uv finds, those of pyenv."""
    found = [(platform.python_version(), _base())]
    said = uv.ask("python", "list", "--only-installed", "--output-format", "json", folder=folder)
    try:
        listed = json.loads(said.output)
    except ValueError:
        listed = []  # a uv that can't list: the others remain
    found += [(one["version"], Path(one["path"])) for one in listed if one.get("implementation") == "cpython"]
    # uv asks pyenv's shims, which answer only for the version that is switched on.
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    for each in sorted(pyenv.glob("[3-9].*")):
        program = each / ("python.exe" if sys.platform == "win32" else "bin/python")
        if program.exists():
            found.append((each.name, program))
    return [(version, path) for version, path in found if minor_of(version)]


def _base() -> Path:
    """Return the Python under this one's virtual environment."""
    return Path(getattr(sys, "_base_executable", "") or sys.executable)


def _start(path: Path, uv: Uv, folder: Path) -> Interpreter | None:
    try:
        said = uv.run([str(path), "-I", "-c", _TELL], folder=folder)
    except OSError:
        return None
    words = said.output.split(maxsplit=2)
    if said.status != 0 or len(words) < 2 or words[1] != "CPython":
        return None
    return Interpreter(path, words[0])
