"""A kernel's cells, played through a real InteractiveShell with celltrail loaded, in a folder of its own."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from sklearn import config_context
from traitlets.config import Config

import celltrail


@dataclass
class Notebook:
    """A shell, and the place of each execution by its count."""

    shell: InteractiveShell
    places: dict[int, int] = field(default_factory=dict)

    def play(self, *cells: str | list[str]) -> Notebook:
        """Run cells as a front end does: sources, or pairs of cell id and source; those that fail go on."""
        for cell in cells:
            cell_id, source = (f"c{len(self.places) + 1}", cell) if isinstance(cell, str) else cell
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                result = self.shell.run_cell(source, store_history=True, cell_id=cell_id)
            self.places[result.execution_count] = len(self.places) + 1
        return self

    def slice_of(self, name: str) -> list[int]:
        """Return the places of the executions in the recipe of a name, from 1."""
        recipe = celltrail.recipe(name)
        return [self.places[one.execution_count] for one in recipe.executions]

    def cell(self, place: int) -> dict[str, Any]:
        """Return what an execution touched, as `%lineage --cells --json` has it."""
        found = {self.places.get(cell["execution_count"], 0): cell for cell in celltrail.lineage(cells=True).data}
        return dict(found[place])


def make_shell() -> InteractiveShell:
    """Return a new shell without a history file."""
    InteractiveShell.clear_instance()
    config = Config()
    config.HistoryManager.hist_file = ":memory:"
    config.InteractiveShell.colors = "nocolor"
    return InteractiveShell.instance(config=config)


@contextlib.contextmanager
def own_folder(folder: Path) -> Iterator[None]:
    """Work in a folder, and put back what cells change of the process."""
    before, environment, path = Path.cwd(), dict(os.environ), list(sys.path)
    os.environ.pop("CELLTRAIL_TRAIL", None)
    os.chdir(folder)
    try:
        with config_context():
            yield
    finally:
        os.chdir(before)
        sys.path[:] = path
        os.environ.clear()
        os.environ.update(environment)


@contextlib.contextmanager
def notebook_in(folder: Path) -> Iterator[Notebook]:
    """Load celltrail in a new shell in a folder, and take it out again."""
    (folder / "celltrail.toml").touch()
    with own_folder(folder):
        shell = make_shell()
        with contextlib.redirect_stdout(io.StringIO()):
            shell.run_cell("%load_ext celltrail", store_history=True)
        try:
            yield Notebook(shell)
        finally:
            shell.run_line_magic("unload_ext", "celltrail")
            shell.reset(new_session=False)
            shell.history_manager.end_session()
            InteractiveShell.clear_instance()
