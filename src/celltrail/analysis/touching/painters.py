"""What looks at each kind of object: what stands for it in a digest, and what of it is looked at in its turn."""

from __future__ import annotations

import gc
from types import FunctionType, ModuleType
from typing import Any

from celltrail.analysis.touching.arrays import array_digest, buffer_digest, random_digest, tree_digest
from celltrail.analysis.touching.code_names import code_names
from celltrail.analysis.touching.kinds import Kind, module_of
from celltrail.analysis.touching.looking import MANY, NOTHING, VALUES, Painter, Painters, followed, seal
from celltrail.analysis.touching.ownership import is_own, is_own_module

_getdict = type.__dict__["__dict__"].__get__


def _list(painter: Painter, one: Any) -> Any:
    return painter.sequence(one, list.__len__(one))


def _tuple(painter: Painter, one: Any) -> Any:
    return painter.sequence(one, tuple.__len__(one))


def _set(painter: Painter, one: Any) -> Any:
    items = list(set.__iter__(one) if isinstance(one, set) else frozenset.__iter__(one))
    return painter.sequence(items, len(items))


def _dict(painter: Painter, one: Any) -> Any:
    count = dict.__len__(one)
    keys, values = list(dict.keys(one)), list(dict.values(one))
    if count > MANY:
        if not _affords(painter, count):
            return (count,)
        kinds = {*map(type, keys), *map(type, values)}
        if kinds <= VALUES:
            return painter.values([*keys, *values], kinds, 2 * count)
    return seal([*painter.tokens(keys), *painter.tokens(values)])


def _affords(painter: Painter, count: int) -> bool:
    """Say whether so many plain values more can be looked at; if not, that is noted."""
    painter.allowance.values -= count
    if painter.allowance.values < 0:
        painter.picture.too_large = True
    return painter.allowance.values >= 0


def _extended(painter: Painter, one: Any) -> Any:
    """Return the digest of an instance of a class that extends a container of Python's own."""
    items: Any
    if isinstance(one, dict):
        items = [part for item in dict.items(one) for part in item]
    elif isinstance(one, list):
        items = list(list.__iter__(one))
    elif isinstance(one, tuple):
        items = list(tuple.__iter__(one))
    elif isinstance(one, set):
        items = list(set.__iter__(one))
    elif isinstance(one, frozenset):
        items = list(frozenset.__iter__(one))
    else:
        items = []
    own = {id(item) for item in items}
    held = [child for child in gc.get_referents(one) if id(child) not in own and child is not type(one)]
    _own_class(painter, type(one))
    return seal([painter.sequence(items, len(items)), *painter.tokens(held)])


def _instance(painter: Painter, one: Any) -> Any:
    kind = type(one)
    held = [child for child in gc.get_referents(one) if child is not kind]
    _own_class(painter, kind)
    if len(held) == 1 and type(held[0]) is dict:
        # It may be the object's dict, or the dict that is its only attribute: Python does not say which. When
        # something asks for `__dict__`, as `vars` and `pickle` do, the object itself is the same as before.
        flat = _look_inside(painter, held[0])
        return Instance(id(held[0]), seal(flat), flat)
    tokens = painter.tokens(held)
    return Instance(seal(tokens), None, tokens)


def _look_inside(painter: Painter, inside: dict[Any, Any]) -> list[Any]:
    """Look at the dict of an instance with the instance, and return what stands for its values."""
    if id(inside) in painter.seen:
        painter.is_linked = True
        return _flat(painter, inside)
    painter.seen.add(id(inside))
    painter.allowance.parts -= 1
    painter.is_linked = False
    count = dict.__len__(inside)
    if count > MANY and not _affords(painter, count):
        flat = _flat(painter, inside)
        painter.take(inside, id(inside), (count,))
    else:
        keys = list(dict.keys(inside))
        told = keys if {*map(type, keys)} == _NAMES else painter.tokens(keys)
        flat = painter.tokens(dict.values(inside))
        painter.take(inside, id(inside), seal([told, flat]))
    painter.is_linked = True  # the instance, by its dict
    return flat


_NAMES = {str}
_FEW = 200


class Instance:
    """The digest of an instance: as it is held, as it would be without a dict of its own, and without an order."""

    __slots__ = ("flat", "held", "tokens")

    def __init__(self, held: int, flat: int | None, tokens: list[Any]) -> None:
        self.held = held
        self.flat = flat
        self.tokens = tokens if len(tokens) < _FEW else None  # the digest of a large one must not keep it twice

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Instance):
            return False
        if (self.flat is None) == (other.flat is None):
            return self.held == other.held
        with_dict, without = (self, other) if self.flat is not None else (other, self)
        return with_dict.flat == without.held or with_dict._is_in_another_order(without)

    def __hash__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return f"Instance({self.held}, {self.flat})"

    def _is_in_another_order(self, other: Instance) -> bool:
        if self.tokens is None or other.tokens is None or len(other.tokens) != len(self.tokens):
            return False
        return sorted(map(repr, self.tokens)) == sorted(map(repr, other.tokens))


