"""Warnings that the user's cell raises, heard on their way to the screen; convergence warnings above all."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

Hear = Callable[[str, str], None]
"""Told the category's name and the message."""

# Python's own last step of showing a warning; it knows more than `showwarning` is told (CPython, Lib/warnings.py, 3.6
# to 3.14). Where somebody has put a `showwarning` of his own, that is the last step.
_LAST_STEP = "_showwarnmsg_impl"


class WarningWatch:
    """Listens to warnings while a cell runs. What is shown, and where, stays as it is."""

    def __init__(self, hear: Hear) -> None:
        self._hear = hear
        self._name = ""
        self._original: Any = None
        self._installed: Any = None

    def start(self) -> None:
        """Begin to listen."""
        is_plain = warnings.showwarning is getattr(warnings, "_showwarning_orig", None)
        self._name = _LAST_STEP if is_plain and hasattr(warnings, _LAST_STEP) else "showwarning"
        original = self._original = getattr(warnings, self._name)
        self._installed = self._hearing_last_step(original) if self._name == _LAST_STEP else self._hearing(original)
        setattr(warnings, self._name, self._installed)

    def stop(self) -> None:
        """Put back what was there, unless the cell itself has put something else."""
        if self._installed is not None and getattr(warnings, self._name) is self._installed:
            setattr(warnings, self._name, self._original)
        self._installed = None

    def _hearing_last_step(self, original: Callable[[Any], None]) -> Callable[[Any], None]:
        def show(message: Any) -> None:
            self._hear(message.category.__name__, str(message.message))
            original(message)

        return show

    def _hearing(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def showwarning(message: Warning | str, category: type[Warning], *rest: Any, **named: Any) -> None:
            self._hear(category.__name__, str(message))
            original(message, category, *rest, **named)

        return showwarning
