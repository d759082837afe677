"""What a piece of code opens, as a cell's watch sees it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from celltrail.capture.files import FileWatch, disarm
from celltrail.capture.files_digest import digest_file
from celltrail.domain.record import FileRecord


@contextmanager
def watching(*ignored: Path) -> Iterator[list[FileRecord]]:
    """Watch the block; the records come into the list at its end."""
    watch, records = FileWatch(ignored), []
    watch.start()
    try:
        yield records
    finally:
        records += watch.stop()
        disarm()  # as when celltrail is unloaded: nothing stays for the next test


def settled(records: list[FileRecord]) -> list[FileRecord]:
    """Return the records with the digests that come late on a busy machine."""
    return [digest_file(each) for each in records]


def told(records: list[FileRecord]) -> list[tuple[Any, ...]]:
    """Return mode and name, relative to the working directory, of what was seen."""
    return [
        (each.mode, each.path if "://" in each.path else os.path.relpath(each.path).replace(os.sep, "/"))
        for each in records
    ]
