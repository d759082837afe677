"""A notebook with celltrail loaded, in a folder of its own."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from support.notebooks import Notebook, make_shell, own_folder


@pytest.fixture
def notebook(tmp_path: Path) -> Iterator[Notebook]:
    """Return a notebook with celltrail loaded."""
    (tmp_path / "celltrail.toml").touch()
    with own_folder(tmp_path):
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
