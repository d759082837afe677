"""Which tables pandas reads from a plain connection, and the Parquet that it has Arrow open.

Its other files are seen where Python opens them.
"""

from __future__ import annotations

from collections.abc import Iterable

from celltrail.flavors.opened import Made, Opened, Openers, reads, writes
from celltrail.flavors.sql_text import read_statement
from celltrail.flavors.sqlite_files import path_of


def _read(call: Made) -> Iterable[Opened]:
    """`read_sql(sql, con)`. What goes through SQLAlchemy is seen there."""
    sql = call.argument(0, "sql", "table_name")
    path = path_of(call.argument(1, "con"))
    if path is None or not isinstance(sql, str):
        return []
    details = read_statement(sql).details() if " " in sql.strip() else {"tables": [sql]}
    return [Opened(path, details={"database": "sqlite", **details}, may_be_folder=False)]


def _write(call: Made) -> Iterable[Opened]:
    """`to_sql(frame, name, con)`."""
    path, table = path_of(call.argument(2, "con")), call.argument(1, "name")
    if path is None:
        return []
    return [Opened(path, details={"database": "sqlite", "tables": [str(table)]}, may_be_folder=False)]


OPENERS = (
    Openers(
        "pandas.io.parquet",
        {"PyArrowImpl.read": reads(1, "path"), "PyArrowImpl.write": writes(2, "path")},
        walks_stack=True,
    ),
    Openers(
        "pandas.io.sql",
        {"read_sql": _read, "read_sql_query": _read, "read_sql_table": _read, "to_sql": _write},
        walks_stack=True,
    ),
)
