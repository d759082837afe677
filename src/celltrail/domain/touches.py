"""What one execution touched: names and files. Plain data that a record of an execution carries.

What follows from it is `lineage`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from celltrail.domain.ids import Digest


@dataclass(frozen=True, slots=True)
class Touches:
    """What one execution touched, by name.

    Names in angle brackets are no variables: `<rng:random>`, `<rng:numpy>`, `<rng:torch>`, `<cwd>`, `<sys.path>`,
    `<pyplot>`, `<environ:NAME>`, `<options:LIBRARY>`. A name that was mutated is not in `reads` by that alone: the
    value before is needed all the same.

    Attributes
    ----------
    reads : tuple of str
        Read before the cell bound them itself, globals of the functions that it called included. As at its start.
    binds : tuple of str
        Bound, whatever they were before. As at its end.
    mutates : tuple of str
        Changed in place, under each of their names.
    maybe : tuple of str
        Maybe changed in place.
    later : tuple of str
        Maybe changed by a thread or task that was still going on.
    deletes : tuple of str
        Gone at the end.
    moved : tuple of str
        Of those that were there before, and were bound anew or changed in place: those that surely hold another
        value.
    is_dynamic : bool
        Whether the cell may read any variable (`eval`, `globals()`).
    degraded : str
        Why it was not looked at closely; empty where it was.
    is_beside : bool
        Whether another cell was running when it began, on a thread of its own (subshells).
    idle : tuple of int
        Lines of statements that did not run, as those of a branch that was not taken; known from Python 3.12 on.
    """

    reads: tuple[str, ...] = ()
    binds: tuple[str, ...] = ()
    mutates: tuple[str, ...] = ()
    maybe: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    deletes: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    is_dynamic: bool = False
    degraded: str = ""
    is_beside: bool = False
    idle: tuple[int, ...] = ()

    @property
    def writes(self) -> tuple[str, ...]:
        """Every name that is, or may be, another at the end than at the start."""
        return tuple(sorted({*self.binds, *self.mutates, *self.maybe, *self.later, *self.deletes}))


@dataclass(frozen=True, slots=True)
class FileTouch:
    """A file that one execution touched.

    Attributes
    ----------
    path : str
        Absolute, as POSIX text; a URL.
    mode : {"read", "write", "both"}
        "both": its content at the start counts for that at the end, as with appending.
    """

    path: str
    mode: Literal["read", "write", "both"]
    size_bytes: int | None = None
    modified_ns: int | None = None
    digest: Digest | None = None
    digest_status: Literal["kept", "pending", "changed", "not kept", "unknown"] = "not kept"
