"""Where the boxes of a graph stand: layers from top to bottom, few crossings, rows no wider than a notebook.

After Sugiyama, Tagawa and Toda (IEEE Transactions on Systems, Man, and Cybernetics 11, 1981): layers by the longest
way, order in them by barycentres. Sizes are in CSS pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from celltrail.display.graph_fold import Box, Drawing

LETTER = 7.3  # of a monospaced letter of 12 px, with a little to spare
HEIGHT, GAP, BETWEEN = 40, 16, 32
BEND = 6.0
WIDEST = 920
_SWEEPS = 6


@dataclass(slots=True)
class Place:
    """Where a box stands: its centre from the left, its top, its size."""

    x: float
    y: float
    width: float
    height: float = HEIGHT


@dataclass(slots=True)
class Way:
    """How a line goes: from box to box, through the places of its bends."""

    source: str
    target: str
    through: list[Place]


def places_of(drawing: Drawing) -> tuple[dict[str, Place], list[Way], float, float]:
    """Return where each box stands, how each line goes, and the size of the whole.

    Parameters
    ----------
    drawing : Drawing
        Without circles.

    Returns
    -------
    tuple of (dict of str to Place, list of Way, float, float)
        Places by the id of a box; ways; width and height.
    """
    layers, ways = _with_bends(drawing, _depths(drawing))
    widths = {one: width_of(box) for one, box in drawing.boxes.items()}
    near = _neighbours(ways)
    rows = _rows(_ordered(layers, near), widths)
    whole = max((sum(widths.get(one, BEND) + GAP for one in row) - GAP for row in rows), default=0.0)
    places: dict[str, Place] = {}
    for number, row in enumerate(rows):
        for one in row:
            top = number * (HEIGHT + BETWEEN)
            places[one] = Place(0.0, top, widths.get(one, BEND))
        _spread(row, places, near, whole)
    height = max(len(rows), 1) * (HEIGHT + BETWEEN) - BETWEEN
    drawn = [Way(way[0], way[-1], [places[one] for one in way]) for way in ways]
    return {one: places[one] for one in drawing.boxes}, drawn, whole, height


def width_of(box: Box) -> float:
    """Return the width of a box: its longer line, with some air."""
    return max(len(box.label), len(box.detail) * 0.92, 4) * LETTER + 22


def _depths(drawing: Drawing) -> dict[str, int]:
    """Return the layer of each box: one below the lowest of those that lead to it."""
    above: dict[str, list[str]] = {one: [] for one in drawing.boxes}
    below: dict[str, list[str]] = {one: [] for one in drawing.boxes}
    for source, target in drawing.lines:
        above[target].append(source)
        below[source].append(target)
    waits = {one: len(of) for one, of in above.items()}
    depth = dict.fromkeys(drawing.boxes, 0)
    ready = [one for one, count in waits.items() if not count]
    while ready:
        one = ready.pop()
        for other in below[one]:
            depth[other] = max(depth[other], depth[one] + 1)
            waits[other] -= 1
            if not waits[other]:
                ready.append(other)
    for one in sorted(depth, key=lambda name: -depth[name]):
        # What nothing leads to stands right above its reader: a file.
        if below[one] and not above[one]:
            depth[one] = min(depth[other] for other in below[one]) - 1
    return depth


def _with_bends(drawing: Drawing, depth: dict[str, int]) -> tuple[list[list[str]], list[list[str]]]:
    """Return the layers, with a bend in each that a line passes, and for each line what it goes through."""
    layers: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for one in drawing.boxes:
        layers[depth[one]].append(one)
    ways = []
    for source, target in drawing.lines:
        bends = [f"{source}\0{target}\0{layer}" for layer in range(depth[source] + 1, depth[target])]
        for layer, bend in enumerate(bends, depth[source] + 1):
            layers[layer].append(bend)
        ways.append([source, *bends, target])
    return [layer for layer in layers if layer], ways


def _neighbours(ways: list[list[str]]) -> dict[str, list[str]]:
    near: dict[str, list[str]] = {}
    for way in ways:
        for one, other in pairwise(way):
            near.setdefault(one, []).append(other)
            near.setdefault(other, []).append(one)
    return near


def _ordered(layers: list[list[str]], near: dict[str, list[str]]) -> list[list[str]]:
    """Order each layer by where its neighbours stand, down and up again."""
    at = {one: (index + 0.5) / len(layer) for layer in layers for index, one in enumerate(layer)}
    for sweep in range(_SWEEPS):
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            middle = {
                one: sum(at[o] for o in near[one]) / len(near[one]) if one in near else at[one] for one in layer
            }
            layer.sort(key=middle.__getitem__)
            at.update({one: (index + 0.5) / len(layer) for index, one in enumerate(layer)})
    return layers


def _rows(layers: list[list[str]], widths: dict[str, float]) -> list[list[str]]:
    """Break layers that are too wide into rows."""
    rows: list[list[str]] = []
    for layer in layers:
        row: list[str] = []
        room = float(WIDEST)
        for one in layer:
            need = widths.get(one, BEND) + GAP
            if row and need > room:
                rows.append(row)
                row, room = [], float(WIDEST)
            row.append(one)
            room -= need
        rows.append(row)
    return rows


def _spread(row: list[str], places: dict[str, Place], near: dict[str, list[str]], whole: float) -> None:
    """Put each box of a row below those that lead to it, as far as its neighbours leave room."""
    need = sum(places[one].width + GAP for one in row) - GAP
    even, left, rest = (whole - need) / 2, 0.0, need
    for one in row:
        place = places[one]
        over = [places[other].x for other in near.get(one, ()) if other in places and places[other].y < place.y]
        wanted = sum(over) / len(over) if over else even + place.width / 2
        half = place.width / 2
        place.x = min(max(wanted, left + half), whole - rest + half)
        left = place.x + half + GAP
        rest -= place.width + GAP
        even += place.width + GAP
