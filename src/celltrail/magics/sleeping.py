"""What `celltrail enable` puts into every kernel: an extension that sleeps until a trail lies above the notebook.

Asleep it costs a few looks at the file system before each cell, and prints nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any


class Sleeper:
    """Wakes celltrail before the first cell that has a trail above it."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell

    def start(self) -> None:
        """Look before each cell, so that the line of loading stands under a cell and not in a server's log."""
        self._shell.events.register("pre_run_cell", self.look)

    def stop(self) -> None:
        """Look no more."""
        if self.look in self._shell.events.callbacks["pre_run_cell"]:
            self._shell.events.unregister("pre_run_cell", self.look)

    def look(self, info: object) -> None:
        """Load celltrail if a trail is there; the cell that is about to run is the first it sees."""
        if not trail_lies_above():
            return
        self.stop()
        if "celltrail" in self._shell.extension_manager.loaded:
            return
        callbacks = self._shell.events.callbacks["pre_run_cell"]
        before = list(callbacks)
        self._shell.extension_manager.load_extension("celltrail")
        # IPython goes through a copy of the list: what was added just now would miss this cell.
        for added in [each for each in callbacks if each not in before]:
            added(info)


def trail_lies_above() -> bool:
    """Say whether the working directory has a trail, by looking alone."""
    from celltrail.store.locate import find_trail_folder

    return (find_trail_folder(None, Path.cwd()) / "trail.db").exists()


_sleepers: list[Sleeper] = []


def load_ipython_extension(shell: Any) -> None:
    """Begin to sleep.

    Parameters
    ----------
    shell : InteractiveShell
        The shell.
    """
    _sleepers.append(Sleeper(shell))
    _sleepers[-1].start()


def unload_ipython_extension(_shell: Any) -> None:
    """Stop looking; celltrail itself stays as it is.

    Parameters
    ----------
    _shell : InteractiveShell
        The shell.
    """
    while _sleepers:
        _sleepers.pop().stop()
