"""`%%track` and `%track`: to track this cell, and to say when cells are tracked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError as IPythonUsageError
from IPython.core.magic import Magics, line_cell_magic, magics_class

from celltrail.domain.header import parse_header
from celltrail.errors import CelltrailError

if TYPE_CHECKING:
    from celltrail.magics.loaded import Loaded

_USAGE = "%track on | off | status | last"


@magics_class
class TrackMagics(Magics):
    """The magics that decide what is tracked."""

    def __init__(self, shell: Any, loaded: Loaded) -> None:
        super().__init__(shell)
        self._loaded = loaded

    @line_cell_magic
    def track(self, line: str, cell: str | None = None) -> Any:
        """Track this cell, or say when cells are tracked.

        %%track [NAME] [--tag K=V]… [--note TEXT] [--seed N] [--main METRIC] [--no-model] [--no-panel]
        %track on | off | status | last

        Examples
        --------
        %%track forest --tag owner=me
        %track off
        %track last
        """
        if cell is None:
            return self._switch(line.strip())
        return self._run_below(line, cell)

    def _switch(self, word: str) -> None:
        kernel = self._loaded.kernel
        if word == "on":
            kernel.mode = "auto"
        elif word == "off":
            kernel.mode = "off"
        elif word == "last":
            self._track_last()
            return
        elif word in ("", "status"):
            self.shell.run_line_magic("trail", "status")
            return
        else:
            from celltrail.domain.words import did_you_mean

            raise IPythonUsageError(f"%track {word}: {did_you_mean(word, ['on', 'off', 'status', 'last'])} {_USAGE}")

    def _track_last(self) -> None:
        cell = self._loaded.kernel.last_cell
        if cell is None:
            raise IPythonUsageError("%track last: no cell has run since celltrail was loaded. Run one first.")
        finished = self._loaded.recorder.make_run(cell)
        self._loaded.witness.shower.show(cell, finished)

    def _run_below(self, line: str, cell: str) -> Any:
        """Run a cell whose header no transformer took off: `run_cell_magic("track", …)` of an exported script."""
        try:
            options = parse_header(line, is_magic=True)
        except CelltrailError as error:
            raise IPythonUsageError(str(error)) from error
        self._loaded.kernel.next_options = options
        result = self.shell.run_cell(cell, store_history=False)
        result.raise_error()
        return result.result
