"""What each execution of a session touched, and the graph behind a name: the JSON of `%lineage`."""

from __future__ import annotations

import re
from typing import Any

from celltrail.analysis.slicing import FILE, FOLDER, History, Version, history_of
from celltrail.domain.lineage import Certainty, Edge, Lineage, Node, PastExecution
from celltrail.store.read_touches import read_executions
from celltrail.store.store import Store

# What IPython binds for each result is no doing of the cell's.
_RESULT = re.compile(r"_\d*|___?")


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
        execution = history.executions[version.writer]
        cell, thing = f"e{version.writer}", _id(version)
        nodes.setdefault(cell, Node(cell, "execution", f"[{execution.execution_count}]", execution.id))
        nodes.setdefault(thing, Node(thing, _kind(version.name), version.name.removeprefix(FILE), execution.id))
        _add(edges, Edge(cell, thing, "generated", version.certainty))
        if version.before is not None and version.before in versions:
            _add(edges, Edge(_id(version.before), cell, "used", version.certainty))
        for read in history.reads[version.writer].values():
            if read is not None and read in versions and not read.name.startswith(FOLDER):
                _add(edges, Edge(_id(read), cell, "used"))
    return Lineage(target, tuple(nodes.values()), tuple(edges.values()))


def _add(edges: dict[tuple[str, str, str], Edge], edge: Edge) -> None:
    known = edges.get((edge.source, edge.target, edge.kind))
    if known is None or known.certainty is not Certainty.OBSERVED:
        edges[edge.source, edge.target, edge.kind] = edge


def _id(version: Version) -> str:
    return f"{version.name}@{version.writer}"


def _kind(name: str) -> Any:
    return "file" if name.startswith(FILE) else "ambient" if name.startswith("<") else "variable"
