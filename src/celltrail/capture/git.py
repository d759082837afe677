"""Where the code stands in git: the commit from files at once, the uncommitted changes later by `git` itself."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from dataclasses import replace
from pathlib import Path

from celltrail.analysis.source import bytes_digest
from celltrail.capture.door import mask
from celltrail.domain.record import GitState, Keeping

# Off the cell's path, yet a monorepo takes seconds: what is not there by then is not known.
_TIMEOUT_S = 2.0
_MOST_DIFF_BYTES = 256_000
_CUT = "\n… cut at 256 kB\n"


def read_git(folder: Path) -> GitState:
    """Return commit and branch by reading the files under `.git`, in well under a millisecond.

    Parameters
    ----------
    folder : Path
        A folder of the working tree, or any other.

    Returns
    -------
    GitState
        Whether there are uncommitted changes is pending. Outside a repository every field is None and nothing is
        pending.
    """
    git = _git_folder(folder)
    if git is None:
        return GitState(status=Keeping.KEPT)
    known = _read_before.get(git)
    if known is None or any(_stamp(path) != stamp for path, stamp in known[0]):
        known = _read_before[git] = _read_state(Path(git))
    state = known[1]
    return GitState(state.commit, state.branch, status=state.status)


def finish_git(state: GitState, folder: Path) -> tuple[GitState, bytes | None]:
    """Ask `git` what is not committed. Takes up to four seconds: never call it while a cell waits.

    Parameters
    ----------
    state : GitState
        From `read_git`; returned as it is unless something of it is pending.
    folder : Path
        A folder of the working tree.

    Returns
    -------
    state : GitState
        With `is_dirty` and the diff's digest; its status is unknown where git was not there or not in time.
    diff : bytes or None
        The masked diff, UTF-8, at most 256 kB. Notebooks are left out: they are kept as snapshots.
    """
    if state.status is not Keeping.PENDING:
        return state, None
    changed = _git(folder, "status", "--porcelain", "--untracked-files=normal")
    if changed is None:
        return replace(state, status=Keeping.UNKNOWN), None
    if not changed.strip():
        return replace(state, is_dirty=False, status=Keeping.KEPT), None
    against = ["HEAD"] if state.commit else ["--cached"]
    top = ":/"  # the whole working tree, wherever in it the notebook lies
    told = _git(folder, "diff", "--no-color", "--no-ext-diff", *against, "--", top, ":(top,exclude)*.ipynb")
    if not told:
        return replace(state, is_dirty=True, status=Keeping.KEPT), None
    text = told[:_MOST_DIFF_BYTES].decode("utf-8", "replace")
    diff = mask(text + _CUT if len(told) > _MOST_DIFF_BYTES else text).encode()
    return replace(state, is_dirty=True, diff_digest=bytes_digest(diff), status=Keeping.KEPT), diff


_Stamp = tuple[int, int, int]
_read_before: dict[str, tuple[list[tuple[str, _Stamp | None]], GitState]] = {}


def _read_state(git: Path) -> tuple[list[tuple[str, _Stamp | None]], GitState]:
    """Return what the files say, and each file with the stamp that it had before it was read."""
    stamps = [(f"{git}/HEAD", _stamp(f"{git}/HEAD"))]
    head = _read(git / "HEAD")
    if not head.startswith("ref: "):
        return stamps, GitState(commit=head or None)
    name = head.removeprefix("ref: ")
    # In a linked working tree the branches are in the main one.
    common = git / (_read(git / "commondir") or ".")
    paths = dict.fromkeys((f"{git}/{name}", f"{common}/{name}", f"{common}/packed-refs"))
    stamps += [(path, _stamp(path)) for path in paths]
    commit = _read(git / name) or _read(common / name) or _packed(common, name)
    return stamps, GitState(commit=commit or None, branch=name.removeprefix("refs/heads/"))


def _stamp(path: str) -> _Stamp | None:
    """Return what moves whenever git writes a file; git puts a new file in the place of the old one."""
    try:
        told = os.stat(path)
    except OSError:
        return None
    return told.st_mtime_ns, told.st_ino, told.st_size


def _git_folder(folder: Path) -> str | None:
    """Return the `.git` folder of the working tree around a folder, following the file that a worktree has."""
    place, above = str(folder), ""
    while place != above:  # by text: this is asked at every run, and paths as objects take five times as long
        git = os.path.join(place, ".git")
        if os.path.isdir(git):
            return git
        if os.path.exists(git) and (told := _read(Path(git))).startswith("gitdir: "):
            return os.path.join(place, told.removeprefix("gitdir: "))
        place, above = os.path.dirname(place), place
    return None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _packed(common: Path, name: str) -> str:
    for line in _read(common / "packed-refs").splitlines():
        commit, _, packed = line.partition(" ")
        if packed == name:
            return commit
    return ""


def _git(folder: Path, *arguments: str) -> bytes | None:
    """Return what `git` says, cut a little above the limit; None where it fails or takes too long."""
    # By its path: to look for a bare name, Python changes the filters of warnings for a moment, in all threads.
    program = shutil.which("git")
    if program is None:
        return None
    # No lock is taken from a `git` that the user runs meanwhile, and no monitor is started for us.
    command = [program, "--no-optional-locks", "-c", "core.fsmonitor=false", "-C", str(folder), *arguments]
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "GIT_PAGER": "cat", "LC_ALL": "C"},
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError:
        return None  # it can't be run
    late = threading.Timer(_TIMEOUT_S, process.kill)
    late.start()
    with process:
        assert process.stdout is not None
        told = process.stdout.read(_MOST_DIFF_BYTES + 1)
        was_cut = len(told) > _MOST_DIFF_BYTES
        if was_cut:
            process.kill()
    late.cancel()
    return told if was_cut or process.returncode == 0 else None
