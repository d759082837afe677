"""Which names a cell that was edited since it ran would make otherwise."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, replace

from celltrail.analysis.pruning import Surroundings, prunable, pruned
from celltrail.analysis.slicing import History, touches_of
from celltrail.analysis.standing.present import Placed, code_of
from celltrail.analysis.touching.free_names import base_of, bound_by, outside_scopes
from celltrail.analysis.touching.magic_lines import readable
from celltrail.analysis.touching.uses import uses_of
from celltrail.analysis.touching.vocabulary import CHANGING_METHODS, words
from celltrail.domain.lineage import PastExecution, Touches
from celltrail.domain.record import RunStatus

# Of what is trained, too: methods that change what they belong to wherever they are found.
_CHANGING = CHANGING_METHODS | words("fit partial_fit set_params")


@dataclass(frozen=True, slots=True)
class Edits:
    """What edits change.

    Attributes
    ----------
    surely, maybe : dict of (int, str) to str
        By index of the cell and name the code that now makes it: where statements that bind or change it differ;
        where anything differs that might.
    """

    surely: dict[tuple[int, str], str]
    maybe: dict[tuple[int, str], str]


def edits_of(history: History, cells: Sequence[Placed]) -> Edits:
    """Return what the edits of a notebook's cells change.

    Parameters
    ----------
    history : History
        As the cells ran.
    cells : sequence of Placed
        The notebook's.

    Returns
    -------
    Edits
        Of a cell that failed, everything.
    """
    found = Edits({}, {})
    if not any(one.is_edited for one in cells):
        return found
    around = Surroundings()
    for one in history.executions:
        around.add(one.source, one.touches)
    for index, cell in enumerate(cells):
        if cell.is_edited and cell.place is not None:
            _add(found, history, index, cell, around)
    return found


def _add(found: Edits, history: History, index: int, cell: Placed, around: Surroundings) -> None:
    ran = history.executions[cell.place or 0]
    touches, code = touches_of(ran), code_of(cell.source)
    wrote = any(file.mode != "read" for file in ran.files)
    is_whole = ran.status is not RunStatus.FINISHED or not prunable(touches, wrote_files=wrote)
    # Of the new code it is not known what it leaves as it is.
    wide = replace(touches, mutates=tuple({*touches.reads, *touches.writes, *uses_of(cell.source).reads}))
    gone = uses_of(ran.source).stores - uses_of(cell.source).stores
    for version in history.left[cell.place or 0]:
        name = version.name
        if is_whole or not name.isidentifier() or name in gone or _may_differ(ran, cell, wide, name, around):
            found.maybe[index, name] = code
        before = _deciding(ran.source, name)
        if name.isidentifier() and (name in gone or before != _deciding(cell.source, name)):
            found.surely[index, name] = code
            found.maybe[index, name] = code


def _may_differ(ran: PastExecution, cell: Placed, touches: Touches, name: str, around: Surroundings) -> bool:
    """Say whether anything differs that may decide what a name is."""
    before, after = (pruned(source, touches, {name}, around) for source in (ran.source, cell.source))
    return code_of(before) != code_of(after)


def _deciding(source: str, name: str) -> list[str]:
    """Return the statements of a cell that surely decide what a name is at its end, without their layout."""
    tree = readable(source).tree
    if tree is None:
        return [source.strip()]
    decides = [_decided(each) for each in tree.body]
    wanted, kept = {name}, set[int]()
    while more := {place for place, each in enumerate(decides) if place not in kept and each & wanted}:
        kept |= more
        for place in more:
            wanted |= {one.id for one in ast.walk(tree.body[place]) if isinstance(one, ast.Name)}
    return [code_of(ast.unparse(tree.body[place])) for place in sorted(kept)]


def _decided(statement: ast.stmt) -> set[str]:
    """Return the names that a statement binds, or surely changes in place."""
    found = bound_by(statement)
    for one in outside_scopes(statement):
        if isinstance(one, ast.Attribute | ast.Subscript) and not isinstance(one.ctx, ast.Load):
            found |= base_of(one)
        elif isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute) and one.func.attr in _CHANGING:
            found |= base_of(one.func.value)
    return found
