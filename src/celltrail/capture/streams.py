"""What a cell prints, where IPython itself does not listen: in `await` cells under a Jupyter kernel."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any

# Beyond this the rest is not held in memory; `collect_outputs` cuts shorter still.
_MOST_TEXT = 1_000_000


@dataclass(slots=True)
class Printed:
    """What one stream was given, in the shape of IPython's own record."""

    output_type: str
    bundle: dict[str, list[str]] = field(default_factory=lambda: {"stream": []})
    size: int = 0

    def take(self, text: object) -> None:
        """Keep a piece of text."""
        if isinstance(text, str) and self.size < _MOST_TEXT:
            self.bundle["stream"].append(text)
            self.size += len(text)


class Streams:
    """Listens to `sys.stdout` and `sys.stderr` of one cell; what is written arrives as without it."""

    def __init__(self) -> None:
        self._taken: list[Printed] = []
        self._patched: list[tuple[Any, Any, Any]] = []

    def start(self) -> None:
        """Begin to listen where nobody else does."""
        for name, kind in (("stdout", "out_stream"), ("stderr", "err_stream")):
            stream = getattr(sys, name)
            original = stream.write
            if isinstance(original, FunctionType):
                continue  # IPython's own listener, in cells without `await`
            printed = Printed(kind)
            try:
                stream.write = ours = _listening(original, printed)
            except AttributeError:
                continue  # a stream of another kind, whose methods can't be replaced
            self._taken.append(printed)
            self._patched.append((stream, original, ours))

    def stop(self) -> list[Printed]:
        """Stop listening; return what was heard, stream by stream."""
        for stream, original, ours in self._patched:
            if stream.write is ours:
                stream.write = original
        self._patched.clear()
        return [printed for printed in self._taken if printed.size]


def _listening(original: Any, printed: Printed) -> Any:
    def write(text: Any, *args: Any, **options: Any) -> Any:
        result = original(text, *args, **options)
        printed.take(text)
        return result

    return write
