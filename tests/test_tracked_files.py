"""Nothing in the repository tells where or by whom it was made."""

from __future__ import annotations

import getpass
import json
import platform
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "example_notebooks").glob("*.ipynb"))

# What a person must never find: a home folder, a folder of one machine, a place to download from that is not public.
PRIVATE = {
    "a home folder": re.compile(r"(?<![\w./~])/(?:root|home/\w+|Users/\w+)/|[A-Z]:\\\\?Users\\"),
    "an environment of one machine": re.compile(r"(?<![\w.~])/[\w./-]+/site-packages"),
    "a package mirror": re.compile(
        r"https?://(?!registry\.npmjs\.org|registry\.yarnpkg\.com|pypi\.org)"
        r"[\w.-]*(?:pypi|npm|registry|artifactory|nexus|mirror)[\w.-]*",
        re.IGNORECASE,
    ),
}


def tracked_files() -> list[Path]:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        return []
    # A clone made by another user (a container, CI) is no reason for git to refuse reading it.
    listed = subprocess.run(
        [git, "-c", f"safe.directory={ROOT}", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
    )
    return [path for name in listed.stdout.decode().split("\0") if name and (path := ROOT / name).is_file()]


def private_words(text: str) -> list[str]:
    return [f"{what}: {found.group()}" for what, pattern in PRIVATE.items() for found in pattern.finditer(text)]


def test_no_tracked_file_names_a_machine() -> None:
    files = tracked_files()
    if not files:
        pytest.skip("not a git checkout")

    # This file says what is looked for.
    texts = {path: path.read_bytes().decode("utf-8", "replace") for path in files if path != Path(__file__)}
    found = {str(path.relative_to(ROOT)): words for path, text in texts.items() if (words := private_words(text))}

    assert {} == found


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_the_outputs_of_an_example_name_no_host_user_or_path(path: Path) -> None:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    outputs = json.dumps([cell["outputs"] for cell in notebook["cells"] if cell["cell_type"] == "code"])

    paths = re.findall(r"(?<![\w.~<:/])/(?:root|home|Users|tmp|usr|opt|var|work|mnt|srv)/[\w./-]*", outputs)
    # A user called root or a host called localhost tells nothing, and such words occur anyway.
    names = [name for name in (platform.node(), getpass.getuser()) if name not in {"", "root", "localhost"}]

    assert [] == paths
    assert [] == [name for name in names if re.search(rf"\b{re.escape(name)}\b", outputs)]
