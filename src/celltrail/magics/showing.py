"""What a person sees of celltrail unasked: one line or panel a run, and each plain fact once."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Literal

from celltrail.capture.guard import guarded
from celltrail.errors import BadReferenceError, NotFoundError

if TYPE_CHECKING:
    from celltrail.capture.cell import OpenCell
    from celltrail.capture.kernel import Kernel
    from celltrail.capture.recorder import Finished
    from celltrail.domain.record import SavedRun
    from celltrail.domain.run import Run
    from celltrail.views.recent import Recent
    from celltrail.views.schema import RunView, Saved


class Shower:
    """Shows runs as they end."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._recent: Recent | None = None

    def show(self, cell: OpenCell, finished: Finished) -> None:
        """Show the run that the cell is, or the earlier runs that it scored; nothing for other cells."""
        self.say_once(finished.problems)
        self._say_room()
        if self._panel_of(cell) is False or finished.saved is None:
            return  # what is not in the trail, or waits in its spool, can't be read from it
        # Drawing is loaded with the first run, so that loading the extension stays light.
        from celltrail.display.bundle import show
        from celltrail.views.runs import run_view

        recent = self._neighbours()
        trail = self._kernel.trail
        if finished.run_id is not None:
            mode: Literal["line", "panel"] = "panel" if self._panel_of(cell) else "line"
            view = run_view(recent, self._ended(cell, finished.saved), mode=mode, saved=self._saved_for(cell))
            if mode == "panel":  # who has the whole panel shown waits for it; a line is drawn under every cell
                self._doubt(view, cell)
            show(view)
            return
        for run_id in finished.scored:
            show(run_view(recent, trail.run(run_id), mode="line", evaluates_later=True))

    def _doubt(self, view: RunView, cell: OpenCell) -> None:
        """Put first what is known of the cells behind a run: that "run all" would give it something else."""
        from celltrail.views.standing import caution_for

        execution = cell.record.execution
        with guarded("staleness", {}):
            found = caution_for(self._kernel.trail, execution.session_id, execution.id, self._kernel.notebook)
            if found is not None:
                view["cautions"].insert(0, found)

    def _ended(self, cell: OpenCell, saved: SavedRun) -> Run:
        """Return the run of the cell: by its own record, but for a repeat, of which the record tells only half."""
        if saved.number is None or cell.kept is None or cell.kept.run is None:
            return self._kernel.trail.run(saved.id)
        return self._kernel.trail.as_saved(cell.kept, saved)

    def _neighbours(self) -> Recent:
        from celltrail.views.recent import Recent

        if self._recent is None or self._recent.trail is not self._kernel.trail:
            self._recent = Recent(self._kernel.trail)
        return self._recent

    def _say_room(self) -> None:
        watch = self._kernel.room
        if watch.short is not None and self._kernel.says_once("room"):
            from celltrail.views.room import room_words

            self.say_once([room_words(watch.short, watch.least_free)])

    def _saved_for(self, cell: OpenCell) -> Saved | None:
        """Return what the saved notebook says of the cell, once, and only where it is news to this trail."""
        execution, panels = cell.record.execution, self._kernel.saved_panels
        panels.read(self._kernel.notebook)
        found = panels.find(cell_id=execution.cell_id, source=execution.source) or {}
        from celltrail.views.saved import as_saved

        saved, head = as_saved(found.get("saved")), found.get("run")
        run_id = head.get("id") if isinstance(head, dict) else None
        if saved is None or not isinstance(run_id, str) or not self._kernel.says_once(f"saved {run_id}"):
            return None
        try:
            self._kernel.trail.run(run_id)
        except (NotFoundError, BadReferenceError):
            return saved
        return None

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
