"""What an object holds, so that two looks at it say what changed: each mutable part by address, with a digest.

Nothing of the user's is run: no `==`, `hash`, `len`, `repr`, no property, no `__getattr__`; and `__dict__` is never
asked for, which would make Python keep a dict for that object from then on. What an instance holds comes from the
garbage collector. Digests mean something in this process only and are never stored.
"""

from __future__ import annotations

import gc
import marshal
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import FunctionType, ModuleType
from typing import Any

from celltrail.analysis.touching.code_names import code_names
from celltrail.analysis.touching.kinds import TEXT_OF as _TEXT_OF
from celltrail.analysis.touching.kinds import Kind, kind_of

# By count, not by time: the same cell leaves the same record on a slow machine as on a fast one. Twenty thousand
# parts take about 20 ms, half a million plain values 20 ms (measured on 2 cores of 2.5 GHz): the budget of a cell.
MOST_PARTS = 20_000
MOSTVALUES = 400_000
MOST_BYTES = 128 << 20
# What is hashed at once when a name is bound; of larger buffers the first look is taken when a cell uses them.
SMALL_BYTES = 1 << 16
_LONG_TEXT = 256
MANY = 8

VALUES = frozenset({int, float, complex, bool, type(None), str, bytes, type(...)})


@dataclass(slots=True)
class Picture:
    """What one look at an object saw.

    Attributes
    ----------
    root : int
        Its address.
    parts : dict of int to object
        Address of each mutable part -> digest; None where it was not yet looked at closely.
    opaque : set of int
        Parts whose content can't be compared.
    linked : dict of int to int
        Parts whose digest tells of others by their address, so that two that hold the same may differ; how many they
        hold, or -1.
    names, stores : set of str
        Globals of the notebook that its functions read and bind.
    classes : list of type
        Classes of the user's whose instances are in it.
    too_large : bool
        Whether something in it was not looked at closely.
    """

    root: int
    parts: dict[int, Any] = field(default_factory=dict)
    opaque: set[int] = field(default_factory=set)
    linked: dict[int, int] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    stores: set[str] = field(default_factory=set)
    strings: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    classes: list[type] = field(default_factory=list)
    buffers: set[int] = field(default_factory=set)
    is_dynamic: bool = False
    is_lazy: bool = False
    too_large: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether nothing in it can change."""
        return not self.parts and not self.opaque


Painters = Mapping[Kind, Callable[["Painter", Any], Any]]


@dataclass(slots=True)
class Allowance:
    """What the looks of one cell may still cost together."""

    parts: int = MOST_PARTS
    values: int = MOSTVALUES
    bytes: int = MOST_BYTES


class Painter:
    """Looks at objects, within an allowance.

    Parameters
    ----------
    namespace : dict
        The notebook's: functions whose globals these are belong to it.
    allowance : Allowance
        Shared by the looks of one cell.
    painters : mapping
        What looks at each kind; see `painters`.
    is_full : bool
        Whether large buffers are hashed too.
    """

    def __init__(self, namespace: Any, allowance: Allowance, painters: Painters, *, is_full: bool) -> None:
        self._painters = painters
        self.namespace = namespace
        self.allowance = allowance
        self.is_full = is_full
        self.picture = Picture(0)
        self.hashed: dict[int, int] = {}
        self.is_linked = False
        self.seen: set[int] = set()
        # A forest is a thousand objects of ten types: what is asked of a type is asked once. By address, since the
        # hash of a class may be the user's code; while a look lasts no class goes away.
        self.libraries: set[int] = set()  # types that nothing of the user's is behind
        self._kinds: dict[int, Kind] = {}
        self._todo: list[Any] = []

    def look(self, root: Any) -> Picture:
        """Return what an object holds."""
        self.picture = picture = Picture(id(root))
        kind = type(root)
        if kind in VALUES:
            return picture
        self._todo = [root]
        self.seen = seen = set()
        while self._todo:
            one = self._todo.pop()
            key = id(one)
            if key in seen:
                continue
            seen.add(key)
            self.allowance.parts -= 1
            if self.allowance.parts < 0:
                picture.too_large = True
                break
            self._paint(one, key)
        self._todo = []
        return picture

    def _paint(self, one: Any, key: int) -> None:
        kind = self._kinds.get(id(type(one)))
        if kind is None:
            kind = self._kinds[id(type(one))] = kind_of(type(one))
        if kind is Kind.VALUE:
            return
        if kind is Kind.OPAQUE:
            self.picture.opaque.add(key)
            self.picture.parts[key] = None
            self.tokens(followed(one))
            return
        self.is_linked = False
        digest = self._painters[kind](self, one)
        if digest is not NOTHING:
            self.take(one, key, digest)

    def take(self, one: Any, key: int, digest: Any) -> None:
        """Take a part in; `is_linked` says whether something else that can change was found in it."""
        self.picture.parts[key] = digest
        if self.is_linked:
            self.picture.linked[key] = len(one) if type(one) in _COUNTED else -1

    def tokens(self, children: Iterable[Any]) -> list[Any]:
        """Return what stands for children in the digest of what holds them; they are looked at in their turn."""
        found: list[Any] = []
        todo = self._todo
        for child in children:
            kind = type(child)
            if kind in VALUES:
                if kind in _TEXTS and len(child) > _LONG_TEXT:
                    child = (kind is str, len(child), hash(child))  # noqa: PLW2901
                found.append(child)
                continue
            text = _TEXT_OF.get(kind)
            if text is not None:
                found.append((kind.__name__, text(child)))
                continue
            found.append((id(child),))
            self.is_linked = True
            todo.append(child)
        return found

    def sequence(self, items: Any, count: int) -> Any:
        """Return the digest of a sequence of exactly known kind."""
        if count > MANY:
            self.allowance.values -= count
            if self.allowance.values < 0:
                self.picture.too_large = True
                return self.sample(items, count)
            kinds = set(map(type, items))
            if kinds <= VALUES:
                return self.values(items, kinds, count)
        return seal(self.tokens(items))

    def values(self, items: Any, kinds: set[type], count: int) -> Any:
        """Return the digest of plain values: by C code alone, and no code of the user's."""
        if kinds & _TEXTS and sum(len(one) for one in items if type(one) in _TEXTS) > 64 * count + 10_000:
            return seal([hash(one) if type(one) in _TEXTS else one for one in items])
        return hash(marshal.dumps(list(items), 2))

    def sample(self, items: Any, count: int) -> Any:
        """Return the digest of some of a sequence that is too long."""
        step = max(count // 997, 1)
        if isinstance(items, list | tuple):
            return (count, seal(self.tokens(items[::step])))
        return (count,)

    def take_function(self, function: FunctionType) -> None:
        """Take in which globals a function uses."""
        names = code_names(function.__code__)
        known = function.__globals__
        picture = self.picture
        picture.strings |= names.strings
        picture.attributes |= names.attributes
        if known is self.namespace:
            picture.names |= names.reads
            picture.stores |= names.stores
            picture.is_dynamic |= names.is_dynamic


NOTHING = object()
_COUNTED = frozenset({list, tuple, dict, set, frozenset})
_TEXTS = frozenset({str, bytes})


def seal(tokens: Any) -> int:
    """Return the digest of tokens."""
    return hash(marshal.dumps(tokens, 2))


def followed(one: Any) -> list[Any]:
    """Return what the garbage collector knows an object to hold, without what belongs to Python itself."""
    return [child for child in gc.get_referents(one) if not isinstance(child, type | ModuleType)]
