"""Whose work a worker thread of joblib does.

An estimator that fits its parts in threads (`IsolationForest(n_jobs=2)`, a search under
`parallel_config('threading')`) lends its call to joblib's workers; two models that the user fits in threads of his
own, with joblib or without, are two calls. joblib is read where it is loaded, never imported.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from types import FrameType

_PARALLEL = "joblib.parallel"


def lender_of(thread: int, opened: Mapping[int, FrameType]) -> int | None:
    """Return the thread whose open call lent its work to this thread, if joblib did.

    Parameters
    ----------
    thread : int
        Identifier of a thread, as `threading.get_ident` gives it.
    opened : mapping of int to frame
        Threads on which a call is open, with the frame in which it was opened: what runs above that frame is
        inside the call, what lies below is the user's own.

    Returns
    -------
    int or None
        Identifier of the lending thread.
    """
    if _PARALLEL not in sys.modules:
        return None
    frames = sys._current_frames()
    asked: set[int] = set()
    worker: int | None = thread
    while worker is not None and worker not in asked:
        asked.add(worker)
        employer, is_inside = _employer_of(worker, frames, opened)
        if employer is not None and is_inside:
            return employer
        worker = employer
    return None


def _employer_of(
    worker: int, frames: Mapping[int, FrameType], opened: Mapping[int, FrameType]
) -> tuple[int | None, bool]:
    """Return the thread that runs the `Parallel` this worker serves, and whether inside its open call."""
    perhaps: int | None = None
    for thread, top in frames.items():
        if thread == worker:
            continue
        boundary = opened.get(thread)
        is_inside = boundary is not None
        for frame in _up(top):
            if frame is boundary:
                is_inside = False
            if frame.f_code.co_qualname != "Parallel.__call__" or frame.f_globals.get("__name__") != _PARALLEL:
                continue
            workers = _workers_of(frame.f_locals.get("self"))
            if workers is None:
                perhaps = thread if is_inside else perhaps
            elif worker in workers:
                return thread, is_inside
    if perhaps is not None and _is_joblib_worker(frames.get(worker)):
        return perhaps, True
    return None, False


def _workers_of(parallel: object) -> set[int] | None:
    """Return the identifiers of the threads of a running `Parallel`; None where its backend does not tell."""
    backend = getattr(parallel, "_backend", None)
    if type(backend).__name__ != "ThreadingBackend":
        # Processes and the calling thread itself are no worker threads; of Dask's and others' nothing is known.
        known = ("SequentialBackend", "LokyBackend", "MultiprocessingBackend")
        return set() if type(backend).__name__ in known else None
    threads = getattr(getattr(backend, "_pool", None), "_pool", None) or ()
    return {thread.ident for thread in threads if thread.ident is not None}


def _is_joblib_worker(top: FrameType | None) -> bool:
    return any(
        frame.f_code.co_qualname == "BatchedCalls.__call__" and frame.f_globals.get("__name__") == _PARALLEL
        for frame in _up(top)
    )


def _up(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back
