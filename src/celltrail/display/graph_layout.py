"""Where the boxes of a graph stand: layers from top to bottom, few crossings, rows no wider than a notebook.

After Sugiyama, Tagawa and Toda (IEEE Transactions on Systems, Man, and Cybernetics 11, 1981): layers by the longest
way, order in them by barycentres. A layer that is too wide becomes several rows, and no line goes through a box of a
row that it passes. Sizes are in CSS pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from celltrail.display.graph_fold import Box, Drawing

LETTER = 7.3  # of a monospaced letter of 12 px, with a little to spare
HEIGHT, GAP, BETWEEN = 40, 16, 32
BEND = 4.0  # of a line that passes a row, with its air
WIDEST = 920
_SWEEPS = 6
_NARROWER = 0.9  # rows are broken once more where the lines that pass them take too much room
_NARROWEST = 300.0


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
    widths = {one: width_of(box) for one, box in drawing.boxes.items()}
    depth, room = _depths(drawing), float(WIDEST)
    while True:
        broken = _broken(drawing, depth, widths, room)
        layers, ways = _with_bends(drawing, broken)
        whole = max((sum(_slot(widths.get(one, BEND)) for one in row) for row in layers), default=0.0)
        if whole <= WIDEST or room < _NARROWEST:
            break
        room *= _NARROWER
    near = _neighbours(ways)
    rows = _ordered(layers, near)
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
        # Lines from one box go past a row as one.
        bends = [f"{source}\0{layer}" for layer in range(depth[source] + 1, depth[target])]
        for layer, bend in enumerate(bends, depth[source] + 1):
            if bend not in layers[layer]:
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


def _broken(drawing: Drawing, depth: dict[str, int], widths: dict[str, float], room: float) -> dict[str, int]:
    """Return the row of each box: layers that are too wide are broken into several."""
    layers, ways = _with_bends(drawing, depth)
    rows: dict[str, int] = {}
    number = -1
    for layer in _ordered(layers, _neighbours(ways)):
        number, left = number + 1, room
        for place, one in enumerate(box for box in layer if box in widths):
            if place and _slot(widths[one]) > left:
                number, left = number + 1, room
            rows[one] = number
            left -= _slot(widths[one])
    return rows


def _slot(width: float) -> float:
    """Return the room of a box or a bend with the air beside it."""
    return width + (GAP if width > BEND else BEND)


def _spread(row: list[str], places: dict[str, Place], near: dict[str, list[str]], whole: float) -> None:
    """Put each box of a row below those that lead to it, as far as its neighbours leave room."""
    rest = sum(_slot(places[one].width) for one in row)
    even, left = (whole - rest) / 2, 0.0
    for one in row:
        place = places[one]
        over = [places[other].x for other in near.get(one, ()) if other in places and places[other].y < place.y]
        half = _slot(place.width) / 2
        wanted = sum(over) / len(over) if over else even + half
        place.x = min(max(wanted, left + half), whole - rest + half)
        left = place.x + half
        rest -= 2 * half
        even += 2 * half
