"""What executions touched, and what follows from it: the graph of lineage and the recipe of a name.

Plain data. How touches are seen is `capture.touching`; how a recipe is cut out of them, `analysis.slicing`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from celltrail.domain.ids import ExecutionId, SessionId
from celltrail.domain.record import RunStatus
from celltrail.domain.touches import FileTouch, Touches


class Certainty(StrEnum):
    """How sure an edge is."""

    OBSERVED = "observed"
    MAYBE = "maybe"  # touched, and what it holds can't be compared: a generator, a connection
    ASYNC = "async"  # by a thread or task that outlived its cell
    DEGRADED = "degraded"  # too large or too deep to be looked at within the budget


@dataclass(frozen=True, slots=True)
class PastExecution:
    """One execution of a session, as lineage needs it.

    Attributes
    ----------
    position : int
        Its place among the executions of the trail, by start.
    touches : Touches or None
        None where they are not known.
    """

    id: ExecutionId
    session_id: SessionId
    position: int
    execution_count: int | None
    cell_id: str | None
    notebook: str | None
    source: str
    status: RunStatus
    started_at: datetime
    duration_s: float | None
    error_name: str | None = None
    touches: Touches | None = None
    files: tuple[FileTouch, ...] = ()


@dataclass(frozen=True, slots=True)
class Node:
    """A thing in the graph: an execution, a variable as one execution left it, a file, ambient state."""

    id: str
    kind: Literal["execution", "variable", "file", "ambient"]
    label: str
    execution_id: ExecutionId | None = None


@dataclass(frozen=True, slots=True)
class Edge:
    """From what was used to who used it, or from who generated to what was generated (W3C PROV's words)."""

    source: str
    target: str
    kind: Literal["used", "generated"]
    certainty: Certainty = Certainty.OBSERVED


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where a thing came from."""

    target: str
    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()


@dataclass(frozen=True, slots=True)
class RecipeExecution:
    """One execution of a recipe, with its source as it was then.

    Attributes
    ----------
    certainty : Certainty
        The surest of the ways in which it is needed.
    """

    execution_count: int | None
    cell_id: str | None
    source: str
    status: RunStatus
    id: ExecutionId | None = None
    error_name: str | None = None
    certainty: Certainty = Certainty.OBSERVED


@dataclass(frozen=True, slots=True)
class Recipe:
    """The least ordered set of executions that makes a name again.

    Attributes
    ----------
    target : str
        What it makes.
    executions : tuple of RecipeExecution
        In the order in which they ran; a cell that ran twice stands twice.
    unknown : tuple of str
        What the executions need and none of them gives.
    """

    target: str
    executions: tuple[RecipeExecution, ...] = ()
    unknown: tuple[str, ...] = field(default=())

    @property
    def source(self) -> str:
        """The sources of the cells, one after the other."""
        return "\n\n".join(one.source.strip("\n") for one in self.executions) + "\n" if self.executions else ""


__all__ = [
    "Certainty",
    "Edge",
    "FileTouch",
    "Lineage",
    "Node",
    "PastExecution",
    "Recipe",
    "RecipeExecution",
    "Touches",
]
