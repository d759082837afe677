"""Which lines of a cell run: by Python's own monitoring, from 3.12 on, at no cost to loops.

A tool of our own is told once of each piece of code that starts, and once of each line of a cell's own top level. No
function is followed, and nothing where a debugger, a profiler or coverage is at work: not to be in its way.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from inspect import CO_OPTIMIZED
from types import CodeType
from typing import Any

# Ids that Python gives to no kind of tool (sys.monitoring, "Tool identifiers").
_IDS = (4, 3)
_NAME = "celltrail"


@dataclass(slots=True, eq=False)
class Running:
    """What ran of one cell so far.

    Attributes
    ----------
    firsts : list of int
        The first line of each piece of code: IPython compiles statement by statement.
    lines, known : set of int
        Lines that ran; all lines of these pieces.
    is_known : bool
        Whether all was seen.
    """

    namespace: Mapping[str, Any]
    firsts: list[int] = field(default_factory=list)
    lines: set[int] = field(default_factory=set)
    known: set[int] = field(default_factory=set)
    is_known: bool = True


class Lines:
    """Follows the lines of cells, one cell at a time."""

    def __init__(self) -> None:
        self._tool: int | None = None
        self._running: Running | None = None

    def start(self, namespace: Mapping[str, Any]) -> Running | None:
        """Follow a cell; None where that can't be done.

        Parameters
        ----------
        namespace : mapping of str to object
            In which the cell runs.

        Returns
        -------
        Running or None
            To be given to `end`.
        """
        if self._running is not None:  # a cell in a cell, or beside one: whose line is whose?
            self._running.is_known = False
            return None
        if not _is_free() or not self._take():
            return None
        self._running = Running(namespace)
        return self._running

    def end(self, running: Running | None) -> Running | None:
        """Return what ran of a cell; None where not all was seen."""
        if running is None or running is not self._running:
            return None
        self._running = None
        return running if running.is_known and _is_free() else None

    def free(self) -> None:
        """Give the tool back."""
        if self._tool is not None:
            monitoring: Any = sys.monitoring  # type: ignore[attr-defined,unused-ignore]
            monitoring.set_events(self._tool, 0)
            for event in (monitoring.events.PY_START, monitoring.events.LINE):
                monitoring.register_callback(self._tool, event, None)
            monitoring.free_tool_id(self._tool)
            self._tool = None
        self._running = None

    def _take(self) -> bool:
        if self._tool is not None:
            return True
        monitoring: Any = sys.monitoring  # type: ignore[attr-defined,unused-ignore]
        free = [one for one in _IDS if monitoring.get_tool(one) is None]
        if not free:
            return False
        self._tool = free[0]
        monitoring.use_tool_id(self._tool, _NAME)
        monitoring.register_callback(self._tool, monitoring.events.PY_START, self._code_starts)
        monitoring.register_callback(self._tool, monitoring.events.LINE, self._line_runs)
        monitoring.set_events(self._tool, monitoring.events.PY_START)
        return True

    def _code_starts(self, code: CodeType, offset: int) -> Any:  # noqa: ARG002  as Python calls it
        monitoring: Any = sys.monitoring  # type: ignore[attr-defined,unused-ignore]
        running = self._running
        if code.co_flags & CO_OPTIMIZED or running is None:  # a function
            return monitoring.DISABLE
        frame = sys._getframe(1)
        above = frame.f_back
        if frame.f_globals is running.namespace and above is not None and above.f_code.co_name == "run_code":
            lines = {line for _, _, line in code.co_lines() if line}
            running.firsts.append(min(lines, default=0))
            running.known |= lines
            monitoring.set_local_events(self._tool, code, monitoring.events.LINE)
        return monitoring.DISABLE

    def _line_runs(self, code: CodeType, line: int) -> Any:  # noqa: ARG002  as Python calls it
        if self._running is not None:
            self._running.lines.add(line)
        return sys.monitoring.DISABLE  # type: ignore[attr-defined,unused-ignore]


def _is_free() -> bool:
    """Say whether nobody else follows this program."""
    monitoring: Any = getattr(sys, "monitoring", None)
    if monitoring is None or sys.gettrace() is not None or sys.getprofile() is not None:
        return False
    others = (monitoring.DEBUGGER_ID, monitoring.COVERAGE_ID, monitoring.PROFILER_ID)
    return all(monitoring.get_tool(one) is None for one in others)
