"""What MLflow is told of the cell in which it starts a run: found by its entry point, asked by MLflow itself.

MLflow imports this with `import mlflow`, also where celltrail is not in use: so it is light, and silent there.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from celltrail.capture.cell import OpenCell


class CellContext:
    """MLflow's run-context provider: a run that is started in a tracked cell bears the id of celltrail's run."""

    def in_context(self) -> bool:
        """Say whether a cell is running that is a run, or becomes one by what it does."""
        return _tracked_cell() is not None

    def tags(self) -> dict[str, str]:
        """Return the tags of an MLflow run that is started now.

        Returns
        -------
        dict of str to str
            `celltrail.run_id`, the global id, and `celltrail.experiment` where the cell's header names it. A cell
            that proves to be no run leaves an id that nothing bears.
        """
        cell = _tracked_cell()
        if cell is None:
            return {}
        tags = {"celltrail.run_id": str(cell.run.id)}
        if cell.run.identity.name:
            tags["celltrail.experiment"] = cell.run.identity.name
        return tags


def _tracked_cell() -> OpenCell | None:
    by_hand = sys.modules.get("celltrail.capture.by_hand")  # imported with the extension
    kernel = by_hand.current_kernel() if by_hand is not None else None
    if kernel is None or kernel.mode == "off":
        return None
    cell: OpenCell | None = kernel.cells.current()
    return cell if cell is not None and (cell.tracks or cell.is_run) else None
