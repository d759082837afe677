"""Which calls of a library are events: the outermost one on each thread, in this process.

Between the probes, which see every call, and the recorder, which hears of those that count. What a call means is
not known here: that is in `flavors`.
"""

from __future__ import annotations

import os
import sys
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from functools import partial
from types import FrameType
from typing import Any, Protocol

from celltrail.capture.guard import contained
from celltrail.capture.warned import nothing_warned_anew
from celltrail.flavors.joblib_threads import lender_of
from celltrail.flavors.protocol import Call, CallKind


class Listener(Protocol):
    """Who hears of outermost calls, on the thread that makes them."""

    def opened(self, call: Call) -> None:
        """Take note that a call is about to start; its arguments are as the user gave them."""
        ...

    def closed(self, call: Call, result: Any, error: BaseException | None) -> None:
        """Take note that it ended, with its result or with what it raised."""
        ...

    def linked(self, key: str, value: str) -> None:
        """Take note of what another tool started beside the cell that runs."""
        ...


_CHECK_EVERY_S = 0.05


class _OpenCall:
    """A call that is open on a thread; `boundary` is a frame that the call itself stands above."""

    __slots__ = ("__weakref__", "boundary", "call", "check_at", "is_told", "thread")

    def __init__(self, call: Call, boundary: FrameType) -> None:
        self.call = call
        self.boundary = boundary
        self.thread = threading.get_ident()
        self.check_at = time.monotonic() + _CHECK_EVERY_S
        self.is_told = False  # that it has ended

    def is_over(self) -> bool:
        """Say, every now and then, whether the call has ended without our being told.

        An interrupt that lands between two instructions of ours can have that effect, however they are ordered.
        """
        now = time.monotonic()
        if now < self.check_at:
            return False
        self.check_at = now + _CHECK_EVERY_S
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and frame is not self.boundary:
            frame = frame.f_back
        return frame is None


class CallSink:
    """Tells a listener of the outermost calls.

    A call is outermost when none is open on its thread, nor on the thread that lent its work to this one through
    joblib. While the listener works, the call is open: what it calls of the library is no event. In a forked child
    nothing is an event.

    Parameters
    ----------
    listener : Listener
        Its exceptions never reach the user's code; an interrupt that lands in it ends its work and goes on to the
        user's code.
    report : callable
        Told of an exception of the listener, with the name of the step that failed. Must not raise.
    """

    def __init__(self, listener: Listener, report: Callable[[str, BaseException], None]) -> None:
        self._listener = listener
        self._report = report
        self._pid = os.getpid()
        self._open: dict[int, _OpenCall] = {}
        self._lent = threading.local()

    def open(
        self,
        kind: CallKind,
        library: str,
        function: str,
        owner: Any,
        bind: Callable[[], Mapping[str, Any]],
        frame: FrameType | None,
    ) -> Call | None:
        """Return the call to record, or None where it is part of a call that is open already.

        Parameters
        ----------
        kind, library, function, owner
            As in `Call`.
        bind : callable
            Gives the arguments by name; called only for calls that are recorded.
        frame : frame or None
            Where the user's code makes the call.

        Returns
        -------
        Call or None
            Hand it to `close` when the call ends.
        """
        thread = threading.get_ident()
        held = self._open.get(thread)
        if (held is not None and not held.is_over()) or os.getpid() != self._pid:
            return None
        if held is not None:
            self._abandon(held)
        if self._open and self._is_lent(thread):
            return None
        try:
            arguments = bind()
        except TypeError:  # the call does not fit the signature, and will say so itself
            arguments = {}
        call = Call(kind, library, function, owner, arguments, frame)
        call.returned = partial(self._returned, call)
        self._open[thread] = _OpenCall(call, sys._getframe(2))
        try:
            with contained(partial(self._report, f"{kind} opened")), nothing_warned_anew():
                self._listener.opened(call)
        except BaseException as interrupt:
            self.close(call, None, interrupt)  # the user's call will not start
            raise
        return call

    def close(self, call: Call, result: Any, error: BaseException | None) -> None:
        """Take note that a call ended.

        Parameters
        ----------
        call : Call
            As `open` returned it.
        result : object
            What it returned; None where it raised.
        error : exception or None
            What it raised.
        """
        try:
            if call.returned is not None:
                self._returned(call, result, error)
        finally:
            self._forget(call)

    def link(self, key: str, value: str) -> None:
        """Add a value to what the running cell's run is linked to under a key."""
        if os.getpid() == self._pid:
            with contained(partial(self._report, f"link to {key}")):
                self._listener.linked(key, value)

    def running(self) -> Call | None:
        """Return the call that is open on this thread.

        Returns
        -------
        Call or None
            None too in a thread that only works for a call of another.
        """
        held = self._open.get(threading.get_ident())
        return None if held is None or os.getpid() != self._pid else held.call

    def settle(self) -> None:
        """End what is open on this thread: a cell has ended, so nothing can be."""
        held = self._open.get(threading.get_ident())
        if held is not None:
            self._abandon(held)

    def _returned(self, call: Call, result: Any, error: BaseException | None) -> None:
        """Tell the listener of the end, once; the call stays open, so that what is called in it is no event."""
        call.returned = None
        held = self._open.get(threading.get_ident())
        if held is not None and held.call is call:
            held.is_told = True
        with contained(partial(self._report, f"{call.kind} closed")), nothing_warned_anew():
            self._listener.closed(call, result, error)

    def _abandon(self, held: _OpenCall) -> None:
        """End a call that an interrupt kept from ending properly."""
        if held.is_told:
            self._forget(held.call)
        else:
            self.close(held.call, None, KeyboardInterrupt())

    def _forget(self, call: Call) -> None:
        call.frame = None
        thread = threading.get_ident()
        if (held := self._open.get(thread)) is not None and held.call is call:
            del self._open[thread]

    def _is_lent(self, thread: int) -> bool:
        """Say whether this thread works for a call that is open on another one."""
        remembered = getattr(self._lent, "by", None)
        held = remembered and remembered()
        if held is not None and self._open.get(held.thread) is held:
            return True
        opened = {other: held.boundary for other, held in list(self._open.items())}
        lender = lender_of(thread, opened)
        held = None if lender is None else self._open.get(lender)
        if held is None:
            return False
        self._lent.by = weakref.ref(held)
        return True
