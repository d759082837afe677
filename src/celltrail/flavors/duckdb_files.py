"""Files and databases that DuckDB opens in C++: those that its functions are given, and those that its SQL names."""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from typing import Any

from celltrail.flavors.opened import Made, Opened, Openers, Reader, reads, writes
from celltrail.flavors.sql_text import read_statement

_paths: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()


def _connect(call: Made) -> Iterable[Opened]:
    """`connect(database=":memory:", …)`."""
    path = call.argument(0, "database")
    if path is None or str(path) == "" or str(path).startswith(":"):
        return []
    _paths[call.result] = path
    return [Opened(path, details={"database": "duckdb"}, may_be_folder=False)]


def _query(place: int) -> Reader:
    """Return a reader of `execute(query, …)`; of a method, whose connection comes first, with place 1."""

    def read(call: Made) -> Iterable[Opened]:
        told = call.argument(place, "query")
        sql = told if isinstance(told, str) else getattr(told, "query", None)
        if not isinstance(sql, str):
            return []
        found = read_statement(sql)
        opened = [Opened(one) for one in found.files] + [Opened(one, "write") for one in found.written_files]
        connection = call.args[0] if place else call.kwargs.get("connection")
        path = _paths.get(connection) if connection is not None else None
        if path is not None and found.tables:
            opened.append(Opened(path, details={"database": "duckdb", **found.details()}, may_be_folder=False))
        return opened

    return read


def _asking(place: int) -> dict[str, Reader]:
    files = reads(place, "path_or_buffer", "name", "source", "file_glob", "file_globs", "path")
    return {
        **{name: _query(place) for name in ("sql", "query", "execute", "executemany", "from_query")},
        **dict.fromkeys(("read_csv", "read_json", "read_parquet", "from_csv_auto", "from_parquet"), files),
    }


_written = writes(1, "file_name", "path")

OPENERS = (
    Openers(
        "duckdb",
        {
            "connect": _connect,
            **_asking(0),
            **{f"DuckDBPyConnection.{name}": reader for name, reader in _asking(1).items()},
            **{
                f"DuckDBPyRelation.{name}": _written
                for name in ("write_csv", "to_csv", "write_parquet", "to_parquet")
            },
        },
        walks_stack=True,
    ),
)
