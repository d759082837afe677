"""Files that polars opens in Rust. What is scanned counts as read by the cell that scans it."""

from __future__ import annotations

from collections.abc import Iterable

from celltrail.flavors.opened import Made, Opened, Openers, Reader, rows_of, writes
from celltrail.flavors.sql_text import read_statement

_FORMATS = ("avro", "csv", "delta", "excel", "ipc", "ipc_stream", "json", "lines", "ndjson", "ods", "parquet")
# What limits the rows that are read: then their number is not that of the file.
_LIMITS = ("n_rows", "skip_rows", "row_groups")


def _source(call: Made) -> Iterable[Opened]:
    source = call.argument(0, "source", "file")
    if isinstance(source, bytes):
        return []  # the content itself
    rows = {} if any(call.kwargs.get(name) for name in _LIMITS) else rows_of(call.result)
    return [Opened(source, details=rows)]


def _database(call: Made) -> Iterable[Opened]:
    """`read_database_uri(query, uri)`: read by another library in Rust or C."""
    query, uri = call.argument(0, "query"), call.argument(1, "uri")
    queries = query if isinstance(query, list) else [query]
    return [Opened(uri, details=read_statement(one).details()) for one in queries if isinstance(one, str)]


def _write_database(call: Made) -> Iterable[Opened]:
    table, uri = call.argument(1, "table_name"), call.argument(2, "connection")
    return [Opened(uri, "write", {"tables": [str(table)]})] if isinstance(uri, str) else []


_READ: dict[str, Reader] = {f"{verb}_{one}": _source for verb in ("read", "scan") for one in _FORMATS}
_WRITTEN: dict[str, Reader] = {
    **{f"DataFrame.write_{one}": writes(1, "file", "target", "workbook") for one in _FORMATS},
    **{f"LazyFrame.sink_{one}": writes(1, "path", "target") for one in _FORMATS},
}

OPENERS = (
    Openers(
        "polars",
        {
            **_READ,
            **_WRITTEN,
            "read_database_uri": _database,
            "DataFrame.write_database": _write_database,
        },
        walks_stack=True,
    ),
)
