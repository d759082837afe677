"""What has changed since a run, seen from here and now: cells, files, packages. Each with the way to get it back."""

from __future__ import annotations

import importlib.metadata
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from celltrail.analysis.masking.spans import is_same_but_for_masks

if TYPE_CHECKING:
    from celltrail.domain.record import FileRecord
    from celltrail.domain.run import Run

# More names than these are counted, not listed.
_NAMED = 5
# Digesting a file again costs time: above this it is compared by size alone, and said so.
_DIGESTED_BYTES = 1 << 30


def changed_cells(cells: Mapping[str, str], notebook: Path | None, own: str | None) -> list[str]:
    """Name the cells of the notebook that are not what they were, by their place in it now.

    Parameters
    ----------
    cells : mapping
        Source by cell id, as the notebook stood at the run.
    notebook : Path or None
        The notebook as it is saved now.
    own : str or None
        Id of the run's own cell, which is not named.

    Returns
    -------
    list of str
        "cell 3 (X_train = …) changed", "cell 5 (plot()) is new", "a cell is gone (clean())".
    """
    now = _saved_cells(notebook) if notebook is not None else None
    if now is None or not cells:
        return []
    said = []
    sources = {source for _, source in now.values()}
    for cell_id, (number, source) in now.items():
        named = f"cell {number} ({_first_line(source)})"
        if cell_id != own and cell_id in cells and not is_same_but_for_masks(cells[cell_id].strip(), source.strip()):
            said.append(f"{named} changed")
        elif cell_id not in cells and source.strip() and not _is_among(source, cells.values()):
            said.append(f"{named} is new")
    gone = [source for cell_id, source in cells.items() if cell_id not in now and not _stands(source, sources)]
    return said + [f"a cell is gone ({_first_line(source)})" for source in gone if source.strip()]


def _is_among(source: str, kept: Iterable[str]) -> bool:
    return any(is_same_but_for_masks(one, source) for one in kept)


def _stands(kept: str, sources: Iterable[str]) -> bool:
    return any(is_same_but_for_masks(kept, one) for one in sources)


def _saved_cells(notebook: Path) -> dict[str, tuple[int, str]] | None:
    """Return place and source of each code cell by its id."""
    try:
        document: Any = json.loads(notebook.read_text(encoding="utf-8"))
        return {
            str(cell.get("id", f"#{number}")): (number, _joined(cell["source"]))
            for number, cell in enumerate(document["cells"], start=1)
            if cell["cell_type"] == "code"
        }
    except (OSError, ValueError, KeyError, TypeError):
        return None  # not saved yet, or no notebook that we can read: then nothing is claimed


def _joined(source: str | list[str]) -> str:
    return source if isinstance(source, str) else "".join(source)


def changed_files(run: Run, project: Path) -> list[str]:
    """Name the files that the run read and that are not what they were.

    Parameters
    ----------
    run : Run
        The run.
    project : Path
        The folder from which the trail names files below it.

    Returns
    -------
    list of str
        "train.csv changed", "train.csv is gone".
    """
    from celltrail.capture.files_digest import as_it_stands

    said = []
    for each in run.files:
        if each.get("mode") != "read" or "://" in str(each.get("path")):
            continue
        path = project / str(each["path"])
        now = as_it_stands(str(path))
        if now is None:
            said.append(f"{path.name} is gone")
            continue
        size = each.get("size_bytes")
        if size not in (None, now.size_bytes) or not _has_digest(now, each.get("digest")):
            said.append(f"{path.name} changed")
    return said


def _has_digest(now: FileRecord, digest: Any) -> bool:
    if not digest or (now.size_bytes or 0) > _DIGESTED_BYTES:
        return True  # the same size is all that can be said
    from celltrail.capture.files_digest import digest_file

    found = digest_file(now).digest
    return found is None or found == str(digest)


def changed_packages(run: Run) -> list[str]:
    """Name the packages in use that have another version here.

    Parameters
    ----------
    run : Run
        The run.

    Returns
    -------
    list of str
        As pip takes them: "scikit-learn==1.9.0".
    """
    from celltrail.views.versions import used_versions

    return [
        f"{name}=={then}" for name, then in used_versions(run).items() if name != "Python" and _here(name) != then
    ]


def _here(distribution: str) -> str | None:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def sentences(reference: str, cells: list[str], files: list[str], packages: list[str]) -> list[str]:
    """Say what changed, each with what to type."""
    said = []
    if cells:
        said.append(f"Since then {_listed(cells)}. The notebook as it stood: restore {reference} --notebook")
    if files:
        said.append(f"Since then {_listed(files)}. What was read is known by digest: show {reference} --all")
    if packages:
        said.append(f"Other versions are installed here. As it ran: pip install {' '.join(packages)}")
    return said


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _first_line(source: str) -> str:
    line = next((each for each in source.splitlines() if each.strip()), "")
    return line if len(line) <= 40 else line[:39] + "…"
