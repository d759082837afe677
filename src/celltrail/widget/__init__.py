"""The interactive panel of `%trail`: runs to sort and filter, two compared. Loads anywidget, so only on demand.

`messages` says what goes between kernel and page, `answers` answers it from a trail, `panel` is the widget itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from celltrail.widget.answers import RunFinder
    from celltrail.widget.panel import TrailWidget

__all__ = ["trail_widget"]


def trail_widget(trail: RunFinder) -> TrailWidget:
    """Make the interactive panel of a trail.

    Parameters
    ----------
    trail : RunFinder
        An open trail; it must stay open as long as the panel is used.

    Returns
    -------
    TrailWidget
        Display it as the value of a cell.
    """
    from celltrail.widget.panel import TrailWidget

    return TrailWidget(trail)
