"""Warnings that the user's cell raises, heard on their way to the screen; convergence warnings above all."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

Hear = Callable[[str, str], None]
"""Told the category's name and the message."""


class WarningWatch:
    """Listens to `warnings.showwarning` while a cell runs. What is shown, and where, stays as it is."""

    def __init__(self, hear: Hear) -> None:
        self._hear = hear
        self._original: Callable[..., Any] | None = None

    def start(self) -> None:
        """Begin to listen."""
        original = self._original = warnings.showwarning

        def showwarning(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: Any = None,
            line: str | None = None,
        ) -> None:
            self._hear(category.__name__, str(message))
            original(message, category, filename, lineno, file, line)

        self._installed = showwarning
        warnings.showwarning = showwarning

    def stop(self) -> None:
        """Put back what was there, unless the cell itself has put something else."""
        if self._original is not None and warnings.showwarning is self._installed:
            warnings.showwarning = self._original
        self._original = None
