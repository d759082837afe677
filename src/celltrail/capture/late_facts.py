"""What is taken of a run after its cell is over: digests of large files, the state of git."""

from __future__ import annotations

import time
from pathlib import Path

from celltrail.capture.door_record import mask_record
from celltrail.capture.files_digest import digest_file
from celltrail.capture.files_flow import large_last
from celltrail.capture.git import finish_git
from celltrail.capture.kernel import Kernel
from celltrail.capture.local_distributions import keep_files
from celltrail.capture.room import watch_room
from celltrail.domain.record import DISTRIBUTION_MEDIA_TYPE, Keeping, RunRecord
from celltrail.store.late import fill_artifact, fill_file, fill_git, settle_artifact

# The person's line comes first: a late fact that is written while it is drawn would hold the store before it.
_AFTER_S = 0.05
# Cells that follow each other without a pause don't put the question to git off for longer than this.
_AT_LATEST_S = 1.0


def finish_later(run: RunRecord, kernel: Kernel) -> None:
    """Take what is pending, off the cell's path.

    Parameters
    ----------
    run : RunRecord
        A run that was saved.
    kernel : Kernel
        The kernel.
    """
    _finish_files(run, kernel)
    _finish_distributions(run, kernel)
    _finish_git(run, kernel)
    watch_room(kernel)


def _finish_files(run: RunRecord, kernel: Kernel) -> None:
    pending = large_last(run.files)
    if not pending:
        return

    base = kernel.trail.path.parent.as_posix()

    def job() -> None:
        time.sleep(_AFTER_S)
        for file in pending:
            known = digest_file(file)  # by its own path; what is kept of that has passed the door
            fill_file(kernel.trail, run.id, mask_record(known, kernel.door, base=base))

    kernel.late.submit(job)


def _finish_distributions(run: RunRecord, kernel: Kernel) -> None:
    pending = [
        one
        for one in run.artifacts
        if one.media_type == DISTRIBUTION_MEDIA_TYPE and one.status is Keeping.PENDING and one.digest is None
    ]
    if not pending:
        return

    def job() -> None:
        time.sleep(_AFTER_S)
        for artifact in pending:
            known, content = keep_files(artifact, kernel.door, kernel.session.started_at)
            kept = mask_record(known, kernel.door, base="")
            if content is not None:
                fill_artifact(kernel.trail, kept, content)
            else:
                settle_artifact(kernel.trail, kept)

    kernel.late.submit(job)


def _finish_git(run: RunRecord, kernel: Kernel) -> None:
    state = run.git
    if state is None or state.status is not Keeping.PENDING:
        return
    folder = kernel.notebook.parent if kernel.notebook is not None else Path.cwd()
    kernel.waiting_for_git.append((run.id, state))
    if len(kernel.waiting_for_git) > 1:
        return  # the look that is due answers this cell too: to wake a thread for each would slow the next one

    def job() -> None:
        _wait_for_a_pause(kernel)
        waiting = []
        while kernel.waiting_for_git:
            waiting.append(kernel.waiting_for_git.popleft())
        for asked in {(one.commit, one.branch): one for _, one in waiting}.values():
            known, diff = finish_git(asked, folder)
            kept = mask_record(known, kernel.door, base="")
            fill_git(kernel.trail, [run_id for run_id, one in waiting if one == asked], kept, diff)

    kernel.late.submit(job)


def _wait_for_a_pause(kernel: Kernel) -> None:
    """Wait until no cell has ended for a moment: to start `git` holds up what runs beside it for some milliseconds.

    So cells that end in quick succession are answered by one look.
    """
    until, asked = time.monotonic() + _AT_LATEST_S, 0
    while len(kernel.waiting_for_git) > asked and time.monotonic() < until:
        asked = len(kernel.waiting_for_git)
        time.sleep(_AFTER_S)
