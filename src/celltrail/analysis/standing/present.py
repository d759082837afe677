"""The cells that the notebook now has, each with its last execution.

That is the saved file, with what ran since it was saved laid over it.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from celltrail.analysis.touching.magic_lines import readable
from celltrail.domain.lineage import PastExecution
from celltrail.domain.standing import NotebookCell

# A file that is saved while a cell starts may hold the cell as it was a moment before. A rule of thumb: what a slow
# disk and a busy server take together.
SAVING = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Placed:
    """A cell of the notebook.

    Attributes
    ----------
    place : int or None
        Of its last execution; None where it did not run in this session.
    source : str
        As the notebook now has it.
    is_edited : bool
        Whether that is other code than what ran: comments, blank lines and docstrings do not count.
    """

    cell_id: str | None
    source: str
    place: int | None
    is_edited: bool = False


@dataclass(frozen=True, slots=True)
class Present:
    """The notebook's cells in order; `is_placed` where a file tells it."""

    cells: tuple[Placed, ...]
    is_placed: bool


def present_of(
    executions: Sequence[PastExecution], saved: Sequence[NotebookCell] | None, saved_at: datetime | None
) -> Present:
    """Return the notebook as it now is, as far as that is known.

    Parameters
    ----------
    executions : sequence of PastExecution
        Of the session.
    saved : sequence of NotebookCell or None
        The cells of code in the notebook's file; None where there is none.
    saved_at : datetime or None
        When it was written.

    Returns
    -------
    Present
        Without a file, the cells in the order in which they first ran.
    """
    last = _last_places(executions)
    if saved is None or saved_at is None:
        return _as_they_ran(executions, last)
    found = _matched(executions, last, saved)
    if executions and not any(place is not None for place in found):
        return _as_they_ran(executions, last)  # the file of another notebook
    cells = [_placed(executions, cell, place, saved_at) for cell, place in zip(saved, found, strict=True)]
    taken = {place for place in found if place is not None}
    for place in sorted(set(last.values()) - taken):
        # Newer than the file: a cell that is not saved yet. It follows the one that ran before it.
        if _is_newer(executions[place], saved_at):
            before = max((one.place for one in cells if one.place is not None and one.place < place), default=None)
            at = next((index for index, one in enumerate(cells) if one.place == before), len(cells) - 1)
            cells.insert(at + 1, Placed(executions[place].cell_id, executions[place].source, place))
    return Present(tuple(cells), is_placed=True)


def _last_places(executions: Sequence[PastExecution]) -> dict[tuple[str, str], int]:
    """Return by cell the place of its last execution, in the order of their first ones; no id: equal source."""
    found: dict[tuple[str, str], int] = {}
    for place, one in enumerate(executions):
        key = ("id", one.cell_id) if one.cell_id is not None else ("source", one.source.strip())
        found[key] = place
    return found


def _as_they_ran(executions: Sequence[PastExecution], last: dict[tuple[str, str], int]) -> Present:
    return Present(
        tuple(Placed(executions[place].cell_id, executions[place].source, place) for place in last.values()),
        is_placed=False,
    )


def _matched(
    executions: Sequence[PastExecution], last: dict[tuple[str, str], int], saved: Sequence[NotebookCell]
) -> list[int | None]:
    """Return for each saved cell the place of its last execution: by id, else by the very source."""
    found = [None if one.cell_id is None else last.get(("id", one.cell_id)) for one in saved]
    taken = set(found)
    free: dict[str, list[int]] = {}
    for place in last.values():
        if place not in taken:
            free.setdefault(executions[place].source.strip(), []).append(place)
    for index, one in enumerate(saved):
        if found[index] is None and free.get(one.source.strip()):
            found[index] = free[one.source.strip()].pop(0)
    return found


def _placed(executions: Sequence[PastExecution], cell: NotebookCell, place: int | None, saved_at: datetime) -> Placed:
    if place is None:
        return Placed(cell.cell_id, cell.source, None)
    ran = executions[place]
    if _is_newer(ran, saved_at) or ran.masked or code_of(ran.source) == code_of(cell.source):
        return Placed(cell.cell_id, ran.source, place)
    return Placed(cell.cell_id, cell.source, place, is_edited=True)


def _is_newer(execution: PastExecution, saved_at: datetime) -> bool:
    return execution.started_at + SAVING > saved_at


@lru_cache(maxsize=2048)
def code_of(source: str) -> str:
    """Return a cell without what changes nothing: comments, blank lines, docstrings, the layout of its code."""
    tree = readable(source).tree
    if tree is None:
        return source.strip()
    body = "\n".join(ast.dump(one) for one in tree.body)
    if '"' not in source and "'" not in source:
        return body
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and _starts_with_text(node):
            # The tree is shared by all who read this source: what stands for a docstring is made anew.
            body = body.replace(ast.dump(node.body[0]), "Pass()", 1)
    return body


def _starts_with_text(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    first = node.body[0]
    return (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    )
