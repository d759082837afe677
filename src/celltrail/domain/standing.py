"""How the cells of a notebook stand to what is in memory: what is stale, and what to run.

Plain data. How it is found is `analysis.standing`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why a cell is not what "run all" would make of it."""

    EDITED = "edited"  # its code, or that of the cell above it, was changed after it ran
    GONE = "gone"  # what it read was made by code that is not in the notebook any more
    ORDER = "order"  # what it read was made by a cell further below, or by fewer cells than stand above it
    REPEATED = "repeated"  # a cell that changes what it was given ran more than once
    STALE = "stale"  # what it read was made anew after it ran
    FILE = "file"  # a file that it read has changed since
    FOLLOWS = "follows"  # it read what one of these cells made


@dataclass(frozen=True, slots=True)
class NotebookCell:
    """A cell of code as the notebook now has it."""

    cell_id: str | None
    source: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A cell that is not what "run all" would make of it.

    Attributes
    ----------
    execution_count : int or None
        Of its last execution.
    names : tuple of str
        What it read, or made where it was edited itself, that would be another.
    cause_count : int or None
        Execution count of the cell that is the reason; None where it did not run.
    """

    reason: Reason
    cell_id: str | None
    execution_count: int | None
    names: tuple[str, ...]
    cause_cell_id: str | None = None
    cause_count: int | None = None


@dataclass(frozen=True, slots=True)
class LeftOver:
    """A name in memory that "run all" would leave otherwise, and the execution that made it.

    Attributes
    ----------
    is_there : bool
        Whether the notebook still has the code that made it.
    """

    name: str
    cell_id: str | None
    execution_count: int | None
    is_there: bool


@dataclass(frozen=True, slots=True)
class Step:
    """A cell to be run, and why."""

    cell_id: str | None
    execution_count: int | None
    source: str
    why: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How the cells of a notebook stand.

    Attributes
    ----------
    findings : tuple of Finding
        In the order of the notebook; those that only follow from others among them.
    unsure : tuple of Finding
        What may be another, and can't be told: never an alarm.
    left_over : tuple of LeftOver
        Names that "run all" would leave otherwise. No alarm: who uses one is found.
    steps : tuple of Step
        What to run, in this order.
    is_placed : bool
        Whether the notebook's file was found: without it the order of the cells, and what was edited or deleted
        since, are not known.
    count : int
        Cells that were looked at.
    """

    findings: tuple[Finding, ...] = ()
    unsure: tuple[Finding, ...] = ()
    left_over: tuple[LeftOver, ...] = ()
    steps: tuple[Step, ...] = ()
    is_placed: bool = False
    count: int = 0
