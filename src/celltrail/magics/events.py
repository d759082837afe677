"""The witness: IPython's hooks around each cell, translated for the Recorder and back for the person.

Nothing here runs the user's code. A cell that starts is told by `pre_run_cell`, one that ends by `post_run_cell`; the
two are matched by IPython's own `info` object, because an `await` cell ends in another context and a nested cell ends
before its outer one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from celltrail.capture.autosave import Autosave
from celltrail.capture.cell import OpenCell
from celltrail.capture.guard import guarded
from celltrail.capture.kernel import Kernel
from celltrail.capture.machine import Meter
from celltrail.capture.outputs import Displays
from celltrail.capture.recorder import CellEnd, CellStart, Recorder
from celltrail.capture.remarks import WarningWatch
from celltrail.capture.where import find_notebook
from celltrail.domain.header import find_header
from celltrail.magics.showing import Shower


@dataclass(slots=True, eq=False)
class Watched:
    """A cell that runs, and what listens to it."""

    cell: OpenCell
    displays: Displays
    warnings: WarningWatch
    meter: Meter

    def start(self) -> None:
        """Begin to listen; the meter last, so that it measures the cell alone."""
        self.displays.start()
        self.warnings.start()
        self.meter.start()

    def stop(self) -> None:
        """Stop listening."""
        self.cell.run.machine = self.meter.stop()
        self.warnings.stop()
        self.displays.stop()


class Witness:
    """Brackets each cell of one shell."""

    def __init__(self, shell: Any, kernel: Kernel, recorder: Recorder, shower: Shower) -> None:
        self.shell = shell
        self.kernel = kernel
        self.recorder = recorder
        self.shower = shower
        self.autosave = Autosave(self._commit_running)
        self._watched: dict[int, Watched] = {}
        self._problems: dict[str, str] = {}

    def install(self) -> None:
        """Begin to witness."""
        self.shell.events.register("pre_run_cell", self.pre_run_cell)
        self.shell.events.register("post_run_cell", self.post_run_cell)

    def uninstall(self) -> None:
        """Stop witnessing; cells that run now end as executions without a run."""
        self.shell.events.unregister("pre_run_cell", self.pre_run_cell)
        self.shell.events.unregister("post_run_cell", self.post_run_cell)
        for watched in self._watched.values():
            watched.stop()
        self.autosave.close()

    def pre_run_cell(self, info: Any) -> None:
        """IPython is about to run a cell."""
        if self.kernel.mode == "off":
            return
        with guarded("begin", self._problems):
            self._begin(info)

    def post_run_cell(self, result: Any) -> None:
        """IPython has run a cell."""
        cell = self.kernel.cells.pop(getattr(result, "info", None))
        if cell is None:
            return  # `%load_ext celltrail` itself, or a cell that began while tracking was off
        if not self.kernel.cells.count():
            self.autosave.all_cells_ended()
        with guarded("finish", self._problems):
            self.kernel.settle()
            self._finish(cell, result)

    def _begin(self, info: Any) -> None:
        source = info.raw_cell or ""
        header = find_header(source)
        asked, self.kernel.next_options = self.kernel.next_options, None
        self.kernel.notebook = find_notebook(self.shell.user_ns) or self.kernel.notebook
        cell = self.recorder.begin(
            CellStart(
                source=source,
                cell_id=getattr(info, "cell_id", None),
                execution_count=self.shell.execution_count if info.store_history else None,
                options=header.options if header else asked,
            )
        )
        if header is not None and header.problem:
            self.shower.warn(header.problem)
        self.shower.say_once(cell.problems)
        watched = Watched(cell, Displays(self.shell.display_pub), WarningWatch(cell.hear_warning), Meter())
        self._watched[id(cell)] = watched
        self.kernel.cells.push(info, cell)
        self.autosave.cell_started()
        watched.start()

    def _finish(self, cell: OpenCell, result: Any) -> None:
        watched = self._watched.pop(id(cell))
        watched.stop()
        count = cell.record.execution.execution_count
        history = self.shell.history_manager
        outputs = getattr(history, "outputs", {}).get(count, []) if count is not None else []
        tracebacks = getattr(history, "exceptions", {}).get(count) if count is not None else None
        error = getattr(result, "error_in_exec", None) or getattr(result, "error_before_exec", None)
        finished = self.recorder.finish(
            cell, CellEnd(error=error, displays=watched.displays.shown, history=list(outputs), traceback=tracebacks)
        )
        self.shower.show(cell, finished)

    def _commit_running(self) -> None:
        for cell in self.kernel.cells.running():
            with guarded("autosave", self._problems):
                self.recorder.commit(cell)
