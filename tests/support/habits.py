"""What befalls a kernel of `support.scenario` beside its cells, each for the points of celltrail that it leads to.

Nothing of celltrail is replaced: the store is locked by another connection, and what takes it seconds, hours or
megabytes to do is asked for at once.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

Tell = Callable[[dict[str, Any]], None]
# Larger than what the database holds itself, and the same in every seventh turn: swept content is written again.
KEEPS_A_FILE = """# celltrail: spare
import random
celltrail.log_text(random.Random({turn} % 7).randbytes(60_000).hex(), "spare.txt")
print("heard {turn}")
"""


class Plain:
    """Cell after cell."""

    cells: tuple[tuple[str, str], ...] = ()

    def __init__(self, tell: Tell) -> None:
        self.tell = tell

    def before(self, kind: str) -> None:
        """Go before each cell."""

    def after(self, kind: str, run: str | None) -> None:
        """Come after each cell, once it was told."""

    def turn_over(self, shell: Any) -> None:
        """Come after each round of cells."""


class Hurried(Plain):
    """Running cells are committed every moment, and the end of each folds an overlong log."""

    def __init__(self, tell: Tell) -> None:
        super().__init__(tell)
        from celltrail.capture import autosave
        from celltrail.store import checkpoint

        autosave.Autosave.__init__.__kwdefaults__.update(first_after_s=0.01, every_s=0.01)
        checkpoint.LARGEST_LOG_BYTES = 1


class Folding(Plain):
    """The log is folded after each cell, by the thread that does it while the person reads the result."""

    def __init__(self, tell: Tell) -> None:
        super().__init__(tell)
        from celltrail.store import checkpoint

        checkpoint.LARGEST_LOG_BYTES, checkpoint._MOST_LOGS = 1, 1 << 40

    def after(self, kind: str, run: str | None) -> None:
        """Wait as the person does."""
        wait_for_late_work()


class Locked(Plain):
    """Somebody holds the store while some cells run; they wait in the spool for the next cell or opening."""

    spools = ("forest", "light")

    def __init__(self, tell: Tell) -> None:
        super().__init__(tell)
        from celltrail.capture import recorder

        recorder.START_WAIT_S = recorder.END_WAIT_S = 0.02
        self._other: sqlite3.Connection | None = None

    def before(self, kind: str) -> None:
        """Lock the store."""
        if kind in self.spools:
            wait_for_late_work()
            self._other = sqlite3.connect(Path(".celltrail", "trail.db"), isolation_level=None)
            self._other.execute("BEGIN IMMEDIATE")

    def after(self, kind: str, run: str | None) -> None:
        """Let go of it."""
        if self._other is not None:
            self.tell({"spooled": len(list(Path(".celltrail", "spool").glob("*.json")))})
            self._other.close()
            self._other = None

    def turn_over(self, shell: Any) -> None:
        """Open the trail anew: what waits is taken in by that."""
        shell.run_line_magic("unload_ext", "celltrail")
        shell.run_line_magic("load_ext", "celltrail")


class Sweeping(Plain):
    """A run is forgotten and swept, with the file of its content, as soon as the next one is there."""

    cells = (("spare", KEEPS_A_FILE),)

    def __init__(self, tell: Tell) -> None:
        super().__init__(tell)
        self._spare: list[str] = []

    def after(self, kind: str, run: str | None) -> None:
        """Remember what can be spared."""
        if kind == "spare" and run is not None:
            self._spare.append(run)

    def turn_over(self, shell: Any) -> None:
        """Forget it, and sweep; nobody is about to name what is young."""
        from celltrail.magics.extension import current
        from celltrail.store.gc import collect_garbage

        wait_for_late_work()
        loaded = current()
        assert loaded is not None
        for run in self._spare[:-1]:
            self.tell({"forgotten": run})
            shell.run_line_magic("trail", f"forget {run}")
        del self._spare[:-1]
        self.tell({"swept": len(collect_garbage(loaded.kernel.trail, youngest_s=-1).runs)})


HABITS: dict[str, type[Plain]] = {
    "plain": Plain,
    "hurried": Hurried,
    "folding": Folding,
    "locked": Locked,
    "sweeping": Sweeping,
}
# What a kernel must be like to reach a point; any will do for the others.
LEADS_TO = {
    "autosave": "hurried",
    "overlong": "hurried",
    "checkpoint": "folding",
    "spool": "locked",
    "spooled": "locked",
    "open": "locked",
    "sweep": "sweeping",
}


def wait_for_late_work() -> None:
    """Wait until celltrail has nothing more to do beside the cells."""
    from celltrail.magics.extension import current

    loaded = current()
    assert loaded is not None
    assert loaded.kernel.late.wait(60)
