"""Digests of pandas' frames, series and indexes; equal under every pandas from 1.5 to 3.

What differs between versions does not count: object or `str` for strings, nanoseconds or microseconds for dates,
how columns lie together in memory. A subclass of a frame or a series has the digest of the plain one.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from celltrail.analysis import canonical, pandas_columns
from celltrail.analysis.buffers import BufferBook
from celltrail.analysis.canonical import NoCanonicalFormError
from celltrail.analysis.labels import label_text, plain_label
from celltrail.analysis.pandas_index import index_digest, sampled_index_digest
from celltrail.analysis.pandas_parts import Parts, index_array, parts_of
from celltrail.analysis.pandas_types import type_name, type_names
from celltrail.analysis.sampling import places
from celltrail.domain.ids import Digest

_SAMPLED_COLUMNS = 64


def is_known(obj: Any) -> bool:
    """Say whether this is a frame or a series, of a subclass too, or an index or array of pandas itself."""
    pandas = sys.modules.get("pandas")
    if pandas is None:
        return False
    kind = type(obj)
    if pandas.DataFrame in kind.__mro__ or pandas.Series in kind.__mro__:
        return True
    is_own = isinstance(kind.__module__, str) and kind.__module__.partition(".")[0] == "pandas"
    return is_own and issubclass(kind, pandas.Index | pandas.api.extensions.ExtensionArray)


def schema(obj: Any) -> tuple[int, list[list[str]] | None, int | None]:
    """Return rows, columns with logical types, and size in bytes without counting Python objects."""
    import pandas as pd

    if issubclass(type(obj), pd.MultiIndex):
        size = sum(codes.nbytes for codes in obj._codes)
        return len(obj), [[_name_text(name), "level"] for name in obj.names], size
    if _is_frame_or_series(obj):
        parts = parts_of(obj)
        labels = [_series_name(obj)] if parts.labels is None else parts.labels.tolist()
        names = [_name_text(label) for label in labels]
        columns = [list(pair) for pair in zip(names, type_names(parts.dtypes()), strict=True)]
        return parts.rows, columns, parts.bytes()
    name = getattr(obj, "name", None)
    size = 24 if issubclass(type(obj), pd.RangeIndex) else int(obj.nbytes)
    return len(obj), [[_name_text(name), type_name(obj.dtype)]], size


def digests(obj: Any, rows: int, book: BufferBook | None = None) -> tuple[str, Digest, dict[str, str] | None]:
    """Return the sampled digest, the full one, and those of the columns; a short frame is read once for both."""
    if _is_frame_or_series(obj):
        parts = parts_of(obj)
        if parts.labels is not None and parts.rows <= rows and len(parts.labels) <= _SAMPLED_COLUMNS:
            of_columns = _columns(parts, book)
            index = index_digest(parts.index)
            types = json.dumps(type_names(parts.dtypes())).encode()
            full, named = _frame_digest(parts, index, of_columns), _by_name(parts, of_columns)
            return _frame_digest(parts, index, [types, *of_columns]), full, named
    full, named = full_digest(obj, book)
    return sampled_digest(obj, rows), full, named


def full_digest(obj: Any, book: BufferBook | None = None) -> tuple[Digest, dict[str, str] | None]:
    """Return the digest of everything, and those of the columns by name."""
    import pandas as pd

    if _is_frame_or_series(obj):
        parts = parts_of(obj)
        of_columns = _columns(parts, book)
        index = index_digest(parts.index)
        if parts.labels is not None:
            return _frame_digest(parts, index, of_columns), _by_name(parts, of_columns)
        name = _series_name(obj)
        return _series_digest(name, [index, *of_columns], parts.rows), {_name_text(name): of_columns[0].hex()}
    if issubclass(type(obj), pd.Index):
        return Digest(index_digest(obj).hex()), None
    return Digest(pandas_columns.digest(obj, book).hex()), None


def sampled_digest(obj: Any, rows: int) -> Digest:
    """Return the digest of at most so many rows, of 64 columns where there are more."""
    import numpy as np
    import pandas as pd

    picked = np.array(places(len(obj) if issubclass(type(obj), pd.Index) else _length(obj), rows), "i8")
    if issubclass(type(obj), pd.Index):
        head = f"celltrail.index-sample/1\n{len(obj)}\n".encode()
        return Digest(canonical.joined(head, [sampled_index_digest(obj, picked)]).hex())
    if not _is_frame_or_series(obj):
        return _series_digest(None, [pandas_columns.digest(obj.take(picked))], len(obj))
    parts = parts_of(obj)
    index = sampled_index_digest(parts.index, picked)
    if parts.labels is None:
        values = pandas_columns.sampled_digests(parts, [0], picked)
        return _series_digest(_series_name(obj), [index, *values], parts.rows)
    types = json.dumps(type_names(parts.dtypes())).encode()
    shown = places(len(parts.labels), _SAMPLED_COLUMNS)
    return _frame_digest(parts, index, [types, *pandas_columns.sampled_digests(parts, shown, picked)])


def named_columns(obj: Any, most: int) -> tuple[int, list[tuple[str, Any]]]:
    """Return the number of rows, and the first columns with their names as arrays; no levels of a `MultiIndex`."""
    if not _is_frame_or_series(obj):
        array = array_of(obj)
        return len(obj), [] if array is None else [(_name_text(getattr(obj, "name", None)), array)]
    parts = parts_of(obj)
    labels = [_series_name(obj)] if parts.labels is None else parts.labels.tolist()
    return parts.rows, list(zip(map(_name_text, labels), parts.arrays(), strict=True))[:most]


def array_of(obj: Any) -> Any:
    """Return the values of a series or an index as they are stored; None of a frame or a `MultiIndex`."""
    import pandas as pd

    if issubclass(type(obj), pd.DataFrame | pd.MultiIndex):
        return None
    if issubclass(type(obj), pd.Index):
        return index_array(obj)
    return parts_of(obj).arrays()[0] if _is_frame_or_series(obj) else obj


def _length(obj: Any) -> int:
    return parts_of(obj).rows if _is_frame_or_series(obj) else len(obj)


def _is_frame_or_series(obj: Any) -> bool:
    import pandas as pd

    return issubclass(type(obj), pd.DataFrame | pd.Series)


def _series_name(obj: Any) -> Any:
    import pandas as pd

    return None if issubclass(type(obj), pd.DataFrame) else object.__getattribute__(obj, "_name")


def _name_text(name: Any) -> str:
    return "" if name is None else label_text(name)


def _columns(parts: Parts, book: BufferBook | None) -> list[bytes]:
    if parts.labels is None:
        return [pandas_columns.digest(parts.arrays()[0], book)]
    try:
        return pandas_columns.digests(parts, book)
    except pandas_columns.ColumnError as error:
        column = label_text(parts.labels.tolist()[error.place])
        raise NoCanonicalFormError(f"column {column!r} {error.reason}") from None


def _by_name(parts: Parts, found: list[bytes]) -> dict[str, str] | None:
    """Return digests by column name; None where two columns share a name."""
    names = [label_text(label) for label in parts.labels.tolist()]
    if len(set(names)) < len(names):
        return None
    return {name: digest.hex() for name, digest in zip(names, found, strict=True)}


def _frame_digest(parts: Parts, index: bytes, found: list[bytes]) -> Digest:
    names = [plain_label(name) for name in parts.labels.names]
    return frame_digest(parts.rows, names, [plain_label(label) for label in parts.labels.tolist()], index, found)


def frame_digest(rows: int, names: list[Any], labels: list[Any], index: bytes, found: list[bytes]) -> Digest:
    """Return the digest of a frame from those of its index and its columns.

    Parameters
    ----------
    rows : int
        How many.
    names : list
        Of the levels of the labels; `[None]` where they have none.
    labels : list
        Of the columns, as JSON holds them.
    index : bytes
        Digest of the index.
    found : list of bytes
        Digests of the columns.

    Returns
    -------
    Digest
        The same for equal content, from whatever library.
    """
    head = f"celltrail.frame/1\n{json.dumps([rows, names, labels])}\n"
    return Digest(canonical.joined(head.encode("utf-8", "surrogatepass"), [index, *found]).hex())


def _series_digest(name: Any, found: list[bytes], rows: int) -> Digest:
    head = f"celltrail.series/1\n{json.dumps([rows, plain_label(name)])}\n"
    return Digest(canonical.joined(head.encode("utf-8", "surrogatepass"), found).hex())
