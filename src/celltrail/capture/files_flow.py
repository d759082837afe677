"""Which files stand behind the names of the notebook: a cell that trains seldom reads its data itself.

What a cell read stands behind each name that it binds, and goes on through cells that compute one name from another.
It is told by the cell's source alone, cell by cell, so it may name a file too many, and misses what is changed in
place.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import replace

from celltrail.analysis.names import cell_names
from celltrail.domain.record import FileRecord, Keeping

_WORD = re.compile(r"[^\W\d]\w*")
_MOST_FILES = 100  # behind one name


class FileFlow:
    """The files behind each name, as far as cells of this kernel read them."""

    def __init__(self) -> None:
        self._behind: dict[str, tuple[FileRecord, ...]] = {}

    def pass_on(self, source: str, own: Sequence[FileRecord]) -> list[FileRecord]:
        """Return the files behind what a cell reads, and learn those behind what it binds.

        Parameters
        ----------
        source : str
            Source of a cell that is over.
        own : sequence of FileRecord
            What the cell itself read and wrote.

        Returns
        -------
        list of FileRecord
            Read by earlier cells, each path once; `details["earlier"]` says so. Those that the cell itself read or
            wrote are not among them.
        """
        read = [file for file in own if file.mode == "read"]
        # Most cells end here: a cell is parsed only where it may have to do with a file.
        if not read and (not self._behind or self._behind.keys().isdisjoint(_WORD.findall(source))):
            return []
        names = _names(source)
        known = {file.path for file in own}
        earlier: dict[str, FileRecord] = {}
        for name in names.read:
            for file in self._behind.get(name, ()):
                if file.path not in known:
                    earlier.setdefault(file.path, file)
        behind = (*earlier.values(), *(replace(file) for file in read))[:_MOST_FILES]
        for name in names.bound:
            if behind:
                self._behind[name] = behind
            else:
                self._behind.pop(name, None)
        return [replace(file, details={**file.details, "earlier": True}) for file in earlier.values()]


# Parsing thirty lines takes half a millisecond, and most cells are run more than once.
_names = functools.lru_cache(maxsize=256)(cell_names)


def large_last(files: Sequence[FileRecord]) -> list[FileRecord]:
    """Return pending files, small ones first: their digests are there soonest."""
    pending = [file for file in files if file.digest_status is Keeping.PENDING and "://" not in file.path]
    return sorted(pending, key=lambda file: file.size_bytes or 0)
