"""The digest of a kept model's state: equal for models that are equal, whatever the bytes of their pickles.

Pickles of equal models differ: by which strings happen to be one object, by the order of a dict or a set, by the
unused bytes between the fields of a tree's nodes, by the number that cloudpickle gives to a class of the notebook. So
what the pickle would make is read from its opcodes and written down plainly. It is asked for when two models are
compared, long after their cells: keeping a model does not pay for it, and none of it is imported or run.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable
from typing import Any

from celltrail.domain.ids import Digest
from celltrail.flavors.kept_arrays import ARRAYS_ARE_MADE_BY, array_in
from celltrail.flavors.pickle_terms import Made, UnreadablePickleError, read_terms
from celltrail.flavors.torch_models import STORAGES_ARE_MADE_BY, storage_in

_DEEPEST = 200
# Up to here a part is copied beside the others and all are digested by one call; a copy of more would cost room.
_SMALL_BYTES = 65_536
# Names in the dict of a module or a class that say where it was written, or what Python has cached there.
_NOT_STATE = frozenset({"__file__", "__path__", "__slotnames__", "__firstlineno__", "__static_attributes__"})
# cloudpickle numbers each class that it writes by chance; of a function's code it keeps file and lines.
# By their places in the call, what is called being the first.
_NUMBER_OF_CLASS = {
    "cloudpickle.cloudpickle._make_skeleton_class": {5},
    "cloudpickle.cloudpickle._make_skeleton_enum": {6},
}
_CODE_TYPE = ("cloudpickle.cloudpickle._builtin_type", "CodeType")
_FILE_AND_LINES = {11, 14, 15}  # of `types.CodeType` since Python 3.11


def state_digest(data: bytes, telling: Collection[str] = ()) -> Digest | None:
    """Return the digest of a model's state.

    Parameters
    ----------
    data : bytes
        The model as it is kept: a pickle, by pickle or cloudpickle.
    telling : collection of str, optional
        Where what is kept is a dict: the keys that tell one model from another. All of it by default.

    Returns
    -------
    Digest or None
        None where it can't be read, or is nested too deeply.
    """
    try:
        term = read_terms(data)
        if telling:
            pairs = zip(term.parts[::2], term.parts[1::2], strict=True)
            term = Made("dict", [part for key, value in pairs if key in telling for part in (key, value)])
        return Digest(_Walk().digest_of(term).hex())
    except (UnreadablePickleError, RecursionError, AttributeError):
        return None


@functools.lru_cache(maxsize=4096)
def _digest_of_text(text: str) -> bytes:
    """Return the digest of a short text: all models of a class have the same attributes."""
    return _digest_of_parts((b"str", text.encode("utf-8", "surrogatepass")))


def _digest_of_parts(parts: Iterable[Any]) -> bytes:
    """Return the digest of parts, each with its length before it."""
    from blake3 import blake3

    hasher, small = None, bytearray()
    for part in parts:
        size = len(part)
        small += size.to_bytes(8, "little")
        if size <= _SMALL_BYTES:
            small += part
            continue
        hasher = blake3() if hasher is None else hasher
        hasher.update(bytes(small))
        hasher.update(part)
        small.clear()
    if hasher is None:
        return blake3(bytes(small)).digest()
    hasher.update(bytes(small))
    return hasher.digest()


class _Walk:
    """One walk through terms; what is met twice is digested once."""

    def __init__(self) -> None:
        self._known: dict[int, bytes] = {}
        self._path: dict[int, int] = {}
        self._alive: list[Any] = []  # an id is one object's only as long as it lives

    def digest_of(self, term: Any) -> bytes:
        """Return what stands for a term: its digest, or itself where that is short."""
        if term is None or isinstance(term, bool | int | float):
            return f"{type(term).__name__} {term!r}".encode()
        if isinstance(term, str):
            return _digest_of_text(term)
        if (known := self._known.get(id(term))) is not None:
            return known
        if (depth := self._path.get(id(term))) is not None:
            return f"the object {len(self._path) - depth} above".encode()
        if len(self._path) > _DEEPEST:
            raise UnreadablePickleError("nested too deeply")
        self._path[id(term)] = len(self._path)
        digest = _digest_of_parts(self._parts(term))
        del self._path[id(term)]
        self._known[id(term)] = digest
        return digest

    def _parts(self, term: Any) -> Iterable[Any]:
        if not isinstance(term, Made):
            yield type(term).__name__.encode()
            yield from [term] if isinstance(term, bytes | bytearray) else map(self.digest_of, term)
            return
        yield term.kind.encode()
        if (array := array_in(term) if _today(term.function) in ARRAYS_ARE_MADE_BY else None) is not None:
            yield from self._array(*array)
            return
        if term.kind == "dict":
            yield from self._pairs(term.parts)
        elif term.kind == "global":
            yield _today(term.parts[0]).encode("utf-8", "surrogatepass")
        elif term.kind == "call":
            yield from self._made(term)
        else:
            found = map(self.digest_of, term.parts)
            yield from sorted(found) if term.kind in ("set", "frozenset") else found
        for how, what in term.then:
            yield how.encode()
            yield from map(self.digest_of, what) if how in ("items", "pairs", "call") else [self.digest_of(what)]

    def _array(self, dtype: Any, shape: tuple[int, ...], content: Any) -> Iterable[Any]:
        yield self.digest_of(dtype)
        yield str(shape).encode()
        yield from map(self.digest_of, content.parts) if isinstance(content, Made) else [content]

    def _pairs(self, parts: list[Any]) -> Iterable[bytes]:
        keys, values = parts[::2], parts[1::2]
        pairs = [
            (self.digest_of(key), self.digest_of(value))
            for key, value in zip(keys, values, strict=True)
            if not (isinstance(key, str) and key in _NOT_STATE)
        ]
        for key, value in sorted(pairs):
            yield key
            yield value

    def _made(self, term: Made) -> Iterable[Any]:
        function = _today(term.function)
        if function == STORAGES_ARE_MADE_BY and (storage := storage_in(term.parts[1])) is not None:
            self._alive.append(storage)
            yield from map(self.digest_of, storage)
            return
        left_out = _FILE_AND_LINES if _is_code(term.parts[0]) else _NUMBER_OF_CLASS.get(function, set())
        yield from [self.digest_of(part) for place, part in enumerate(term.parts) if place not in left_out]


def _today(name: str) -> str:
    """Return a name as it is since NumPy 2: a pickle of NumPy 1 makes the same."""
    return name.replace("numpy.core.", "numpy._core.", 1) if name.startswith("numpy.core.") else name


def _is_code(function: Any) -> bool:
    if not isinstance(function, Made) or function.kind != "call":
        return False
    return (function.function, *function.parts[1:2]) == _CODE_TYPE
