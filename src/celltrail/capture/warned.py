"""What Python has shown once it does not show again because of celltrail's own work beside it.

Whoever sets the filters of warnings, even for a moment (`warnings.catch_warnings`), makes Python forget what it has
shown: pandas does so to tell the types of a frame, scikit-learn to write out a splitter. When celltrail asks them, a
warning that a cell shows once would come again. So what was forgotten meanwhile is remembered again.
"""

from __future__ import annotations

import sys
import warnings
from contextlib import suppress
from types import ModuleType
from typing import Any

_REGISTRY = "__warningregistry__"


class _NotShownError(Exception):
    """Ends a question before it becomes a warning."""


class _Unshowable(type):
    """The type of a category that is never shown: to put a warning together, Python asks for the category's name."""

    @property
    def __name__(cls) -> str:  # type: ignore[override]
        if sys._getframe(1).f_globals.get("__name__") == warnings.__name__:
            raise _NotShownError
        return str(cls.__qualname__)


class _Question(ImportWarning, metaclass=_Unshowable):
    """Never shown, whatever the filters say; of a kind that Python ignores by default, which is quickest."""


def changes_of_filters() -> int:
    """Return how often the filters of warnings have been set in this process.

    Returns
    -------
    int
        As Python writes it into a registry of warnings when a warning is raised (CPython, Python/_warnings.c,
        `already_warned`): what a registry holds is forgotten when its number is another.

    Examples
    --------
    >>> before = changes_of_filters()
    >>> warnings.simplefilter("default", ImportWarning)
    >>> changes_of_filters() == before
    False
    """
    registry: dict[Any, int] = {}
    with suppress(_NotShownError, _Question):  # where it was to be shown, or to be raised
        warnings.warn_explicit("", _Question, "", 0, registry=registry)
    return registry.get("version", 0)


class nothing_warned_anew:  # noqa: N801  used as a verb: with nothing_warned_anew()
    """Do some of celltrail's own work; what was shown once before it stays so.

    Examples
    --------
    >>> with nothing_warned_anew():
    ...     repr("what may set the filters for a moment")
    "'what may set the filters for a moment'"
    """

    __slots__ = ("_before",)

    def __enter__(self) -> None:
        self._before = changes_of_filters()

    def __exit__(self, *error: object) -> None:
        now = changes_of_filters()
        if now != self._before:
            _remember(self._before, now)


def _remember(before: int, now: int) -> None:
    """Bring what was known before up to the number that Python compares it with now."""
    # By its real type: what only says that it is a module (cffi's libraries do) may have no names at all.
    modules = [module for module in list(sys.modules.values()) if issubclass(type(module), ModuleType)]
    registries = [space[_REGISTRY] for space in map(_space_of, modules) if _REGISTRY in space]
    for registry in [*registries, getattr(warnings, "onceregistry", None)]:
        if isinstance(registry, dict) and registry.get("version") == before:
            registry["version"] = now


def _space_of(module: ModuleType) -> dict[str, Any]:
    """Return the names of a module without loading one that waits to be loaded (`importlib.util.LazyLoader`)."""
    if type(module) is ModuleType:
        return module.__dict__
    space: dict[str, Any] = object.__getattribute__(module, "__dict__")
    return space
