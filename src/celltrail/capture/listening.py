"""The listener before there is anything to hear: what writes calls down is imported with the first one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from celltrail.capture.kernel import Kernel
    from celltrail.capture.listener import CallListener
    from celltrail.flavors.protocol import Call


class Listening:
    """Passes calls on to the kernel's `CallListener`.

    Parameters
    ----------
    kernel : Kernel
        The kernel.
    """

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._listener: CallListener | None = None

    def opened(self, call: Call) -> None:
        """Take note that a call starts."""
        if (listener := self._made()) is not None:
            listener.opened(call)

    def closed(self, call: Call, result: Any, error: BaseException | None) -> None:
        """Take note that a call ended; one that began unheard is of no interest."""
        if self._listener is not None:
            self._listener.closed(call, result, error)

    def linked(self, key: str, value: str) -> None:
        """Take note of what another tool started beside the cell that runs."""
        if (listener := self._made()) is not None:
            listener.linked(key, value)

    def _made(self) -> CallListener | None:
        """Return the listener; None as long as nothing was of interest: no cell runs, or tracking is off."""
        if self._listener is None and self._kernel.cells.current() is not None and self._kernel.mode != "off":
            from celltrail.capture.listener import CallListener

            self._listener = CallListener(self._kernel)
        return self._listener
