"""The touches of a cell: what stood before it, what stands after it, and the names of what differs.

A cell that failed or was interrupted keeps the effects that it had: nothing but the difference counts for it.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any
from weakref import WeakSet

from celltrail.analysis.touching.mentions import Uses
from celltrail.analysis.touching.moving import gist_of, is_another, is_changed_within
from celltrail.analysis.touching.ran import may_skip
from celltrail.analysis.touching.uses import uses_of
from celltrail.analysis.touching.vocabulary import BUILTINS
from celltrail.capture.touching.background import Background, GoingOn
from celltrail.capture.touching.classes import Classes
from celltrail.capture.touching.lines import Lines, Running
from celltrail.capture.touching.looks import Looks, bound_in, closure, is_variable
from celltrail.capture.touching.narrowing import Ran, what_ran
from celltrail.capture.touching.paths import Asked, Paths
from celltrail.capture.touching.surroundings import Stood, Surroundings
from celltrail.domain.forks import renew_in_child
from celltrail.domain.record import FileRecord
from celltrail.domain.touches import FileTouch, Touches


@dataclass(frozen=True, slots=True)
class Opened:
    """The files that were seen to be opened while a cell ran."""

    ways: Mapping[str, str] = field(default_factory=dict)
    records: Sequence[FileRecord] = ()


@dataclass(slots=True, eq=False, weakref_slot=True)
class Before:
    """What stood when a cell started."""

    uses: Uses
    bound: dict[str, int]
    read: set[str]
    stored: set[str]
    is_dynamic: bool
    stood: Stood
    asked: Asked
    texts: set[str]
    attributes: set[str]
    watched: set[str] = field(default_factory=set)
    parts: dict[int, Any] = field(default_factory=dict)
    linked: dict[int, int] = field(default_factory=dict)
    gists: dict[str, Any] = field(default_factory=dict)
    results: int = 0
    going_on: GoingOn = field(default_factory=dict)
    later: set[str] = field(default_factory=set)
    behind: dict[str, set[str]] = field(default_factory=dict)
    running: Running | None = None
    is_beside: bool = False


class Touching:
    """Follows the variables of one kernel from cell to cell."""

    def __init__(self) -> None:
        self._looks = Looks()
        self._paths = Paths()
        self._surroundings = Surroundings()
        self._background = Background()
        self._results: set[str] = set()
        self._lines = Lines()
        self._classes = Classes()
        self._open: WeakSet[Before] = WeakSet()
        self._lock = threading.RLock()
        renew_in_child(self, "_lock")

    def close(self) -> None:
        """Follow nothing any more."""
        self._lines.free()

    def begin(self, source: str, namespace: Mapping[str, Any]) -> Before:
        """Look at what a cell may touch, before it runs.

        Parameters
        ----------
        source : str
            Of the cell.
        namespace : mapping of str to object
            The notebook's.

        Returns
        -------
        Before
            To be given to `end`.
        """
        uses = uses_of(source)
        with self._lock:
            bound = bound_in(namespace)
            named = [name for name in uses.reads if name in namespace]
            named += [name for name in uses.spoken if name in bound]
            if uses.is_dynamic:
                named = [*named, *bound]
            behind: dict[str, set[str]] = {}
            read, stored, is_dynamic = closure(named, self._looks, namespace, behind)
            if is_dynamic and not uses.is_dynamic:
                read, stored, _ = closure([*named, *bound], self._looks, namespace)
            later = self._look_beside(namespace)
            self._looks.look(bound, namespace, is_full=False)
            texts, attributes = self._spoken(uses, read)
            values = {name: namespace[name] for name in read}
            before = Before(
                uses,
                bound,
                read,
                stored,
                uses.is_dynamic or is_dynamic,
                stood=self._surroundings.before(values),
                asked=self._paths.before(uses, texts, attributes, values.values()),
                texts=texts,
                attributes=attributes,
            )
            before.is_beside = len(self._open) > 0
            self._open.add(before)
            self._watch(before, namespace)
            before.results = len(namespace.get("_oh") or ())
            before.going_on, before.later = self._background.now(), later
            before.behind = behind
            if uses.tree is not None and not before.is_dynamic and may_skip(uses.tree):
                before.running = self._lines.start(namespace)
        return before

    def _look_beside(self, namespace: Mapping[str, Any]) -> set[str]:
        """Return the names that threads and tasks have changed since the last cell."""
        names = [name for name in self._background.names() if name in namespace]
        known = {name: self._looks.pictures[name] for name in names if name in self._looks.pictures}
        self._looks.look(names, namespace, is_full=True, again=True)
        return {
            name
            for name, old in known.items()
            if not old.is_lazy and old.parts != self._looks.pictures[name].parts and name in self._looks.pictures
        }

    def _spoken(self, uses: Uses, read: set[str]) -> tuple[set[str], set[str]]:
        """Return the texts and attributes of a cell, and of the functions that it may call."""
        texts, attributes = set(uses.strings), uses.attributes | uses.reads.keys()
        for name in read:
            picture = self._looks.pictures[name]
            texts |= picture.strings
            attributes |= picture.attributes
        return texts, attributes

    def _watch(self, before: Before, namespace: Mapping[str, Any]) -> None:
        """Choose what is looked at again: all that is read, and all that shares parts with it."""
        pictures = self._looks.pictures
        touched: set[int] = set()
        for name in before.read:
            picture = pictures.get(name)
            if picture is not None:
                touched |= picture.parts.keys() | picture.buffers
        others = [name for name in before.bound if name not in before.read]
        beside = {name for name in self._background.names() if name in before.bound}
        before.watched = before.read | beside | self._looks.sharing(touched, others)
        self._looks.look(before.watched, namespace, is_full=True)
        for name in before.watched:
            before.parts.update(pictures[name].parts)
            before.linked.update(pictures[name].linked)
        for name in before.read & (before.uses.stores | before.uses.may_store | before.stored):
            if name in pictures and name in namespace:
                before.gists[name] = gist_of(namespace[name], pictures[name])

    def end(
        self, before: Before, namespace: Mapping[str, Any], opened: Opened, *, succeeded: bool
    ) -> tuple[Touches, list[FileTouch]]:
        """Look again, after the cell.

        Parameters
        ----------
        before : Before
            From `begin`.
        namespace : mapping of str to object
            The notebook's.
        opened : Opened
            The files that were seen to be opened.
        succeeded : bool
            Whether the cell came to its end.

        Returns
        -------
        tuple of (Touches, list of FileTouch)
            What it read, bound and changed.
        """
        running = self._lines.end(before.running)
        with self._lock:
            self._open.discard(before)
            ran = what_ran(before.uses, before.read, before.behind, running if succeeded else None, namespace)
            bound = bound_in(namespace)
            binds = {name for name, place in bound.items() if before.bound.get(name) != place}
            if succeeded:
                binds |= {name for name in before.uses.stores if name in bound}
            deletes = before.bound.keys() - bound.keys()
            for name in deletes:
                self._looks.pictures.pop(name, None)
            watched = [name for name in before.watched if name in bound]
            self._looks.look(watched, namespace, is_full=True, again=True)
            self._looks.look([name for name in binds if name not in before.watched], namespace, is_full=False)
            changed, maybe, why = self._changed(before, ran, watched)
            mutates = self._looks.sharing(changed, bound) if changed else set()
            rebound = {name for name in binds if before.bound.get(name) != bound[name]}
            mutates -= rebound
            outlived, renamed = self._classes.lose(before.bound, rebound | deletes, before.uses.bases, self._looks)
            unsure = (self._looks.sharing(maybe, bound) if maybe else set()) | (outlived & bound.keys())
            unsure -= rebound | mutates
            self._classes.change(mutates, namespace)
            binds |= self._shown(before, namespace)
            mutates |= self._modules_changed(before, namespace)
            later = before.later | (mutates & self._background.names() - before.read)
            mutates -= later
            self._background.forget_ended()
            touched = _mutable(self._looks, before.read | binds)
            if self._background.cell_ended(before.going_on, touched):
                later |= touched - mutates
                # What goes on may change them before any cell names them: that shows against a full look only.
                self._looks.look(touched & bound.keys(), namespace, is_full=True)
            around = self._surroundings.after(
                before.stood, before.uses, before.texts, before.attributes, namespace, ok=succeeded
            )
            files = self._paths.after(before.asked, opened.ways, opened.records, before.uses)
            if files or before.asked.uses_paths:
                self._surroundings.read_cwd(around)
            touches = Touches(
                reads=_sorted(self._reads(before, ran) | around.reads | renamed),
                binds=_sorted(binds | around.binds),
                mutates=_sorted(mutates | around.mutates),
                maybe=_sorted(unsure | around.maybe),
                later=_sorted(later),
                deletes=_sorted(deletes),
                moved=_sorted(self._moved(before, namespace, binds, changed, mutates)),
                is_dynamic=before.is_dynamic,
                degraded=why,
                is_beside=before.is_beside,
                idle=ran.idle,
            )
            return touches, files

    def _moved(
        self, before: Before, namespace: Mapping[str, Any], binds: set[str], changed: set[int], mutates: set[str]
    ) -> set[str]:
        """Return the names that surely hold another value than they did, of those that were there before."""
        pictures = self._looks.pictures
        again = [name for name in before.gists if name in binds and name in namespace]
        self._looks.look(again, namespace, is_full=True)
        found = {name for name in again if is_another(before.gists[name], gist_of(namespace[name], pictures[name]))}
        for name in mutates:
            picture = pictures.get(name)
            if picture is not None and picture.root in changed:
                found |= {name} if is_changed_within(before.linked.get(picture.root), picture) else set()
        return found

    def _shown(self, before: Before, namespace: Mapping[str, Any]) -> set[str]:
        """Return the names that IPython has bound to what the cell gave."""
        shown = namespace.get("_oh") or {}
        if type(shown) is not dict or len(shown) <= before.results:
            return set()
        last = next(reversed(shown))
        found = {f"_{last}"} | ({"_"} if namespace.get("_") is shown[last] else set())
        self._results |= found
        return found

    def _modules_changed(self, before: Before, namespace: Mapping[str, Any]) -> set[str]:
        """Return the modules of libraries to which the cell has assigned: they are not looked into."""
        held = {name: namespace.get(name) for name in before.uses.bases}
        # `os.environ[…] = …` changes the environment, which is followed by itself.
        return {name for name, one in held.items() if isinstance(one, ModuleType) and one.__name__ != "os"}

    def _changed(self, before: Before, ran: Ran, watched: list[str]) -> tuple[set[int], set[int], str]:
        changed: set[int] = set()
        maybe: set[int] = set()
        why = ""
        for name in watched:
            picture = self._looks.pictures[name]
            for place, digest in picture.parts.items():
                if place in before.parts and before.parts[place] != digest:
                    changed.add(place)
            if name in ran.read:
                maybe |= picture.opaque
                if picture.too_large:
                    maybe.add(picture.root)
                    why = f"{name} is too large to be compared within the budget"
        return changed, maybe - changed, why

    def _reads(self, before: Before, ran: Ran) -> set[str]:
        """Return what the cell read; what it names and nobody has bound, too: it may be there because it is not."""
        uses = before.uses
        named = {name for name in ran.named if name not in BUILTINS}
        # `del` of what is not there fails, because it is not there.
        bound_here = uses.stores | uses.may_store
        named |= {name for name in uses.deletes - bound_here if name not in before.bound}
        # One that is deleted and bound anew has to be there, too.
        named |= {name for name in uses.deletes & bound_here if name in before.bound}
        if "Out" in named or "_oh" in named:
            named |= self._results
        return {name for name in ran.read | named if is_variable(name) or name in named}


def _mutable(looks: Looks, names: set[str]) -> set[str]:
    return {name for name in names if (picture := looks.pictures.get(name)) is not None and not picture.is_plain}


def _sorted(names: set[str]) -> tuple[str, ...]:
    return tuple(sorted(names))
