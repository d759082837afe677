"""The folder in which a recipe is replayed: the run's own, file by file as links, so that its paths resolve.

Below a new folder for temporary files the whole way to the notebook's folder is made again, so that `../data/x.csv`
resolves as it did. Files that the recipe made are left out, as they were before it ran. Files that it changed are
copied: a library that opens files in its own C code (HDF5, Arrow) would write through a link unseen.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import celltrail
from celltrail.domain.lineage import FileTouch

# More files than that are no project but a disk: only what the run is known to have read is then there.
_MOST_FILES = 20_000
_PASSED_OVER = frozenset({"node_modules", "__pycache__", "site-packages", "celltrail-demo"})


@dataclass(frozen=True, slots=True)
class WorkingCopy:
    """A working copy.

    Attributes
    ----------
    place : Path
        All of it; the copy itself is in `files`, the trail of the replay in `trail`, celltrail in `packages`.
    folder : Path
        Where the kernel runs.
    protected : tuple of Path
        Folders of the user's in which nothing is to be changed.
    written : tuple of str
        Files that the recipe wrote when it was recorded.
    """

    place: Path
    folder: Path
    protected: tuple[Path, ...]
    written: tuple[str, ...]

    @property
    def files(self) -> Path:
        return self.place / "files"

    @property
    def trail(self) -> Path:
        return self.place / "trail" / ".celltrail"

    @property
    def packages(self) -> Path:
        return self.place / "packages"

    def original(self, path: str) -> str:
        """Return a path outside of the copy for one in it; others as they are."""
        inside = f"{self.files.as_posix()}/"
        if not path.startswith(inside):
            return path
        rest = path[len(inside) :]
        return f"{rest[0]}:{rest[1:]}" if sys.platform == "win32" else f"/{rest}"

    def remove(self) -> None:
        """Remove all of it; links go, what they point at stays."""
        shutil.rmtree(self.place, ignore_errors=True)


def make_working_copy(
    folder: Path, project: Path, files: Sequence[FileTouch], *, instead: Mapping[str, Path] | None = None
) -> WorkingCopy:
    """Make a working copy.

    Parameters
    ----------
    folder : Path
        Where the recorded run ran: its notebook's folder.
    project : Path
        The folder that holds the trail.
    files : sequence of FileTouch
        What the recipe read and wrote, in the order in which it did.
    instead : mapping of str to Path, optional
        By absolute path: another file that is to stand in its place.

    Returns
    -------
    WorkingCopy
        Whoever asked removes it.
    """
    place = Path(tempfile.mkdtemp(prefix="celltrail-replay-")).resolve()
    roots = _roots(folder, project)
    first: dict[str, str] = {}
    for file in files:
        first.setdefault(file.path, file.mode)
    made = frozenset(path for path, mode in first.items() if mode == "write")
    written = tuple(sorted({file.path for file in files if file.mode != "read" and "://" not in file.path}))
    copy = WorkingCopy(place, _inside(place / "files", folder), tuple(roots), written)
    try:
        copy.folder.mkdir(parents=True)
        wanted = {**{path: Path(path) for root in roots for path in _walk(root)}}
        wanted |= {path: Path(path) for path in first if "://" not in path and _is_absolute_file(path)}
        wanted |= dict(instead or {})
        for path, source in wanted.items():
            if path not in made or path in (instead or {}):
                _link(source, _inside(copy.files, Path(path)), is_copied=path in written)
        expose_celltrail(copy.packages)
        copy.trail.parent.mkdir()
    except BaseException:
        copy.remove()
        raise
    return copy


def _roots(folder: Path, project: Path) -> list[Path]:
    home = Path.home().absolute()
    is_project = folder.is_relative_to(project) and not home.is_relative_to(project)
    return [project] if is_project else [folder]


def _inside(copy: Path, path: Path) -> Path:
    drive = path.drive.rstrip(":").replace(os.sep, "")
    return copy / drive / path.relative_to(path.anchor)


def _walk(root: Path) -> Iterable[str]:
    found: list[str] = []
    for folder, names, files in os.walk(root):
        names[:] = [name for name in names if not _is_passed_over(folder, name)]
        found += [Path(folder, name).as_posix() for name in files]
        if len(found) > _MOST_FILES:
            return []
    return found


def _is_passed_over(folder: str, name: str) -> bool:
    if name.startswith(".") or name in _PASSED_OVER:
        return True
    return os.path.exists(os.path.join(folder, name, "pyvenv.cfg"))


def _is_absolute_file(path: str) -> bool:
    return os.path.isabs(path) and os.path.isfile(path)


def _link(source: Path, target: Path, *, is_copied: bool) -> None:
    with contextlib.suppress(FileExistsError):
        target.parent.mkdir(parents=True, exist_ok=True)
        if is_copied:
            shutil.copyfile(source, target)
            return
        try:
            target.symlink_to(source.absolute())
        except FileExistsError:
            target.unlink()
            target.symlink_to(source.absolute())
        except OSError:  # Windows gives links to few
            shutil.copyfile(source, target)


def expose_celltrail(folder: Path) -> None:
    """Put this celltrail, and no more, into a folder of its own: an environment that has none can import it."""
    folder.mkdir()
    _link_folder(Path(celltrail.__file__).parent, folder / "celltrail")
    with contextlib.suppress(metadata.PackageNotFoundError):
        told = [file for file in metadata.distribution("celltrail").files or () if file.name == "METADATA"]
        for file in told[:1]:
            source = Path(str(file.locate())).parent
            _link_folder(source, folder / source.name)


def _link_folder(source: Path, target: Path) -> None:
    try:
        target.symlink_to(source, target_is_directory=True)
    except OSError:
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
