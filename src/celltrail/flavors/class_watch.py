"""The methods of a class and of all that descend from it: of those that are there, and of those defined later."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from types import FunctionType
from typing import Any

from celltrail.flavors.hooking import Hooks
from celltrail.flavors.protocol import CallKind
from celltrail.flavors.recorded import Recording


class ClassWatch:
    """Hooks methods by name in a base class, its mixins and its subclasses.

    Parameters
    ----------
    hooks : Hooks
        Puts the methods back.
    methods : mapping of str to str
        Kind of call by name.
    recording : callable
        Given the original and the kind, returns what records it.
    unbound : callable, optional
        As `Hooks.hook_methods` has it.
    """

    def __init__(
        self,
        hooks: Hooks,
        methods: Mapping[str, CallKind],
        recording: Callable[[FunctionType, CallKind], Recording],
        unbound: Callable[[str, FunctionType], Callable[[], None] | None] | None = None,
    ) -> None:
        self._hooks = hooks
        self._methods = methods
        self._recording = recording
        self._unbound = unbound
        self._definer: Any = None
        self._ours: Any = None
        self._before: Any = None

    def start(self, base: Any) -> None:
        """Hook what is there, and watch for what comes."""
        for cls in dict.fromkeys(ancestor for loaded in _subclasses(base) for ancestor in loaded.__mro__):
            self._hook(cls)
        # Where the library's own stands (scikit-learn's `_MetadataRequester`, since 1.3), so that `help(Mine)` shows
        # what it did.
        definer = next((one for one in base.__mro__[:-1] if "__init_subclass__" in vars(one)), base)
        before = definer.__dict__.get("__init_subclass__")

        def after_definition(cls: Any, /, **kwargs: Any) -> None:
            if before is None:
                super(definer, cls).__init_subclass__(**kwargs)
            else:
                before.__get__(None, cls)(**kwargs)
            # The mixins too: `score` and `fit_predict` are mostly theirs.
            for ancestor in cls.__mro__ if issubclass(cls, base) else ():
                self._hook(ancestor)

        if before is not None:
            functools.update_wrapper(after_definition, before.__func__)
        self._definer, self._before, self._ours = definer, before, classmethod(after_definition)
        definer.__init_subclass__ = self._ours

    def stop(self) -> None:
        """Watch no longer; the methods are put back by the hooks."""
        if self._definer is None or self._definer.__dict__.get("__init_subclass__") is not self._ours:
            return
        if self._before is None:
            del self._definer.__init_subclass__
        else:
            self._definer.__init_subclass__ = self._before

    def _hook(self, cls: type) -> None:
        self._hooks.hook_methods(cls, self._methods, self._make, self._unbound)

    def _make(self, name: str, original: FunctionType) -> Recording:
        return self._recording(original, self._methods[name])


def _subclasses(cls: type) -> Iterator[type]:
    seen: set[type] = {cls}
    waiting: list[type] = [cls]
    while waiting:
        found = waiting.pop()
        yield found
        children: list[type] = type.__subclasses__(found)
        for child in children:
            if child not in seen:
                seen.add(child)
                waiting.append(child)
