"""Where the trail of a notebook lies."""

from __future__ import annotations

import os
from pathlib import Path

TRAIL = ".celltrail"
ROOTS = ("celltrail.toml", "pyproject.toml", ".git")


def find_trail_folder(notebook: Path | None, cwd: Path) -> Path:
    """Return the folder of the trail that a notebook writes to, whether it exists yet or not.

    Parameters
    ----------
    notebook : Path or None
        The notebook; None where none is known.
    cwd : Path
        Where the kernel runs.

    Returns
    -------
    Path
        What CELLTRAIL_TRAIL names; else the nearest `.celltrail` or project root (`celltrail.toml`,
        `pyproject.toml` or `.git`) above the notebook; else beside it. What lies in the home folder or above it
        serves the home folder only.
    """
    named = os.environ.get("CELLTRAIL_TRAIL")
    if named:
        return Path(named).expanduser().absolute()
    start = (notebook.parent if notebook is not None else cwd).absolute()
    home = Path.home().absolute()
    for folder in (start, *start.parents):
        if folder != start and home.is_relative_to(folder):
            # A `.git` of dotfiles in the home folder must not gather every project in one trail.
            break
        if stands(folder / TRAIL / "trail.db") or any(stands(folder / root) for root in ROOTS):
            return folder / TRAIL
    return start / TRAIL


def stands(path: Path) -> bool:
    """Say whether there is such a file; one in a folder that may not be looked into is taken to stand."""
    try:
        return path.exists()
    except OSError:
        return True
