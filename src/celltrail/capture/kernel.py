"""One kernel while celltrail is loaded: its trail, its cells that are open, and what it remembers between cells."""

from __future__ import annotations

import math
import os
import threading
import weakref
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from celltrail.capture.executed import Executed
from celltrail.capture.late import LateWork
from celltrail.capture.referenced import Referenced

if TYPE_CHECKING:
    from celltrail.capture.cell import OpenCell
    from celltrail.capture.containers import Containers
    from celltrail.capture.door import Door
    from celltrail.capture.files_flow import FileFlow
    from celltrail.capture.inputs import Inputs
    from celltrail.capture.predictions import PredictionIndex
    from celltrail.capture.saved_panel import SavedPanels
    from celltrail.capture.touching.touching import Touching
    from celltrail.domain.header import TrackOptions
    from celltrail.domain.ids import RunId
    from celltrail.domain.record import GitState, SessionRecord
    from celltrail.store.size import Room
    from celltrail.store.trail import Trail


T = TypeVar("T")


class made_when_asked(Generic[T]):  # noqa: N801  used as a decorator
    """A part of the kernel that is made once, when it is first asked for, by whichever thread; then an attribute."""

    def __init__(self, make: Callable[[Any], T]) -> None:
        self._make = make
        self._name = make.__name__
        self.__doc__ = make.__doc__

    def __get__(self, kernel: Any, kind: type | None = None) -> T:
        # Of two threads that ask at once both may make it, and get the one that came first: so no lock is needed.
        part: T = vars(kernel).setdefault(self._name, self._make(kernel))
        return part


@dataclass(slots=True, eq=False)
class RoomWatch:
    """From when on a person is told that room is short, and what was measured."""

    most_bytes: float = 5e9
    least_free: float = 0.1
    measured_at: float = -math.inf
    short: Room | None = None  # told with the next cell, once


class OpenCells:
    """The cells that are running: nested on one thread, side by side on subshell threads."""

    def __init__(self) -> None:
        self._by_thread: dict[int, list[tuple[object, OpenCell]]] = {}
        self._lock = threading.Lock()

    def push(self, key: object, cell: OpenCell) -> None:
        """Take note that a cell starts on this thread; `key` is what tells it at its end."""
        with self._lock:
            self._by_thread.setdefault(threading.get_ident(), []).append((key, cell))

    def pop(self, key: object) -> OpenCell | None:
        """Return the cell that ends: by its key, else the innermost of this thread."""
        with self._lock:
            for thread, stack in self._by_thread.items():
                for place, (known, cell) in enumerate(stack):
                    if known is key:
                        del stack[place:]
                        self._drop_empty(thread)
                        return cell
            stack = self._by_thread.get(threading.get_ident(), [])
            if not stack:
                return None
            _, cell = stack.pop()
            self._drop_empty(threading.get_ident())
            return cell

    def has(self, key: object) -> bool:
        """Say whether a cell is known to run."""
        with self._lock:
            return any(known is key for stack in self._by_thread.values() for known, _ in stack)

    def current(self) -> OpenCell | None:
        """Return the cell that this thread works for; a thread without one works for the only cell that runs."""
        stack = self._by_thread.get(threading.get_ident())
        if stack:
            return stack[-1][1]
        with self._lock:
            running = list(self._by_thread.values())
        return running[0][-1][1] if len(running) == 1 else None

    def count(self) -> int:
        """Return how many threads run a cell."""
        return len(self._by_thread)

    def enclosing(self) -> OpenCell | None:
        """Return the cell that a cell starting now on this thread is nested in."""
        stack = self._by_thread.get(threading.get_ident())
        return stack[-1][1] if stack else None

    def running(self) -> list[OpenCell]:
        """Return every open cell."""
        with self._lock:
            return [cell for stack in self._by_thread.values() for _, cell in stack]

    def renew_lock(self) -> None:
        """Take a new lock, in a forked child."""
        self._lock = threading.Lock()

    def _drop_empty(self, thread: int) -> None:
        if not self._by_thread.get(thread):
            self._by_thread.pop(thread, None)


@dataclass(eq=False)
class Kernel:
    """What outlives a cell.

    What only fits, metrics and files need is made when it is first asked for: their modules are half of celltrail,
    and `%load_ext` must not wait for them.

    Attributes
    ----------
    trail : Trail
        Where runs are kept.
    session : SessionRecord
        This start of the kernel.
    namespace : callable
        Returns the user's namespace.
    mode : str
        "auto": cells that train or evaluate become runs; "marked": only cells with a header; "off": none.
    executed : Executed
        The sources of the cells that ran.
    """

    trail: Trail
    session: SessionRecord
    namespace: Callable[[], Mapping[str, Any]]
    mode: Literal["auto", "marked", "off"] = "auto"
    keeps_tables: bool = False
    panel: bool | None = None
    main: str | None = None
    personal: tuple[str, ...] = ()
    notebook: Path | None = None
    room: RoomWatch = field(default_factory=RoomWatch)
    late: LateWork = field(default_factory=LateWork)
    waiting_for_git: deque[tuple[RunId, GitState]] = field(default_factory=deque)
    referenced: Referenced = field(init=False)
    executed: Executed = field(default_factory=Executed)
    last_cell: OpenCell | None = None
    next_options: TrackOptions | None = None  # for the cell that the magic `%%track` is about to run
    said: set[str] = field(default_factory=set)
    settle: Callable[[], None] = field(default=lambda: None)  # closes calls that an interrupt left open
    cells: OpenCells = field(default_factory=OpenCells)

    def __post_init__(self) -> None:
        self.referenced = Referenced(self.trail.within_reach)
        _kernels.add(self)

    def renew_locks(self) -> None:
        """Go on in a forked child: the thread that may have held one of the locks does not exist there."""
        self.late = LateWork()
        self.cells.renew_lock()
        for cell in self.cells.running():
            cell.lock = threading.RLock()

    @made_when_asked
    def inputs(self) -> Inputs:
        """The data that were seen."""
        from celltrail.capture.inputs import Inputs

        inputs = Inputs(self.late)
        inputs.personal = self.personal
        return inputs

    @made_when_asked
    def containers(self) -> Containers:
        """What libraries' own containers were made from."""
        from celltrail.capture.containers import Containers

        return Containers(self.inputs)

    @made_when_asked
    def files(self) -> FileFlow:
        """The files behind the names of the notebook."""
        from celltrail.capture.files_flow import FileFlow

        return FileFlow()

    @made_when_asked
    def predictions(self) -> PredictionIndex:
        """Which fit made an array."""
        from celltrail.capture.predictions import PredictionIndex

        return PredictionIndex()

    @made_when_asked
    def saved_panels(self) -> SavedPanels:
        """The panels that the notebook's file holds."""
        from celltrail.capture.saved_panel import SavedPanels

        return SavedPanels()

    @made_when_asked
    def touching(self) -> Touching:
        """What cells touch."""
        from celltrail.capture.touching.touching import Touching

        return Touching()

    @property
    def door(self) -> Door:
        """The door for all text of this process."""
        # What it looks for is a thousand lines of patterns: the first cell needs it, `%load_ext` does not.
        from celltrail.capture.door import current_door

        return current_door()

    def says_once(self, sentence: str) -> bool:
        """Say whether a sentence is new in this kernel, and remember it."""
        if sentence in self.said:
            return False
        self.said.add(sentence)
        return True


_kernels: weakref.WeakSet[Kernel] = weakref.WeakSet()


def _renew_locks_in_child() -> None:
    for kernel in list(_kernels):
        kernel.renew_locks()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_locks_in_child)
