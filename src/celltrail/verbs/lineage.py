"""`lineage`: where a name came from, and what each cell touched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from celltrail.errors import UsageError
from celltrail.verbs.current import Context
from celltrail.verbs.model import Answer

if TYPE_CHECKING:
    from celltrail.analysis.slicing import History


def lineage(context: Context, *, target: str | None = None, cells: bool = False, run: str | None = None) -> Answer:
    """Say what each cell touched, or where a name came from."""
    from celltrail.views.lineage import cells_of, graph_of
    from celltrail.views.recipe import slice_for

    history = _history(context, run)
    if cells or target is None:
        found = cells_of(history)
        return Answer("\n".join(_line(cell) for cell in found) or "No cell has ended yet.", found)
    graph = graph_of(history, target, slice_for(history, target).versions)
    data = {
        "target": graph.target,
        "nodes": [
            {"id": one.id, "kind": one.kind, "label": one.label, "execution_id": one.execution_id}
            for one in graph.nodes
        ],
        "edges": [
            {"source": one.source, "target": one.target, "kind": one.kind, "certainty": one.certainty.value}
            for one in graph.edges
        ],
    }
    text = "\n".join(f"{one.source} -> {one.target}  {one.certainty}" for one in graph.edges)
    return Answer(text, data, value=graph if context.door == "python" else None)


def _history(context: Context, run: str | None) -> History:
    from celltrail.store.read_touches import session_of
    from celltrail.views.lineage import session_history

    if run is None:
        if context.kernel is None:
            raise UsageError("a name alone means a kernel in which celltrail is loaded. Name a run: --run last")
        return session_history(context.trail(), context.kernel.session.id)
    found = context.find(run)
    session = session_of(context.trail(), found.content.field("execution")["id"])
    if session is None:
        raise UsageError(f"{run}: the execution of this run is not in the trail any more.")
    return session_history(context.trail(), session)


def _line(cell: dict[str, Any]) -> str:
    parts = [f"[{cell['execution_count']}]"]
    parts += [f"reads {', '.join(cell['reads'])}"] if cell["reads"] else []
    parts += [f"writes {', '.join(cell['writes'])}"] if cell["writes"] else []
    return "  ".join(parts)
