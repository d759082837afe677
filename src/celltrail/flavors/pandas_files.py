"""Which tables pandas reads from a plain connection. Its files are seen where Python opens them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from celltrail.analysis.sql_text import read_statement
from celltrail.flavors.opened import Args, Kwargs, Opened, Openers, argument
from celltrail.flavors.sqlite_files import path_of


def _read(args: Args, kwargs: Kwargs, result: Any) -> Iterable[Opened]:
    """`read_sql(sql, con)`. What goes through SQLAlchemy is seen there."""
    sql = argument(args, kwargs, 0, "sql", "table_name")
    path = path_of(argument(args, kwargs, 1, "con"))
    if path is None or not isinstance(sql, str):
        return []
    details = read_statement(sql).details() if " " in sql.strip() else {"tables": [sql]}
    return [Opened(path, details={"database": "sqlite", **details}, may_be_folder=False)]


def _write(args: Args, kwargs: Kwargs, result: Any) -> Iterable[Opened]:
    """`to_sql(frame, name, con)`."""
    path, table = path_of(argument(args, kwargs, 2, "con")), argument(args, kwargs, 1, "name")
    if path is None:
        return []
    return [Opened(path, details={"database": "sqlite", "tables": [str(table)]}, may_be_folder=False)]


OPENERS = (
    Openers(
        "pandas.io.sql",
        {"read_sql": _read, "read_sql_query": _read, "read_sql_table": _read, "to_sql": _write},
        walks_stack=True,
    ),
)
