"""One project's store: a folder `.celltrail/` with `trail.db` and `blobs/`.

`Trail` is the door; the folder and the connection are in `store`, what is done with them in the other files. Those
are imported when they are first needed: to load celltrail is to open a trail, not yet to write or search it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from celltrail.domain.record import CellRecord, MaskedCell, SavedRun
from celltrail.errors import TrailError, TrailNotFoundError
from celltrail.store import checkpoint, liveness, spool
from celltrail.store.folder import fallback_folder, prepare_folder
from celltrail.store.opening import open_to_read, open_to_write
from celltrail.store.store import Store

if TYPE_CHECKING:
    from celltrail.domain.ids import RunId
    from celltrail.domain.run import Run
    from celltrail.store.connection import State


class Trail(Store):
    """An open trail; make one with `Trail.open`."""

    @classmethod
    def open(cls, folder: Path, *, create: bool = True, read_only: bool = False) -> Self:
        """Open the trail in a folder.

        Parameters
        ----------
        folder : Path
            `.celltrail`, or whatever CELLTRAIL_TRAIL names.
        create : bool, optional
            Whether to make it where it is missing. A folder that can't be written is then replaced by one in the
            user's data folder, and `notices` says so.
        read_only : bool, optional
            Whether to open it only to read; nothing is then made or marked.

        Returns
        -------
        Trail
            Close it, or use it in a `with`.

        Raises
        ------
        TrailNotFoundError
            If there is none, and none may be made.
        TrailVersionError
            If it was written by a newer celltrail.
        TrailDamagedError
            If the file is not a sound database.
        TrailError
            If it can't be opened for another reason.
        """
        folder = Path(folder).absolute()
        file = folder / "trail.db"
        if (read_only or not create) and not file.exists():
            raise TrailNotFoundError(f"no trail at {folder}. Load celltrail in a notebook there to start one.")
        if read_only:
            return cls(folder, open_to_read(file), notices=[])
        folder, notices = _writable(folder)
        connection, notice = open_to_write(folder / "trail.db")
        trail = cls(folder, connection, notices=[*notices, *([notice] if notice else [])])
        try:
            spool.take_in(trail, wait_s=1.0)
            liveness.record_lost(trail)
        except TrailError as error:
            # What could not be tidied up now is tidied up at the next opening; the trail itself is open.
            trail.notices.append(str(error))
        return trail

    def save(self, cell: MaskedCell, *, wait_s: float) -> SavedRun | None:
        """Keep all that is known about a cell, in one transaction; saving it again replaces what was known.

        Parameters
        ----------
        cell : MaskedCell
            From `capture.door_record.mask_cell`: the execution, its run, metrics of this and of earlier runs,
            and the content they name.
        wait_s : float
            Seconds to wait for a store that another process holds. After that the record goes to the spool, and the
            next save or opening commits it.

        Returns
        -------
        SavedRun or None
            The run's number and name; of a cell that only scored an earlier run, that run's. None where there is no
            run, it waits in the spool, or this is a forked child.

        Raises
        ------
        TrailReadOnlyError
            If this trail is open only to read.
        TrailVersionError
            If a newer celltrail has upgraded the store meanwhile.
        TrailError
            If neither store nor spool could be written; nothing half-written is left.
        """
        if self.db.is_foreign:
            return None
        from celltrail.store import saving

        return saving.save(self, cell, wait_s=wait_s)

    def search_runs(
        self,
        filter: str = "",
        order_by: str | Sequence[str] | None = None,
        limit: int | None = None,
        *,
        after: RunId | None = None,
    ) -> list[Run]:
        """Return the numbered runs that a filter asks for.

        Parameters
        ----------
        filter : str, optional
            Such as `metrics.auc > 0.9 and started > '3 days ago'`; empty: all.
        order_by : str or sequence of str, optional
            Such as `metrics.auc desc`; by default the newest first.
        limit : int, optional
            At most so many.
        after : str, optional
            Id of the last run of the page before.

        Returns
        -------
        list of Run
            In that order.

        Raises
        ------
        FilterError
            If filter or order can't be read, or name what this trail does not know.
        """
        from celltrail.store import search

        return search.search_runs(self, filter, order_by, limit, after=after)

    def run(self, reference: str, *, experiment: str | None = None, notebook: str | None = None) -> Run:
        """Return the run that a reference names.

        Parameters
        ----------
        reference : str
            `forest#7`, `#7`, `last`, `prev`, `best`, `forest`, or the beginning of an id.
        experiment : str, optional
            What "this experiment" is; by default that of the newest run.
        notebook : str, optional
            Path of the open notebook.

        Returns
        -------
        Run
            The run.

        Raises
        ------
        NotFoundError
            If there is none; names near ones.
        BadReferenceError
            If it can't be read, or may mean several.
        """
        from celltrail.store import resolve

        return resolve.find_run(self, reference, experiment=experiment, notebook=notebook)

    def runs_of(self, experiment: str, *, last: int | None = None) -> list[Run]:
        """Return the numbered runs of an experiment of this trail, oldest first; only the last ones if asked."""
        from celltrail.store import runs

        return runs.runs_of(self, experiment, last)

    def as_saved(self, cell: CellRecord, saved: SavedRun) -> Run:
        """Return the run of a cell that was just saved, without reading it back; see `as_saved.as_saved`."""
        from celltrail.store import as_saved

        return as_saved.as_saved(self, cell, saved)

    def state(self) -> State:
        """Return what is equal while nothing has changed that a view shows; see `Connection.state`."""
        return self.db.state()

    def scores_of(self, experiment: str, key: str, *, above: int, upto: int) -> list[dict[str, Any]]:
        """Return the values of one metric in some runs of an experiment; see `scores.scores_of`."""
        from celltrail.store import scores

        return scores.scores_of(self, experiment, key, above=above, upto=upto)

    def run_before(self, run: Run) -> Run | None:
        """Return the last run before this one, in the same experiment, that finished."""
        from celltrail.store import scores

        return scores.run_before(self, run)

    def newest_number(self, experiment: str) -> int:
        """Return the highest number in an experiment of this trail; 0 where it has none."""
        from celltrail.store import scores

        return scores.newest_number(self, experiment)

    def repeats_of(self, run: Run, *, last: int | None = None) -> list[Run]:
        """Return the unchanged repeats of a run, oldest first, without itself; only the last ones if asked."""
        from celltrail.store import runs

        return runs.repeats_of(self, run, last)

    def count_scored(self, target_digest: str) -> int:
        """Return how often models of this trail were scored on this target data."""
        from celltrail.store import runs

        return runs.count_scored(self, target_digest)

    def close(self) -> None:
        """Fold the log into the database where nobody else writes, and close; nothing in a forked child."""
        if not self.db.is_foreign and not self.is_read_only:
            checkpoint.checkpoint(self)
        self.db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _writable(folder: Path) -> tuple[Path, list[str]]:
    try:
        prepare_folder(folder)
    except OSError as error:
        instead = fallback_folder(folder)
        try:
            prepare_folder(instead)
        except OSError as second:
            raise TrailError(
                f"no trail can be written: neither {folder} ({error.strerror}) nor {instead} ({second.strerror}). "
                "Name a folder in CELLTRAIL_TRAIL."
            ) from second
        return instead, [f"{folder} can't be written ({error.strerror}): runs are kept in {instead}"]
    return folder, []
