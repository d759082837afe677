"""Brings a store to the schema of this celltrail: numbered steps, forwards only, each one transaction.

A step is a file `migrations/NNNN_name.sql`. One that was released is never edited.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import metadata, resources
from pathlib import Path

from blake3 import blake3

from celltrail.domain.ids import new_id
from celltrail.errors import TrailError, TrailVersionError
from celltrail.store.connection import APPLICATION_ID, Connection
from celltrail.store.values import time_in

COPIES_KEPT = 2
# Above this a copy would stall the first cell of a session for seconds.
LARGEST_SILENT_COPY_BYTES = 1 << 30

RECORD = "INSERT INTO migrations (number, name, digest, applied_at, celltrail) VALUES (?, ?, ?, ?, ?)"
NAME_TRAIL = "INSERT INTO trail (key, value) VALUES ('global_id', ?), ('created_at', ?)"


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema."""

    number: int
    name: str
    sql: str


@cache
def migrations() -> tuple[Migration, ...]:
    """Return all steps that this celltrail knows, in order."""
    files = [file for file in resources.files("celltrail.store.migrations").iterdir() if file.name.endswith(".sql")]
    steps = []
    for file in sorted(files, key=lambda file: file.name):
        number, _, name = file.name.removesuffix(".sql").partition("_")
        steps.append(Migration(int(number), name, file.read_text(encoding="utf-8")))
    return tuple(steps)


def schema_version() -> int:
    """Return the version of the schema that this celltrail writes."""
    return migrations()[-1].number


def version_of(connection: Connection) -> int:
    """Return the version of the schema that a store has; 0 for a new file."""
    found = connection.row("PRAGMA user_version")
    return int(found[0]) if found else 0


def check_version(connection: Connection) -> None:
    """Raise where the store has become newer than this celltrail since it was opened.

    Raises
    ------
    TrailVersionError
        With both versions, and what to do.
    """
    found = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if found > schema_version():
        raise TrailVersionError(
            f"{connection.path} was brought to schema {found} by a newer celltrail; this kernel has celltrail "
            f"{celltrail_version()} with schema {schema_version()}: restart this kernel (after an upgrade: "
            "pip install --upgrade celltrail)"
        )


def check_readable(connection: Connection) -> None:
    """Raise where a store has another schema than the one that this celltrail reads.

    Raises
    ------
    TrailVersionError
        With both versions, and what to do.
    """
    check_version(connection)
    found = version_of(connection)
    if found < schema_version():
        raise TrailVersionError(
            f"{connection.path} has schema {found} of an older celltrail; {celltrail_version()} reads schema "
            f"{schema_version()}. Load celltrail once in a notebook of this trail: that upgrades it, after a copy"
        )


def bring_up_to_date(connection: Connection) -> None:
    """Apply the steps that a store lacks, each in one transaction, after a copy of the file.

    Parameters
    ----------
    connection : Connection
        Open for writing.

    Raises
    ------
    TrailVersionError
        If the store is newer than this celltrail.
    TrailError
        If the file is a database of something else, or too large to be copied unasked.
    """
    _check_ours(connection)
    found = version_of(connection)
    if found > schema_version():
        check_version(connection)
    if 0 < found < schema_version():
        _copy_before(connection, found)
    for step in migrations():
        if step.number > found:
            _apply(connection, step)


@cache  # each reading takes a millisecond, and a new trail asks for every migration
def celltrail_version() -> str:
    """Return the version of the installed celltrail."""
    try:
        return metadata.version("celltrail")
    except metadata.PackageNotFoundError:
        return "0"


def _check_ours(connection: Connection) -> None:
    application = connection.row("PRAGMA application_id")
    tables = connection.row("SELECT count(*) FROM sqlite_schema")
    if tables and tables[0] and application and application[0] != APPLICATION_ID:
        raise TrailError(
            f"{connection.path} is a database of another program, not a trail; nothing was changed. "
            "Name another folder in CELLTRAIL_TRAIL."
        )


def _apply(connection: Connection, step: Migration) -> None:
    with connection.atomic():
        # Another process may have been faster while we waited for the lock.
        if int(connection.execute("PRAGMA user_version").fetchone()[0]) >= step.number:
            return
        for statement in _statements(step.sql):
            connection.execute(statement)
        now = time_in(datetime.now(UTC))
        if step.number == 1:
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(NAME_TRAIL, (new_id(), now))
        digest = blake3(step.sql.encode()).hexdigest()
        connection.execute(RECORD, (step.number, step.name, digest, now, celltrail_version()))
        connection.execute(f"PRAGMA user_version = {step.number}")


def _statements(sql: str) -> Iterator[str]:
    """Split a script: `executescript` would commit what came before it."""
    statement = ""
    for line in sql.splitlines(keepends=True):
        statement += line
        if line.rstrip().endswith(";") and sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if sqlite3.complete_statement(statement):
        yield statement  # a statement with a comment behind it is never left out in silence


def _copy_before(connection: Connection, found: int) -> None:
    size_bytes = connection.path.stat().st_size
    if size_bytes > LARGEST_SILENT_COPY_BYTES and not os.environ.get("CELLTRAIL_UPGRADE"):
        raise TrailError(
            f"{connection.path} ({size_bytes / 1e9:.1f} GB) must be brought from schema {found} to "
            f"{schema_version()}, with a copy before. Set CELLTRAIL_UPGRADE=1 and load celltrail again"
        )
    target = connection.path.with_name(f"trail.before-{schema_version():04d}.{new_id()}.db")
    # Under another name until it is whole: half a copy must not count as one of those that are kept.
    unfinished = target.with_name(f".{target.name}")
    copy = sqlite3.connect(unfinished)
    try:
        # The backup API takes what still stands in the log too.
        connection.raw.backup(copy)
    finally:
        copy.close()
    os.chmod(unfinished, 0o600)
    unfinished.replace(target)
    for old in sorted(connection.path.parent.glob("trail.before-*.db"), key=_modified)[:-COPIES_KEPT]:
        old.unlink(missing_ok=True)


def _modified(path: Path) -> tuple[int, str]:
    return path.stat().st_mtime_ns, path.name
