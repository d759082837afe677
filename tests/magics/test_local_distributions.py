"""A package that no index has: its files are kept with the run, and come back in the environment made anew."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from support.wheels import make_wheel

import celltrail
from celltrail.capture import local_distributions
from celltrail.capture.environment import snapshot_environment
from celltrail.magics.extension import current
from celltrail.replay.environment import make_environment
from celltrail.replay.environment_lock import lock_environment
from celltrail.replay.environment_origin import KeptFiles
from celltrail.replay.environment_target import target_here
from celltrail.replay.environment_uv import find_uv

FITS = "# celltrail: forest\nimport minepack\nclf = RandomForestClassifier(5).fit(X_train, y_train)"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An editable installation, as an installer leaves it: its folder on the path, a dist-info that says so."""
    folder, site = tmp_path / "work", tmp_path / "site"
    info = site / "minepack-0.3.dist-info"
    (folder / "minepack" / "__pycache__").mkdir(parents=True)
    info.mkdir(parents=True)
    (folder / "minepack" / "__init__.py").write_text("from minepack.tools import ANSWER\n")
    (folder / "minepack" / "tools.py").write_text("ANSWER = 41\n")
    (folder / "minepack" / "words.txt").write_text("one two\n")
    (folder / "notes.md").write_text("nothing that is imported\n")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: minepack\nVersion: 0.3\n")
    (info / "direct_url.json").write_text(json.dumps({"url": folder.as_uri(), "dir_info": {"editable": True}}))
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setattr(local_distributions, "_known", {})
    yield folder
    for name in [each for each in sys.modules if each.split(".")[0] == "minepack"]:
        del sys.modules[name]


def kept(shell: InteractiveShell, run: Callable[..., Any], source: str = FITS) -> dict[str, Any]:
    """Run a cell; return what is known of the package when all late facts are there."""
    run(shell, source)
    loaded = current()
    assert loaded is not None
    assert loaded.kernel.late.wait(60)
    found = celltrail.last_run().content.field("local_distributions")
    (mine,) = [one for one in found if one["distribution"] == "minepack"]
    return mine  # type: ignore[no-any-return]


def test_the_files_of_an_editable_package_are_kept_and_installed_again(
    project: Path, shell: InteractiveShell, run: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = kept(shell, run)
    (project / "minepack" / "tools.py").write_text("ANSWER = 42\n")
    second = kept(shell, run, FITS + "  # again")
    index = tmp_path / "index"
    index.mkdir()
    make_wheel(index, "ipykernel", "7.0", {"ipykernel/__init__.py": "", "ipykernel/kernelapp.py": ""})
    (tmp_path / "uv.toml").write_text(f"no-index = true\nfind-links = [{json.dumps(str(index))}]\n")
    monkeypatch.setenv("UV_CONFIG_FILE", str(tmp_path / "uv.toml"))
    run_of_first = celltrail.run("forest#1")
    rows = [row for row in run_of_first.environment["distributions"] if row[0] == "minepack"]
    run_of_first.content._known["environment"] = {**run_of_first.environment, "distributions": rows}

    made = make_environment(run_of_first, tmp_path / "made")

    code = "import minepack; print(minepack.ANSWER, minepack.__file__)"
    answer, place = subprocess.run(
        [made.python, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "kept" == first["status"] == second["status"]
    assert first["digest"] != second["digest"]
    assert "41" == answer
    assert str(tmp_path / "made") in place
    assert () == made.missing
    assert "minepack 0.3 comes from the files that the run kept of it" in made.remarks[0]


def test_the_same_files_are_the_same_content(project: Path, shell: InteractiveShell, run: Callable[..., Any]) -> None:
    assert kept(shell, run)["digest"] == kept(shell, run, FITS + "  # again")["digest"]


def test_what_was_saved_after_the_kernel_started_is_said(
    project: Path, shell: InteractiveShell, run: Callable[..., Any]
) -> None:
    first = kept(shell, run)
    (project / "minepack" / "tools.py").write_text("ANSWER = 43\n")

    second = kept(shell, run, FITS + "  # again")

    assert "minepack/tools.py" not in first.get("saved_since", [])
    assert "minepack/tools.py" in second["saved_since"]


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("keys.py", "api_key = 'sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCD'\n", "keys.py holds a value"),
        ("large.txt", "x" * (local_distributions.MOST_BYTES + 1), "more than 1,000 files and 1 MiB"),
    ],
)
def test_a_package_with_a_secret_or_too_large_is_named_and_not_kept(
    project: Path, shell: InteractiveShell, run: Callable[..., Any], name: str, text: str, reason: str
) -> None:
    (project / "minepack" / name).write_text(text)

    found = kept(shell, run)

    assert "not kept" == found["status"]
    assert reason in found["reason"]
    assert None is found["content"]


def test_a_package_that_was_not_imported_is_not_read(
    project: Path, shell: InteractiveShell, run: Callable[..., Any]
) -> None:
    found = kept(shell, run, FITS.replace("import minepack\n", ""))

    assert "no module of it was loaded" == found["reason"]


def test_what_was_not_kept_is_missing_with_its_reason(project: Path, tmp_path: Path) -> None:
    row = next(row for row in snapshot_environment().distributions if row[0] == "minepack")
    files = {"minepack": KeptFiles("", None, "it has a reason")}

    uv = find_uv(lambda _: None, 60)
    lock = lock_environment({"distributions": [row]}, target_here("3.11.7"), uv, tmp_path, files)

    assert "its files were not kept: it has a reason" in lock.missing[0].reason


def test_celltrail_itself_is_not_kept_with_every_run(shell: InteractiveShell, run: Callable[..., Any]) -> None:
    run(shell, FITS.replace("import minepack\n", ""))

    assert [] == [
        one for one in celltrail.last_run().content.field("local_distributions") if one["distribution"] == "celltrail"
    ]
