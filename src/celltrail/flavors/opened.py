"""What a library opened: the words in which a flavor tells it, and what several flavors need to say it.

A flavor lists its functions that open files, and for each says from arguments and result what was opened. Who
listens, and what is nobody's data, is for `capture.files`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Mode = Literal["read", "write"]
Args = tuple[Any, ...]
Kwargs = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Opened:
    """One thing that a call opened.

    Attributes
    ----------
    target : object
        A path, a URL, a glob, a file object, or a list of them; what is none of these is passed over.
    mode : {"read", "write"}
        What was done.
    details : mapping
        What else the call told: `rows`, `etag`, `last_modified`, `tables`, `statements`, `digest`, `size_bytes`.
    may_be_folder : bool
        Whether a folder stands for all files in it.
    """

    target: Any
    mode: Mode = "read"
    details: Mapping[str, Any] = field(default_factory=dict)
    may_be_folder: bool = True


@dataclass(frozen=True, slots=True)
class Made:
    """A call that returned: what it was given, and its result."""

    args: Args
    kwargs: Kwargs
    result: Any

    def argument(self, place: int, *names: str) -> Any:
        """Return an argument by place or by one of its names (libraries rename them); None where it is not given."""
        return argument(self.args, self.kwargs, place, *names)


Reader = Callable[[Made], Iterable[Opened]]
"""What a call opened. What it raises costs only this one record."""


@dataclass(frozen=True, slots=True)
class Openers:
    """The functions of one module that open things.

    Attributes
    ----------
    module : str
        Full name; nothing happens before somebody else has imported it.
    readers : mapping of str to Reader
        By path in the module: `read_table`, `File.__init__`.
    walks_stack : bool
        As `switched.CodeSwitch` has it.
    """

    module: str
    readers: Mapping[str, Reader]
    walks_stack: bool = False


def argument(args: Args, kwargs: Kwargs, place: int, *names: str) -> Any:
    """Return an argument of a call, as `Made.argument` does."""
    if len(args) > place:
        return args[place]
    return next((kwargs[name] for name in names if name in kwargs), None)


def reads(place: int, *names: str) -> Reader:
    """Return a reader for a function that reads what one argument names."""

    def read(call: Made) -> Iterable[Opened]:
        return [Opened(call.argument(place, *names), details=rows_of(call.result))]

    return read


def writes(place: int, *names: str) -> Reader:
    """Return a reader for a function that writes to what one argument names."""

    def read(call: Made) -> Iterable[Opened]:
        return [Opened(call.argument(place, *names), "write")]

    return read


def rows_of(result: Any) -> dict[str, Any]:
    """Return the number of rows of a table that was read, where it says so at no cost."""
    for name in ("num_rows", "height"):  # Arrow's tables, polars' frames
        rows = getattr(result, name, None) if not isinstance(result, type) else None
        if type(rows) is int:
            return {"rows": rows}
    return {}


def web_details(headers: Any) -> dict[str, Any]:
    """Return what the headers of an answer say about the content's version.

    Parameters
    ----------
    headers : mapping or None
        Found without regard to case, as each HTTP library has them.

    Returns
    -------
    dict
        `etag` and `last_modified` (RFC 9110, sections 8.8.3 and 8.8.2) and `size_bytes`, those that are told.
    """
    if headers is None:
        return {}
    told = {"etag": headers.get("ETag"), "last_modified": headers.get("Last-Modified")}
    details: dict[str, Any] = {name: str(value)[:200] for name, value in told.items() if value}
    size = headers.get("Content-Length")
    if isinstance(size, str) and size.isdigit():
        details["size_bytes"] = int(size)
    return details
