"""Digests of pandas' frames, series and indexes; equal under every pandas from 1.5 to 3.

What differs between versions does not count: object or `str` for strings, nanoseconds or microseconds for dates,
how columns lie together in memory.
"""

from __future__ import annotations

import json
import struct
import sys
from typing import Any

from celltrail.analysis import canonical
from celltrail.analysis.canonical import NoCanonicalFormError
from celltrail.analysis.sampling import places
from celltrail.domain.ids import Digest

_SAMPLED_COLUMNS = 64
_LOCKSTEP_ROWS = 4_096
_NUMPY_IN_PANDAS = {"NumpyEADtype", "PandasDtype"}  # pandas 2.1 and later; before


def is_known(obj: Any) -> bool:
    """Say whether this is a frame, series, index or array of pandas itself, no subclass of somebody else's."""
    pandas = sys.modules.get("pandas")
    if pandas is None:
        return False
    if type(obj) in (pandas.DataFrame, pandas.Series):
        return True
    return isinstance(obj, pandas.Index | pandas.api.extensions.ExtensionArray)


def schema(obj: Any) -> tuple[int, list[list[str]] | None, int | None]:
    """Return rows, columns with logical types, and size in bytes without counting Python objects."""
    import pandas as pd

    if isinstance(obj, pd.DataFrame):
        dtypes = obj.dtypes.tolist()
        labels = [label_text(label) for label in obj.columns.tolist()]
        columns = [list(pair) for pair in zip(labels, _type_names(dtypes), strict=True)]
        return len(obj), columns, _frame_bytes(obj, dtypes)
    if isinstance(obj, pd.MultiIndex):
        return len(obj), [[label_text(name), "level"] for name in obj.names], int(obj.nbytes)
    name = getattr(obj, "name", None)
    return len(obj), [["" if name is None else label_text(name), type_name(obj.dtype)]], int(obj.nbytes)


def full_digest(obj: Any) -> tuple[Digest, dict[str, str] | None]:
    """Return the digest of everything, and those of the columns by name."""
    import pandas as pd

    if isinstance(obj, pd.DataFrame):
        digests = _column_digests(obj)
        named = _by_name([label_text(label) for label in obj.columns.tolist()], digests)
        return _frame_digest(obj, obj.index, digests, len(obj)), named
    if isinstance(obj, pd.Index):
        return Digest(index_digest(obj).hex()), None
    values = _values_digest(obj)
    if not isinstance(obj, pd.Series):
        return Digest(values.hex()), None
    name = "" if obj.name is None else label_text(obj.name)
    return _series_digest(obj, obj.index, values, len(obj)), {name: values.hex()}


def sampled_digest(obj: Any, rows: int) -> Digest:
    """Return the digest of at most so many rows, of 64 columns where there are more."""
    import pandas as pd

    picked = places(len(obj), rows)
    if isinstance(obj, pd.Index):
        return Digest(_joined(f"celltrail.index-sample/1\n{len(obj)}\n", [index_digest(obj.take(picked))]).hex())
    if not isinstance(obj, pd.DataFrame):
        index = obj.index.take(picked) if isinstance(obj, pd.Series) else None
        return _series_digest(obj, index, _values_digest(_take(obj, picked)), len(obj))
    types = json.dumps(_type_names(obj.dtypes.tolist()))
    columns = places(obj.shape[1], _SAMPLED_COLUMNS)
    # Column by column: taking rows or columns of the whole frame first would copy what is not looked at.
    digests = [types.encode(), *(_values_digest(_take(obj.iloc[:, place], picked)) for place in columns)]
    return _frame_digest(obj, obj.index.take(picked), digests, len(obj))


def _take(values: Any, picked: list[int]) -> Any:
    """Return some values of a series or an array, as an array."""
    import pandas as pd

    array = values.array if isinstance(values, pd.Series) else values
    return array.take(picked)


def _type_names(dtypes: list[Any]) -> list[str]:
    """Return the logical types of many columns, of which most share a few dtypes."""
    known: dict[Any, str] = {}
    names = []
    for dtype in dtypes:
        name = known.get(dtype)
        if name is None:
            name = known[dtype] = type_name(dtype)
        names.append(name)
    return names


