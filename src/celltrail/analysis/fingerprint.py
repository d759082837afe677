"""What identifies the data that enter a fit or a metric: shape, types, a sampled and a full digest.

The canonical form of a column is in `canonical`; tables are in `fingerprint_pandas` and `fingerprint_tables`. Here
they are put together:

- an **array** is the text `celltrail.array/1`, its logical type and its shape, then its values in C order. So memory
  order, strides and byte order do not count. A structured array is `celltrail.record/1` and its fields as arrays;
- a **frame** is `celltrail.frame/1`, its labels, the digest of its index, and the digests of its columns in order;
  a table of polars or Arrow is a frame whose rows are counted from zero;
- a **sparse matrix** is `celltrail.sparse/1`, type and shape, then row starts, column numbers (sorted, 64 bits) and
  values of its CSR form without stored zeros; it is never made dense;
- a **list** is `celltrail.list/1` and its values as a column.

A **sampled** digest is the same over at most 256 rows at fixed places, with the full shape, names and types. It says
"not the same" for certain and "the same" only of the sample; the two kinds are never compared with each other.

Classes of numpy, pandas, scipy, polars, pyarrow and Python itself are known, and subclasses of frames, series and
arrays, which are read as what they are underneath. Nothing else is touched: no attribute, no property, no `len`; of
what says of itself that it holds data (`__array__`, `__dataframe__`, …) it is on record that it was not read.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from celltrail.analysis import fingerprint_numpy, fingerprint_pandas, fingerprint_sparse, fingerprint_tables
from celltrail.analysis.buffers import BufferBook
from celltrail.analysis.canonical import NoCanonicalFormError
from celltrail.analysis.fingerprint_numpy import logical_type, plain
from celltrail.analysis.sampling import places
from celltrail.domain.ids import Digest
from celltrail.domain.record import DatasetRecord, Keeping

SAMPLED_ROWS = 256
_MOST_LIST_ITEMS = 1_000_000
_MOST_NAMED_COLUMNS = 4_096
_LIST_ITEMS = (int, float, bool, str, type(None), complex, bytes, dict)

# The largest content that is digested in full (4 GiB); above it only the sample is taken.
FULL_DIGEST_LIMIT_BYTES = 4 << 30
# Of what lies in a mapped file: to read all of it is to read that much from the disk (a rule of thumb).
MAPPED_LIMIT_BYTES = 1 << 30
# By these a class says that its instances hold data.
_DATA_PROTOCOLS = {"__array__", "__array_interface__", "__cuda_array_interface__", "__dataframe__"}
_DATA_PROTOCOLS |= {"__arrow_c_stream__", "__arrow_c_array__", "__dlpack__"}


def describe_data(
    obj: Any, *, name: str, role: str, at_once_bytes: int = 0, book: BufferBook | None = None
) -> DatasetRecord | None:
    """Describe data that enter a call: cheap, whatever their size, and without a copy.

    Parameters
    ----------
    obj : object
        Array, frame, series, index, table, sparse matrix, or list of numbers or strings.
    name : str
        As the call's source names it: "X_train".
    role : str
        The parameter's name: "X", "y_true".
    at_once_bytes : int
        Data up to this size get their full digest too.
    book : BufferBook, optional
        Remembers what was read before.

    Returns
    -------
    DatasetRecord or None
        With schema and sampled digest; the full digest is pending, or not kept with a reason. None for
        anything that is not data that celltrail knows.
    """
    family = family_of(obj)
    if family is None:
        return _not_read(obj, name, role)
    rows, columns, size_bytes = _schema(obj, family)
    record = DatasetRecord(name=name, role=role, kind=kind_of(obj), rows=rows, columns=columns, size_bytes=size_bytes)
    try:
        if (size_bytes or 0) <= at_once_bytes:
            record.sampled_digest, record.digest, record.column_digests = _digests(obj, family, book)
            record.digest_status = Keeping.KEPT
        else:
            record.sampled_digest = sampled_digest(obj)
    except (NoCanonicalFormError, RecursionError) as error:
        record.digest_status, record.reason = Keeping.NOT_KEPT, str(error)
    limit, what = FULL_DIGEST_LIMIT_BYTES, ""
    if family == "array" and (size_bytes or 0) > MAPPED_LIMIT_BYTES and fingerprint_numpy.is_mapped(obj):
        limit, what = MAPPED_LIMIT_BYTES, " of a mapped file"
    if size_bytes is not None and size_bytes > limit:
        record.digest_status = Keeping.NOT_KEPT
        record.reason = f"{size_bytes / (1 << 30):.1f} GiB{what}: only a sample is digested above {limit >> 30} GiB"
    return record


def full_digest(obj: Any, book: BufferBook | None = None) -> tuple[Digest, dict[str, str] | None]:
    """Return the digest of all of the content.

    Parameters
    ----------
    obj : object
        As for `describe_data`. Read, never changed; the caller sees to it that nobody changes it meanwhile.
    book : BufferBook, optional
        Remembers what was read before.

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
        return fingerprint_pandas.full_digest(obj, book)
    if family == "table":
        return fingerprint_tables.full_digest(obj, book)
    if family == "array":
        array = plain(obj)
        return fingerprint_numpy.digest(array, book=book), fingerprint_numpy.field_digests(array)
    if family == "masked":
        return fingerprint_numpy.masked_digest(obj), None
    if family == "sparse":
        return fingerprint_sparse.full_digest(obj, book), None
    if family == "list":
        return fingerprint_numpy.list_digest(obj), None
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
    elif family == "table":
        full = fingerprint_tables.sampled_digest(obj, SAMPLED_ROWS)
    elif family == "array":
        full = fingerprint_numpy.digest(*fingerprint_numpy.sample(plain(obj), SAMPLED_ROWS))
    elif family == "masked":
        full = fingerprint_numpy.digest(*fingerprint_numpy.sample(plain(obj.data), SAMPLED_ROWS))
    elif family == "sparse":
        full = fingerprint_sparse.sampled_digest(obj, SAMPLED_ROWS)
    elif family == "list":
        full = fingerprint_numpy.list_digest([obj[place] for place in places(len(obj), SAMPLED_ROWS)], len(obj))
    else:
        raise NoCanonicalFormError(f"{kind_of(obj)} is not known to celltrail")
    return full[:32]


