"""Files that a cell touched without opening them where we look: asked for by name, written by another program.

Texts in the cell that look like paths are asked of the file system before and after it, as are the files that
earlier cells have written: a connection or a file object may have gone on writing.
"""

from __future__ import annotations

import os
import pathlib
import re
import stat
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from celltrail.analysis.touching.mentions import Uses
from celltrail.analysis.touching.ownership import is_own
from celltrail.analysis.touching.vocabulary import words
from celltrail.capture.files_digest import mark, status_of
from celltrail.domain.record import FileRecord
from celltrail.domain.touches import FileTouch

_PATH_LIKE = re.compile(r"""^[^\n\0<>|"']*(?:[\\/][^\n\0<>|"']*|\.\w{1,10}|\*[^\n]*)$""")
# Who asks for files by name, or hands names on to other programs.
ASKS = words(
    """
    exists isfile isdir is_file is_dir stat lstat getsize getmtime listdir scandir glob iglob rglob iterdir walk
    unlink remove rmdir mkdir makedirs rename replace rmtree copy copyfile copy2 copytree move touch run system
    Popen access check_output check_call call samefile resolve lexists getctime is_symlink readlink symlink link popen
    """
)
_PROGRAMS = words(
    "run system Popen check_output check_call call popen spawn create_subprocess_exec create_subprocess_shell"
)
_MOST_TEXTS = 60
_MOST_KNOWN = 64
_MOST_LISTED = 400

Mark = tuple[int, int, int] | None


@dataclass(slots=True)
class Asked:
    """How the files that a cell may name stood before it."""

    marks: dict[str, Mark] = field(default_factory=dict)
    asks: bool = False
    listed: dict[str, Mark] | None = None
    uses_paths: bool = False


class Paths:
    """The files that the cells of a kernel have touched."""

    def __init__(self) -> None:
        self.known: dict[str, Mark] = {}  # written in this session, as they stood after the last cell

    def before(self, uses: Uses, texts: Iterable[str], attributes: Iterable[str], values: Iterable[Any]) -> Asked:
        """Ask how the files stand that a cell may name.

        Parameters
        ----------
        uses : Uses
            What its source says.
        texts, attributes : iterable of str
            Texts and attributes in it and in the functions that it may call.
        values : iterable of object
            What the variables that it reads hold.

        Returns
        -------
        Asked
            To be given to `after`.
        """
        asked = Asked()
        runs_programs = any(name in ("!", "sx", "system", "%bash", "%sh") for name, _ in uses.magics)
        named = set(attributes)
        asked.asks = bool(uses.magics) or not ASKS.isdisjoint(named)
        for text in _texts(texts, values, loose=asked.asks):
            # A pattern asks for the folder in which it looks.
            named_by = re.split(r"[*?\[]", text, maxsplit=1)
            wanted = text if len(named_by) == 1 else os.path.dirname(named_by[0]) or "."
            path = os.path.abspath(os.path.expanduser(wanted))
            asked.marks[path] = _mark(path)
        asked.uses_paths = bool(asked.marks)
        if runs_programs or not _PROGRAMS.isdisjoint(named - {"run"}) or "subprocess" in named:
            asked.listed = _listed()
        return asked

    def after(
        self, asked: Asked, ways: Mapping[str, str], records: Iterable[FileRecord], uses: Uses
    ) -> list[FileTouch]:
        """Return the files that a cell touched.

        Parameters
        ----------
        asked : Asked
            From `before`.
        ways : mapping of str to str
            How each path was first used, of those that were seen to be opened.
        records : iterable of FileRecord
            The same with digests.
        uses : Uses
            What the source says.

        Returns
        -------
        list of FileTouch
            Each path once.
        """
        found: dict[str, FileTouch] = {}
        kept = {(one.path, one.mode): one for one in records if "earlier" not in one.details}
        databases = {one.path for one in kept.values() if "database" in one.details}
        for path, way in ways.items():
            self._add(found, path, way, kept, path in databases)
        for path, before in {**(asked.listed or {}), **asked.marks}.items():
            self._compare(found, path, before, _mark(path), asks=asked.asks)
        if asked.listed is not None:
            for path, now in _listed().items():
                if path not in asked.listed:
                    self._compare(found, path, None, now, asks=False)
        for path, before in list(self.known.items()):
            if path not in found and before != (now := _mark(path)):
                self._compare(found, path, before, now, asks=False)
        for module in uses.imports:
            self._imported(found, module)
        self._remember(found)
        return list(found.values())

    def _add(
        self, found: dict[str, FileTouch], path: str, way: str, kept: Mapping[Any, FileRecord], is_database: bool
    ) -> None:
        record = kept.get((path, "read" if way == "read" else "write")) or kept.get((path, "write"))
        if record is None and "://" not in path and _mark(path) is None and path not in self.known:
            return  # a temporary file
        mode: Any = way
        if is_database:
            mode = "both" if record is not None and record.mode == "write" else "read"
        if record is None:
            found[path] = FileTouch(path, mode)
            return
        found[path] = FileTouch(
            path, mode, record.size_bytes, record.modified_ns, record.digest, record.digest_status.value
        )

    def _compare(self, found: dict[str, FileTouch], path: str, before: Mark, now: Mark, *, asks: bool) -> None:
        if path in found:
            return
        if before != now and not (before is not None and now is not None and os.path.isdir(path)):
            found[path] = FileTouch(path, "write" if before is None else "both", None if now is None else now[0])
        elif asks and (now is not None or path in self.known):
            found[path] = FileTouch(path, "read", None if now is None else now[0])

    def _imported(self, found: dict[str, FileTouch], module: str) -> None:
        if not is_own(module) or module == "__main__":
            return
        path = getattr(sys.modules.get(module), "__file__", None)
        if isinstance(path, str) and path not in found:
            now = _mark(path)
            found[path] = FileTouch(path, "read", None if now is None else now[0])

    def _remember(self, found: Mapping[str, FileTouch]) -> None:
        for path, touch in found.items():
            if touch.mode != "read" or path in self.known:
                self.known.pop(path, None)
                self.known[path] = _mark(path)
        while len(self.known) > _MOST_KNOWN:
            del self.known[next(iter(self.known))]


def _texts(texts: Iterable[str], values: Iterable[Any], *, loose: bool) -> list[str]:
    found: dict[str, None] = {}
    for text in texts:
        if len(text) < 250 and (_PATH_LIKE.match(text) or (loose and " " not in text)) and "://" not in text:
            found.setdefault(text)
    for value in values:
        if type(value) is str and len(value) < 250 and _PATH_LIKE.match(value) and "://" not in value:
            found.setdefault(value)
        elif isinstance(value, pathlib.PurePath) and type(value).__module__.partition(".")[0] == "pathlib":
            found.setdefault(str(value))
    return list(found)[:_MOST_TEXTS]


def _mark(path: str) -> Mark:
    told = status_of(path)
    if told is None:
        return None
    return (0, 0, told.st_ino) if stat.S_ISDIR(told.st_mode) else mark(told)


def _listed() -> dict[str, Mark]:
    found: dict[str, Mark] = {}
    try:
        with os.scandir(".") as entries:
            for entry in entries:
                if entry.name != ".celltrail" and len(found) < _MOST_LISTED and entry.is_file():
                    path = os.path.abspath(entry.name)
                    found[path] = mark(entry.stat())
    except OSError:
        return found
    return found
