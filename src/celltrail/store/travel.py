"""Takes whole runs to another trail: with snapshot, inputs' digests, models, author, times, tags, note, history."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from celltrail.domain.ids import RunId
from celltrail.domain.record import CellRecord
from celltrail.domain.run import Run
from celltrail.errors import TrailError, TrailReadOnlyError, UsageError
from celltrail.store import write_imported
from celltrail.store.cells_out import Travelling, read_travelling
from celltrail.store.resolve import find_run
from celltrail.store.runs import load_runs, repeats_of, row_of
from celltrail.store.store import Store
from celltrail.store.travel_file import (
    FORMAT,
    LARGEST_FILE_BYTES,
    UNREADABLE,
    Manifest,
    TravelFile,
    TravellingExperiment,
    TravellingRun,
    write_file,
)
from celltrail.store.values import text_out

# An import comes when the user asked for it, and may wait for a cell that commits.
WAIT_S = 30.0

TRAIL_ID = "SELECT value FROM trail WHERE key = 'global_id'"
EXPERIMENT_OF = """
SELECT e.global_id, e.name, e.author, e.created_at, e.origin FROM experiments AS e
JOIN runs AS r ON r.experiment_id = e.id WHERE r.global_id = ?
"""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written to a file."""

    path: Path
    runs: tuple[str, ...]
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Imported:
    """What was read from a file: references of the runs that are new here, and of those that were here already."""

    runs: tuple[str, ...]
    known: tuple[str, ...]


def export_runs(trail: Store, references: Sequence[str], path: Path) -> Exported:
    """Write runs to a file for another trail; each takes its unchanged repeats along.

    Parameters
    ----------
    trail : Store
        The store.
    references : sequence of str
        Which runs; at least one.
    path : Path
        The file; its layout stands in `travel_file`.

    Returns
    -------
    Exported
        What was written.

    Raises
    ------
    NotFoundError
        If there is no such run.
    TrailError
        If the file can't be written, or content that it needs is damaged.
    """
    if not references:
        raise UsageError("Name the runs to export: celltrail export forest#7 boost#11 --to runs.zip")
    with trail.db.reading():
        runs = _with_repeats(trail, [find_run(trail, one) for one in references])
        travelling = {run.id: read_travelling(trail, row_of(run)) for run in runs}
        manifest = _manifest(trail, runs, travelling)
    cells = _cells(travelling.values())
    digests = sorted({digest for one in travelling.values() for digest in one.digests})
    size = write_file(path, manifest, cells, _contents(trail, digests))
    return Exported(path, tuple(run.reference for run in runs if run.repeat_of is None), size)


def import_runs(trail: Store, path: Path, *, largest_bytes: int = LARGEST_FILE_BYTES) -> Imported:
    """Read runs from a file of `export_runs`; those that are here already stay as they are.

    A run keeps the number and the author that its own trail gave it. Models in it are pickles of somebody else: they
    are loaded only by whom this user trusts.

    Parameters
    ----------
    trail : Store
        Open for writing.
    path : Path
        The file; nobody vouches for it.
    largest_bytes : int, optional
        What it may unpack to.

    Returns
    -------
    Imported
        What is new.

    Raises
    ------
    UsageError
        If it is no such file, or anything in it is not as it must be; then nothing was written.
    """
    if trail.is_read_only:
        raise TrailReadOnlyError(f"{trail.path} is open only to read: nothing can be imported")
    with TravelFile(path, largest_bytes=largest_bytes) as file:
        try:
            with trail.db.atomic(wait_s=WAIT_S):
                trail.interned.forget_swept(trail.db)
                new = write_imported.write_all(trail, file, home=trail_id(trail))
        except BaseException as error:
            trail.interned.rollback()
            if isinstance(error, (*UNREADABLE, sqlite3.Error)) and not isinstance(error, (TrailError, UsageError)):
                raise UsageError(
                    f"{path} was not imported: it can't be read ({type(error).__name__}). Nothing was written."
                ) from error
            raise
        trail.interned.commit()
        known = [run.id for run in file.manifest.runs if run.id not in new]
    return Imported(_references(trail, new), _references(trail, known))


def trail_id(trail: Store) -> str:
    """Return the global id of a trail."""
    return str(trail.db.rows(TRAIL_ID)[0][0])


def _with_repeats(trail: Store, runs: Sequence[Run]) -> list[Run]:
    originals = [find_run(trail, run.repeat_of) if run.repeat_of else run for run in runs]
    found = {one.id: one for run in originals for one in (run, *repeats_of(trail, run))}
    return list(found.values())


def _manifest(trail: Store, runs: Sequence[Run], travelling: Mapping[RunId, Travelling]) -> Manifest:
    home = trail_id(trail)
    experiments: dict[str, TravellingExperiment] = {}
    rows = []
    for run in runs:
        experiment, name, author, created_at, origin = trail.db.rows(EXPERIMENT_OF, (run.id,))[0]
        # What was imported here goes on under the trail that numbered it.
        experiments[experiment] = TravellingExperiment(
            experiment, text_out(name), text_out(author), created_at, origin or home
        )
        one = travelling[run.id]
        cells = [str(cell.execution.id) for cell in one.cells]
        rows.append(TravellingRun(run.id, experiment, run.number, run.repeat_of, cells, sorted(one.digests)))
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Manifest(FORMAT, version("celltrail"), home, now, list(experiments.values()), rows)


def _cells(travelling: Iterable[Travelling]) -> dict[str, CellRecord]:
    """Return each cell once, with the metrics of all travelling runs that it scored."""
    found: dict[str, CellRecord] = {}
    for cell in (cell for one in travelling for cell in one.cells):
        known = found.setdefault(str(cell.execution.id), cell)
        if known is not cell:
            known.run = known.run or cell.run
            known.metrics.extend(cell.metrics)
    return found


def _contents(trail: Store, digests: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    return ((digest, trail.read_blob(digest)) for digest in digests)


def _references(trail: Store, ids: Sequence[str]) -> tuple[str, ...]:
    runs = load_runs(trail, write_imported.rows_of(trail.db, ids))
    return tuple(run.reference for run in runs if run.repeat_of is None)
