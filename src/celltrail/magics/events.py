"""The witness: IPython's hooks around each cell, translated for the Recorder and back for the person.

Nothing here runs the user's code. A cell that starts is told by `pre_run_cell`, one that ends by `post_run_cell`; the
two are matched by IPython's own `info` object, because an `await` cell ends in another context and a nested cell ends
before its outer one.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import TYPE_CHECKING, Any

from celltrail.capture.autosave import Autosave
from celltrail.capture.guard import guarded
from celltrail.capture.interrupts import interrupts_taken
from celltrail.capture.recorder import CellEnd, CellStart, Recorder
from celltrail.capture.streams import Printed, Streams
from celltrail.capture.tables import remember_result
from celltrail.capture.warned import nothing_warned_anew
from celltrail.capture.where import find_notebook
from celltrail.domain.header import find_header
from celltrail.magics.handing_on import HandingOn

if TYPE_CHECKING:
    from celltrail.capture.cell import OpenCell
    from celltrail.capture.files import FileWatch
    from celltrail.capture.kernel import Kernel
    from celltrail.capture.machine import Meter
    from celltrail.capture.outputs import Displays
    from celltrail.capture.remarks import WarningWatch
    from celltrail.capture.touching.touching import Before
    from celltrail.magics.showing import Shower


@dataclass(slots=True, eq=False)
class Watched:
    """A cell that runs, and what listens to it."""

    cell: OpenCell
    displays: Displays
    warnings: WarningWatch
    files: FileWatch
    meter: Meter
    before: Before | None = None
    streams: Streams = field(default_factory=Streams)
    printed: list[Printed] = field(default_factory=list)

    def start(self) -> None:
        """Begin to listen; the meter last, so that it measures the cell alone."""
        self.displays.start()
        self.streams.start()
        self.warnings.start()
        self.files.start()
        self.meter.start()

    def stop(self) -> None:
        """Stop listening."""
        self.cell.run.machine = self.meter.stop()
        with guarded("files", self.cell.run.unknown):
            self.cell.run.files = self.files.stop()
            if self.files.skipped:
                self.cell.run.unknown["files"] = f"{self.files.skipped} more were opened"
        self.warnings.stop()
        self.printed = self.streams.stop()
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
        self._parts: list[Any] = []
        self._handing_on = HandingOn(shell)

    def install(self) -> None:
        """Begin to witness."""
        self.shell.events.register("pre_run_cell", self.pre_run_cell)
        self.shell.events.register("post_run_cell", self.post_run_cell)
        info = running_cell()
        if info is None:
            return
        source = info.raw_cell or ""
        if _only_loads(source):
            self.kernel.executed.add(getattr(info, "cell_id", None), source)
        else:
            # `%load_ext celltrail` in the very cell that trains: it is witnessed from here on.
            self.pre_run_cell(info)

    def uninstall(self) -> None:
        """Stop witnessing; a cell that runs now is kept as far as it came."""
        self.shell.events.unregister("pre_run_cell", self.pre_run_cell)
        self.shell.events.unregister("post_run_cell", self.post_run_cell)
        for watched in list(self._watched.values()):
            watched.stop()
            with guarded("unload", watched.cell.run.unknown):
                self.recorder.finish(watched.cell, CellEnd())
        self._watched.clear()
        from celltrail.capture.files import disarm

        disarm()
        if "touching" in vars(self.kernel):
            self.kernel.touching.close()
        self._handing_on.forget()
        self.autosave.close()

    def pre_run_cell(self, info: Any) -> None:
        """IPython is about to run a cell."""
        with interrupts_taken() as taken, nothing_warned_anew():
            self._take_start(info)
        if taken is not None and taken.came:
            self._handing_on.at_start(taken)

    def post_run_cell(self, result: Any) -> None:
        """IPython has run a cell."""
        with interrupts_taken() as taken, nothing_warned_anew():
            self._handing_on.forget()
            self._take_end(result)
        if taken is not None and taken.came:
            self._handing_on.at_end(taken, result)

    def _take_start(self, info: Any) -> None:
        if self.kernel.mode == "off" or self.kernel.cells.has(info):
            return
        if self._is_part(info):
            self._parts.append(info)
            return
        with self._guarded("the start of this cell"):
            self._begin(info)

    def _take_end(self, result: Any) -> None:
        info = getattr(result, "info", None)
        if any(part is info for part in self._parts):
            self._parts = [part for part in self._parts if part is not info]
            return
        cell = self.kernel.cells.pop(info)
        if cell is None:
            return  # `%load_ext celltrail` itself, or a cell that began while tracking was off
        if not self.kernel.cells.count():
            self.autosave.all_cells_ended()
        with self._guarded("the end of this cell"):
            self.kernel.settle()
            self._finish(cell, result)
        if not cell.is_settled:
            # Something failed, or an interrupt fell, between the guards: the run is kept with what is known of it.
            with self._guarded("what is known of this cell"):
                self.recorder.finish(cell, CellEnd(error=_error_of(result)))

    def _is_part(self, info: Any) -> bool:
        """Say whether this is the body of a cell that runs: `%%capture` and its like run theirs as a cell."""
        outer = self.kernel.cells.enclosing()
        if outer is None:
            return False
        around, body = outer.record.execution.source.strip(), (info.raw_cell or "").strip()
        return bool(body) and around.startswith("%%") and around.endswith(body)

    @contextmanager
    def _guarded(self, what: str) -> Iterator[None]:
        problems: dict[str, str] = {}
        # An interrupt ends single steps, never the whole: the run would be lost.
        with guarded(what, problems, ends_early=False):
            yield
        for why in problems.values():
            self.shower.say_once([f"{what} could not be recorded or shown ({why}); nothing of yours is affected"])

    def _begin(self, info: Any) -> None:
        # What listens to a cell is not needed to load celltrail; `warming` has imported it by now.
        from celltrail.capture.files import FileWatch
        from celltrail.capture.machine import Meter
        from celltrail.capture.outputs import Displays
        from celltrail.capture.remarks import WarningWatch
        from celltrail.flavors.trust import trust_folder

        source = info.raw_cell or ""
        header = find_header(source)
        if source.startswith("%%"):
            from celltrail.analysis.callsite import remember_body

            remember_body(source)
        asked, self.kernel.next_options = self.kernel.next_options, None
        self.kernel.notebook = find_notebook(self.shell.user_ns) or self.kernel.notebook
        cell = self.recorder.begin(
            CellStart(
                source=source,
                cell_id=getattr(info, "cell_id", None),
                execution_count=self._count(info),
                options=header.options if header else asked,
            )
        )
        if header is not None and header.problem:
            self.shower.warn(header.problem)
        self.shower.say_once(cell.problems)
        watched = Watched(
            cell,
            Displays(self.shell.display_pub),
            WarningWatch(cell.hear_warning),
            FileWatch([self.kernel.trail.path, trust_folder()]),  # what celltrail itself reads is no input
            Meter(),
        )
        self._watched[id(cell)] = watched
        self.kernel.cells.push(info, cell)
        self.autosave.cell_started()
        with guarded("lineage", cell.run.unknown):
            watched.before = self.kernel.touching.begin(source, self.shell.user_ns)
        watched.start()

    def _finish(self, cell: OpenCell, result: Any) -> None:
        watched = self._watched.pop(id(cell))
        watched.stop()
        with guarded("lineage", cell.run.unknown):
            if watched.before is not None:
                self._take_touches(watched, watched.before, succeeded=_error_of(result) is None)
        with guarded("files", cell.run.unknown):
            cell.run.files += self.kernel.files.pass_on(cell.run.source, cell.run.files)
        history = self.shell.history_manager
        count = result.execution_count if cell.record.execution.execution_count is not None else None
        outputs = getattr(history, "outputs", {}).get(count, []) if count is not None else []
        with guarded("table", cell.run.unknown):
            remember_result(outputs, getattr(result, "result", None))
        tracebacks = getattr(history, "exceptions", {}).get(count) if count is not None else None
        finished = self.recorder.finish(
            cell,
            CellEnd(
                error=_error_of(result),
                displays=watched.displays.shown,
                history=[*watched.printed, *outputs],
                traceback=tracebacks,
                execution_count=count,
            ),
        )
        self.shower.show(cell, finished)

    def _take_touches(self, watched: Watched, before: Before, *, succeeded: bool) -> None:
        from celltrail.capture.touching.touching import Opened

        execution, opened = watched.cell.record.execution, Opened(watched.files.ways, watched.cell.run.files)
        execution.touches, execution.touched_files = self.kernel.touching.end(
            before, self.shell.user_ns, opened, succeeded=succeeded
        )

    def _count(self, info: Any) -> int | None:
        """Return the number of the cell that starts; None where it leaves no history.

        The shell's own counter has gone on already or not, by IPython's version; the inputs tell in each.
        """
        if not info.store_history:
            return None
        inputs = getattr(self.shell.history_manager, "input_hist_raw", None)
        return len(inputs) if inputs else int(self.shell.execution_count)

    def _commit_running(self) -> None:
        for cell in self.kernel.cells.running():
            with guarded("autosave", cell.run.unknown):
                self.recorder.commit(cell)


def _only_loads(source: str) -> bool:
    """Say whether a cell does nothing but load extensions: there is nothing to witness, and nothing to wait for."""
    lines = [line.strip() for line in source.splitlines() if line.strip()]
    return all(line.startswith(("%load_ext ", "%reload_ext ")) for line in lines)


def _error_of(result: Any) -> BaseException | None:
    return getattr(result, "error_in_exec", None) or getattr(result, "error_before_exec", None)


def running_cell() -> Any | None:
    """Return what IPython knows of the cell that runs now on this thread; None between cells."""
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        if frame.f_code.co_name == "run_cell_async":
            info = getattr(frame.f_locals.get("result"), "info", None)
            if info is not None:
                return info
        frame = frame.f_back
    return None
