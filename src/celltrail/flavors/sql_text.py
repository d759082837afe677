"""What a piece of SQL names: tables, files, and whether it holds values. It is read as words; nothing is run.

The names come from the places where SQL puts them (ISO/IEC 9075-2, "table reference": after FROM, JOIN, INTO, UPDATE,
TABLE). Dialects differ; what is not understood is left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

_TOKEN = re.compile(
    r"""(?P<comment>--[^\n]*|/\*.*?\*/)
      | (?P<text>'(?:[^']|'')*')
      | (?P<quoted>"(?:[^"]|"")*"|`[^`]*`|\[[A-Za-z_][^\]]*\])
      | (?P<word>[^\W\d]\w*)
      | (?P<number>\d+(?:\.\d+)?)
      | (?P<mark>[^\s])""",
    re.VERBOSE | re.DOTALL,
)
_BEFORE_NAME = frozenset({"from", "join", "into", "update", "table"})
_WRITING = frozenset({"insert", "update", "delete", "create", "drop", "alter", "replace", "merge", "truncate"})
_NO_NAME = frozenset(
    {"select", "lateral", "unnest", "only", "if", "exists", "not", "set", "values", "temp", "temporary", "where"}
)
# DuckDB's table functions that take files: https://duckdb.org/docs/stable/data/overview
_FILE_FUNCTIONS = re.compile(r"^(?:(?:read|scan)_\w+|parquet_\w+|\w+_scan|read_csv_auto|sniff_csv)$", re.IGNORECASE)
_LONGEST_READ = 20_000
_LONGEST_KEPT = 2_000


@dataclass(frozen=True, slots=True)
class Statement:
    """What was found in a piece of SQL.

    Attributes
    ----------
    mode : {"read", "write"}
        Whether any of its statements changes something.
    tables : tuple of str
        As written, quotes taken off, each once.
    files, written_files : tuple of str
        Paths that stand as text where a table or a file function's argument stands, or after COPY … TO.
    text : str or None
        The text itself; None where it holds values, which are the user's data.
    """

    mode: Literal["read", "write"]
    tables: tuple[str, ...]
    files: tuple[str, ...] = ()
    written_files: tuple[str, ...] = ()
    text: str | None = None

    def details(self) -> dict[str, Any]:
        """Return what goes into the record of a file or database: `tables`, and `statements` where they may."""
        told: dict[str, Any] = {"tables": list(self.tables)} if self.tables else {}
        return told if self.text is None else {**told, "statements": [self.text]}


def read_statement(sql: str) -> Statement:
    """Read a piece of SQL.

    Parameters
    ----------
    sql : str
        One statement or several. Of a longer one than 20,000 characters the rest is not read.

    Returns
    -------
    Statement
        What it names.
    """
    tokens = [
        (str(found.lastgroup), found.group())
        for found in _TOKEN.finditer(sql[:_LONGEST_READ])
        if found.lastgroup != "comment"
    ]
    words = {text.lower() for kind, text in tokens if kind == "word"}
    files, written = _files(tokens)
    # In some dialects double quotes hold values, in others $$ does; comments may hold anything.
    holds_values = any(kind in ("text", "number") for kind, _ in tokens) or any(
        mark in sql for mark in ('"', "$$", "--", "/*")
    )
    text = " ".join(sql.split())
    keeps = not holds_values and len(text) <= _LONGEST_KEPT
    return Statement(
        "write" if words & _WRITING and _is_writing(tokens) else "read",
        _tables(tokens),
        files,
        written,
        text if keeps else None,
    )


def _is_writing(tokens: list[tuple[str, str]]) -> bool:
    """Whether a statement begins with a word that writes, or a WITH leads to one."""
    begins, is_with = True, False
    for kind, text in tokens:
        word = text.lower()
        if kind == "word" and (begins or is_with) and word in _WRITING:
            return True
        if begins and kind == "word":
            is_with = word == "with"
        begins = text == ";"
    return False


def _tables(tokens: list[tuple[str, str]]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    defined = _common_tables(tokens)
    for place, (kind, text) in enumerate(tokens):
        if kind != "word" or text.lower() not in _BEFORE_NAME:
            continue
        if text.lower() == "from" and place and tokens[place - 1][1].lower() in ("distinct", "year", "month", "day"):
            continue  # IS DISTINCT FROM, extract(year FROM …)
        at = place + 1
        while True:
            name, at = _name(tokens, at, is_target=text.lower() in ("into", "table"))
            if name is not None and name.lower() not in defined:
                found.setdefault(name)
            at = _after_alias(tokens, at)
            if name is None or text.lower() != "from" or at >= len(tokens) or tokens[at][1] != ",":
                break
            at += 1
    return tuple(found)


def _name(tokens: list[tuple[str, str]], at: int, *, is_target: bool) -> tuple[str | None, int]:
    """Return the dotted name that begins here, and where it ends; None for a function, a subquery, a text.

    After a target stand its columns in brackets, which make no function of it.
    """
    while at < len(tokens) and tokens[at][0] == "word" and tokens[at][1].lower() in _NO_NAME - {"select", "where"}:
        at += 1
    parts = []
    while at < len(tokens) and tokens[at][0] in ("word", "quoted"):
        parts.append(tokens[at][1].strip('"`[]'))
        at += 1
        if at < len(tokens) and tokens[at][1] == ".":
            at += 1
        else:
            break
    is_function = at < len(tokens) and tokens[at][1] == "(" and not is_target
    if not parts or is_function or parts[0].lower() in _NO_NAME:
        return None, at
    return ".".join(parts), at


def _after_alias(tokens: list[tuple[str, str]], at: int) -> int:
    if at < len(tokens) and tokens[at][1].lower() == "as":
        at += 1
    following = tokens[at + 1][1] if at + 1 < len(tokens) else ""
    return at + 1 if at < len(tokens) and tokens[at][0] == "word" and following == "," else at


def _common_tables(tokens: list[tuple[str, str]]) -> set[str]:
    """Return the names that WITH gives to subqueries."""
    if not any(kind == "word" and text.lower() == "with" for kind, text in tokens):
        return set()
    return {
        tokens[place][1].strip('"`[]').lower()
        for place in range(len(tokens) - 2)
        if tokens[place][0] in ("word", "quoted")
        and tokens[place + 1][1].lower() == "as"
        and tokens[place + 2][1] in ("(", "not", "materialized", "NOT", "MATERIALIZED")
    }


def _files(tokens: list[tuple[str, str]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    read: dict[str, None] = {}
    written: dict[str, None] = {}
    depth, function = 0, False
    for place, (kind, text) in enumerate(tokens):
        before = tokens[place - 1][1].lower() if place else ""
        if text == "(":
            depth = depth + 1 if function else 0
            if not function and place and _FILE_FUNCTIONS.match(tokens[place - 1][1]):
                function, depth = True, 1
        elif text == ")" and function:
            depth -= 1
            function = depth > 0
        if kind != "text":
            continue
        path = text[1:-1].replace("''", "'")
        if before == "to" and "copy" in {one.lower() for _, one in tokens[:place]}:
            written.setdefault(path)
        elif before in ("from", "join", "attach") or (function and before in ("(", "[", ",")):
            read.setdefault(path)
    return tuple(read), tuple(written)
