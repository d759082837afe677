"""Arrays and buffers as parts: whose memory it is, and a digest of all of it."""

from __future__ import annotations

import gc
import marshal
from typing import TYPE_CHECKING, Any

from xxhash import xxh3_64_intdigest

if TYPE_CHECKING:
    from celltrail.analysis.touching.looking import Painter


def buffer_digest(painter: Painter, key: int, buffer: Any) -> Any:
    """Return the digest of a contiguous buffer; None for "not now" and "too large".

    Parameters
    ----------
    painter : Painter
        Who looks; its allowance pays.
    key : int
        Address of whoever owns the memory: hashed once in a look.
    buffer : memoryview or ndarray
        Its bytes.

    Returns
    -------
    int, "too large" or None
        A sample would miss a single element that changed: it is all of it, or nothing.
    """
    size = buffer.nbytes
    if not painter.is_full and size > SMALL:
        painter.picture.is_lazy = True
        return None
    known = painter.hashed.get(key)
    if known is not None:
        return known
    painter.allowance.bytes -= size
    if painter.allowance.bytes < 0:
        painter.picture.too_large = True
        return "too large"
    painter.hashed[key] = digest = xxh3_64_intdigest(buffer)
    return digest


SMALL = 1 << 16


def owner_of(array: Any) -> Any:
    """Return whoever owns the memory of an array: views lead to it."""
    import numpy as np

    base = np.ndarray.base.__get__(array)
    while base is not None:
        array, base = base, np.ndarray.base.__get__(base) if isinstance(base, np.ndarray) else None
    while type(array) is memoryview:  # each array over the same bytes has one of its own
        array = array.obj
    return array


def root_of(array: Any) -> Any:
    """Return the array that a view looks into; an array that is none, itself."""
    import numpy as np

    while isinstance(base := np.ndarray.base.__get__(array), np.ndarray):
        array = base
    return array


def array_digest(painter: Painter, array: Any) -> Any:
    """Return the digest of an array; of a view its shape, and the array that it looks into is a part of its own.

    That part says the same whether it is met by its own name or through a view: two looks at it are compared.
    """
    root = root_of(array)
    painter.picture.buffers.add(id(owner_of(root)))
    whole = (_shape(painter, root, 0), _content(painter, root))
    if root is array:
        return whole
    painter.picture.parts[id(root)] = whole
    return _shape(painter, array, _plain(array).__array_interface__["data"][0])


def _content(painter: Painter, root: Any) -> Any:
    plain = _plain(root)
    if plain.dtype.hasobject:
        return _objects(painter, plain)
    return (buffer_digest(painter, id(root), _flat(plain)), plain.dtype.str)


def _shape(painter: Painter, array: Any, place: int) -> int:
    """Return the digest of all of an array but its content; `place` says where a view begins."""
    plain = _plain(array)
    told = (plain.dtype.str, plain.shape, plain.strides, place, plain.flags.writeable)
    if plain is not array:
        held = [child for child in gc.get_referents(array) if child is not type(array)]
        told = (*told, tuple(painter.tokens(held)))  # type: ignore[assignment]
    return hash(marshal.dumps(told, 2))


def _plain(array: Any) -> Any:
    """Return an array without what a subclass makes of it."""
    import numpy as np

    return array if type(array) is np.ndarray else np.ndarray.view(array, np.ndarray)


def _flat(array: Any) -> Any:
    import numpy as np

    if array.flags.c_contiguous:
        return array.reshape(-1).view(np.uint8) if array.size else np.empty(0, np.uint8)
    if array.flags.f_contiguous:
        return array.T.reshape(-1).view(np.uint8)
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8)


def _objects(painter: Painter, array: Any) -> Any:
    if array.dtype.names is not None:
        return painter.sequence([part for row in array.ravel().tolist() for part in row], array.size)
    return painter.sequence(array.ravel(order="K").tolist(), array.size)


def random_digest(one: Any) -> Any:
    """Return the digest of the state of a generator of numpy's."""
    generator = getattr(one, "_bit_generator", None) or getattr(one, "bit_generator", one)
    return hash(_text(generator.state))


def _text(state: Any) -> str:
    if isinstance(state, dict):
        return ",".join(f"{key}:{_text(value)}" for key, value in state.items())
    return str(xxh3_64_intdigest(state)) if hasattr(state, "nbytes") and state.ndim else str(state)


def tree_digest(painter: Painter, tree: Any) -> Any:
    """Return the digest of the nodes of a decision tree of scikit-learn's, which Python can't see."""
    import numpy as np

    state = tree.__getstate__()
    sizes = (state["node_count"], state["max_depth"])
    nodes, values = (np.ascontiguousarray(state[name]) for name in ("nodes", "values"))
    painter.allowance.bytes -= nodes.nbytes + values.nbytes
    if painter.allowance.bytes < 0:
        painter.picture.too_large = True
        return sizes
    # A view as bytes: the nodes are records.
    return (sizes, xxh3_64_intdigest(_flat(nodes)), xxh3_64_intdigest(_flat(values)))
