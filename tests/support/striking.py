"""An interrupt (SIGINT) that arrives in celltrail's own work, after a given number of its steps."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from support.killing import replaced


@contextmanager
def interrupt_in(point: str, at: int) -> Iterator[list[str]]:
    """Send this process a SIGINT in the next call of a point, at a step of it, or at its end.

    Yields
    ------
    list of str
        Where it struck: names of functions, once it has.
    """
    struck: list[str] = []

    def around(function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        if struck:
            return function(*args, **kwargs)
        left = at

        def count(frame: Any, *_: Any) -> None:
            nonlocal left
            left -= 1
            if left < 0 and not struck:
                sys.setprofile(None)
                strike(frame.f_code.co_name)

        def strike(where: str) -> None:
            struck.append(where)
            os.kill(os.getpid(), signal.SIGINT)

        sys.setprofile(count)
        try:
            return function(*args, **kwargs)
        finally:
            sys.setprofile(None)
            if not struck:
                strike("the end")

    with replaced(point, around):
        yield struck
