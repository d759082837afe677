"""What executions touched, and what follows from it: the graph of lineage and the recipe of a name.

Plain data. How touches are seen is `capture.touching`; how a recipe is cut out of them, `analysis.slicing`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from celltrail.domain.ids import ExecutionId, SessionId
from celltrail.domain.record import RunStatus
from celltrail.domain.touches import FileTouch, Touches

IMPORTED = "imported"  # detail of a node: a name that its cell imports
# As nbformat 4.5 allows it.
_CELL_ID = re.compile(r"[a-zA-Z0-9-_]{1,64}")


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
    masked: int = 0  # values in the source that the door masked
    touches: Touches | None = None
    files: tuple[FileTouch, ...] = ()


@dataclass(frozen=True, slots=True)
class Node:
    """A thing in the graph: an execution, a variable as one execution left it, a file, ambient state.

    Attributes
    ----------
    kind : str
        A variable that a run fitted is a model, one that entered a fit or a metric a frame.
    label : str
        A name; of an execution its count in brackets.
    execution_id : ExecutionId or None
        Of the execution itself, or of the one that made it.
    cell_id : str or None
        Of that execution.
    detail : str
        Of an execution the first line of its code; of a metric its value; of a frame its shape; "imported".
    """

    id: str
    kind: Literal["execution", "variable", "file", "ambient", "model", "frame", "metric"]
    label: str
    execution_id: ExecutionId | None = None
    cell_id: str | None = None
    detail: str = ""


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
    code : str
        What the recipe runs of it: without statements that can't matter, and wrapped as it failed.
    masked : int
        Values in the source that were masked before it was kept: it can't run again as it stands.
    """

    execution_count: int | None
    cell_id: str | None
    source: str
    status: RunStatus
    id: ExecutionId | None = None
    error_name: str | None = None
    certainty: Certainty = Certainty.OBSERVED
    code: str = ""
    masked: int = 0


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
    source : str
        The recipe as a script.
    remarks : tuple of str
        What a person should know before it is run, a sentence each.
    """

    target: str
    executions: tuple[RecipeExecution, ...] = ()
    unknown: tuple[str, ...] = field(default=())
    source: str = ""
    remarks: tuple[str, ...] = ()

    def to_notebook(self) -> Any:
        """Return the recipe as a notebook, a cell for each execution.

        Returns
        -------
        nbformat.NotebookNode
            Of nbformat 4.5; its cells bear the ids that they had where these are theirs alone.
        """
        from nbformat.v4 import new_code_cell, new_notebook

        taken: set[str] = set()
        cells = []
        for one in self.executions:
            cell = new_code_cell(one.code or one.source)
            if one.cell_id is not None and _CELL_ID.fullmatch(one.cell_id) and one.cell_id not in taken:
                cell["id"] = one.cell_id
            taken.add(cell["id"])
            cells.append(cell)
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        return new_notebook(cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})


__all__ = [
    "IMPORTED",
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
