"""What each execution of a session touched, and the graph behind a name: the JSON of `%lineage`."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from celltrail.analysis.slicing import FILE, FOLDER, History, Version, history_of
from celltrail.analysis.touching.free_names import stored_names
from celltrail.analysis.touching.uses import uses_of
from celltrail.domain.lineage import IMPORTED, Certainty, Edge, Lineage, Node, PastExecution
from celltrail.domain.run import Run
from celltrail.store.read_touches import read_executions
from celltrail.store.store import Store
from celltrail.views.numbers import count_text, number_text

# What IPython binds for each result is no doing of the cell's.
_RESULT = re.compile(r"_\d*|___?")
_METRICS = 3


def session_history(trail: Store, session: str) -> History:
    """Return every version of every name of a session.

    Parameters
    ----------
    trail : Store
        The store.
    session : str
        Its global id.

    Returns
    -------
    History
        Of the executions that have ended.
    """
    return history_of(read_executions(trail, session))


def cells_of(history: History) -> list[dict[str, Any]]:
    """Return what each execution touched, in their order.

    Parameters
    ----------
    history : History
        Of a session.

    Returns
    -------
    list of dict
        `execution_count`, `cell_id`, `status`, `reads`, `writes`, `mutates`, `files`, and how sure that is. What is
        no variable (`<rng:random>`) stands apart in `ambient`.
    """
    return [_cell(execution) for execution in history.executions]


def _cell(execution: PastExecution) -> dict[str, Any]:
    touches = execution.touches
    found: dict[str, Any] = {
        "execution_count": execution.execution_count,
        "cell_id": execution.cell_id,
        "status": execution.status.value,
        "is_known": touches is not None,
        "files": [{"path": one.path, "mode": one.mode, "digest": one.digest} for one in execution.files],
    }
    for name in ("reads", "writes", "mutates", "binds", "deletes", "maybe", "later"):
        found[name] = [
            one for one in getattr(touches, name, ()) if not one.startswith("<") and not _RESULT.fullmatch(one)
        ]
    for name in ("reads", "writes"):
        found[f"ambient_{name}"] = [one for one in getattr(touches, name, ()) if one.startswith("<")]
    found["is_dynamic"] = touches is not None and touches.is_dynamic
    found["degraded"] = touches.degraded if touches is not None else ""
    return found


def graph_of(history: History, target: str, versions: frozenset[Version]) -> Lineage:
    """Return the graph of some versions: the executions that left them, and what those read.

    Parameters
    ----------
    history : History
        Of a session.
    target : str
        What the graph is about.
    versions : frozenset of Version
        As `slice_of` found them.

    Returns
    -------
    Lineage
        Its nodes stand in the order of the executions.
    """
    nodes: dict[str, Node] = {}
    edges: dict[tuple[str, str, str], Edge] = {}
    for version in sorted(versions, key=lambda one: (one.writer, one.name)):
        if version.name.startswith(FOLDER):
            continue
        cell = _add_cell(nodes, edges, history, version.writer)
        for read in history.reads[version.writer].values():
            if read is not None and read in versions and not read.name.startswith(FOLDER):
                _add(edges, Edge(_id(read), cell, "used"))
        if not version.name:  # the execution itself is asked for
            continue
        thing, execution = _id(version), history.executions[version.writer]
        label = version.name.removeprefix(FILE)
        detail = IMPORTED if label in _imported(execution.source) else ""
        nodes.setdefault(thing, Node(thing, _kind(version.name), label, execution.id, execution.cell_id, detail))
        _add(edges, Edge(cell, thing, "generated", version.certainty))
        if version.before is not None and version.before in versions:
            _add(edges, Edge(_id(version.before), cell, "used", version.certainty))
    return Lineage(target, tuple(nodes.values()), tuple(edges.values()))


def _add_cell(nodes: dict[str, Node], edges: dict[tuple[str, str, str], Edge], history: History, place: int) -> str:
    """Add an execution with the files that it read and no cell wrote; return its id."""
    cell, execution = f"e{place}", history.executions[place]
    if cell in nodes:
        return cell
    for file in execution.files:
        if file.mode != "write" and history.reads[place].get(FILE + file.path) is None:
            nodes.setdefault(FILE + file.path, Node(FILE + file.path, "file", file.path))
            _add(edges, Edge(FILE + file.path, cell, "used"))
    code = first_line(execution.source)
    label = f"[{execution.execution_count}]"
    nodes[cell] = Node(cell, "execution", label, execution.id, execution.cell_id, code)
    return cell


@lru_cache(maxsize=512)
def _imported(source: str) -> frozenset[str]:
    """Return the names that the import statements of a cell bind."""
    tree = uses_of(source).tree
    nodes = ast.walk(tree) if tree is not None else ()
    return frozenset(
        name for node in nodes if isinstance(node, ast.Import | ast.ImportFrom) for name in stored_names(node)
    )


def first_line(source: str) -> str:
    """Return the first line of a cell that is code."""
    lines = [line.strip() for line in source.splitlines() if line.strip()]
    return next((one for one in lines if not one.startswith(("#", "%%"))), lines[0] if lines else "")


def with_runs(graph: Lineage, runs: Mapping[str, Run]) -> Lineage:
    """Return a graph in which models, frames and metrics are told from other variables.

    Parameters
    ----------
    graph : Lineage
        Of executions and variables.
    runs : mapping of str to Run
        By the id of an execution the run that it is.

    Returns
    -------
    Lineage
        With the metrics that its runs measured, three of each at most.
    """
    models = {(key, fit.variable or fit.name) for key, run in runs.items() for fit in run.fits}
    shapes = _shapes(graph, runs)
    nodes: list[Node] = []
    edges = list(graph.edges)
    for node in graph.nodes:
        if node.kind == "variable" and (str(node.execution_id), node.label) in models:
            node = replace(node, kind="model")  # noqa: PLW2901
        elif node.kind == "variable" and node.id in shapes:
            node = replace(node, kind="frame", detail=shapes[node.id])  # noqa: PLW2901
        nodes.append(node)
        run = runs.get(str(node.execution_id)) if node.kind == "execution" else None
        for key, value in list(run.metrics.items())[:_METRICS] if run is not None else ():
            metric = f"metric:{key}@{node.id}"
            nodes.append(Node(metric, "metric", key, node.execution_id, node.cell_id, number_text(value)))
            edges.append(Edge(node.id, metric, "generated"))
    return Lineage(graph.target, tuple(nodes), tuple(edges))


def _shapes(graph: Lineage, runs: Mapping[str, Run]) -> dict[str, str]:
    """Return by node the shape of what a run took in: of the version that it used, or made itself."""
    cells = {node.id: str(node.execution_id) for node in graph.nodes if node.kind == "execution"}
    inputs = {
        key: {
            str(one["name"]): _shape(one) for one in [*run.inputs, *(each for fit in run.fits for each in fit.inputs)]
        }
        for key, run in runs.items()
    }
    labels = {node.id: node.label for node in graph.nodes}
    found: dict[str, str] = {}
    for edge in sorted(graph.edges, key=lambda one: one.kind != "used"):
        thing, cell = (edge.source, edge.target) if edge.kind == "used" else (edge.target, edge.source)
        shape = inputs.get(cells.get(cell, ""), {}).get(labels.get(thing, ""))
        if shape is not None:
            found.setdefault(thing, shape)
    return found


def _shape(told: Mapping[str, Any]) -> str:
    rows, columns = told.get("rows"), told.get("columns")
    if rows is None:
        return ""
    return f"{count_text(rows)} × {len(columns)}" if columns and len(columns) > 1 else f"{count_text(rows)} rows"


def _add(edges: dict[tuple[str, str, str], Edge], edge: Edge) -> None:
    known = edges.get((edge.source, edge.target, edge.kind))
    if known is None or known.certainty is not Certainty.OBSERVED:
        edges[edge.source, edge.target, edge.kind] = edge


def _id(version: Version) -> str:
    return f"{version.name}@{version.writer}"


def _kind(name: str) -> Any:
    return "file" if name.startswith(FILE) else "ambient" if name.startswith("<") else "variable"
