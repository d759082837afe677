"""The other cells of the notebook as they stood at two runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping

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
    ids = {field(run, "cell_id") for run in (left, right)}
    sources = {field(run, "source_digest") for run in (left, right) if field(run, "cell_id") is None}
    return _cells(left, ids, sources), _cells(right, ids, sources)


def _cells(run: Run, ids: Collection[str | None], sources: Collection[str]) -> dict[str, str]:
    snapshot = field(run, "snapshot")
    if not isinstance(snapshot, Mapping):
        return {}
    if field(run, "cell_id") is None and snapshot.get("completeness") == "executed":
        return {}
    return {
        str(cell["id"]): str(cell["source"])
        for cell in snapshot.get("cells") or []
        if cell.get("cell_type") == "code"
        and cell.get("id")
        and cell["id"] not in ids
        and cell["source"] not in sources
    }
