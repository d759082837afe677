"""`lineage`: where a thing came from, what each cell touched, and which cells are stale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from celltrail.errors import UsageError
from celltrail.verbs.current import Context
from celltrail.verbs.model import Answer

if TYPE_CHECKING:
    from celltrail.analysis.slicing import History
    from celltrail.domain.lineage import Lineage


def lineage(
    context: Context,
    *,
    target: str | None = None,
    stale: bool = False,
    cells: bool = False,
    run: str | None = None,
) -> Answer:
    """Draw where a thing came from, or say what each cell touched, or which cells are stale."""
    from celltrail.verbs.fix import session_meant
    from celltrail.verbs.fix import stale as say_stale

    if stale:
        if target is not None or cells:
            raise UsageError("lineage --stale is about the whole notebook: leave the other words out")
        return say_stale(context, run)
    if cells and target is not None:
        raise UsageError(f"lineage --cells is about all cells: leave {target} out, or type lineage {target}")
    if cells or target is None:
        from celltrail.views.lineage import cells_of

        found = cells_of(session_meant(context, run))
        lines = [line for cell in found if (line := _line(cell))]
        return Answer("\n".join(lines) or "No cell has read or written a variable yet.", found)
    from celltrail.display.graph import graph_html, graph_text

    graph = _graph(context, target, run)
    name = context.notebook.name if context.notebook is not None and run is None else ""
    bundle: dict[str, object] = {"text/html": graph_html(graph, notebook=name)} if context.door == "cell" else {}
    value = graph if context.door == "python" else None
    return Answer(graph_text(graph), graph_object(graph), value=value, bundle=bundle)


def graph_object(graph: Lineage) -> dict[str, Any]:
    """Return a graph as `lineage --json` prints it."""
    return {
        "target": graph.target,
        "nodes": [
            {
                "id": one.id,
                "kind": one.kind,
                "label": one.label,
                "execution_id": one.execution_id,
                "cell_id": one.cell_id,
                "detail": one.detail,
            }
            for one in graph.nodes
        ],
        "edges": [
            {"source": one.source, "target": one.target, "kind": one.kind, "certainty": one.certainty.value}
            for one in graph.edges
        ],
    }


def _graph(context: Context, target: str, run: str | None) -> Lineage:
    """Return the graph behind a variable of this kernel, a run, or a variable as a run left it."""
    from celltrail.analysis.slicing import slice_of
    from celltrail.verbs.fix import session_meant
    from celltrail.verbs.recipe import history_of_run
    from celltrail.views.lineage import graph_of
    from celltrail.views.recipe import slice_for, targets_of_run, version_after

    if run is None and ("#" in target or ":" in target or not target.isidentifier()):
        thing, colon, name = target.partition(":")
        if colon and not (thing and name):
            raise UsageError(
                f"lineage {target}  On one side of the colon nothing is written. Write lineage forest#7:model"
            )
        history, place = history_of_run(context, thing)
        wanted = [version_after(history, place, name)] if name else targets_of_run(history, place)
        return _with_runs(context, history, graph_of(history, target, slice_of(history, wanted).versions))
    history = session_meant(context, run)
    return _with_runs(context, history, graph_of(history, target, slice_for(history, target).versions))


def _with_runs(context: Context, history: History, graph: Lineage) -> Lineage:
    """Tell models, frames and metrics, where cells of the graph were runs."""
    from celltrail.store.read_touches import run_ids_of_session
    from celltrail.views.lineage import with_runs

    sessions = {str(one.session_id) for one in history.executions}
    known = {key: run for session in sessions for key, run in run_ids_of_session(context.trail(), session).items()}
    cells = {str(node.execution_id) for node in graph.nodes if node.kind == "execution"}
    return with_runs(graph, {key: context.trail().run(run) for key, run in known.items() if key in cells})


def _line(cell: dict[str, Any]) -> str:
    """Return what a cell touched; nothing where that is nothing."""
    parts = [f"reads {', '.join(cell['reads'])}"] if cell["reads"] else []
    parts += [f"writes {', '.join(cell['writes'])}"] if cell["writes"] else []
    return "  ".join([f"[{cell['execution_count']}]", *parts]) if parts else ""
