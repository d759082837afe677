"""The widget of `%trail`, in every front end that shows Jupyter widgets; elsewhere a static table."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import anywidget

from celltrail.display.lists import runs_html
from celltrail.display.tables import runs_text
from celltrail.widget.answers import RunFinder, answer, list_rows

_STATIC = files("celltrail") / "static"
_SAVED = 20  # runs that the notebook file keeps
# Known to our front end alone: it shows the saved table where the widget's kernel is gone.
TRAIL_MIME = "application/vnd.celltrail.trail.v1+json"


class TrailWidget(anywidget.AnyWidget):  # type: ignore[misc] # anywidget ships no types
    """The runs of a trail: sorted, filtered, two of them compared.

    Parameters
    ----------
    trail : RunFinder
        An open trail.
    """

    # The bundle itself, not its address: nothing is fetched, the notebook's server need not know us.
    _esm = (_STATIC / "widget.js").read_text(encoding="utf-8")
    _css = (_STATIC / "widget.css").read_text(encoding="utf-8")

    def __init__(self, trail: RunFinder) -> None:
        super().__init__()
        self._trail = trail
        self.on_msg(self._heard)

    def _heard(self, _widget: object, content: object, _buffers: object) -> None:
        self.send(answer(self._trail, content))

    def _repr_mimebundle_(self, **kwargs: object) -> Any:
        """Add what viewers without widgets show: the newest runs as a table and as text."""
        made = super()._repr_mimebundle_(**kwargs)
        data, metadata = made if isinstance(made, tuple) else (made or {}, {})
        rows = list_rows(self._trail, "")
        html = runs_html(rows, limit=_SAVED, with_times=False)
        data = {**data, TRAIL_MIME: {"schema": "celltrail.trail/1"}}
        return {**data, "text/html": html, "text/plain": runs_text(rows[:_SAVED], width=100)}, metadata
