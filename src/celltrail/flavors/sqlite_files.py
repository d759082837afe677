"""SQLite databases that the user's code opens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from celltrail.flavors.opened import Made, Opened, Openers

_MOST = 100
# A connection takes no weak reference, so it is known by its id. The next connection at the same place in memory
# comes from `connect` too, and takes the entry over.
_paths: dict[int, Any] = {}


def path_of(connection: Any) -> Any:
    """Return what a connection was opened with; None for a database in memory, and for what is no connection."""
    return _paths.get(id(connection)) if type(connection).__module__ == "sqlite3" else None


def _connect(call: Made) -> Iterable[Opened]:
    """`connect(database, …, uri=False)`."""
    told = call.argument(0, "database")
    if isinstance(told, str) and told.startswith("file:"):
        told = None if "mode=memory" in told else told.removeprefix("file:").partition("?")[0]
    path = None if told in ("", ":memory:") else told
    _paths.pop(id(call.result), None)
    if path is None:
        return []
    while len(_paths) >= _MOST:
        _paths.pop(next(iter(_paths)))
    _paths[id(call.result)] = path
    return [Opened(path, details={"database": "sqlite"}, may_be_folder=False)]


OPENERS = (Openers("sqlite3", {"connect": _connect}), Openers("sqlite3.dbapi2", {"connect": _connect}))
