"""Frames, series and indexes of pandas as parts: column by column, whatever blocks they are kept in.

pandas joins blocks when it reads; a digest of blocks would take that for a change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xxhash import xxh3_64_intdigest

if TYPE_CHECKING:
    from celltrail.analysis.touching.looking import Painter

_MOST_COLUMNS = 2_000
_ENDS_BYTES = 1 << 16


def frame_digest(painter: Painter, frame: Any) -> Any:
    """Return the digest of a frame or series, and take in whose memory it uses."""
    manager = frame._mgr
    rows = [_labels(painter, axis) for axis in manager.axes]
    count = manager.shape[0] if manager.ndim == 2 else 1
    columns: list[Any] = [None] * (count if count <= _MOST_COLUMNS else 0)
    blocks = []
    if manager.ndim == 1:
        columns = [_values(painter, manager.blocks[0].values)]
    for block in manager.blocks if manager.ndim == 2 else ():
        values = block.values
        if not columns:
            blocks.append((str(block.mgr_locs), _values(painter, values)))
        elif getattr(values, "ndim", 1) == 2:
            for place, row in zip(block.mgr_locs.as_array, values, strict=True):
                columns[place] = _values(painter, row)
        else:
            for place in block.mgr_locs.as_array:
                columns[place] = _values(painter, values)
    attributes = painter.tokens([frame._attrs]) if getattr(frame, "_attrs", None) else []
    return hash(str((type(frame).__name__, rows, columns, blocks, attributes, getattr(frame, "_name", None))))


def index_digest(painter: Painter, index: Any) -> Any:
    """Return the digest of an index."""
    return hash(_labels(painter, index))


def _labels(painter: Painter, index: Any) -> str:
    kind = type(index).__name__
    names = str(list(index._names)) if kind == "MultiIndex" else str(index._name)
    if kind == "RangeIndex":
        return f"{kind}{index._range}{names}"
    if kind == "MultiIndex":
        parts = [_labels(painter, level) for level in index._levels]
        return f"{kind}{parts}{[_values(painter, code) for code in index._codes]}{names}"
    return f"{kind}{_values(painter, index._data)}{names}"


def _values(painter: Painter, values: Any) -> Any:
    import numpy as np

    if isinstance(values, np.ndarray):
        return _array(painter, values)
    kind = type(values).__name__
    if kind == "Categorical":
        return (
            kind,
            values._dtype.ordered,
            _array(painter, values._ndarray),
            _labels(painter, values._dtype.categories),
        )
    arrow = getattr(values, "_pa_array", None)
    if arrow is not None:
        return (kind, _arrow(painter, arrow))
    parts = [
        getattr(values, name) for name in ("_ndarray", "_data", "_mask", "_left", "_right") if hasattr(values, name)
    ]
    parts += [values.sp_values, values.sp_index.indices] if kind == "SparseArray" else []
    if parts:
        return (kind, str(values.dtype), *(_values(painter, part) for part in parts))
    painter.picture.opaque.add(id(values))
    painter.picture.parts[id(values)] = None
    return kind


def _array(painter: Painter, array: Any) -> Any:
    from celltrail.analysis.touching.arrays import _flat, _objects, buffer_digest, owner_of

    painter.picture.buffers.add(id(owner_of(array)))
    if array.dtype.hasobject:
        return _objects(painter, array)
    # Under its own address: a column lies inside the memory of others.
    key = array.__array_interface__["data"][0] ^ (array.strides[0] if array.strides else 0) ^ (array.size << 8)
    return (array.dtype.str, buffer_digest(painter, key, _flat(array)))


def _arrow(painter: Painter, array: Any) -> Any:
    """Return the digest of an Arrow array, whose memory never changes: by address, size, and both ends.

    Memory that was given back may be used again, so an address alone would not do.
    """
    painter.is_linked = True
    told: list[Any] = [str(array.type), len(array), array.null_count]
    for chunk in array.chunks:
        told.append(chunk.offset)
        for buffer in chunk.buffers():
            if buffer is None:
                continue
            told += [buffer.address, buffer.size]
            view = memoryview(buffer)
            painter.allowance.bytes -= min(2 * _ENDS_BYTES, buffer.size)
            told += [xxh3_64_intdigest(view[:_ENDS_BYTES]), xxh3_64_intdigest(view[-_ENDS_BYTES:])]
    return hash(str(told))
