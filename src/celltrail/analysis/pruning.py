"""Which statements of a cell a recipe can do without. Pure: by the source, and by what was seen of the cell.

Kept is whatever may matter: a statement is left out only if all that it could do is to bind names that nobody needs,
or to change objects that nobody needs. What a call of unknown effect does can't be known, so it stays. Order is no
argument: a name that counts anywhere in the cell keeps every statement that binds it or may change it (Weiser's slice
without the order of statements), so that a change that is taken back later is kept with what takes it back.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from celltrail.analysis.scripting import QUIET_MAGICS
from celltrail.analysis.statements import PAST, Statement, Surroundings, statements_of
from celltrail.analysis.touching.free_names import stored_names
from celltrail.analysis.touching.magic_lines import MAGIC, readable
from celltrail.analysis.touching.ran import without_idle
from celltrail.analysis.touching.uses import uses_of
from celltrail.domain.touches import Touches

_HEADER = re.compile(r"#\s*celltrail:")

__all__ = ["Surroundings", "prunable", "pruned"]


def prunable(touches: Touches | None, *, wrote_files: bool) -> bool:
    """Say whether what was seen of a cell allows to leave statements out.

    Parameters
    ----------
    touches : Touches or None
        Of its execution, which ended without an error.
    wrote_files : bool
        Whether it wrote files.

    Returns
    -------
    bool
        False where it changed more than variables, or was not looked at closely.
    """
    if touches is None or touches.is_dynamic or touches.degraded or touches.later or wrote_files:
        return False
    return all(name.isidentifier() for name in touches.writes)


def pruned(source: str, touches: Touches, needed: Iterable[str], around: Surroundings) -> str:
    """Return a cell without the statements that can't matter.

    Parameters
    ----------
    source : str
        As it was run.
    touches : Touches
        Of its execution; `prunable`.
    needed : iterable of str
        Names that somebody needs as they are at its end.
    around : Surroundings
        What the sources of the session say.

    Returns
    -------
    str
        The same text, whole statements and their comments left out; all of it where nothing is known.
    """
    tree = readable(source).tree
    tree = None if tree is None else without_idle(tree, touches.idle)
    if tree is None or not around.is_known or not _has_plain_magics(tree):
        return source
    head = _head_lines(source)
    blocks = _blocks([node for node in tree.body if node.lineno > head], head, len(source.split("\n")))
    if len(blocks) < 2:
        return source
    changed = {*touches.mutates, *touches.maybe, *touches.deletes}
    new = {name for node in ast.walk(tree) for name in stored_names(node)} | {*touches.binds} - {"_"}
    exposed = new & uses_of(source).reads.keys()
    units = [statements_of(block.nodes, around, changed, new, exposed) for block in blocks]
    wanted = set(needed)
    if "_" in wanted:
        units[-1].stays = True  # the result of the cell
    kept = _kept(units, wanted | ({PAST} if wanted - new else set()), around)
    return source if len(kept) == len(blocks) else _text(source, head, blocks, kept)


def _kept(units: Sequence[Statement], needed: set[str], around: Surroundings) -> set[int]:
    """Return the places of the statements that may matter: a fixed point."""
    groups = _Groups()
    stored = {name for unit in units for name in unit.stores}
    for unit in units:
        groups.join(unit.linked)
    live = needed | (around.shared & stored)
    kept = {place for place, unit in enumerate(units) if unit.stays}
    while True:
        for place in kept:
            live |= units[place].loads | units[place].stores
        roots = {groups.root(name) for name in live}
        more = {
            place
            for place, unit in enumerate(units)
            if unit.stores & live or any(groups.root(name) in roots for name in unit.touches)
        }
        if more <= kept:
            return kept
        kept |= more


@dataclass(slots=True)
class _Groups:
    """Names whose objects may share parts."""

    parents: dict[str, str] = field(default_factory=dict)

    def root(self, name: str) -> str:
        while (parent := self.parents.get(name, name)) != name:
            name = parent
        return name

    def join(self, names: Iterable[str]) -> None:
        first, *others = [self.root(name) for name in names] or [PAST]
        for other in others:
            self.parents[self.root(other)] = self.root(first)


@dataclass(slots=True)
class _Block:
    """Statements that share lines, with the comments above them."""

    nodes: list[ast.stmt]
    start: int  # first line, from 0
    end: int  # behind the last line


def _head_lines(source: str) -> int:
    """Count the lines that come first in any case: cell magics, the header."""
    lines = source.split("\n")
    head = 0
    for place, line in enumerate(lines):
        if line.startswith("%%") or _HEADER.match(line):
            head = place + 1
        elif line.strip():
            break
    return head


def _blocks(body: list[ast.stmt], head: int, count: int) -> list[_Block]:
    """Join statements that share lines; what stands above a statement, comments and blank lines, goes with it."""
    blocks: list[_Block] = []
    for node in body:
        above = [one.lineno for one in getattr(node, "decorator_list", ())]
        start, end = min([node.lineno, *above]) - 1, node.end_lineno or node.lineno
        if blocks and start < blocks[-1].end:
            blocks[-1].nodes.append(node)
            blocks[-1].end = max(end, blocks[-1].end)
        else:
            blocks.append(_Block([node], blocks[-1].end if blocks else head, end))
    if blocks:
        blocks[-1].end = count
    return blocks


def _text(source: str, head: int, blocks: Sequence[_Block], kept: set[int]) -> str:
    lines = source.split("\n")
    body = [line for place in sorted(kept) for line in lines[blocks[place].start : blocks[place].end]]
    return "\n".join([*lines[:head], *body]).strip("\n")


def _has_plain_magics(tree: ast.Module) -> bool:
    """Say whether all magics of a cell are known to change nothing."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == MAGIC:
            name = node.args[0]
            if not isinstance(name, ast.Constant) or name.value not in QUIET_MAGICS:
                return False
    return True
