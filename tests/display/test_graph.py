"""The picture of a graph of lineage: where its boxes stand, what is folded, what is escaped."""

from __future__ import annotations

import re
from itertools import combinations
from xml.etree import ElementTree

import pytest

from celltrail.display.graph import graph_html, graph_text
from celltrail.display.graph_fold import MOST_BOXES, folded
from celltrail.display.graph_layout import BETWEEN, HEIGHT, WIDEST, places_of
from celltrail.domain.lineage import IMPORTED, Certainty, Edge, Lineage, Node


def chain(count: int, *, wide: int = 1) -> Lineage:
    """Return a graph of so many cells, each making variables that the next one and the last one read."""
    nodes, edges = [], []
    for place in range(count):
        cell = Node(f"e{place}", "execution", f"[{place}]", cell_id=f"c{place}", detail=f"v{place} = work()")
        nodes.append(cell)
        edges += [Edge(f"v{place - 1}.{one}@", cell.id, "used") for one in range(wide if place else 0)]
        for one in range(wide):
            name = f"v{place}.{one}"
            nodes.append(Node(f"{name}@", "variable", name, cell_id=cell.cell_id))
            edges.append(Edge(cell.id, f"{name}@", "generated"))
            edges += [Edge(f"{name}@", f"e{count - 1}", "used")] if place < count - 2 and one % 2 else []
    return Lineage(f"v{count - 1}.0", tuple(nodes), tuple(edges))


@pytest.mark.parametrize(("count", "wide"), [(1, 1), (3, 2), (6, 9), (12, 4), (80, 3)])
def test_no_two_boxes_overlap_and_every_line_leads_down(count: int, wide: int) -> None:
    drawing = folded(chain(count, wide=wide))

    places, ways, width, height = places_of(drawing)

    for one, other in combinations(places.values(), 2):
        apart = abs(one.x - other.x) >= (one.width + other.width) / 2 or abs(one.y - other.y) >= one.height
        assert apart, (one, other)
    assert all(places[source].y < places[target].y for source, target in drawing.lines)
    assert all(0 <= one.x - one.width / 2 and one.x + one.width / 2 <= width + 0.01 for one in places.values())
    assert all(one.y + one.height <= height for one in places.values())
    assert width <= WIDEST
    assert set(drawing.lines) == {(way.source, way.target) for way in ways}
    for way in ways:
        for bend in way.through[1:-1]:  # past the boxes of that row, never behind one
            row = [one for one in places.values() if one.y == bend.y]
            assert all(abs(one.x - bend.x) > one.width / 2 for one in row)
        assert way.through[1:-1] or places[way.target].y - places[way.source].y == HEIGHT + BETWEEN


def test_a_large_graph_is_folded_and_its_target_stays() -> None:
    drawing = folded(chain(80, wide=3))

    assert len(drawing.boxes) <= MOST_BOXES
    assert any(box.is_target for box in drawing.boxes.values())
    assert "earlier cells" in drawing.boxes["earlier"].label


def test_variables_that_went_the_same_way_are_one_box() -> None:
    drawing = folded(chain(3, wide=5))

    labels = [box.label for box in drawing.boxes.values() if "v0." in box.label]

    assert ["v0.0, v0.2, v0.4", "v0.1, v0.3"] == labels


def test_many_cells_that_did_alike_are_one_box_and_few_are_not() -> None:
    def sums(count: int) -> Lineage:
        """A frame, so many cells that each take a column of it, and one that adds them up."""
        cells = [Node(f"e{one}", "execution", f"[{one}]", cell_id=f"c{one}") for one in range(count + 2)]
        names = ["df", *(f"column_{one}" for one in range(1, count + 1)), "total"]
        made = [Node(f"{name}@", "frame" if name == "df" else "variable", name) for name in names]
        edges = [Edge(cell.id, one.id, "generated") for cell, one in zip(cells, made, strict=True)]
        edges += [Edge("df@", cell.id, "used") for cell in cells[1:-1]]
        edges += [Edge(one.id, cells[-1].id, "used") for one in made[1:-1]]
        return Lineage("total", tuple(cells + made), tuple(edges))

    many, few = folded(sums(40)), folded(sums(10))

    assert ["[0]", "40 cells", "[41]", "df", "column_1, column_2, column_3 +37", "total"] == [
        box.label for box in many.boxes.values()
    ]
    assert [("e0", "df@"), ("e1", "column_1@"), ("e41", "total@"), ("df@", "e1"), ("column_1@", "e41")] == [
        *many.lines
    ]
    assert many.boxes["e1"].cell_id is None
    assert 12 == sum(box.kind == "execution" for box in few.boxes.values())


def test_an_import_is_no_box_of_its_own() -> None:
    nodes = (
        Node("e0", "execution", "[1]"),
        Node("np@0", "variable", "np", detail=IMPORTED),
        Node("e1", "execution", "[2]"),
        Node("x@1", "variable", "x"),
    )
    edges = (
        Edge("e0", "np@0", "generated"),
        Edge("np@0", "e1", "used"),
        Edge("e1", "x@1", "generated"),
    )

    drawing = folded(Lineage("x", nodes, edges))

    assert {"e0", "e1", "x@1"} == drawing.boxes.keys()
    assert ("e0", "e1") in drawing.lines


def test_an_import_is_drawn_to_cells_alone_that_nothing_else_leads_to() -> None:
    nodes = (
        Node("e0", "execution", "[1]"),
        Node("np@0", "variable", "np", detail=IMPORTED),
        *(Node(f"e{one}", "execution", f"[{one}]") for one in (1, 2)),
        Node("x@1", "variable", "x"),
        Node("y@2", "variable", "y"),
    )
    edges = (
        Edge("e0", "np@0", "generated"),
        *(Edge("np@0", cell, "used") for cell in ("e1", "e2")),
        Edge("e1", "x@1", "generated"),
        Edge("x@1", "e2", "used"),
        Edge("e2", "y@2", "generated"),
    )

    assert [("e0", "e1"), ("e1", "x@1"), ("x@1", "e2"), ("e2", "y@2")] == [*folded(Lineage("y", nodes, edges)).lines]


def test_what_is_not_sure_is_dashed_and_said() -> None:
    nodes = (Node("e0", "execution", "[1]"), Node("x@0", "variable", "x"))
    graph = Lineage("x", nodes, (Edge("e0", "x@0", "generated", Certainty.MAYBE),))

    assert "stroke-dasharray" in graph_html(graph)
    assert "<title>maybe</title>" in graph_html(graph)
    assert "maybe changes x" in graph_text(graph)


def test_everything_is_escaped_and_the_picture_is_well_formed() -> None:
    hostile = '"><script>alert(1)</script>&\x1b[31m'
    nodes = (
        Node("e0", "execution", hostile, cell_id=hostile, detail=hostile),
        Node("x@0", "file", f"/srv/ann/{hostile}"),
        Node("m", "metric", hostile, detail=hostile),
    )
    graph = Lineage(hostile, nodes, (Edge("e0", "x@0", "generated"), Edge("e0", "m", "generated")))

    html = graph_html(graph)

    assert "<script" not in html
    assert "\x1b" not in html + graph_text(graph)
    picture = re.search(r"<svg.*</svg>", html, re.DOTALL)
    assert picture is not None
    ElementTree.fromstring(picture[0])


def test_the_picture_takes_its_text_colour_from_the_page() -> None:
    html = graph_html(chain(4))

    assert "fill:currentColor" in html
    assert not re.search(r"<text[^>]* fill=", html)
    assert "<a" not in (re.search(r"<svg.*</svg>", html, re.DOTALL) or [""])[0]