def _flat(painter: Painter, one: dict[Any, Any]) -> list[Any]:
    """Return what stands for the values of a dict; they are looked at elsewhere."""
    todo = painter._todo
    painter._todo = []
    tokens = painter.tokens(dict.values(one))
    painter._todo = todo
    return tokens


def _own_class(painter: Painter, kind: type) -> None:
    """Take note of whose instance this is; a class that bears no name any more is a part of it."""
    known = painter.picture.classes
    if id(kind) in painter.libraries or any(kind is one for one in known):
        return
    if module_of(kind) == "__main__" and not any(one is kind for one in list(painter.namespace.values())):
        painter.tokens([kind])
    own = [each for each in type.__dict__["__mro__"].__get__(kind) if is_own(module_of(each))]
    if not own:
        painter.libraries.add(id(kind))
    known += [each for each in own if not any(each is one for one in known)]


# What Python keeps about a class, and nobody means by changing it.
_NOT_OF_CLASS = frozenset({"__dict__", "__weakref__", "__abstractmethods__", "_abc_impl", "__annotations__"})
_NOT_OF_CLASS |= {"__annotations_cache__", "__annotate_func__", "__static_attributes__", "__firstlineno__"}


def _class(painter: Painter, one: type) -> Any:
    if not is_own(module_of(one)):
        return NOTHING
    known = {name: _as_written(value) for name, value in _getdict(one).items() if name not in _NOT_OF_CLASS}
    parts = [part for item in known.items() for part in item]
    for base in type.__dict__["__mro__"].__get__(one)[1:]:
        if is_own(module_of(base)):
            painter.picture.classes.append(base)
    return seal(painter.tokens(parts))


def _as_written(value: Any) -> Any:
    """Return what stood in a class before celltrail recorded its calls: a method of the user's."""
    is_recorded = type(value).__name__ == "RecordedMethod" and module_of(type(value)).startswith("celltrail.")
    return value.original if is_recorded else value


def _function(painter: Painter, one: FunctionType) -> Any:
    if one.__globals__ is not painter.namespace and not is_own(str(one.__globals__.get("__name__", ""))):
        return _library_function(painter, one)
    painter.take_function(one)
    left_out = {id(one.__globals__), id(getattr(one, "__builtins__", None))}
    held = [child for child in gc.get_referents(one) if id(child) not in left_out]
    if one.__globals__ is not painter.namespace:
        names = code_names(one.__code__)
        held += [one.__globals__[name] for name in sorted(names.reads | names.stores) if name in one.__globals__]
    return seal(painter.tokens(held))


def _library_function(painter: Painter, one: FunctionType) -> Any:
    """Look into a library's function only as far as it holds what is the user's: a decorator around it."""
    if one.__closure__ is None or str(one.__globals__.get("__name__", "")).startswith("celltrail."):
        return NOTHING  # what celltrail put around a library's function leads to all that celltrail knows
    return seal(painter.tokens(one.__closure__))


def _module(painter: Painter, one: ModuleType) -> Any:
    if not is_own_module(one):
        return NOTHING
    known = ModuleType.__getattribute__(one, "__dict__")
    parts = [part for item in known.items() if not item[0].startswith("__") for part in item]
    return seal(painter.tokens(parts))


def _held(painter: Painter, one: Any) -> Any:
    return seal(painter.tokens(followed(one)))


def _cache(painter: Painter, one: Any) -> Any:
    _, *told = one.cache_info()
    return seal([*told, *painter.tokens(followed(one))])


def _bytes(painter: Painter, one: Any) -> Any:
    return buffer_digest(painter, id(one), memoryview(one))


def _random(_: Painter, one: Any) -> Any:
    import random

    return hash(random.Random.getstate(one))


def _numpy_random(_: Painter, one: Any) -> Any:
    return random_digest(one)


def _frame(painter: Painter, one: Any) -> Any:
    from celltrail.analysis.touching.frames import frame_digest

    return frame_digest(painter, one)


def _index(painter: Painter, one: Any) -> Any:
    from celltrail.analysis.touching.frames import index_digest

    return index_digest(painter, one)


PAINTERS: Painters = {
    Kind.LIST: _list,
    Kind.TUPLE: _tuple,
    Kind.SET: _set,
    Kind.DICT: _dict,
    Kind.EXTENDED: _extended,
    Kind.INSTANCE: _instance,
    Kind.CLASS: _class,
    Kind.FUNCTION: _function,
    Kind.MODULE: _module,
    Kind.HELD: _held,
    Kind.CACHE: _cache,
    Kind.BYTES: _bytes,
    Kind.RANDOM: _random,
    Kind.ARRAY: array_digest,
    Kind.NUMPY_RANDOM: _numpy_random,
    Kind.FRAME: _frame,
    Kind.INDEX: _index,
    Kind.TREE: tree_digest,
}
