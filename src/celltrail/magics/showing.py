"""What a person sees of celltrail unasked: one line or panel a run, and each plain fact once."""

from __future__ import annotations

import sys
from typing import Any

from celltrail.capture.cell import OpenCell
from celltrail.capture.kernel import Kernel
from celltrail.capture.recorder import Finished
from celltrail.display.bundle import show
from celltrail.views.runs import run_view


class Shower:
    """Shows runs as they end."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel

    def show(self, cell: OpenCell, finished: Finished) -> None:
        """Show the run that the cell is, or the earlier runs that it scored; nothing for other cells."""
        self.say_once(finished.problems)
        if self._panel_of(cell) is False:
            return
        trail = self._kernel.trail
        if finished.run_id is not None:
            show(run_view(trail, trail.run(finished.run_id), mode="panel" if self._panel_of(cell) else "line"))
            return
        for run_id in finished.scored:
            show(run_view(trail, trail.run(run_id), mode="line", evaluates_later=True))

    def say_once(self, sentences: list[str]) -> None:
        """Say each sentence, unless this kernel has said it already."""
        for sentence in sentences:
            if self._kernel.says_once(sentence):
                self.warn(sentence)

    @staticmethod
    def warn(sentence: str) -> None:
        """Print one line on the error stream."""
        print(f"celltrail: {sentence}", file=sys.stderr)  # noqa: T201  the one place that speaks unasked

    def _panel_of(self, cell: OpenCell) -> bool | None:
        options: Any = cell.options
        if options is None:
            return self._kernel.panel
        if options.panel is not None:
            return bool(options.panel)
        return True if options.is_magic else self._kernel.panel
