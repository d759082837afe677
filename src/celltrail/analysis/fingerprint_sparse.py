"""Digests of SciPy's sparse matrices and arrays: of the CSR form, whatever the format; never made dense."""

from __future__ import annotations

from typing import Any

from celltrail.analysis import canonical
from celltrail.analysis.buffers import BufferBook
from celltrail.analysis.canonical import NoCanonicalFormError
from celltrail.analysis.fingerprint_numpy import digest, header, logical_type, sample
from celltrail.domain.ids import Digest

_PARTS = ("data", "indices", "indptr", "row", "col", "offsets")


def stored(matrix: Any) -> dict[str, Any]:
    """Return the arrays that a matrix is made of; those of `coords` under `row` and `col`."""
    import numpy as np

    found = {key: part for key in _PARTS if type(part := vars(matrix).get(key)) is np.ndarray}
    coords = vars(matrix).get("coords")
    if isinstance(coords, tuple) and len(coords) == 2:  # where SciPy 1.13 and later keep them
        found |= {"row": coords[0], "col": coords[1]}
    return found


def full_digest(matrix: Any, book: BufferBook | None = None) -> Digest:
    """Return the digest of a matrix of two dimensions."""
    if len(matrix.shape) != 2:
        raise NoCanonicalFormError("sparse arrays of other than two dimensions have no canonical form")
    parts = stored(matrix)
    if book is None or not parts:
        return _digest(matrix)
    return book.once(list(parts.values()), lambda: _digest(matrix), extra=(str(matrix.format), matrix.shape))


def sampled_digest(matrix: Any, rows: int) -> Digest:
    """Return the digest of some of what is stored: to look for rows would cost as much as to read all of it."""
    hasher = canonical.new_hasher()
    hasher.update(header("sparse-sample", str(matrix.dtype), [*matrix.shape, str(matrix.format)]))
    for key, part in stored(matrix).items():
        hasher.update(key.encode())
        hasher.update(bytes.fromhex(digest(*sample(part, rows))))
    return Digest(hasher.hexdigest())


def _digest(matrix: Any) -> Digest:
    from scipy import sparse

    # A matrix of our own over the same buffers: asking whether it is sorted leaves a mark on the object.
    rows = matrix.tocsr(copy=False)
    ours = sparse.csr_matrix((rows.data, rows.indices, rows.indptr), shape=matrix.shape, copy=False)
    if not ours.has_canonical_format or not ours.data.all():
        ours = ours.copy()
        ours.sum_duplicates()
        ours.eliminate_zeros()
    hasher = canonical.new_hasher()
    hasher.update(header("sparse", logical_type(ours.data.dtype), list(matrix.shape)))
    for part in (ours.indptr, ours.indices):
        for start in range(0, len(part), canonical.BLOCK_ROWS):
            hasher.update(part[start : start + canonical.BLOCK_ROWS].astype("<i8").tobytes())
    canonical.feed_numbers(hasher, ours.data)
    return Digest(hasher.hexdigest())
