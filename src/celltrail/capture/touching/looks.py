"""What the variables of a notebook held when they were last looked at, and how to look again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import filterfalse
from typing import Any

from celltrail.analysis.touching.looking import Allowance, Painter, Picture
from celltrail.analysis.touching.outline import outline_of
from celltrail.analysis.touching.painters import PAINTERS
from celltrail.analysis.touching.vocabulary import BUILTINS, words
from celltrail.capture.guard import contained, log, reason

# What IPython and Python keep in the namespace for themselves. `_`, `_3` and `Out` are results, so they count.
_NOT_OURS = words(
    """
    In _ih _oh _dh _i _ii _iii get_ipython exit quit open __builtin__ __builtins__ __name__ __doc__ __package__
    __loader__ __spec__ __file__ _sh _exit_code _ipython_display_ display __session__ __vsc_ipynb_file__ Out
    __annotations__ __warningregistry__ __celltrail_timed__ _ _1 __ ___ __pyflyby
    """
)
_INPUT = re.compile(r"_i\d*$")
_OUTPUT = re.compile(r"_\d*$|__$|___$")
_MOST_NAMES = 8192
_GONE = object()  # another thread has deleted it meanwhile


class _Variables(dict[str, bool]):
    """Which names are variables of the user's, and nothing that IPython keeps; told apart when first asked.

    Attributes
    ----------
    kept : set of str
        Those of them that are IPython's.
    """

    def __init__(self) -> None:
        super().__init__()
        self.kept: set[str] = set()

    def __missing__(self, name: str) -> bool:
        if len(self) >= _MOST_NAMES:
            self.clear()
            self.kept.clear()
        kept = name in _NOT_OURS or (name.startswith("_") and bool(_INPUT.match(name) or _OUTPUT.match(name)))
        self[name] = not kept
        if kept:
            self.kept.add(name)
        return not kept


_VARIABLES = _Variables()


def is_variable(name: str) -> bool:
    """Say whether a name is a variable of the user's, and nothing that IPython keeps."""
    return _VARIABLES[name]


def bound_in(namespace: Mapping[str, Any]) -> dict[str, int]:
    """Return the variables that are bound, each with the place of its object."""
    # Asked twice a cell of every name; most are inputs that IPython keeps, and those are passed over at once.
    ours = [name for name in filterfalse(_VARIABLES.kept.__contains__, list(namespace)) if _VARIABLES[name]]
    return {name: id(value) for name in ours if (value := namespace.get(name, _GONE)) is not _GONE}


@dataclass(slots=True)
class Looks:
    """The last look at each variable.

    Attributes
    ----------
    pictures : dict of str to Picture
        By name; of the object that the name was bound to then.
    """

    pictures: dict[str, Picture] = field(default_factory=dict)

    def known(self, name: str, value: Any, *, is_full: bool) -> Picture | None:
        """Return the last look at what a name is bound to; None where there is none that is close enough."""
        picture = self.pictures.get(name)
        if picture is None or picture.root != id(value) or (is_full and picture.is_lazy):
            return None
        return picture

    def look(self, names: Iterable[str], namespace: Mapping[str, Any], *, is_full: bool, again: bool = False) -> None:
        """Look at variables; at those that were looked at before only if asked to do so again."""
        allowance = Allowance()
        hashed: dict[int, int] = {}
        for name in names:
            if name not in namespace:
                self.pictures.pop(name, None)
                continue
            value = namespace[name]
            if not again and self.known(name, value, is_full=is_full) is not None:
                continue
            painter = Painter(namespace, allowance, PAINTERS, is_full=is_full)
            painter.hashed = hashed
            self.pictures[name] = _opaque(value)
            # A library's objects may not be as they were when this was written: then they can't be compared.
            with contained(_not_seen):
                outline = None if is_full else outline_of(value, allowance)
                self.pictures[name] = outline or painter.look(value)

    def sharing(self, addresses: set[int], among: Iterable[str]) -> set[str]:
        """Return the names whose objects hold one of these parts, or use its memory."""
        found = set()
        for name in among:
            picture = self.pictures.get(name)
            if picture is not None and not (
                picture.parts.keys().isdisjoint(addresses) and picture.buffers.isdisjoint(addresses)
            ):
                found.add(name)
        return found


def _opaque(value: Any) -> Picture:
    return Picture(id(value), parts={id(value): None}, opaque={id(value)})


def _not_seen(error: BaseException) -> None:
    log.warning("an object could not be looked at: %s", reason(error), exc_info=error)


def closure(
    start: Iterable[str], looks: Looks, namespace: Mapping[str, Any], behind: dict[str, set[str]] | None = None
) -> tuple[set[str], set[str], bool]:
    """Follow names through the functions and classes behind them.

    Parameters
    ----------
    start : iterable of str
        What the cell itself names.
    looks : Looks
        Is asked to look at what it has not seen.
    namespace : mapping
        The notebook's.
    behind : dict of str to set of str, optional
        Is told for each name to which names it led.

    Returns
    -------
    read : set of str
        All names that may be read, those of `start` that are bound among them.
    stored : set of str
        Names that functions on the way may bind.
    is_dynamic : bool
        Whether one of them may read anything.
    """
    read: set[str] = set()
    stored: set[str] = set()
    is_dynamic = False
    todo = [name for name in start if name in namespace]
    while todo:
        name = todo.pop()
        if name in read or not (is_variable(name) or name in start):
            continue
        read.add(name)
        looks.look([name], namespace, is_full=True)
        picture = looks.pictures[name]
        stored |= picture.stores
        is_dynamic |= picture.is_dynamic
        further = [other for other in picture.names if other in namespace]
        for kind in picture.classes:
            further += names_of(kind, namespace)
        if behind is not None:
            behind[name] = set(further)
        todo += [other for other in further if other not in read]
    return read, stored, is_dynamic


def followed(start: Iterable[str], behind: Mapping[str, set[str]]) -> set[str]:
    """Return the names to which some lead, as `closure` has found it."""
    found: set[str] = set()
    todo = [name for name in start if name in behind]
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += [other for other in behind[name] if other in behind]
    return found


def names_of(kind: type, namespace: Mapping[str, Any]) -> list[str]:
    """Return the variables that are bound to a class."""
    first = type.__dict__["__name__"].__get__(kind)
    if namespace.get(first) is kind:
        return [first]
    return [name for name, value in namespace.items() if value is kind and is_variable(name)]


__all__ = ["BUILTINS", "Looks", "bound_in", "closure", "followed", "is_variable", "names_of"]
