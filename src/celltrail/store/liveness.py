"""Which kernels live: each holds a lock that the operating system drops when it dies, whatever killed it.

A free lock on this machine means dead; a reader shows such runs as lost at once, the next writer records it. Kernels
of other machines are never judged from here.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from celltrail.domain.ids import SessionId, new_id
from celltrail.domain.record import RunStatus, SessionRecord
from celltrail.errors import TrailError
from celltrail.store.locks import FileLock, is_held
from celltrail.store.store import Store
from celltrail.store.values import time_in, time_out

RUNNING_SESSIONS = """
SELECT DISTINCT s.id, s.global_id, s.host, s.boot_id, s.lock_name
FROM executions AS e JOIN sessions AS s ON s.id = e.session_id
WHERE e.status = 'running'
"""
RUNNING_RUNS = """
SELECT r.id, r.started_at, r.saved_at FROM runs AS r JOIN executions AS e ON e.id = r.execution_id
WHERE e.session_id = ? AND e.status = 'running'
"""
LOSE_RUN = "UPDATE runs SET status = 'lost', duration_s = ? WHERE id = ? AND status = 'running'"
LOSE_EXECUTIONS = "UPDATE executions SET status = 'lost' WHERE session_id = ? AND status = 'running'"


def new_session(*, author: str, client: str = "") -> SessionRecord:
    """Return the record of a kernel that starts now, in this process.

    Parameters
    ----------
    author : str
        Who works in it.
    client : str, optional
        "jupyterlab", "vscode", "colab", "nbclient", "papermill", "ipython"; empty when not known.

    Returns
    -------
    SessionRecord
        With host, boot and process as `hold_kernel_lock` needs them.
    """
    session = SessionId(new_id())
    host, boot_id = this_host()
    return SessionRecord(session, author, host, boot_id, os.getpid(), datetime.now(UTC), f"{session}.lock", client)


def hold_kernel_lock(trail: Store, session: SessionRecord) -> FileLock:
    """Hold the lock that shows this kernel alive; take it before the session's first save.

    Parameters
    ----------
    trail : Store
        Open for writing.
    session : SessionRecord
        From `new_session`.

    Returns
    -------
    FileLock
        Keep it as long as the kernel records; `release` it at the end.

    Raises
    ------
    TrailError
        If the lock's file can't be made.
    """
    path = _lock_path(trail.path, session.lock_name)
    about = asdict(session) | {"started_at": time_in(session.started_at)}
    try:
        path.parent.mkdir(exist_ok=True)
        lock = FileLock.take(path, content=json.dumps(about).encode())
    except OSError as error:
        raise TrailError(
            f"{path} can't be made ({error.strerror}): if this kernel dies its run looks running"
        ) from error
    if lock is None:
        raise TrailError(f"{path} is held by another process: this session's id is in use")
    return lock


def is_dead(folder: Path, *, host: str, boot_id: str, lock_name: str) -> bool:
    """Say whether a kernel is known to be dead; False where it lives or can't be judged from this machine.

    Parameters
    ----------
    folder : Path
        The trail.
    host, boot_id, lock_name : str
        As its row in `sessions` says.

    Returns
    -------
    bool
        True only on evidence.
    """
    return is_of_here(host, boot_id) and not is_held(_lock_path(folder, lock_name))


def is_of_here(host: str, boot_id: str) -> bool:
    """Say whether a kernel runs, or ran, on this machine, so that it can be judged from here."""
    here, boot = this_host()
    return host == here or bool(boot and boot_id == boot)


def dead_sessions(trail: Store) -> set[int]:
    """Return the rows of `sessions` that have an unfinished execution and whose kernel is dead."""
    return {
        int(row)
        for row, _, host, boot_id, lock_name in trail.db.rows(RUNNING_SESSIONS)
        if is_dead(trail.path, host=host, boot_id=boot_id, lock_name=lock_name)
    }


def record_lost(trail: Store) -> int:
    """Write down as lost what dead kernels left running.

    Parameters
    ----------
    trail : Store
        Open for writing.

    Returns
    -------
    int
        How many runs were lost.
    """
    return _lose(trail, dead_sessions)


def record_unheard(trail: Store) -> int:
    """Write down as lost what kernels of other machines left running; only ever because a person asked.

    From here nobody can tell whether they live. One that does writes its runs again when their cell ends.

    Parameters
    ----------
    trail : Store
        Open for writing.

    Returns
    -------
    int
        How many runs were marked.
    """
    return _lose(trail, _sessions_elsewhere)


def _sessions_elsewhere(trail: Store) -> set[int]:
    return {int(row) for row, _, host, boot_id, _ in trail.db.rows(RUNNING_SESSIONS) if not is_of_here(host, boot_id)}


def _lose(trail: Store, sessions_of: Callable[[Store], set[int]]) -> int:
    if not sessions_of(trail):
        return 0
    from celltrail.store import numbers  # seldom: only where a kernel has died

    lost = 0
    with trail.db.atomic():
        # Looked at again under the lock: another writer may have been here, or a kernel may have come.
        for session in sessions_of(trail):
            for run, started_at, saved_at in trail.db.rows(RUNNING_RUNS, (session,)):
                duration_s = (time_out(saved_at) - time_out(started_at)).total_seconds()
                trail.db.execute(LOSE_RUN, (max(0.0, duration_s), run))
                numbers.settle(trail.db, run, RunStatus.LOST, has_events=True)
                lost += 1
            trail.db.execute(LOSE_EXECUTIONS, (session,))
    return lost


@cache
def this_host() -> tuple[str, str]:
    """Return the name of this machine and what tells one start of it from the next.

    Returns
    -------
    tuple of str
        Host name, and boot id (empty where the platform has none that can be read).
    """
    try:
        boot_id = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        import psutil

        # Read from the clock, so it moves by a second or two: ten seconds tell two starts apart well enough.
        boot_id = f"boot-{round(psutil.boot_time() / 10)}"
    return socket.gethostname(), boot_id


def _lock_path(folder: Path, lock_name: str) -> Path:
    return folder / "kernels" / lock_name
