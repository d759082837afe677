"""The little HTML that every front end leaves alone: escaped text, inline styles, tables that bring no dress.

JupyterLab strips classes' styles, `<style>`, `<script>` and inline SVG from notebooks that are not trusted; GitHub
strips styles too. So a style here only arranges; what a person must know stands in words, shapes and tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from celltrail.display.words import clean, delta_words
from celltrail.views.schema import Delta

MUTED_OPACITY = 0.7
GOOD, BAD, AMBER = "#00aa00", "#e00000", "#c07000"
_OWN_SHARE = 55  # percent of the page's own text colour in a coloured word


def text(value: str, limit: int = 200) -> str:
    """Return text made safe for HTML, on one line."""
    return escape(clean(value, limit))


def muted(html: str) -> str:
    """Set words back. By opacity, for the page's own colour reads on its own background, light or dark."""
    return f'<span style="opacity:{MUTED_OPACITY:g}">{html}</span>' if html else ""


def tinted(html: str, colour: str) -> str:
    """Colour words: the page's own text colour with a share of the given one, which reads on light and dark alike."""
    return f'<span style="color:color-mix(in srgb,currentColor {_OWN_SHARE}%,{colour})">{html}</span>'


def table(rows: Iterable[Sequence[str]], *, style: str = "") -> str:
    """Return a table of HTML cells, aligned left, without the stripes and borders that notebooks give to tables.

    The last cell of a short row spans the columns that the row lacks.
    """
    rows = list(rows)
    width = max((len(row) for row in rows), default=0)
    body = "".join(f'<tr style="background:none">{_cells(row, width)}</tr>' for row in rows)
    dress = f"margin:0;border:0;font-size:1em;line-height:1.5{';' if style else ''}{style}"
    return f'<table style="{dress}">{body}</table>' if body else ""


def _cells(row: Sequence[str], width: int) -> str:
    spans = f' colspan="{width - len(row) + 1}"' if len(row) < width else ""
    last = len(row) - 1
    return "".join(
        f'<td{spans if index == last else ""} style="text-align:left;padding:0 1em 0 0">{html}</td>'
        for index, html in enumerate(row)
    )


def section(title: str, body: str) -> str:
    """Return a part that opens on a click, without any script."""
    return (
        '<details style="display:inline-block;vertical-align:top;margin-right:1.6em">'
        f'<summary style="cursor:pointer">{title}</summary>{body}</details>'
    )


def delta_html(delta: Delta, *, in_full: bool = False) -> str:
    """Return a difference: set back inside the noise, else in the colour of better or worse."""
    words = text(delta_words(delta, in_full=in_full))
    if delta["may_be_chance"] or delta["is_better"] is None:
        return muted(words)
    return tinted(words, GOOD if delta["is_better"] else BAD)
