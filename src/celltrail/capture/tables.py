"""Tables among the outputs, kept as header, types and shape: what a cell shows, and what a saved notebook holds.

The types come from the object that was shown, where this kernel showed it; a table that only a file holds tells what
its text tells.
"""

from __future__ import annotations

import html
import re
import sys
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from types import FrameType
from typing import Any

_ROOMS = frozenset({"pandas", "polars", "pyarrow", "geopandas", "modin", "dask", "cudf"})
_SIGNS = ('class="dataframe', '<table id="T_')  # pandas and polars; pandas' Styler
_DATA_RESOURCE = "application/vnd.dataresource+json"
_SERIES = re.compile(
    r"(?:^|\n)(?:Freq: \S+, )?(?:Name: (?P<name>.*), )?(?:Length: (?P<rows>\d+), )?dtype: (?P<type>.+)$"
)
_FRAME = re.compile(r"\n\[(?P<rows>\d+) rows x \d+ columns\]\s*$")
_POLARS = re.compile(r"^shape: \((?P<rows>[\d_]+)(?:, [\d_]+)?,?\)\n")
_ARROW = "pyarrow.Table\n"
_MOST_COLUMNS = 200
_REMEMBERED = 64

# What this kernel showed: how it is kept, by its text.
_shown: OrderedDict[str, str] = OrderedDict()


def kept_table(data: Mapping[str, Any]) -> str | None:
    """Return how a table is kept, or None for an output that is none.

    Parameters
    ----------
    data : mapping
        A MIME bundle; its texts may be lists of lines.

    Returns
    -------
    str or None
        One line: "[table: 150 rows; amount: float64, name: object]", without a single value.
    """
    table, plain = _text(data.get("text/html")), _text(data.get("text/plain"))
    known = _shown.get(table or plain)
    if known is not None:
        return known
    if any(sign in table for sign in _SIGNS) or _DATA_RESOURCE in data:
        return describe_table(table) if table else _plain_table(plain) or "[table]"
    return _plain_table(plain) if not table and plain else None


def remember_table(data: Mapping[str, Any], shown: Any) -> None:
    """Remember the types of an object that is a table, for the text that shows it."""
    line = _line_of(shown)
    text = _text(data.get("text/html")) or _text(data.get("text/plain"))
    if line is not None and text:
        _shown[text] = line
        while len(_shown) > _REMEMBERED:
            _shown.popitem(last=False)


def remember_result(outputs: Iterable[Any], result: Any) -> None:
    """Remember the types of a cell's result, if that is a table."""
    if type(result).__module__.partition(".")[0] in _ROOMS:
        for output in outputs:
            if output.output_type == "execute_result":
                remember_table(output.bundle, result)


def displayed_object() -> Any | None:
    """Return what `display` is showing on this thread now; None where it can't be told."""
    frame: FrameType | None = sys._getframe()
    for _ in range(16):
        if frame is None:
            return None
        if frame.f_code.co_name == "display" and "obj" in frame.f_locals:
            return frame.f_locals["obj"]
        frame = frame.f_back
    return None


def describe_table(table: str) -> str:
    """Return header and shape of a table in HTML, without a single value.

    Parameters
    ----------
    table : str
        As pandas or polars drew it.

    Returns
    -------
    str
        One line.
    """
    head, _, body = table.partition("<tbody>")
    names = [_bare(cell) for cell in re.findall(r"<th[^>]*>(.*?)</th>", head, re.DOTALL)]
    types = [_bare(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", head, re.DOTALL)]  # polars says them there
    if types and len(types) == len(names):
        names = [f"{name}: {kind}" for name, kind in zip(names, types, strict=True)]
    shape = re.search(r"<p>(\d+) rows × (\d+) columns</p>|<small>shape: \(([\d_]+)", table)
    rows = (shape[1] or shape[3]) if shape else body.count("<tr")
    return f"[table: {rows} rows; {', '.join(name for name in names if name)}]"


def _plain_table(plain: str) -> str | None:
    """Return how a table that was only written as text is kept."""
    if found := _SERIES.search(plain):
        rows = found["rows"] or plain[: found.start() + 1].count("\n") or plain.count("\n")
        return f"[table: {rows} rows; {found['name'] or 'values'}: {found['type'].strip()}]"
    if found := _FRAME.search(plain):
        return f"[table: {found['rows']} rows]"
    if found := _POLARS.search(plain):
        return f"[table: {found['rows']} rows]"
    if plain.startswith(_ARROW):
        columns = plain.partition("\n----")[0].splitlines()[1:]
        return f"[table: {', '.join(columns[:_MOST_COLUMNS])}]"
    return None


def _line_of(shown: Any) -> str | None:
    if type(shown).__module__.partition(".")[0] not in _ROOMS:
        return None
    if type(shown).__name__ == "Styler":
        shown = shown.data
    rows = getattr(shown, "shape", (None,))[0]
    schema = getattr(shown, "schema", None)
    if schema is not None and hasattr(schema, "items"):  # polars
        columns = list(schema.items())
    elif schema is not None and hasattr(schema, "names"):  # pyarrow
        columns = list(zip(schema.names, schema.types, strict=True))
    elif hasattr(shown, "columns") and hasattr(shown, "dtypes"):
        columns = list(zip(shown.columns, shown.dtypes, strict=True))
    elif hasattr(shown, "dtype") and hasattr(shown, "name") and hasattr(shown, "index"):
        columns = [("values" if shown.name is None else shown.name, shown.dtype)]
    else:
        return None
    said = ", ".join(f"{name}: {kind}" for name, kind in columns[:_MOST_COLUMNS])
    more = f", … {len(columns) - _MOST_COLUMNS} more" if len(columns) > _MOST_COLUMNS else ""
    return f"[table: {rows} rows; {said}{more}]"


def _bare(cell: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", cell)).strip()


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""
