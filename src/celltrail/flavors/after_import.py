"""Waiting for a module to be imported, without importing it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, cast


class AfterImport:
    """Calls back once each awaited module has been imported; then takes itself off `sys.meta_path`.

    Modules that are imported already are called back at once. The modules themselves bear no trace: their loader is
    the one they would have had.

    Parameters
    ----------
    callbacks : dict of str to callable
        By full module name; called with the module. Must not raise.
    """

    def __init__(self, callbacks: dict[str, Callable[[ModuleType], None]]) -> None:
        self._awaited = dict(callbacks)

    def arm(self) -> None:
        """Call back for what is imported, wait for the rest."""
        for name in list(self._awaited):
            module = sys.modules.get(name)
            if module is not None:
                self._awaited.pop(name)(module)
        if self._awaited:
            sys.meta_path.insert(0, self)

    def disarm(self) -> None:
        """Wait no longer."""
        self._awaited.clear()
        while self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find an awaited module through the other finders, as `importlib` asks."""
        if name not in self._awaited:
            return None
        for finder in list(sys.meta_path):
            find = getattr(finder, "find_spec", None)
            if finder is self or find is None:
                continue
            spec: ModuleSpec | None = find(name, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = cast(Loader, _Notifying(spec.loader, self))
                return spec
        return None

    def imported(self, module: ModuleType) -> None:
        """Take note that a module has been executed."""
        callback = self._awaited.pop(module.__name__, None)
        if not self._awaited:
            self.disarm()
        if callback is not None:
            callback(module)


class _Notifying:
    """Loads by the module's own loader, then tells; leaves the own loader in its place."""

    def __init__(self, loader: Any, waiting: AfterImport) -> None:
        self._loader = loader
        self._waiting = waiting

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        module: ModuleType | None = self._loader.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._waiting.imported(module)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)
