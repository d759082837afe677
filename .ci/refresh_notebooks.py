"""Execute the example notebooks anew and write their outputs: python .ci/refresh_notebooks.py

Each is run as the person of whom it tells: user ann, a project folder ~/fraud, an empty trail. So nothing of the
machine that runs this gets into the repository (tests/test_tracked_files.py).
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import nbformat

from celltrail.tour import SETTINGS, example_notebooks, execute

METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def refresh(path: Path) -> None:
    """Execute one notebook from the top in a home of its own, and put it back with its outputs."""
    with tempfile.TemporaryDirectory() as home:
        project = Path(home, "fraud")
        project.mkdir()
        (project / "celltrail.toml").write_text(SETTINGS, encoding="utf-8")
        copy = Path(shutil.copy(path, project))
        execute(copy, HOME=home, USERPROFILE=home, JUPYTERHUB_USER="ann")
        notebook = nbformat.read(copy, as_version=4)
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({})
    nbformat.write(notebook, path)


if __name__ == "__main__":
    for each in example_notebooks():
        refresh(each)
        print(each.name)
