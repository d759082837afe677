"""Long work shows how far it is, on one line that is written over, where a person looks on."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator

from celltrail.verbs.current import Context

_SHOWN_CHARACTERS = 76


@contextlib.contextmanager
def progress(context: Context) -> Iterator[Callable[[str], None]]:
    """Give a function that shows a line; at the end the line is empty.

    In a cell it is shown as what is printed is: front ends draw the error stream as if something were wrong.

    Parameters
    ----------
    context : Context
        From a script or a pipe nobody looks on: nothing is shown.

    Yields
    ------
    callable
        Takes a line.
    """
    stream = sys.stdout if context.door == "cell" else sys.stderr
    is_seen = context.door == "cell" or (context.door == "shell" and sys.stderr.isatty())

    def told(line: str) -> None:
        if is_seen:
            stream.write(f"\r{line[:_SHOWN_CHARACTERS]:<{_SHOWN_CHARACTERS}}")
            stream.flush()

    try:
        yield told
    finally:
        if is_seen:
            stream.write(f"\r{'':<{_SHOWN_CHARACTERS}}\r")
            stream.flush()
