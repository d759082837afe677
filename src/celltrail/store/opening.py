"""How the file of a trail is opened: to write with its log, or without where that is unsafe, or only to read."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from pathlib import Path
from urllib.parse import quote

from celltrail.errors import TrailBusyError, TrailError
from celltrail.store.connection import Connection
from celltrail.store.failures import failures_named
from celltrail.store.folder import create_private, why_unsafe_for_wal
from celltrail.store.migrate import bring_up_to_date, check_readable


def open_to_write(path: Path) -> tuple[Connection, str]:
    """Open a store for writing, made or brought up to date where needed.

    Parameters
    ----------
    path : Path
        `trail.db` in a folder that can be written.

    Returns
    -------
    connection : Connection
        Ready.
    notice : str
        One sentence where the disk asks for a slower way; else empty.
    """
    create_private(path)
    unsafe = why_unsafe_for_wal(path.parent)
    connection = Connection(path, _uri(path, "mode=rw"), is_read_only=False)
    try:
        with failures_named(path):
            # Both take effect only in a file without tables; neither can be changed cheaply later.
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
            _set_journal(connection, "DELETE" if unsafe else "WAL")
        bring_up_to_date(connection)
    except BaseException:
        connection.close()
        raise
    if not unsafe:
        return connection, ""
    return connection, (
        f"the trail lies on {unsafe}: it is written without a log, which is slower, and by one kernel at a time. "
        "Name a folder on a disk of this machine in CELLTRAIL_TRAIL for more."
    )


def open_to_read(path: Path) -> Connection:
    """Open a store for reading, also where nothing may be written.

    Parameters
    ----------
    path : Path
        `trail.db`.

    Returns
    -------
    Connection
        Sees every committed row, those in the log of a killed kernel too.
    """
    try:
        return _checked(path, _uri(path, "mode=ro"))
    except TrailBusyError:
        raise
    except TrailError as error:
        if not isinstance(error.__cause__, sqlite3.OperationalError):
            raise
    # A log needs a shared-memory file beside it, which a read-only disk refuses. Without a log the file alone is the
    # whole truth; with one, `immutable` would silently miss it, so both are copied to where they can be read.
    log = path.with_name(path.name + "-wal")
    if not log.exists() or log.stat().st_size == 0:
        return _checked(path, _uri(path, "mode=ro&immutable=1"))
    return _copy_to_read(path, log)


def _copy_to_read(path: Path, log: Path) -> Connection:
    folder = tempfile.TemporaryDirectory(prefix="celltrail-")
    copy = Path(folder.name) / path.name
    try:
        shutil.copyfile(path, copy)
        shutil.copyfile(log, copy.with_name(log.name))
    except OSError as error:
        folder.cleanup()
        raise TrailError(f"{path} could not be copied to be read ({error.strerror})") from error
    connection = _checked(path, _uri(copy, "mode=rw"))
    connection.execute("PRAGMA query_only = ON")
    connection.keeps = folder  # removed with the connection
    return connection


def _checked(path: Path, uri: str) -> Connection:
    connection = Connection(path, uri, is_read_only=True)
    try:
        # The first real read: opening alone touches no file.
        with failures_named(path):
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            check_readable(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _set_journal(connection: Connection, mode: str) -> None:
    if str(connection.execute("PRAGMA journal_mode").fetchone()[0]).upper() != mode:
        connection.execute(f"PRAGMA journal_mode = {mode}").fetchone()


def _uri(path: Path, options: str) -> str:
    return f"file:{quote(path.absolute().as_posix())}?{options}"
