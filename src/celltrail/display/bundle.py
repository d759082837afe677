"""One display for a run: our own bundle, static HTML, plain text. The only place that speaks to IPython's display."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from celltrail.display.html import panel_html
from celltrail.display.text import line_text, panel_text
from celltrail.views.plain import json_safe
from celltrail.views.schema import RUN_MIME, RunView


def bundle(view: RunView) -> dict[str, object]:
    """Return the MIME bundle of a run, as it is saved in the notebook.

    Parameters
    ----------
    view : RunView
        As `views.runs.run_view` gives it; `mode` says whether line or panel.

    Returns
    -------
    dict
        Never `image/svg+xml` (it breaks LaTeX export), never a script. HTML and text hold no time, duration, id.
    """
    text = line_text(view) if view["mode"] == "line" else panel_text(view)
    return {RUN_MIME: json_safe(_slim(view)), "text/html": panel_html(view), "text/plain": text}


def _slim(view: RunView) -> dict[str, Any]:
    """Leave out what a line does not show: opened, it is drawn from the trail. What travels stays."""
    if view["mode"] == "panel":
        return dict(view)
    slim = dict(view)
    slim.update(metrics=[], inputs=[], same=[], environment="", pending=[], trend=view["trend"][-12:])
    slim["fits"] = (
        [{**row, "params_written": None, "curve": {}, "model": ""} for row in view["fits"][:8]]
        if len(view["fits"]) > 1 or view["headline"] is None
        else []
    )
    slim["changed"] = view["changed"][:4]
    slim["cautions"] = view["cautions"][:1]
    return slim


def show(view: RunView, display: Callable[..., Any] | None = None) -> None:
    """Publish the display of a run.

    Parameters
    ----------
    view : RunView
        What to show.
    display : callable, optional
        Takes the bundle and `raw=True`; IPython's `display` where left out.
    """
    if display is None:
        from IPython.display import display as publish

        display = publish
    display(bundle(view), raw=True)
