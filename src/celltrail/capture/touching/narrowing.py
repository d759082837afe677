"""What a cell read, where it is known which of its statements ran: nothing in branches that were not taken."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from types import ModuleType
from typing import Any

from celltrail.analysis.touching.free_names import stored_names
from celltrail.analysis.touching.mentions import Uses
from celltrail.analysis.touching.ran import idle_lines, without_idle
from celltrail.analysis.touching.uses import uses_of_tree
from celltrail.capture.touching.lines import Running
from celltrail.capture.touching.looks import followed


@dataclass(frozen=True, slots=True)
class Ran:
    """What a cell read, as far as it ran.

    Attributes
    ----------
    named : set of str
        Named by what ran, before it is definitely bound.
    read : set of str
        Those of them that were bound, and all to which they lead.
    idle : tuple of int
        Lines of statements that did not run.
    """

    named: set[str]
    read: set[str]
    idle: tuple[int, ...] = ()


def what_ran(
    uses: Uses, read: set[str], behind: Mapping[str, set[str]], running: Running | None, namespace: Mapping[str, Any]
) -> Ran:
    """Leave out what only statements name that did not run.

    Parameters
    ----------
    uses : Uses
        What the source of the cell says.
    read : set of str
        What all of it may read.
    behind : mapping of str to set of str
        For each of these names, to which it led before the cell.
    running : Running or None
        What was seen to run; None where the cell did not come to its end, or not all was seen.
    namespace : mapping of str to object
        The notebook's.

    Returns
    -------
    Ran
        All that `uses` names where it is not known what ran.
    """
    if running is None or uses.tree is None:
        return Ran({*uses.reads}, read)
    idle = idle_lines(
        _statements(uses.tree), running.firsts, running.lines, running.known, _elsewhere(uses.tree, namespace)
    )
    if not idle:
        return Ran({*uses.reads}, read)
    less = uses_of_tree(without_idle(uses.tree, idle))
    return Ran({*less.reads}, followed([*less.reads, *less.spoken], behind) & read, idle)


def _elsewhere(tree: ast.Module, namespace: Mapping[str, Any]) -> set[str]:
    """Return the names that lead out of the notebook: modules, and paths, which ask the machine when asked."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            found.update(stored_names(node))
        elif isinstance(node, ast.Name) and isinstance(namespace.get(node.id), ModuleType | PurePath):
            found.add(node.id)
    return found


def _statements(tree: ast.Module) -> list[ast.stmt]:
    """Return what runs of a cell: in the place of the header `%%track` stands a `pass` of ours."""
    return tree.body[1:] if tree.body and isinstance(tree.body[0], ast.Pass) else tree.body
