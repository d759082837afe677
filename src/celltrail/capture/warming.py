"""Imports, beside the person's first cells, what the first tracked one would have to wait for.

One low thread goes from module to module and sleeps between them, so that a cell that runs meanwhile waits for one
small module at most (a few milliseconds), and the cell that needs them all finds most of them there. Beside a cell
that may itself need them it waits: both would want the interpreter, and each switch costs them time. Nothing is
imported here that is not celltrail's own or a library's that celltrail needs anyway: two threads that enter a circle
of imports from two sides break it, and the user's libraries have such circles.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from importlib import import_module

# In the order in which a cell needs them: its start, a fit, its end, the store, its line. Each brings what it needs;
# the lower ones come first, so that no step is long.
MODULES = (
    "celltrail.domain.record",
    "celltrail.analysis.source",
    "celltrail.analysis.masking.keys",
    "celltrail.analysis.masking.find",
    "celltrail.analysis.masking.code",
    "celltrail.capture.door",
    "celltrail.capture.door_record",
    "celltrail.store.notebooks",
    "celltrail.store.write_metrics",
    "celltrail.store.experiments",
    "celltrail.store.writer",
    "celltrail.store.saving",
    "celltrail.capture.outputs",
    "celltrail.capture.environment",
    "celltrail.capture.saved_panel",
    "celltrail.capture.files_openers",
    "celltrail.capture.files",
    "celltrail.capture.machine",
    "celltrail.capture.remarks",
    "celltrail.capture.files_flow",
    "celltrail.analysis.touching.uses",
    "celltrail.analysis.touching.painters",
    "celltrail.capture.touching.touching",
    "celltrail.store.write_touches",
    "celltrail.flavors.descriptions",
    "celltrail.capture.predictions",
    "celltrail.analysis.fingerprint",
    "celltrail.capture.inputs",
    "celltrail.capture.containers",
    "celltrail.analysis.callsite",
    "celltrail.flavors.models",
    "celltrail.analysis.written",
    "celltrail.capture.fits",
    "celltrail.capture.metrics",
    "celltrail.capture.listener",
    "celltrail.capture.notebook",
    "celltrail.capture.local_distributions",
    "celltrail.capture.finishing",
    "celltrail.capture.late_facts",
    "celltrail.domain.run",
    "celltrail.store.read_fits",
    "celltrail.store.content",
    "celltrail.store.runs",
    "celltrail.store.as_saved",
    "celltrail.store.scores",
    "celltrail.views.schema",
    "celltrail.views.recent",
    "celltrail.views.runs",
    "celltrail.views.saved",
    "celltrail.display.bundle",
)
# Between two steps; a cell that waits for the interpreter gets it here at once.
_REST_S = 0.001
# Of a cell that takes long it is asked ever more seldom whether it has ended.
_LONGEST_REST_S = 0.25
# Of the processor: about half of all there is to import. Loading takes as long again without it.
_AT_ONCE_S = 0.05
# A fork waits so long for the step that is going on; longer, and the step waits for the thread that forks.
_FORK_WAIT_S = 1.0

_step = threading.RLock()


def warm_up(stop: threading.Event, is_in_the_way: Callable[[], bool]) -> None:
    """Import what the first tracked cell needs.

    Parameters
    ----------
    stop : Event
        Set when celltrail is unloaded: nothing more is imported then.
    is_in_the_way : callable
        Says whether a cell runs that should have the interpreter to itself.
    """
    for name in MODULES:
        if name in sys.modules:
            continue
        if not is_clear(stop, is_in_the_way):
            return
        with _step:
            import_module(name)
        time.sleep(_REST_S)


def is_clear(stop: threading.Event, is_in_the_way: Callable[[], bool]) -> bool:
    """Wait until nothing is in the way; say whether to go on then.

    Parameters
    ----------
    stop, is_in_the_way
        As `warm_up` has them.

    Returns
    -------
    bool
        False where celltrail is unloaded.
    """
    rest_s = _REST_S
    while not stop.is_set() and is_in_the_way():
        stop.wait(rest_s)
        rest_s = min(2 * rest_s, _LONGEST_REST_S)
    return not stop.is_set()


def warm_at_once() -> None:
    """Import, on this thread, the first part of what a tracked cell needs: one is about to come.

    Beside a cell that follows at once, the low thread wins nothing: both want the interpreter.
    """
    until_s = time.thread_time() + _AT_ONCE_S
    for name in MODULES:
        if time.thread_time() > until_s:
            return
        import_module(name)


def _before_fork() -> None:
    # A child that is born while this thread imports has the lock of that module, which nobody will ever let go of.
    _waited.held = _step.acquire(timeout=_FORK_WAIT_S)


def _after_fork() -> None:
    if getattr(_waited, "held", False):
        _waited.held = False
        _step.release()


_waited = threading.local()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork)
