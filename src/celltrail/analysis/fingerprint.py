"""What identifies the data that enter a fit or a metric: shape, types, a sampled and a full digest.

The canonical form of a column is in `canonical`; frames are in `fingerprint_pandas`. Here they are put together:

- an **array** is the text `celltrail.array/1`, its logical type and its shape, then its values in C order. So memory
  order, strides and byte order do not count;
- a **frame** is `celltrail.frame/1`, its labels, the digest of its index, and the digests of its columns in order;
- a **sparse matrix** is `celltrail.sparse/1`, type and shape, then row starts, column numbers (sorted, 64 bits) and
  values of its CSR form without stored zeros; it is never made dense;
- a **list** is `celltrail.list/1` and its values as a column.

A **sampled** digest is the same over at most 256 rows at fixed places, with the full shape, names and types. It says
"not the same" for certain and "the same" only of the sample; the two kinds are never compared with each other.

Only classes of numpy, pandas, scipy and Python itself are known, by exact class. Nothing else is touched: no
attribute, no property, no `len`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

from celltrail.analysis import canonical, fingerprint_pandas
from celltrail.analysis.canonical import NoCanonicalFormError
from celltrail.analysis.sampling import places
from celltrail.domain.ids import Digest
from celltrail.domain.record import DatasetRecord, Keeping

SAMPLED_ROWS = 256
_SAMPLED_VALUES = 65_536  # of one array: what is hashed in 0.1 ms
_MOST_LIST_ITEMS = 1_000_000
_MOST_NAMED_COLUMNS = 4_096
_LIST_ITEMS = (int, float, bool, str, type(None), complex)

# The largest content that is digested in full (4 GiB); above it only the sample is taken.
FULL_DIGEST_LIMIT_BYTES = 4 << 30


def describe_data(obj: Any, *, name: str, role: str) -> DatasetRecord | None:
    """Describe data that enter a call: cheap, whatever their size, and without a copy.

    Parameters
    ----------
    obj : object
        Array, frame, series, index, sparse matrix, or list of numbers or strings.
    name : str
        As the call's source names it: "X_train".
    role : str
        The parameter's name: "X", "y_true".

    Returns
    -------
    DatasetRecord or None
        With schema and sampled digest; the full digest is pending, or not kept with a reason. None for
        anything that is not data that celltrail knows.
    """
    family = family_of(obj)
    if family is None:
        return None
    rows, columns, size_bytes = _schema(obj, family)
    record = DatasetRecord(name=name, role=role, kind=kind_of(obj), rows=rows, columns=columns, size_bytes=size_bytes)
    try:
        record.sampled_digest = sampled_digest(obj)
    except NoCanonicalFormError as error:
        record.digest_status, record.reason = Keeping.NOT_KEPT, str(error)
    if size_bytes is not None and size_bytes > FULL_DIGEST_LIMIT_BYTES:
        record.digest_status = Keeping.NOT_KEPT
        record.reason = f"{size_bytes / (1 << 30):.1f} GiB: only a sample is digested above 4 GiB"
    return record


def full_digest(obj: Any) -> tuple[Digest, dict[str, str] | None]:
    """Return the digest of all of the content.

    Parameters
    ----------
    obj : object
        As for `describe_data`. Read, never changed; the caller sees to it that nobody changes it meanwhile.

    Returns
    -------
    digest : Digest
        Equal for equal content, whatever the memory layout.
    columns : dict of str to str or None
        Digest of each column of a frame by its name; the values of a series under its name. None elsewhere.

    Raises
    ------
    NoCanonicalFormError
        If something in it has no canonical form; the message says what.
    """
    family = family_of(obj)
    if family == "pandas":
        return fingerprint_pandas.full_digest(obj)
    if family == "array":
        return _array_digest(_plain(obj)), None
    if family == "masked":
        return _masked_digest(obj), None
    if family == "sparse":
        return _sparse_digest(obj), None
    if family == "list":
        return _list_digest(obj), None
    raise NoCanonicalFormError(f"{kind_of(obj)} is not known to celltrail")


def sampled_digest(obj: Any) -> str:
    """Return the digest of shape, names, types and a fixed set of rows.

    Parameters
    ----------
    obj : object
        As for `describe_data`.

    Returns
    -------
    str
        32 hexadecimal digits: shorter than a full digest, so that the two are never taken for each other.

    Raises
    ------
    NoCanonicalFormError
        If something in the sample has no canonical form.
    """
    family = family_of(obj)
    if family == "pandas":
        full = fingerprint_pandas.sampled_digest(obj, SAMPLED_ROWS)
    elif family == "array":
        full = _array_digest(*_sample(_plain(obj)))
    elif family == "masked":
        full = _array_digest(*_sample(_plain(obj.data)))
    elif family == "sparse":
        full = _sparse_digest(obj, sampled=True)
    elif family == "list":
        full = _list_digest([obj[place] for place in places(len(obj), SAMPLED_ROWS)], length=len(obj))
    else:
        raise NoCanonicalFormError(f"{kind_of(obj)} is not known to celltrail")
    return full[:32]


def family_of(obj: Any) -> str | None:
    """Return which part of this file knows the object: pandas, array, masked, sparse, list; None: nobody.

    Parameters
    ----------
    obj : object
        Only its class is looked at.

    Returns
    -------
    str or None
        A subclass written by somebody else may override anything, so it is not known.
    """
    kind = type(obj)
    if kind in (list, tuple):
        return "list" if _is_plain_list(obj) else None
    module = kind.__module__.partition(".")[0] if isinstance(kind.__module__, str) else ""
    if module == "numpy" and (numpy := sys.modules.get("numpy")) is not None:
        if kind in (numpy.ndarray, numpy.memmap, numpy.matrix):
            return "array"
        return "masked" if kind is numpy.ma.MaskedArray else None
    if module == "pandas":
        return "pandas" if fingerprint_pandas.is_known(obj) else None
    if module == "scipy" and (sparse := sys.modules.get("scipy.sparse")) is not None:
        return "sparse" if sparse.issparse(obj) else None
    return None


def kind_of(obj: Any) -> str:
    """Return the class of an object as a person knows it: "pandas.DataFrame", "scipy.sparse.csr_matrix"."""
    kind = type(obj)
    module = str(kind.__module__)
    if module == "builtins":
        return kind.__name__
    package = "scipy.sparse" if module.startswith("scipy.sparse") else module.partition(".")[0]
    return f"{package}.{kind.__name__}"


def _is_plain_list(values: Sequence[Any]) -> bool:
    """Say whether the first items are numbers or strings, or short lists of them."""
    if len(values) > _MOST_LIST_ITEMS or not values:
        return False
    first = values[:SAMPLED_ROWS]
    if all(type(item) in (list, tuple) for item in first):
        first = [item for row in first for item in row[:SAMPLED_ROWS]]
    return all(type(item) in _LIST_ITEMS or _is_numpy_scalar(item) for item in first)


def _is_numpy_scalar(value: Any) -> bool:
    numpy = sys.modules.get("numpy")
    return numpy is not None and type(value).__module__ == "numpy" and isinstance(value, numpy.generic)


def _schema(obj: Any, family: str) -> tuple[int | None, list[list[str]] | None, int | None]:
    """Return rows, columns and size in bytes."""
    if family == "pandas":
        return fingerprint_pandas.schema(obj)
    if family == "list":
        return len(obj), None, None
    if family == "sparse":
        size = sum(part.nbytes for part in vars(obj).values() if hasattr(part, "nbytes"))
        return obj.shape[0], _numbered(obj.shape, str(obj.dtype)), size
    rows = obj.shape[0] if obj.ndim else None
    return rows, _numbered(obj.shape, logical_type(obj.dtype)), obj.nbytes


def _numbered(shape: tuple[int, ...], logical: str) -> list[list[str]] | None:
    """Return the columns of an array, which have numbers for names."""
    if len(shape) == 1:
        return [["", logical]]
    if len(shape) != 2 or shape[1] > _MOST_NAMED_COLUMNS:
        return None
    return [[str(number), logical] for number in range(shape[1])]


def logical_type(dtype: Any) -> str:
    """Return the logical type of a NumPy dtype; `object` is settled by the content.

    Parameters
    ----------
    dtype : numpy.dtype
        Its byte order and unit do not count.

    Returns
    -------
    str
        "float64", "datetime", "string", …
    """
    named = {"M": "datetime", "m": "timedelta", "U": "string", "O": "object", "S": "object"}
    return named.get(dtype.kind) or str(dtype.newbyteorder("=").name)


def _plain(array: Any) -> Any:
    """Return a view whose class is ndarray itself, so that indexing keeps its shape."""
    import numpy as np

    return np.ndarray.view(array, np.ndarray)


def _array_digest(array: Any, shape: tuple[int, ...] | None = None) -> Digest:
    logical = logical_type(array.dtype)
    hasher = canonical.new_hasher(array.nbytes if array.dtype.kind in "biu" else 0)
    if array.dtype.kind in "fc" and array.dtype.itemsize > (8 if array.dtype.kind == "f" else 16):
        raise NoCanonicalFormError(f"{array.dtype} differs from machine to machine")
    if array.dtype.kind == "V":
        raise NoCanonicalFormError("structured arrays have no canonical form")
    if array.dtype.kind in "OSU":
        values = array.reshape(-1).tolist()
        logical = canonical.objects_type(values)
    hasher.update(_header("array", logical, list(array.shape if shape is None else shape)))
    if array.dtype.kind in "biufc":
        canonical.feed_numbers(hasher, array)
    elif array.dtype.kind in "mM":
        canonical.hash_column(hasher, array.reshape(-1), logical)
    else:
        canonical.hash_objects(hasher, values)
    return Digest(hasher.hexdigest())


def _sample(array: Any) -> tuple[Any, tuple[int, ...]]:
    """Return some rows of an array, and its full shape."""
    import numpy as np

    if array.ndim == 0 or array.size == 0:
        return array, array.shape
    row_values = array.size // array.shape[0]
    rows = array[places(array.shape[0], max(2, min(SAMPLED_ROWS, _SAMPLED_VALUES // row_values)))]
    if row_values > _SAMPLED_VALUES:
        # Few and huge rows: some values of each, by their place in C order.
        picked = places(row_values, _SAMPLED_VALUES // len(rows))
        rows = np.stack([row[np.unravel_index(picked, row.shape)] for row in rows])
    return rows, array.shape


def _masked_digest(array: Any) -> Digest:
    import numpy as np

    missing = np.ma.getmaskarray(array).reshape(-1)
    values = _plain(array.data).reshape(-1)
    hasher = canonical.new_hasher()
    hasher.update(_header("masked", logical_type(values.dtype), list(array.shape)))
    canonical.hash_masked(hasher, values, missing, logical_type(values.dtype))
    return Digest(hasher.hexdigest())


def _sparse_digest(matrix: Any, *, sampled: bool = False) -> Digest:
    import numpy as np
    from scipy import sparse

    shape = list(matrix.shape)
    if sampled:
        # Row access is cheap only here; elsewhere a sample would cost as much as all of it.
        parts = {
            key: part
            for key in ("data", "indices", "indptr", "row", "col", "offsets")
            if type(part := vars(matrix).get(key)) is np.ndarray
        }
        hasher = canonical.new_hasher()
        hasher.update(_header("sparse-sample", str(matrix.dtype), [*shape, str(matrix.format)]))
        for key, part in parts.items():
            hasher.update(key.encode())
            hasher.update(bytes.fromhex(_array_digest(*_sample(part))))
        return Digest(hasher.hexdigest())
    if len(shape) != 2:
        raise NoCanonicalFormError("sparse arrays of other than two dimensions have no canonical form")
    rows = matrix.tocsr(copy=False)
    # A matrix of our own over the same buffers: asking whether it is sorted leaves a mark on the object.
    ours = sparse.csr_matrix((rows.data, rows.indices, rows.indptr), shape=matrix.shape, copy=False)
    if not ours.has_canonical_format or (ours.data == 0).any():
        ours = ours.copy()
        ours.sum_duplicates()
        ours.eliminate_zeros()
    hasher = canonical.new_hasher()
    hasher.update(_header("sparse", logical_type(ours.data.dtype), shape))
    for part in (ours.indptr, ours.indices):
        for block in canonical.blocks(part):
            hasher.update(block.astype("<i8", copy=False).tobytes())
    canonical.feed_numbers(hasher, ours.data)
    return Digest(hasher.hexdigest())


def _list_digest(values: Sequence[Any], length: int | None = None) -> Digest:
    import numpy as np

    hasher = canonical.new_hasher()
    hasher.update(_header("list", "", [len(values) if length is None else length]))
    classes = set(map(type, values))
    if classes == {float}:
        canonical.hash_column(hasher, np.array(values, "f8"), "float64")
    elif classes == {bool}:
        canonical.hash_column(hasher, np.array(values, "?"), "bool")
    elif classes == {int} and -(2**63) <= min(values) and max(values) < 2**63:
        canonical.hash_column(hasher, np.array(values, "i8"), "int64")
    else:
        canonical.hash_objects(hasher, values)
    return Digest(hasher.hexdigest())


def _header(what: str, logical: str, shape: list[Any]) -> bytes:
    return f"celltrail.{what}/1\n{logical}\n{json.dumps(shape)}\n".encode()