def _frame_bytes(frame: Any, dtypes: list[Any]) -> int:
    """Return the size of a frame without its index and without Python objects; `memory_usage` takes far longer."""
    import numpy as np

    plain = sum(dtype.itemsize for dtype in dtypes if isinstance(dtype, np.dtype)) * len(frame)
    return plain + sum(
        int(frame.iloc[:, place].nbytes) for place, dtype in enumerate(dtypes) if not isinstance(dtype, np.dtype)
    )


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
        named = {"M": "datetime", "m": "timedelta", "U": "string", "O": "string", "S": "string"}
        return named.get(dtype.kind) or str(dtype.newbyteorder("=").name)
    if isinstance(dtype, pd.CategoricalDtype):
        inner = "string" if dtype.categories is None else type_name(dtype.categories.dtype)
        return f"{'ordered-' if dtype.ordered else ''}category[{inner}]"
    if isinstance(dtype, pd.DatetimeTZDtype):
        return f"datetime[{dtype.tz}]"
    if isinstance(dtype, pd.StringDtype):
        return "string"
    if (arrow := getattr(dtype, "pyarrow_dtype", None)) is not None:
        return _arrow_name(str(arrow), dtype)
    numpy_dtype = getattr(dtype, "numpy_dtype", None)
    return str(numpy_dtype.name) if numpy_dtype is not None else str(dtype).lower()


def _arrow_name(arrow: str, dtype: Any) -> str:
    if arrow in ("string", "large_string", "string_view"):
        return "string"
    return str(dtype.numpy_dtype.name) if dtype.kind in "biuf" else arrow


def label_text(label: Any) -> str:
    """Return a column's label as text: a string as it is, anything else as JSON of its parts."""
    return label if isinstance(label, str) else json.dumps(_plain_label(label), ensure_ascii=False)


def _plain_label(label: Any) -> Any:
    if isinstance(label, tuple):
        return [_plain_label(part) for part in label]
    if type(label).__module__ == "numpy" and hasattr(label, "item"):
        label = label.item()
    if label is None or type(label) in (bool, int, str):
        return label
    if type(label) is float:
        return None if label != label else label  # noqa: PLR0124
    if type(label).__module__.partition(".")[0] in ("pandas", "datetime", "decimal"):
        return str(label)
    raise NoCanonicalFormError(f"a label of class {type(label).__name__} has no canonical form")


def _by_name(names: list[str], digests: list[bytes]) -> dict[str, str] | None:
    """Return digests by column name; None where two columns share a name."""
    if len(set(names)) < len(names):
        return None
    return {name: digest.hex() for name, digest in zip(names, digests, strict=True)}


def _frame_digest(frame: Any, index: Any, digests: list[bytes], rows: int) -> Digest:
    labels = [_plain_label(label) for label in frame.columns.tolist()]
    names = [_plain_label(name) for name in frame.columns.names]
    head = f"celltrail.frame/1\n{json.dumps([rows, names, labels])}\n"
    return Digest(_joined(head, [index_digest(index), *digests]).hex())


def _series_digest(obj: Any, index: Any, values: bytes, rows: int) -> Digest:
    head = f"celltrail.series/1\n{json.dumps([rows, _plain_label(getattr(obj, 'name', None))])}\n"
    parts = [values] if index is None else [index_digest(index), values]
    return Digest(_joined(head, parts).hex())


def _joined(head: str, parts: list[bytes]) -> bytes:
    hasher = canonical.new_hasher()
    hasher.update(head.encode("utf-8", "surrogatepass"))
    for part in parts:
        hasher.update(part)
    return bytes(hasher.digest())


