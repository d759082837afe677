"""What `celltrail enable` loads sleeps until a trail lies above the notebook."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from celltrail.store.trail import Trail


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CELLTRAIL_TRAIL", raising=False)
    config = Config()
    config.HistoryManager.hist_file = ":memory:"
    made = InteractiveShell(config=config)
    made.run_line_magic("load_ext", "celltrail.magics.sleeping")
    yield made
    made.extension_manager.unload_extension("celltrail")
    made.extension_manager.unload_extension("celltrail.magics.sleeping")
    made.history_manager.end_session()
    InteractiveShell.clear_instance()


def test_without_a_trail_it_sleeps_and_says_nothing(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    shell.run_cell("x = 1")

    assert "celltrail" not in shell.extension_manager.loaded
    assert "" == capsys.readouterr().out
    assert not Path(".celltrail").exists()


def test_with_a_trail_it_wakes_before_the_first_cell_and_sees_it(
    shell: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    Trail.open(tmp_path / ".celltrail").close()

    shell.run_cell("x = 1", store_history=True)

    assert "celltrail" in shell.extension_manager.loaded
    assert capsys.readouterr().out.startswith("celltrail ")
    with Trail.open(tmp_path / ".celltrail", read_only=True) as trail:
        assert [(1,)] == trail.db.rows("SELECT count(*) FROM executions")
