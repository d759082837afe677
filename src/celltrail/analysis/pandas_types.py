"""Logical types: what a column holds, whatever a library stores it in."""

from __future__ import annotations

from typing import Any

_NAMED = {"M": "datetime", "m": "timedelta", "U": "string", "O": "string", "S": "string"}
_ARROW_NAMED = {
    "double": "float64",
    "float": "float32",
    "halffloat": "float16",
    "large_string": "string",
    "string_view": "string",
    "large_binary": "object",
    "binary": "object",
    "binary_view": "object",
    "null": "string",
    "date32[day]": "date",
    "date64[ms]": "date",
}


def type_names(dtypes: list[Any]) -> list[str]:
    """Return the logical types of many columns, of which most share a few dtypes."""
    known: dict[int, str] = {}  # by id: to hash a categorical type is to hash all its categories
    names = []
    for dtype in dtypes:
        name = known.get(id(dtype))
        if name is None:
            name = known[id(dtype)] = type_name(dtype)
        names.append(name)
    return names


def type_name(dtype: Any) -> str:
    """Return the logical type of a pandas or NumPy dtype, without looking at content.

    Parameters
    ----------
    dtype : dtype
        Of a column.

    Returns
    -------
    str
        Strings are "string" in `str`, `string` and `object` columns alike, since an object column can't be told
        apart without reading it.
    """
    import numpy as np
    import pandas as pd

    if isinstance(dtype, np.dtype):
        return _NAMED.get(dtype.kind) or str(dtype.newbyteorder("=").name)
    if isinstance(dtype, pd.CategoricalDtype):
        inner = "string" if dtype.categories is None else type_name(dtype.categories.dtype)
        return f"{'ordered-' if dtype.ordered else ''}category[{inner}]"
    if isinstance(dtype, pd.DatetimeTZDtype):
        return f"datetime[{dtype.tz}]"
    if isinstance(dtype, pd.StringDtype):
        return "string"
    if (arrow := getattr(dtype, "pyarrow_dtype", None)) is not None:
        return arrow_type_name(arrow)
    numpy_dtype = getattr(dtype, "numpy_dtype", None)
    return str(numpy_dtype.name) if numpy_dtype is not None else str(dtype).lower()


def arrow_type_name(arrow: Any) -> str:
    """Return the logical type of an Arrow type.

    Parameters
    ----------
    arrow : pyarrow.DataType
        Its unit and the width of its offsets do not count.

    Returns
    -------
    str
        The same as for a column of pandas that holds the same; "object" for what pandas has only as objects.
    """
    text = str(arrow)
    if (named := _ARROW_NAMED.get(text)) is not None:
        return named
    if text.startswith("timestamp"):
        return f"datetime[{arrow.tz}]" if arrow.tz else "datetime"
    if text.startswith("dictionary"):
        return f"{'ordered-' if arrow.ordered else ''}category[{arrow_type_name(arrow.value_type)}]"
    if text.startswith("duration"):
        return "timedelta"
    if text.startswith("time"):
        return "time"
    is_plain = text in {"bool", "string"} or text.removeprefix("u").removeprefix("int").isdigit()
    return text if is_plain else "object"
