"""Databases that are asked through SQLAlchemy: the URL without its password, and which tables."""

from __future__ import annotations

from collections.abc import Iterable

from celltrail.flavors.opened import Made, Opened, Openers
from celltrail.flavors.sql_text import read_statement

_IN_A_FILE = frozenset({"sqlite", "duckdb"})
# What a database says of itself; libraries ask for it unasked.
_CATALOGUES = ("sqlite_", "information_schema.", "pg_catalog.", "sys.", "main.sqlite_")


def _execute(call: Made) -> Iterable[Opened]:
    """`Dialect.do_execute(self, cursor, statement, parameters, context)`, through which each statement goes."""
    statement = call.argument(2, "statement")
    # `do_execute_no_params` has no parameters, so its context is one place earlier.
    context = call.kwargs.get("context") or (call.args[-1] if len(call.args) > 3 else None)
    url = getattr(getattr(context, "engine", None), "url", None)
    if url is None or not isinstance(statement, str):
        return []
    found = read_statement(statement)
    if not found.tables or all(one.lower().startswith(_CATALOGUES) for one in found.tables):
        return []
    if url.get_backend_name() in _IN_A_FILE:
        if url.database in (None, "", ":memory:"):
            return []
        # What it does to the file is seen at the file: a cell that reads also opens it.
        details = {"database": url.get_backend_name(), **found.details()}
        return [Opened(url.database, "read", details, may_be_folder=False)]
    return [Opened(url.render_as_string(hide_password=True), found.mode, found.details())]


OPENERS = (
    Openers(
        "sqlalchemy.engine.default",
        {
            "DefaultDialect.do_execute": _execute,
            "DefaultDialect.do_executemany": _execute,
            "DefaultDialect.do_execute_no_params": _execute,
        },
        walks_stack=True,
    ),
)