def values_digest(obj: Any) -> str | None:
    """Return the sampled digest of the values of an array or a series, without labels and names.

    Parameters
    ----------
    obj : object
        As for `describe_data`.

    Returns
    -------
    str or None
        The same for an array and for a series of it; None where there is no digest.
    """
    family = family_of(obj)
    if family is None:
        return None
    try:
        if family == "pandas" and (array := fingerprint_pandas.array_of(obj)) is not None:
            return sampled_digest(array)
        return sampled_digest(obj)
    except (NoCanonicalFormError, RecursionError):
        return None


def _digests(obj: Any, family: str, book: BufferBook | None) -> tuple[str, Digest, dict[str, str] | None]:
    """Return sampled digest, full digest and those of the columns; what is small is read once for all three."""
    if family == "pandas":
        sampled, full, columns = fingerprint_pandas.digests(obj, SAMPLED_ROWS, book)
        return sampled[:32], full, columns
    full, columns = full_digest(obj, book)
    if family == "list" and len(obj) <= SAMPLED_ROWS:
        return full[:32], full, columns
    if family == "array":
        sample, shape = fingerprint_numpy.sample(plain(obj), SAMPLED_ROWS)
        sampled = full if sample.shape == shape else fingerprint_numpy.digest(sample, shape)
        return sampled[:32], full, columns
    return sampled_digest(obj), full, columns


def family_of(obj: Any) -> str | None:
    """Return which part of celltrail reads the object: pandas, table, array, masked, sparse, list; None: nobody.

    Parameters
    ----------
    obj : object
        Only its class is looked at, and the first items of a list.

    Returns
    -------
    str or None
    """
    kind = type(obj)
    if kind in (list, tuple):
        return "list" if _is_plain_list(obj) else None
    module = kind.__module__.partition(".")[0] if isinstance(kind.__module__, str) else ""
    numpy = sys.modules.get("numpy")
    if numpy is not None and numpy.ndarray in kind.__mro__:
        if numpy.ma.MaskedArray in kind.__mro__:
            return "masked" if kind is numpy.ma.MaskedArray and obj.dtype.names is None else None
        return "array"
    if fingerprint_pandas.is_known(obj):
        return "pandas"
    if module in ("polars", "pyarrow"):
        return "table" if fingerprint_tables.is_known(obj) else None
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


def _not_read(obj: Any, name: str, role: str) -> DatasetRecord | None:
    """Return the record of an object that is data by its own account, and that celltrail does not read."""
    kind = type(obj)
    if kind.__module__ == "numpy" or all(_DATA_PROTOCOLS.isdisjoint(vars(base)) for base in kind.__mro__):
        return None
    reason = f"{kind_of(obj)} is not read by celltrail: its content is not identified"
    return DatasetRecord(name=name, role=role, kind=kind_of(obj), digest_status=Keeping.NOT_KEPT, reason=reason)


def _is_plain_list(values: Sequence[Any]) -> bool:
    """Say whether the first items are numbers or strings, or short lists or arrays of them."""
    if len(values) > _MOST_LIST_ITEMS or not values:
        return False
    first = values[:SAMPLED_ROWS]
    if all(type(item) in (list, tuple) for item in first):
        first = [item for row in first for item in row[:SAMPLED_ROWS]]
    return all(type(item) in _LIST_ITEMS or _is_numpy(item) for item in first)


def _is_numpy(value: Any) -> bool:
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return False
    return type(value) is numpy.ndarray or (type(value).__module__ == "numpy" and isinstance(value, numpy.generic))


def _schema(obj: Any, family: str) -> tuple[int | None, list[list[str]] | None, int | None]:
    """Return rows, columns and size in bytes."""
    if family == "pandas":
        return fingerprint_pandas.schema(obj)
    if family == "table":
        return fingerprint_tables.schema(obj)
    if family == "list":
        return len(obj), None, None
    if family == "sparse":
        size = sum(part.nbytes for part in fingerprint_sparse.stored(obj).values())
        return obj.shape[0], _numbered(obj.shape, str(obj.dtype)), size
    array = plain(obj) if family == "array" else obj
    rows = array.shape[0] if array.ndim else None
    if array.dtype.names is not None:
        return rows, [[field, logical_type(array.dtype[field])] for field in array.dtype.names], array.nbytes
    return rows, _numbered(array.shape, logical_type(array.dtype)), array.nbytes


def _numbered(shape: tuple[int, ...], logical: str) -> list[list[str]] | None:
    """Return the columns of an array, which have numbers for names."""
    if len(shape) == 1:
        return [["", logical]]
    if len(shape) != 2 or shape[1] > _MOST_NAMED_COLUMNS:
        return None
    return [[str(number), logical] for number in range(shape[1])]
