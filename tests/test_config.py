"""The settings of a project."""

from __future__ import annotations

from pathlib import Path

import pytest

from celltrail.analysis.masking.find import PARTS
from celltrail.config import MASKED, Config, Privacy, read_config


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    config = read_config(tmp_path)

    assert Config() == config
    assert "auto" == config.track


def test_celltrail_toml_goes_before_the_pyproject_beside_it(tmp_path: Path) -> None:
    (tmp_path / "celltrail.toml").write_text('track = "marked"\nmain = "roc_auc"\n')
    (tmp_path / "pyproject.toml").write_text('[tool.celltrail]\ntrack = "off"\n')

    config = read_config(tmp_path)

    assert ("marked", "roc_auc", tmp_path / "celltrail.toml") == (config.track, config.main, config.path)


def test_settings_are_found_upwards_past_files_that_say_nothing(tmp_path: Path) -> None:
    notebooks = tmp_path / "notebooks"
    notebooks.mkdir()
    (tmp_path / "pyproject.toml").write_text('[tool.celltrail]\noutputs = "full"\npanel = "panel"\n')
    (notebooks / "pyproject.toml").write_text("[project]\nname = 'other'\n")

    config = read_config(notebooks)

    assert ("full", "panel") == (config.outputs, config.panel)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('trak = "off"', "'trak' is no setting. Did you mean track?"),
        ('track = "always"', "track = 'always' is none of auto, marked, off: 'auto' holds."),
        ("main = 3", "main = 3 is no metric's name"),
        ("track = ", "can't be read"),
    ],
)
def test_a_wrong_setting_is_one_sentence_and_the_default_holds(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "celltrail.toml").write_text(text)

    config = read_config(tmp_path)

    assert 1 == len(config.warnings)
    assert said in config.warnings[0]
    assert ("auto", None) == (config.track, config.main)


def test_tables_of_other_parts_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "celltrail.toml").write_text('panel = "none"\n[gates]\nproduction = ["replay"]\n')

    config = read_config(tmp_path)

    assert ("none", ()) == (config.panel, config.warnings)


def test_what_is_private_is_read_from_its_own_table(tmp_path: Path) -> None:
    (tmp_path / "celltrail.toml").write_text(
        '[privacy]\nmask = ["keys"]\nenvironment = []\npersonal = ["name*"]\nauthor = "pseudonym"\n'
    )

    config = read_config(tmp_path)

    assert Privacy(("keys",), (), ("name*",), "pseudonym") == config.privacy
    assert () == config.warnings


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('maks = ["keys"]', "'privacy.maks' is no setting. Did you mean"),
        ('mask = ["names"]', "privacy.mask: 'names' is none of keys, emails, cards, phones: all of them are masked."),
        ('mask = "keys"', "privacy.mask = 'keys' is no list of texts: the default holds."),
        ('author = "me"', "privacy.author = 'me' is none of name, email, pseudonym: 'name' holds."),
        ('outputs = "full"', "privacy.outputs is no setting: write outputs = … one level up."),
    ],
)
def test_a_wrong_setting_of_privacy_is_one_sentence_and_the_default_holds(
    tmp_path: Path, text: str, said: str
) -> None:
    (tmp_path / "celltrail.toml").write_text(f"[privacy]\n{text}\n")

    config = read_config(tmp_path)

    assert Privacy() == config.privacy
    assert 1 == len(config.warnings)
    assert said in config.warnings[0]


def test_what_may_be_masked_is_what_the_detectors_know() -> None:
    assert PARTS == MASKED
