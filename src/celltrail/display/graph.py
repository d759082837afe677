"""A graph of lineage for people: a picture for notebooks, a table for terminals and where pictures are taken out.

The picture is SVG in the page itself, so that its text takes the page's own colour, light or dark. A notebook that is
not trusted shows the table alone.
"""

from __future__ import annotations

from html import escape
from urllib.parse import quote

from celltrail.display.graph_fold import Box, folded
from celltrail.display.graph_layout import Place, Way, places_of
from celltrail.display.markup import muted, section, table, text
from celltrail.display.words import clean
from celltrail.domain.lineage import Certainty, Lineage, Node

# They stand out at least 3:1 from white and from #1e1e1e, as WCAG 2.2, success criterion 1.4.11, asks of graphics.
_COLOURS = {
    "execution": "#7d7d7d",
    "model": "#2f80d8",
    "metric": "#0f8f6b",
    "frame": "#b5651d",
    "file": "#a05fc0",
}
_PLAIN = "#7d7d7d"
# What the page is painted with: JupyterLab, Notebook and nbconvert's page; VS Code; any other.
_PAGE = "var(--jp-layout-color0,var(--vscode-editor-background,Canvas))"
_EDGE = 10  # around the picture, for outlines
_CODE = 60
_SHOWN = 6
_WORDS = {
    "execution": "cell",
    "variable": "variable",
    "file": "file",
    "ambient": "state of Python",
    "model": "model",
    "frame": "frame",
    "metric": "metric",
    "earlier": "",
}


def graph_html(graph: Lineage, *, notebook: str = "") -> str:
    """Return a graph as HTML: the picture, and the table behind a click.

    Parameters
    ----------
    graph : Lineage
        Everything in it is escaped here.
    notebook : str, optional
        Name of the notebook's file, for links to its cells.

    Returns
    -------
    str
        No script, no class, nothing that a viewer must fetch.
    """
    head = f"<div><b>{text(head_words(graph))}</b></div>"
    rows = [
        (_link(count, cell_id, notebook), f"<code>{text(code, _CODE)}</code>", muted(text(rest, 400)))
        for count, code, rest, cell_id in _rows(graph)
    ]
    return f"{head}{_picture(graph, notebook)}{section('cell by cell', table(rows))}"


def graph_text(graph: Lineage) -> str:
    """Return a graph as text, a cell a line: what it read, and what it made."""
    rows = _rows(graph)
    widths = [max((len(row[column] or "") for row in rows), default=0) for column in (0, 1)]
    lines = [
        f"  {clean(count):<{widths[0]}}  {clean(code, _CODE):<{min(widths[1], _CODE)}}  {clean(rest, 400)}".rstrip()
        for count, code, rest, _ in rows
    ]
    return "\n".join([head_words(graph), *lines])


def head_words(graph: Lineage) -> str:
    """Say what it is about, and of how much."""
    counts = []
    for kind, one, many in (("execution", "cell", "cells"), ("file", "file", "files")):
        count = sum(node.kind == kind for node in graph.nodes)
        counts += [f"{count} {one if count == 1 else many}"] if count else []
    return f"{clean(graph.target)}: {', '.join(counts)}"


def _rows(graph: Lineage) -> list[tuple[str, str, str, str | None]]:
    """Return for each cell its count, the first line of its code, what it used and made, and its id."""
    nodes = {node.id: node for node in graph.nodes}
    found = []
    for cell in graph.nodes:
        if cell.kind != "execution":
            continue
        used = [nodes[edge.source] for edge in graph.edges if edge.target == cell.id and edge.source in nodes]
        made = [(nodes[edge.target], edge.certainty) for edge in graph.edges if edge.source == cell.id]
        parts = [f"from {_named(used)}"] if used else []
        sure = [node for node, certainty in made if certainty is Certainty.OBSERVED]
        unsure = [node for node, certainty in made if certainty is not Certainty.OBSERVED]
        parts += [f"makes {_named(sure)}"] if sure else []
        parts += [f"maybe changes {_named(unsure)}"] if unsure else []
        found.append((cell.label, cell.detail, " · ".join(parts), cell.cell_id))
    return found


def _named(nodes: list[Node]) -> str:
    names = list(dict.fromkeys(_name(node) for node in nodes))
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")


def _name(node: Node) -> str:
    label = node.label.rpartition("/")[2] if node.kind == "file" else node.label.strip("<>")
    return f"{label} {node.detail}" if node.kind == "metric" else label


def _link(label: str, cell_id: str | None, notebook: str) -> str:
    return f'<a href="{_address(cell_id, notebook)}">{text(label)}</a>' if cell_id else text(label)


