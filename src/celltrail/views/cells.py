"""The other cells of the notebook as they stood at two runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from celltrail.domain.run import Run
from celltrail.views.facts import field


def other_cells_of(left: Run, right: Run) -> tuple[dict[str, str], dict[str, str]]:
    """Return the code cells beside the runs' own, by id.

    Parameters
    ----------
    left, right : Run
        Two runs; they may come from two cells, and neither of these is another cell.

    Returns
    -------
    tuple of two dicts of str to str
        Cell id to digest of the source. Empty where the client gave no cell ids and no file did: an edited cell could
        then not be told from a new one.
    """
    ids, sources = _their_own(left, right)
    return _by_id(_kept(left), ids, sources), _by_id(_kept(right), ids, sources)


def count_changed(left: Run, right: Run) -> int:
    """Return how many of the other cells stood otherwise at two runs; new and gone ones are not counted."""
    ids, sources = _their_own(left, right)
    # Runs of one session share the dicts of the cells that nobody edited: only the others are looked at.
    before, after = ({id(cell): cell for cell in _kept(run)} for run in (left, right))
    old = _by_id([before[key] for key in before.keys() - after.keys()], ids, sources)
    new = _by_id([after[key] for key in after.keys() - before.keys()], ids, sources)
    return sum(1 for cell in new if cell in old and old[cell] != new[cell])


def _their_own(left: Run, right: Run) -> tuple[set[str | None], set[str]]:
    """Return the ids of the runs' own cells, and the sources where a client gave none."""
    ids = {field(run, "cell_id") for run in (left, right)}
    return ids, {field(run, "source_digest") for run in (left, right) if field(run, "cell_id") is None}


def _kept(run: Run) -> Sequence[Mapping[str, Any]]:
    """Return the cells of a run's snapshot; none where they can't be told apart."""
    snapshot = field(run, "snapshot")
    if not isinstance(snapshot, Mapping):
        return ()
    if field(run, "cell_id") is None and snapshot.get("completeness") == "executed":
        return ()
    return snapshot.get("cells") or ()


def _by_id(
    cells: Sequence[Mapping[str, Any]], ids: Collection[str | None], sources: Collection[str]
) -> dict[str, str]:
    return {
        str(cell["id"]): str(cell["source"])
        for cell in cells
        if cell.get("cell_type") == "code"
        and cell.get("id")
        and cell["id"] not in ids
        and cell["source"] not in sources
    }
