"""Threads and tasks that outlive their cell: what they hold may change while later cells run."""

from __future__ import annotations

import sys
import threading
import weakref
from dataclasses import dataclass, field
from typing import Any

# Threads of celltrail, IPython and Jupyter: none of them runs what a cell gave it.
_OURS = ("celltrail", "IPython", "ipykernel", "asyncio_", "Heartbeat", "Control", "IOPub", "Shell", "pydevd")


# By their places in memory.
GoingOn = dict[int, "weakref.ref[Any]"]


@dataclass(slots=True)
class Left:
    """What a cell left going on, and the variables that it may change."""

    going_on: list[Any]
    names: set[str]


@dataclass(slots=True)
class Background:
    """Follows what cells left going on."""

    _left: list[Left] = field(default_factory=list)

    def now(self) -> GoingOn:
        """Return what goes on, before a cell."""
        return {id(one): weakref.ref(one) for one in _going_on()}

    def names(self) -> set[str]:
        """Return the variables that may change beside the cells, also by what has ended since it was last asked."""
        found: set[str] = set()
        for left in self._left:
            found |= left.names
        return found

    def forget_ended(self) -> None:
        """Forget what has ended: whatever it changed has been looked at."""
        if not self._left:
            return
        alive = {id(one) for one in _going_on()}
        self._left = [left for left in self._left if any(id(one) in alive for one in left.going_on)]

    def cell_ended(self, before: GoingOn, names: set[str]) -> bool:
        """Take note of what a cell left going on, and say whether there is any."""
        # A thread may have got the place in memory of one that ended while the cell ran.
        new = [one for one in _going_on() if (known := before.get(id(one))) is None or known() is not one]
        if new:
            self._left.append(Left(new, names))
        return bool(new)


def _going_on() -> list[Any]:
    found: list[Any] = [
        one
        for one in list(threading._active.values())  # type: ignore[attr-defined]
        if one is not threading.main_thread() and not str(one._name).startswith(_OURS)
    ]
    tasks = sys.modules.get("asyncio.tasks")
    if tasks is not None:
        known: Any = getattr(tasks, "_scheduled_tasks", None) or getattr(tasks, "_all_tasks", ())
        found += [one for one in list(known) if not one.done()]
    return found
