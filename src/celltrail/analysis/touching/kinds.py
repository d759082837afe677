"""Which kind of thing an object is, by its exact type alone: how it can be looked at without running anything."""

from __future__ import annotations

import array
import collections
import datetime
import decimal
import fractions
import functools
import pathlib
import random
import re
import types
import uuid
import weakref
from collections.abc import Callable
from enum import Enum, EnumMeta, auto
from typing import Any


class Kind(Enum):
    """How an object is looked at."""

    VALUE = auto()  # can't change
    LIST = auto()
    TUPLE = auto()
    SET = auto()
    DICT = auto()
    EXTENDED = auto()  # a class that extends one of these
    INSTANCE = auto()
    CLASS = auto()
    FUNCTION = auto()
    MODULE = auto()
    HELD = auto()  # is what it holds: partial, method, closure cell
    CACHE = auto()
    BYTES = auto()
    RANDOM = auto()
    ARRAY = auto()
    NUMPY_RANDOM = auto()
    FRAME = auto()
    INDEX = auto()
    TREE = auto()
    OPAQUE = auto()  # touched means maybe changed


def _of_datetime(value: Any) -> str:
    return f"{value!s}{value.tzinfo!r}" if type(value) is datetime.datetime else str(value)


# Values that can't change, and text that tells two of them apart.
TEXT_OF: dict[type, Callable[[Any], str]] = {
    decimal.Decimal: str,
    fractions.Fraction: str,
    datetime.date: str,
    datetime.time: str,
    datetime.timedelta: repr,
    datetime.datetime: _of_datetime,
    uuid.UUID: str,
    range: repr,
    pathlib.PosixPath: str,
    pathlib.PurePosixPath: str,
    pathlib.WindowsPath: str,
    pathlib.PureWindowsPath: str,
}

_EXACT: dict[type, Kind] = {
    list: Kind.LIST,
    collections.deque: Kind.HELD,
    tuple: Kind.TUPLE,
    set: Kind.SET,
    frozenset: Kind.SET,
    dict: Kind.DICT,
    collections.OrderedDict: Kind.EXTENDED,
    collections.defaultdict: Kind.EXTENDED,
    types.FunctionType: Kind.FUNCTION,
    types.ModuleType: Kind.MODULE,
    types.MethodType: Kind.HELD,
    types.CellType: Kind.HELD,
    types.MappingProxyType: Kind.HELD,
    types.GenericAlias: Kind.VALUE,
    functools.partial: Kind.HELD,
    staticmethod: Kind.HELD,
    classmethod: Kind.HELD,
    property: Kind.HELD,
    type(functools.lru_cache(lambda: None)): Kind.CACHE,
    bytearray: Kind.BYTES,
    array.array: Kind.BYTES,
    random.Random: Kind.RANDOM,
    type({}.keys()): Kind.HELD,
    type({}.values()): Kind.HELD,
    type({}.items()): Kind.HELD,
}
_PLAIN: list[type] = [int, float, complex, bool, str, bytes, type(None), type(...), type(NotImplemented), slice]
_PLAIN += [object, *TEXT_OF, re.Pattern, re.Match, types.CodeType, types.BuiltinFunctionType, weakref.ref]
_PLAIN += [types.WrapperDescriptorType, types.MethodDescriptorType, types.ClassMethodDescriptorType]
_PLAIN += [types.GetSetDescriptorType, types.MemberDescriptorType, types.MethodWrapperType, types.UnionType]
_PLAIN += [datetime.timezone]
_EXACT.update(dict.fromkeys(_PLAIN, Kind.VALUE))
_EXACT[types.BuiltinMethodType] = Kind.HELD

