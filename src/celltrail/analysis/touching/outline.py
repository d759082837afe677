"""Which parts a library's object has, and no more: what is known of it until a cell names it.

A fitted forest is a thousand objects, and most forests are bound, scored in the same cell, and bound anew. Who shares
parts with it is told by their addresses alone; digests are taken when a cell names it, or what it shares, before that
cell runs. The addresses are those that a full look takes (`looking`), found by Python's garbage collector, level by
level. What that alone does not tell, the user's own classes and functions above all, has no outline.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable
from enum import Enum, auto
from itertools import chain
from typing import Any

from celltrail.analysis.touching.arrays import owner_of, root_of
from celltrail.analysis.touching.kinds import Kind, kind_of, module_of
from celltrail.analysis.touching.looking import VALUES, Allowance, Picture
from celltrail.analysis.touching.ownership import is_own, is_own_module

# Of a longer container it is asked whether it holds anything but plain values, before its items are taken one by one.
_LONG = 64


class _Way(Enum):
    """How the objects of a type are followed."""

    PASSED = auto()  # can't change
    LEAF = auto()  # a part that leads to no others
    INSTANCE = auto()
    CONTAINER = auto()
    ARRAY = auto()
    CLASS = auto()
    MODULE = auto()
    UNKNOWN = auto()  # nothing that leads to it has an outline


_WAYS: dict[Kind, _Way] = {
    Kind.VALUE: _Way.PASSED,
    Kind.TREE: _Way.LEAF,
    Kind.BYTES: _Way.LEAF,
    Kind.RANDOM: _Way.LEAF,
    Kind.NUMPY_RANDOM: _Way.LEAF,
    Kind.INSTANCE: _Way.INSTANCE,
    Kind.LIST: _Way.CONTAINER,
    Kind.TUPLE: _Way.CONTAINER,
    Kind.SET: _Way.CONTAINER,
    Kind.DICT: _Way.CONTAINER,
    Kind.ARRAY: _Way.ARRAY,
    Kind.CLASS: _Way.CLASS,
    Kind.MODULE: _Way.MODULE,
}


def outline_of(root: Any, allowance: Allowance) -> Picture | None:
    """Return the addresses of an object's parts; a full look is due before a cell may change them.

    Parameters
    ----------
    root : object
        What a name is bound to.
    allowance : Allowance
        Shared by the looks of one cell.

    Returns
    -------
    Picture or None
        A lazy one: its parts have no digests. None where a full look is to be taken: of what is no library's object,
        of what leads to something that is the user's, and of what is too large.
    """
    if _way_of(type(root)) is not _Way.INSTANCE:
        return None
    picture = Picture(id(root), is_lazy=True)
    ways: dict[int, _Way] = {}  # by address, since the hash of a class may be the user's code
    instance, container, array, passed = _Way.INSTANCE, _Way.CONTAINER, _Way.ARRAY, _Way.PASSED
    level, seen = [root], {id(root)}
    within: list[Any] = []  # arrays, which the garbage collector does not see
    while level or within:
        picture.parts.update(dict.fromkeys(map(id, level)))
        held = gc.get_referents(*level) + within
        level, within = [], []
        allowance.values -= len(held)
        for one in [one for one in held if type(one) not in VALUES]:
            if id(one) in seen:
                continue
            seen.add(id(one))
            kind = type(one)
            way = ways.get(id(kind)) or ways.setdefault(id(kind), _way_of(kind))
            if way is instance or (way is container and _leads_on(one)):
                level.append(one)
            elif way is array:
                if not _takes_array(picture, one, within):
                    return None
            elif way is not passed and not _takes(picture, one, way):
                return None
        if allowance.values < 0 or len(seen) > allowance.parts:
            return None
    allowance.parts -= len(seen)
    return picture


def _way_of(kind: type) -> _Way:
    way = _WAYS.get(kind_of(kind), _Way.UNKNOWN)
    if way is _Way.INSTANCE and any(is_own(module_of(each)) for each in type.__dict__["__mro__"].__get__(kind)):
        return _Way.UNKNOWN
    return way


def _leads_on(container: Any) -> bool:
    """Say whether a container may hold what can change; its items are not taken one by one where it can be told."""
    if len(container) <= _LONG:
        return True
    return not _are_values(chain(container.keys(), container.values()) if type(container) is dict else container)


def _takes(picture: Picture, one: Any, way: _Way) -> bool:
    """Take in what is not followed; say whether the outline can go on."""
    if way is _Way.CLASS:
        return not is_own(module_of(one))
    if way is _Way.MODULE:
        return not is_own_module(one)
    picture.parts[id(one)] = None
    return way is not _Way.UNKNOWN


def _are_values(items: Iterable[Any]) -> bool:
    return {*map(type, items)} <= VALUES


def _takes_array(picture: Picture, array: Any, within: list[Any]) -> bool:
    """Take in an array and the one it looks into, and list the objects in it; say whether the outline can go on."""
    import numpy as np

    root = array if array.base is None else root_of(array)
    if type(array) is not np.ndarray or type(root) is not np.ndarray or (root.dtype.hasobject and root.dtype.names):
        return False
    if root.dtype.hasobject:
        items = root.ravel(order="K").tolist()
        within += () if _are_values(items) else items
    picture.parts[id(array)] = picture.parts[id(root)] = None
    picture.buffers.add(id(root if root.base is None else owner_of(root)))
    return True