def index_digest(index: Any) -> bytes:
    """Return the digest of an index: a plain count as its three numbers, else names and values.

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

    head = f"celltrail.index/1\n{json.dumps([_plain_label(name) for name in index.names])}\n"
    if isinstance(index, pd.MultiIndex):
        return _joined(head, [_values_digest(index.get_level_values(level)) for level in range(index.nlevels)])
    count = _as_count(index)
    if count is not None:
        return _joined(head, [b"count", struct.pack("<qqq", *count)])
    return _joined(head, [_values_digest(index)])


def _as_count(index: Any) -> tuple[int, int, int] | None:
    """Return start, step and length where the index counts evenly."""
    import numpy as np
    import pandas as pd

    length = len(index)
    if isinstance(index, pd.RangeIndex):
        return (index.start, index.step if length > 1 else 1, length) if length else (0, 1, 0)
    if length == 0:
        return 0, 1, 0
    if index.dtype != np.dtype("int64"):
        return None
    values = index.to_numpy()
    start, step = int(values[0]), int(values[1]) - int(values[0]) if length > 1 else 1
    # The ends decide nearly always, without reading the rest.
    if int(values[-1]) != start + step * (length - 1) or not (np.diff(values) == step).all():
        return None
    return start, step, length


def _column_digests(frame: Any) -> list[bytes]:
    """Return the digest of each column; those that lie row by row in memory are read together."""
    import numpy as np

    digests: list[bytes] = [b""] * frame.shape[1]
    strided: list[tuple[int, Any, Any]] = []
    for place, dtype in enumerate(frame.dtypes.tolist()):
        column = frame.iloc[:, place]
        try:
            if isinstance(dtype, np.dtype) and dtype.kind in "biufc":
                values = column.to_numpy()
                if len(values) > _LOCKSTEP_ROWS and not values.flags.c_contiguous:
                    strided.append((place, _started(values), values))
                    continue
            digests[place] = _values_digest(column)
        except NoCanonicalFormError as error:
            raise NoCanonicalFormError(f"column {label_text(frame.columns[place])!r} {error}") from None
    for start in range(0, len(frame) if strided else 0, _LOCKSTEP_ROWS):
        for _, hasher, values in strided:
            canonical.feed_block(hasher, np.ascontiguousarray(values[start : start + _LOCKSTEP_ROWS]))
    for place, hasher, _ in strided:
        digests[place] = bytes(hasher.digest())
    return digests


def _started(values: Any) -> Any:
    """Return a hasher that has taken the head of a column of numbers, and none of its values."""
    hasher = canonical.new_hasher()
    canonical.feed_head(hasher, values, type_name(values.dtype))
    return hasher


def _values_digest(values: Any) -> bytes:
    hasher = canonical.new_hasher()
    _hash_values(hasher, values)
    return bytes(hasher.digest())


def _hash_values(hasher: Any, values: Any) -> None:
    """Feed one column, index or array of any dtype."""
    import numpy as np
    import pandas as pd

    dtype, array = values.dtype, getattr(values, "array", values)
    if isinstance(dtype, np.dtype) or type(dtype).__name__ in _NUMPY_IN_PANDAS:
        _hash_numpy(hasher, values.to_numpy())
    elif isinstance(dtype, pd.CategoricalDtype):
        _hash_category(hasher, array)
    elif isinstance(dtype, pd.DatetimeTZDtype):
        canonical.hash_column(hasher, array.tz_convert(None).to_numpy(), type_name(dtype))
    elif type_name(dtype) == "string":
        canonical.hash_objects(hasher, array.to_numpy(dtype=object).tolist())
    elif isinstance(dtype, pd.SparseDtype):
        _hash_sparse(hasher, array)
    elif getattr(dtype, "numpy_dtype", None) is not None and dtype.numpy_dtype.kind in "biuf":
        missing = np.asarray(array.isna())
        filler: Any = np.nan if dtype.numpy_dtype.kind == "f" else 0
        plain = array.to_numpy(dtype=dtype.numpy_dtype, na_value=filler)
        canonical.hash_masked(hasher, plain, missing, type_name(dtype))
    elif isinstance(dtype, pd.PeriodDtype | pd.IntervalDtype):
        canonical.hash_objects(hasher, array.astype(str).tolist())
        hasher.update(str(dtype).lower().encode())
    else:
        raise NoCanonicalFormError(f"is of type {dtype}, which has no canonical form")


def _hash_numpy(hasher: Any, values: Any) -> None:
    if values.dtype.kind in "OSU":
        canonical.hash_objects(hasher, values.tolist())
    else:
        canonical.hash_column(hasher, values, type_name(values.dtype))


def _hash_category(hasher: Any, array: Any) -> None:
    import numpy as np
    import pandas as pd

    codes, categories = np.asarray(array.codes), array.categories
    used = pd.unique(codes)
    used = used[used >= 0]
    numbers = np.full(len(categories) + 1, -1, "<i4")  # the last place is where code -1 looks
    numbers[used] = np.arange(len(used), dtype="<i4")
    hasher.update(f"{'ordered-' if array.ordered else ''}category\n".encode())
    if array.ordered:
        _hash_values(hasher, categories)
    _hash_values(hasher, categories.take(used))
    for block in canonical.blocks(codes):
        hasher.update(numbers[block].tobytes())


def _hash_sparse(hasher: Any, array: Any) -> None:
    import numpy as np

    hasher.update(b"sparse\n" + struct.pack("<q", len(array)))
    canonical.hash_column(hasher, np.asarray([array.fill_value], array.sp_values.dtype), "fill")
    canonical.hash_column(hasher, array.sp_index.indices.astype("<i8"), "int64")
    canonical.hash_column(hasher, array.sp_values, type_name(array.sp_values.dtype))
