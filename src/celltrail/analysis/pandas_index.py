"""Digests of an index: a plain count as its three numbers, else names and values."""

from __future__ import annotations

import json
import struct
from typing import Any

from celltrail.analysis import canonical, pandas_columns
from celltrail.analysis.labels import plain_label
from celltrail.analysis.pandas_parts import index_array, level_array, taken

COUNT_FROM_ZERO = (0, 1)


def index_digest(index: Any) -> bytes:
    """Return the digest of an index.

    Parameters
    ----------
    index : pandas.Index
        A `RangeIndex` and an integer index with the same values are the same.

    Returns
    -------
    bytes
        32 bytes.
    """
    import pandas as pd

    if isinstance(index, pd.MultiIndex):
        return _levels_digest(index, None)
    if isinstance(index, pd.RangeIndex):
        return count_digest(index.start, index.step, len(index), index.names)
    return _digest(index_array(index), index.names)


def sampled_index_digest(index: Any, picked: Any) -> bytes:
    """Return the digest of an index that has only the values at these places."""
    import pandas as pd

    if isinstance(index, pd.MultiIndex):
        return _levels_digest(index, picked)
    return _digest(taken(index, picked), index.names)


def count_digest(start: int, step: int, length: int, names: Any = (None,)) -> bytes:
    """Return the digest of an index that counts evenly."""
    if length <= 1:
        start, step = (start, 1) if length else COUNT_FROM_ZERO
    return canonical.joined(_head(names), [b"count", struct.pack("<qqq", start, step, length)])


def _levels_digest(index: Any, picked: Any) -> bytes:
    levels = [pandas_columns.digest(level_array(index, level, picked)) for level in range(len(index._levels))]
    return canonical.joined(_head(index.names), levels)


def _digest(values: Any, names: Any) -> bytes:
    count = _as_count(values)
    if count is not None:
        return count_digest(*count, names)
    return canonical.joined(_head(names), [pandas_columns.digest(values)])


def _head(names: Any) -> bytes:
    return f"celltrail.index/1\n{json.dumps([plain_label(name) for name in names])}\n".encode(
        "utf-8", "surrogatepass"
    )


def _as_count(values: Any) -> tuple[int, int, int] | None:
    """Return start, step and length where the values count evenly."""
    import numpy as np

    length = len(values)
    if length == 0:
        return 0, 1, 0
    if values.dtype != np.dtype("int64"):
        return None
    start, step = int(values[0]), int(values[1]) - int(values[0]) if length > 1 else 1
    # The ends decide nearly always, without reading the rest.
    if int(values[-1]) != start + step * (length - 1) or not (np.diff(values) == step).all():
        return None
    return start, step, length


def sampled_count_digest(picked: list[int]) -> bytes:
    """Return the digest of the plain count from zero that has only these places."""
    import numpy as np

    return _digest(np.array(picked, "i8"), (None,))
