"""A graph of lineage as it is drawn: variables of one maker and the same readers in one box; of many boxes, cells
that did alike in one, and old cells counted.

What is folded is not lost: the table beside the picture names each cell, and JSON every node.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from celltrail.domain.lineage import IMPORTED, Certainty, Lineage, Node

# Boxes that a picture holds before its oldest cells are counted instead: more can't be read at a glance.
MOST_BOXES = 48
_NAMES = 3
_ALIKE = 3  # cells that are counted in one box at least
_PLAIN = ("variable", "frame", "ambient")
_LETTERS = 34


@dataclass(slots=True)
class Box:
    """What is drawn as one.

    Attributes
    ----------
    title : str
        In full, for who points at it.
    """

    id: str
    kind: str
    label: str
    detail: str = ""
    title: str = ""
    cell_id: str | None = None
    is_target: bool = False


@dataclass(slots=True)
class Drawing:
    """Boxes, and lines between them with how sure each is."""

    boxes: dict[str, Box] = field(default_factory=dict)
    lines: dict[tuple[str, str], Certainty] = field(default_factory=dict)


def folded(graph: Lineage, *, most: int = MOST_BOXES) -> Drawing:
    """Return a graph as few boxes.

    Parameters
    ----------
    graph : Lineage
        Of a thing.
    most : int
        Boxes that are drawn at most.

    Returns
    -------
    Drawing
        Without circles, since time has none.
    """
    drawing = _drawn(graph, {})
    if len(drawing.boxes) > most:
        drawing = _drawn(graph, _alike(graph))
    return _without_old(drawing, most)


def _drawn(graph: Lineage, alike: dict[str, str]) -> Drawing:
    drawing = Drawing()
    where = _boxes(graph, drawing, alike)
    imported = _imported(graph)
    led_to = {where[edge.target] for edge in graph.edges if edge.kind == "used" and edge.source not in imported}
    for edge in graph.edges:
        key = where[edge.source], where[edge.target]
        if edge.source in imported and key[1] in led_to:
            continue  # what is used everywhere would lie over everything; the table has it
        if key[0] != key[1] and drawing.lines.get(key) is not Certainty.OBSERVED:
            drawing.lines[key] = edge.certainty
    return drawing


def _alike(graph: Lineage) -> dict[str, str]:
    """Return for cells that were given the same, and whose variables the same cells read, the first of them."""
    used: dict[str, set[str]] = {}
    made: dict[str, list[str]] = {}
    for edge in graph.edges:
        if edge.kind == "used":
            used.setdefault(edge.target, set()).add(edge.source)
        else:
            made.setdefault(edge.source, []).append(edge.target)
    readers = _readers(graph)
    plain = {node.id for node in graph.nodes if node.kind in _PLAIN and node.label != graph.target}
    groups: dict[tuple[object, ...], list[str]] = {}
    for cell in graph.nodes:
        if cell.kind == "execution" and plain.issuperset(made.get(cell.id, ())):
            read_by = frozenset(reader for one in made.get(cell.id, ()) for reader in readers.get(one, ()))
            groups.setdefault((frozenset(used.get(cell.id, ())), read_by), []).append(cell.id)
    return {one: cells[0] for cells in groups.values() if len(cells) >= _ALIKE for one in cells}


def _imported(graph: Lineage) -> set[str]:
    return {node.id for node in graph.nodes if node.detail == IMPORTED and node.label != graph.target}


def _readers(graph: Lineage) -> dict[str, set[str]]:
    readers: dict[str, set[str]] = {}
    for edge in graph.edges:
        if edge.kind == "used":
            readers.setdefault(edge.source, set()).add(edge.target)
    return readers


def _boxes(graph: Lineage, drawing: Drawing, alike: dict[str, str]) -> dict[str, str]:
    """Put nodes into boxes; return for each node its box."""
    makers = {edge.target: edge.source for edge in graph.edges if edge.kind == "generated"}
    readers = _readers(graph)
    groups: dict[tuple[object, ...], list[Node]] = {}
    imported = _imported(graph)
    for node in graph.nodes:
        if node.id in imported:
            continue
        is_plain = node.kind in _PLAIN and node.label != graph.target
        maker = makers.get(node.id, "")
        key: tuple[object, ...] = (alike.get(node.id, node.id),)
        if is_plain:  # two frames that went the same way are one box
            key = (alike.get(maker, maker), frozenset(readers.get(node.id, ())))
        groups.setdefault(key, []).append(node)
    where: dict[str, str] = {}
    for nodes in groups.values():
        box = _box(nodes, graph.target)
        drawing.boxes[box.id] = box
        where.update({node.id: box.id for node in nodes})
    # A module is of no interest by itself: who uses it hangs on the cell that imports it.
    return where | {node: makers[node] for node in imported}


def _box(nodes: list[Node], target: str) -> Box:
    first = nodes[0]
    if first.kind == "execution" and len(nodes) > 1:
        title = f"{', '.join(one.label for one in nodes)}: the table below names them"
        return Box(first.id, first.kind, f"{len(nodes)} cells", _short(f"{first.detail} …"), title)
    kind = next((one.kind for one in nodes if one.kind == "frame"), first.kind)
    labels = [_label(one) for one in nodes]
    label = ", ".join(labels[:_NAMES]) + (f" +{len(labels) - _NAMES}" if len(labels) > _NAMES else "")
    detail = first.detail if len(nodes) == 1 else ""
    title = f"{first.label} {first.detail}".strip() if len(nodes) == 1 else ", ".join(one.label for one in nodes)
    is_target = target in (one.label for one in nodes) and first.kind != "execution"
    return Box(first.id, kind, _short(label), _short(detail), title, first.cell_id, is_target)


def _label(node: Node) -> str:
    if node.kind == "file":
        return node.label.rstrip("/").rpartition("/")[2] or node.label
    return node.label.strip("<>") if node.kind == "ambient" else node.label


def _short(text: str) -> str:
    return text if len(text) <= _LETTERS else f"{text[: _LETTERS - 1]}…"


def _without_old(drawing: Drawing, most: int) -> Drawing:
    """Count the oldest cells, and what only they touched, in one box."""
    spare = len(drawing.boxes) - most
    if spare <= 0:
        return drawing
    boxes = list(drawing.boxes.values())  # in the order of the executions
    gone = {box.id for box in boxes[: spare + 1] if not box.is_target}
    cells = sum(drawing.boxes[one].kind == "execution" for one in gone)
    rest = Box("earlier", "earlier", f"{cells} earlier cells", title="The table below names them")
    kept = Drawing({rest.id: rest} | {box.id: box for box in boxes if box.id not in gone})
    for (source, target), certainty in drawing.lines.items():
        ends = ("earlier" if source in gone else source, "earlier" if target in gone else target)
        if ends[0] != ends[1] and ends[1] != "earlier" and kept.lines.get(ends) is not Certainty.OBSERVED:
            kept.lines[ends] = certainty
    # Of what leads out of the old ones only that is drawn without which a box would hang in the air.
    held = {target for source, target in kept.lines if source != "earlier"}
    for source, target in list(kept.lines):
        if source == "earlier" and target in held:
            del kept.lines[source, target]
    return kept
