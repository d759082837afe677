"""`celltrail enable`: every kernel of the environment loads celltrail."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from IPython.core.application import ENV_CONFIG_DIRS
from traitlets.config.loader import PyFileConfigLoader

from celltrail.verbs.current import Context
from celltrail.verbs.enable import config_file, disable, enable


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Context:
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    return Context("shell", tmp_path)


def extensions(path: Path) -> list[str]:
    """What a shell that already loads nothing would load."""
    config = PyFileConfigLoader(path.name, path=str(path.parent)).load_config()
    value = config.InteractiveShellApp.extensions
    return list(value) if isinstance(value, list) else list(value.get_value([]))


def test_enabled_kernels_are_told_to_load_the_sleeper(here: Context) -> None:
    enable(here)

    assert ["celltrail.magics.sleeping"] == extensions(config_file())


def test_enabling_twice_writes_once_and_disabling_leaves_no_trace(here: Context) -> None:
    enable(here)
    once = config_file().read_text()
    enable(here)

    assert once == config_file().read_text()
    disable(here)
    assert not config_file().exists()


def test_what_others_configured_stays(here: Context) -> None:
    config_file().parent.mkdir(parents=True)
    config_file().write_text('c.InteractiveShellApp.extensions = ["autoreload"]\n')

    enable(here)

    assert ["autoreload", "celltrail.magics.sleeping"] == extensions(config_file())
    disable(here)
    assert 'c.InteractiveShellApp.extensions = ["autoreload"]\n' == config_file().read_text()


def test_check_changes_nothing(here: Context) -> None:
    answer = enable(here, check=True)

    assert "Would add" in answer.text
    assert not config_file().exists()


def test_ipython_reads_the_folder_that_is_written_to() -> None:
    assert str(config_file().parent) in ENV_CONFIG_DIRS