def _address(cell_id: str | None, notebook: str) -> str:
    """Return the address of a cell, as JupyterLab follows it; elsewhere it leads to the notebook at most."""
    return escape(f"{quote(notebook)}#cell-id={quote(cell_id or '')}")


def _picture(graph: Lineage, notebook: str) -> str:
    drawing = folded(graph)
    places, ways, width, height = places_of(drawing)
    lines = "".join(_line(way, drawing.lines[way.source, way.target]) for way in ways)
    boxes = "".join(_box(box, places[one]) for one, box in drawing.boxes.items())
    wide, high = width + 2 * _EDGE, height + 2 * _EDGE
    links = "".join(
        _over(box, places[one], wide, high, notebook) for one, box in drawing.boxes.items() if box.cell_id
    )
    return (
        f'<div style="position:relative;width:{wide:.0f}px;max-width:100%">'
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{-_EDGE} {-_EDGE} {wide:.0f} {high:.0f}" role="img" '
        f'aria-label="{text(head_words(graph))}" '
        'style="width:100%;height:auto;display:block;font:12px monospace;fill:currentColor">'
        f"{lines}{boxes}</svg>{links}</div>"
    )


def _over(box: Box, place: Place, wide: float, high: float, notebook: str) -> str:
    """Return a link that lies over a box. Links inside of SVG make JupyterLab 4 give up on the output."""
    left, top = place.x - place.width / 2 + _EDGE, place.y + _EDGE
    where = (
        f"left:{100 * left / wide:.2f}%;top:{100 * top / high:.2f}%;"
        f"width:{100 * place.width / wide:.2f}%;height:{100 * place.height / high:.2f}%"
    )
    said = text(_said(box), 400)
    return (
        f'<a href="{_address(box.cell_id, notebook)}" title="{said}" aria-label="{said}" '
        f'style="position:absolute;{where}"></a>'
    )


def _line(way: Way, certainty: Certainty) -> str:
    first, *bends, last = way.through
    x, y = first.x, first.y + first.height
    path = f"M{x:.0f} {y:.0f}"
    for place in bends:  # straight past the boxes of that row
        path += f"{_curve(x, y, place.x, place.y)}V{place.y + place.height:.0f}"
        x, y = place.x, place.y + place.height
    path += _curve(x, y, last.x, last.y - 5)
    dashes = "" if certainty is Certainty.OBSERVED else ' stroke-dasharray="4 3"'
    told = "" if certainty is Certainty.OBSERVED else f"<title>{certainty.value}</title>"
    return (
        f'<path d="{path}" fill="none" stroke="{_PLAIN}" stroke-width="1.2"{dashes}>{told}</path>'
        f'<path d="M{last.x - 3.5:.1f} {last.y - 5:.0f}h7l-3.5 5z" fill="{_PLAIN}" stroke="none"/>'
    )


def _curve(x: float, y: float, to: float, end: float) -> str:
    bend = (end - y) / 2
    return f"C{x:.0f} {y + bend:.0f} {to:.0f} {end - bend:.0f} {to:.0f} {end:.0f}"


def _box(box: Box, place: Place) -> str:
    colour = _COLOURS.get(box.kind, _PLAIN)
    left, round_by = place.x - place.width / 2, 3 if box.kind == "execution" else 12
    weight = 2.4 if box.is_target else 1.2
    dashes = ' stroke-dasharray="2 3"' if box.kind in ("ambient", "earlier") else ""
    middle = place.y + (place.height / 2 + 4 if not box.detail else 16)
    words = f'<text x="{place.x:.0f}" y="{middle:.0f}" text-anchor="middle"{_bold(box)}>{text(box.label)}</text>'
    if box.detail:
        words += (
            f'<text x="{place.x:.0f}" y="{place.y + 31:.0f}" text-anchor="middle" font-size="11" opacity=".75">'
            f"{text(box.detail)}</text>"
        )
    size = f'width="{place.width:.0f}" height="{place.height:.0f}"'
    shape = f'<rect x="{left:.0f}" y="{place.y:.0f}" {size} rx="{round_by}"'
    drawn = (
        f'{shape} fill="none" style="fill:{_PAGE}"/>'  # so that lines pass behind the words
        f'{shape} fill="{colour}" fill-opacity=".08" stroke="{colour}" stroke-width="{weight}"{dashes}/>'
    )
    return f"<g><title>{text(_said(box), 400)}</title>{drawn}{words}</g>"


def _said(box: Box) -> str:
    return f"{_WORDS.get(box.kind, '')} {box.title}".strip()


def _bold(box: Box) -> str:
    return ' font-weight="bold"' if box.is_target else ""
