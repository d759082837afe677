"""Digests of NumPy's arrays, masked and structured ones too, and of plain lists."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from celltrail.analysis import canonical, canonical_objects
from celltrail.analysis.buffers import BufferBook
from celltrail.analysis.canonical import NoCanonicalFormError
from celltrail.analysis.sampling import places
from celltrail.domain.ids import Digest

_SAMPLED_VALUES = 65_536  # of one array: what is hashed in 0.1 ms


def logical_type(dtype: Any) -> str:
    """Return the logical type of a NumPy dtype; `object` is settled by the content.

    Parameters
    ----------
    dtype : numpy.dtype
        Its byte order and unit do not count.

    Returns
    -------
    str
        "float64", "datetime", "string", "record", …
    """
    named = {"M": "datetime", "m": "timedelta", "U": "string", "O": "object", "S": "object", "V": "record"}
    return named.get(dtype.kind) or str(dtype.newbyteorder("=").name)


def plain(array: Any) -> Any:
    """Return a view whose class is ndarray itself, so that indexing keeps its shape and runs no code of others."""
    import numpy as np

    return np.ndarray.view(array, np.ndarray)


def is_mapped(array: Any) -> bool:
    """Say whether an array lies in a file that is mapped into memory, itself or what it is a view of."""
    import numpy as np

    while array is not None and isinstance(array, np.ndarray):
        if isinstance(array, np.memmap):
            return True
        array = array.base
    return False


def digest(array: Any, shape: tuple[int, ...] | None = None, book: BufferBook | None = None) -> Digest:
    """Return the digest of a plain array; `shape` where it is a sample of one of another shape."""
    if book is None:
        return _digest(array, shape)
    return book.once([array], lambda: _digest(array, shape), extra="array")


def _digest(array: Any, shape: tuple[int, ...] | None) -> Digest:
    if array.dtype.kind in "fc" and array.dtype.itemsize > (8 if array.dtype.kind == "f" else 16):
        raise NoCanonicalFormError(f"{array.dtype} differs from machine to machine")
    if array.dtype.kind == "V":
        return _record_digest(array, shape)
    logical, kind = logical_type(array.dtype), array.dtype.kind
    values = array
    if kind in "OSU":
        values = array.reshape(-1)
        logical = canonical_objects.objects_type(values)
    hasher = canonical.new_hasher(array.nbytes if kind in "biu" else 0)
    hasher.update(header("array", logical, list(array.shape if shape is None else shape)))
    if kind in "biufc":
        canonical.feed_numbers(hasher, array)
    elif kind in "mM":
        canonical.hash_column(hasher, array.reshape(-1), logical)
    else:
        canonical_objects.hash_objects(hasher, values, logical)
    return Digest(hasher.hexdigest())


def _record_digest(array: Any, shape: tuple[int, ...] | None) -> Digest:
    names = array.dtype.names
    if not names:
        raise NoCanonicalFormError(f"dtype {array.dtype} has no canonical form")
    head = header("record", "record", [list(array.shape if shape is None else shape), list(names)])
    return Digest(canonical.joined(head, [bytes.fromhex(_digest(array[name], None)) for name in names]).hex())


def field_digests(array: Any) -> dict[str, str] | None:
    """Return the digest of each field of a structured array; None of any other."""
    names = array.dtype.names
    return None if not names else {name: _digest(array[name], None) for name in names}


def sample(array: Any, rows: int) -> tuple[Any, tuple[int, ...]]:
    """Return some rows of an array, and its full shape."""
    import numpy as np

    if array.ndim == 0 or array.size == 0:
        return array, array.shape
    row_values = array.size // array.shape[0]
    most = max(2, min(rows, _SAMPLED_VALUES // row_values))
    picked = array if len(array) <= most else array[places(array.shape[0], most)]
    if row_values > _SAMPLED_VALUES:
        # Few and huge rows: some values of each, by their place in C order.
        inner = places(row_values, _SAMPLED_VALUES // len(picked))
        picked = np.stack([row[np.unravel_index(inner, row.shape)] for row in picked])
    return picked, array.shape


def masked_digest(array: Any) -> Digest:
    """Return the digest of a masked array: what lies under the mask does not count."""
    import numpy as np

    missing = np.ma.getmaskarray(array).reshape(-1)
    values = plain(array.data).reshape(-1)
    hasher = canonical.new_hasher()
    hasher.update(header("masked", logical_type(values.dtype), list(array.shape)))
    canonical.hash_masked(hasher, values, missing, logical_type(values.dtype))
    return Digest(hasher.hexdigest())


def list_digest(values: Sequence[Any], length: int | None = None) -> Digest:
    """Return the digest of a list of numbers, strings, or lists of them; `length` where it is a sample."""
    import numpy as np

    hasher = canonical.new_hasher()
    hasher.update(header("list", "", [len(values) if length is None else length]))
    classes = set(map(type, values))
    if classes == {float}:
        canonical.hash_column(hasher, np.array(values, "f8"), "float64")
    elif classes == {bool}:
        canonical.hash_column(hasher, np.array(values, "?"), "bool")
    elif classes == {int} and -(2**63) <= min(values) and max(values) < 2**63:
        canonical.hash_column(hasher, np.array(values, "i8"), "int64")
    else:
        canonical_objects.hash_objects(hasher, values)
    return Digest(hasher.hexdigest())


def header(what: str, logical: str, shape: list[Any]) -> bytes:
    """Return what stands before the values: what this is, its type, its shape."""
    return f"celltrail.{what}/1\n{logical}\n{json.dumps(shape)}\n".encode()