_CONTAINERS = (dict, list, tuple, set, frozenset)
_MUTABLE_VALUES = (int, float, complex, str, bytes)
# Types in C or Cython by where they come from: what never changes, and what can be compared.
_STATELESS: tuple[str, ...] = (
    "numpy.dtypes",
    "numpy.ufunc",
    "pandas._libs.internals",
    "pandas._libs.tslibs",
    "pyarrow",
    "sklearn._loss",
    "sklearn.metrics._dist_metrics",
    "sklearn.tree._criterion",
    "sklearn.tree._splitter",
    "zoneinfo",
)
_DRAWING = ("matplotlib", "mpl_toolkits", "seaborn", "plotly", "bokeh", "altair", "ipywidgets")
_known: weakref.WeakKeyDictionary[type, Kind] = weakref.WeakKeyDictionary()
_mro = type.__dict__["__mro__"].__get__
_names = type.__dict__["__dict__"].__get__
_module = type.__dict__["__module__"].__get__


def kind_of(of: type) -> Kind:
    """Return how instances of a type are looked at.

    Parameters
    ----------
    of : type
        The exact type of an object.

    Returns
    -------
    Kind
        Found once for each type.
    """
    found = _EXACT.get(of) or _known.get(of)
    if found is None:
        found = _known[of] = _find(of)
    return found


def _find(of: type) -> Kind:
    bases = _mro(of)
    if type in bases:
        return Kind.CLASS
    if isinstance(of, EnumMeta):
        return Kind.VALUE
    module = module_of(of)
    if module.startswith("celltrail."):
        return Kind.VALUE  # what celltrail keeps is nobody's data
    known = _of_library(of, module, bases)
    if known is not None:
        return known
    solid = next((base for base in bases if not is_written_in_python(base)), object)
    if solid is object:
        return Kind.INSTANCE
    if solid in _CONTAINERS or solid in (collections.OrderedDict, collections.defaultdict, collections.deque):
        return Kind.EXTENDED
    if issubclass(solid, BaseException) or solid in _MUTABLE_VALUES:
        return Kind.INSTANCE
    if solid is types.ModuleType:
        return Kind.MODULE
    if solid is random.Random.__base__:
        return Kind.OPAQUE
    if solid is types.SimpleNamespace:
        return Kind.HELD
    return Kind.OPAQUE


def module_of(of: type) -> str:
    """Return the name of the module of a class, without asking its metaclass."""
    found = _module(of)
    return found if type(found) is str else ""


def _of_library(of: type, module: str, bases: tuple[type, ...]) -> Kind | None:
    names = {(module_of(base).partition(".")[0], base.__name__) for base in bases}
    if ("numpy", "ndarray") in names:
        return Kind.ARRAY
    if ("numpy", "generic") in names or ("numpy", "dtype") in names or ("numpy", "ufunc") in names:
        return Kind.VALUE
    if module.startswith("numpy.random"):
        return Kind.NUMPY_RANDOM
    if ("pandas", "NDFrame") in names:
        return Kind.FRAME
    if ("pandas", "Index") in names:
        return Kind.INDEX
    if ("pandas", "ExtensionDtype") in names or of.__name__ in ("Timestamp", "Timedelta", "NaTType", "NAType"):
        return Kind.VALUE
    if module == "sklearn.tree._tree" and of.__name__ == "Tree":
        return Kind.TREE
    if module.startswith(_DRAWING):
        return Kind.OPAQUE
    if module.startswith(_STATELESS) and not is_written_in_python(of):
        return Kind.VALUE
    return None


def is_written_in_python(of: type) -> bool:
    """Say whether a class was made by a `class` statement: then its instances hold nothing that Python does not see.

    A class in C has room of its own in each instance, beyond its slots.
    """
    base = type.__dict__["__base__"].__get__(of)
    if base is None or not of.__flags__ & (1 << 9) or of.__flags__ & (1 << 8):  # heap type; immutable type
        return False
    names = _names(of)
    slots = sum(type(value) is types.MemberDescriptorType for value in names.values())
    more = 8 * slots
    more += 8 if of.__weakrefoffset__ > 0 and base.__weakrefoffset__ == 0 else 0
    more += 8 if of.__dictoffset__ > 0 and base.__dictoffset__ == 0 else 0
    return bool(of.__basicsize__ - base.__basicsize__ <= more)
