"""Whether an array has the values of a prediction, in whatever container and of whatever numeric type.

`pd.Series(pred)`, `list(pred)`, `pred.astype(int)` and `pred.reshape(-1, 1)` have; so each is known again without any
of them being followed. The key is of this process alone and is never stored: digests that are kept are made in
`analysis.fingerprint`.
"""

from __future__ import annotations

import sys
from typing import Any

import xxhash

from celltrail.analysis.sampling import places

# As many rows as the sampled digest looks at.
_SAMPLED_ROWS = 256
# A list longer than this is not looked through for being a copy of a prediction (about 5 ms per 100,000).
_LONGEST_LIST = 100_000
# Of a table of probabilities each column is known again; of a wider one none. A rule of thumb: two classes or three.
_MOST_COLUMNS = 3

ContentKey = tuple[tuple[int, ...], str, bytes]


def content_keys(value: Any) -> list[ContentKey]:
    """Return by what copies of a prediction, and of its columns, are known again.

    Parameters
    ----------
    value : object
        What was predicted.

    Returns
    -------
    list of tuple
        Empty where it is no array of numbers or words.
    """
    array = plain_array(value)
    if array is None:
        return []
    columns = array.shape[1] if array.ndim == 2 else 0
    parts = [array, *(array[:, place] for place in range(columns if 1 < columns <= _MOST_COLUMNS else 0))]
    return [key for part in parts if (key := _key(part)) is not None]


def content_key(value: Any) -> ContentKey | None:
    """Return by what the whole of an array is known again; None where it is no array of numbers or words."""
    array = plain_array(value)
    return None if array is None else _key(array)


def plain_array(value: Any) -> Any:
    """Return the NumPy array that holds a value's data, where reading it runs no code of the user's; else None."""
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return None
    if type(value) in (list, tuple):
        return _from_list(value, numpy)
    if type(value).__module__.partition(".")[0] == "pandas":
        value = _of_pandas(value)
    return value if type(value) is numpy.ndarray else None


def _of_pandas(value: Any) -> Any:
    inner = getattr(value, "_values", None)
    if inner is not None and type(inner).__module__.partition(".")[0] == "pandas":
        # An extension array (text, categories, nullable numbers): pandas' own way out, at the cost of a copy.
        return inner.to_numpy() if len(inner) <= _LONGEST_LIST else None
    return inner


def _from_list(values: Any, numpy: Any) -> Any:
    if not 0 < len(values) <= _LONGEST_LIST:
        return None
    kinds = {type(one) for one in values}
    is_plain = len(kinds) == 1 and (kinds <= {int, float, bool, str} or issubclass(next(iter(kinds)), numpy.generic))
    return numpy.asarray(values) if is_plain else None


def _key(array: Any) -> ContentKey | None:
    if array.ndim == 0 or array.size == 0:
        return None
    rows = array if len(array) <= _SAMPLED_ROWS else array[places(len(array), _SAMPLED_ROWS)]
    shape = tuple(length for length in array.shape[1:] if length != 1)
    kind = array.dtype.kind
    if kind in "biuf":
        # Equal numbers are equal whatever their type; -0.0 + 0.0 is 0.0.
        content = (rows.astype("float64") + 0.0).tobytes()
    elif kind in "UO":
        content = "\0".join(map(str, rows.ravel().tolist())).encode("utf-8", "surrogatepass")
    else:
        return None
    return (len(array), *shape), "number" if kind in "biuf" else "text", xxhash.xxh3_128_digest(content)
