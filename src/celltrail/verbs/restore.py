"""`restore`: a cell to the letter, as a new cell or file; its notebook, as a new file. Never over what is there."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from celltrail.errors import CelltrailError, NotFoundError, NotKeptError, UsageError
from celltrail.verbs import since
from celltrail.verbs.current import Context
from celltrail.verbs.model import Answer
from celltrail.verbs.privacy import masked_in, masked_in_texts

if TYPE_CHECKING:
    from celltrail.domain.record import SnapshotRecord
    from celltrail.domain.run import Run

_WHENCE = re.compile(r"# restored from \S+#\d+, \d{4}-\d{2}-\d{2}\n")
PARTIAL = "partial: only the sources that had run were known; text cells and cells that had not run are missing"


def restore(context: Context, *, run: str, output: str | None = None, notebook: bool = False) -> Answer:
    """Bring back the cell of a run, or its notebook."""
    found = context.find(run)
    target = Path(output).expanduser() if output is not None else None
    if notebook or (target is not None and target.suffix == ".ipynb"):
        return _restore_notebook(context, found, target)
    return _restore_cell(context, found, target)


def _restore_cell(context: Context, run: Run, target: Path | None) -> Answer:
    changed = _changed_since(context, run)
    masked = run.content.field("masked").get("source", {})
    aside = [*filter(None, [masked_in(run)]), *changed]
    data = {
        "reference": run.reference,
        "id": str(run.id),
        "source": run.source,
        "masked": masked,
        "changed": changed,
    }
    if target is not None:
        written = _write_new(context.cwd / target, with_whence(run))
        said = [f"{run.reference} is written to {written}.", *aside]
        return Answer("\n".join(said), {**data, "file": str(written)})
    if context.offer_cell is not None:
        context.offer_cell(with_whence(run))
        return Answer("\n".join([f"{run.reference} is in the cell below.", *aside]), data)
    return Answer(run.source, data, aside="\n".join(aside))


def with_whence(run: Run) -> str:
    """Return the source with a comment that says whence it came, below any cell magics, which must come first.

    Parameters
    ----------
    run : Run
        The run.

    Returns
    -------
    str
        But for that line it is the run's source to the letter.
    """
    lines = run.source.splitlines(keepends=True)
    place = next((index for index, line in enumerate(lines) if not line.startswith("%%")), len(lines))
    above = "".join(lines[:place])
    if above and not above.endswith("\n"):
        above += "\n"
    below = _WHENCE.sub("", "".join(lines[place:]), count=1) if _begins_with_whence(lines[place:]) else None
    rest = "".join(lines[place:]) if below is None else below
    return f"{above}# restored from {run.reference}, {run.started_at:%Y-%m-%d}\n{rest}"


def _begins_with_whence(lines: list[str]) -> bool:
    return bool(lines) and _WHENCE.fullmatch(lines[0]) is not None


def _restore_notebook(context: Context, run: Run, target: Path | None) -> Answer:
    from celltrail.capture.notebook import restore_notebook

    snapshot = _snapshot(run)
    if snapshot is None:
        raise NotKeptError(
            f"The notebook of {run.reference} was not kept. Its cell is there: restore {run.reference}"
        )
    document = restore_notebook(snapshot, context.trail().read_blob, draw=lambda run_id: _drawn(context, run_id))
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    written = (
        _write_new(context.cwd / target, text) if target is not None else _write_beside(context, run, snapshot, text)
    )
    partial = snapshot.completeness == "executed"
    remark = f" It is {PARTIAL}." if partial else ""
    said = [f"The notebook as it stood at {run.reference} is written to {written}.{remark}"]
    said += filter(None, [masked_in_texts([str(cell["source"]) for cell in document["cells"]])])
    said += since.sentences(
        run.reference, [], since.changed_files(run, _project(context)), since.changed_packages(run)
    )
    data = {
        "reference": run.reference,
        "id": str(run.id),
        "file": str(written),
        "partial": partial,
        "changed": said[1:],
    }
    return Answer("\n".join(said), data)


def _drawn(context: Context, run_id: str) -> dict[str, Any] | None:
    """Draw the line of a run again; None where the run has been forgotten since."""
    from celltrail.display.bundle import bundle
    from celltrail.views.runs import run_view

    try:
        return dict(bundle(run_view(context.trail(), context.trail().run(run_id), mode="line")))
    except NotFoundError:
        return None


def _changed_since(context: Context, run: Run) -> list[str]:
    snapshot = _snapshot(run)
    cells, own = {}, run.content.field("cell_id")
    if snapshot is not None and snapshot.completeness != "executed":
        read = context.trail().read_blob
        cells = {
            str(cell.get("id")): read(cell["source"]).decode("utf-8", errors="replace")
            for cell in snapshot.cells
            if cell.get("cell_type") == "code" and cell.get("source")
        }
    place = context.notebook or _notebook_of(context, run)
    changed = since.changed_cells(cells, place, None if own is None else str(own))
    return since.sentences(
        run.reference, changed, since.changed_files(run, _project(context)), since.changed_packages(run)
    )


def _snapshot(run: Run) -> SnapshotRecord | None:
    from celltrail.domain.record import SnapshotRecord

    found = run.content.field("snapshot")
    return None if found is None else SnapshotRecord(**found)


def _notebook_of(context: Context, run: Run) -> Path | None:
    name: Any = run.content.field("notebook")
    return _project(context) / str(name) if name else None


def _project(context: Context) -> Path:
    """The folder that holds the trail: paths below it are kept as seen from there."""
    return context.trail().path.parent


def _write_beside(context: Context, run: Run, snapshot: SnapshotRecord, text: str) -> Path:
    """Write `fraud.forest-2.ipynb` beside `fraud.ipynb`; with a number where that is taken."""
    origin = _project(context) / snapshot.notebook if snapshot.notebook else None
    folder = origin.parent if origin is not None and origin.parent.is_dir() else context.cwd
    stem = origin.stem if origin is not None else "notebook"
    stem = f"{stem}.{run.reference.replace('#', '-')}"
    for count in itertools.count(1):
        path = folder / (f"{stem}.ipynb" if count == 1 else f"{stem}-{count}.ipynb")
        if not path.exists():
            break
    return _write_new(path, text)


def _write_new(path: Path, text: str) -> Path:
    try:
        with path.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
    except FileExistsError as error:
        raise UsageError(
            f"{path} is there already, and restore never writes over a file. Give another name."
        ) from error
    except OSError as error:
        raise CelltrailError(
            f"{path} can't be written ({error.strerror}). Give another place: --output FILE"
        ) from error
    return path
