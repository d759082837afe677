"""Line and panel as static HTML: the same bytes for the same result, in every viewer, trusted or not.

No clock, duration, id, host or script; nothing that a viewer must fetch. What they say is `display.words`, how it is
drawn `display.line` and `display.panel`.
"""

from __future__ import annotations

from celltrail.display.line import line_within
from celltrail.display.panel import panel_within
from celltrail.views.schema import RunView

LINE_BYTES = 1024
PANEL_BYTES = 6144


def panel_html(view: RunView) -> str:
    """Return the static HTML of a run: the line or the panel, as its mode says.

    Parameters
    ----------
    view : RunView
        As `views.runs.run_view` gives it. Everything in it is escaped here.

    Returns
    -------
    str
        At most 1 kB for a line and 6 kB for a panel.
    """
    if view["mode"] == "line":
        return line_within(view, LINE_BYTES)
    return panel_within(view, PANEL_BYTES)
