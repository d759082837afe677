"""The Python door for what is asked every day; `log_*` and `set_*` live in `capture.manual`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from celltrail.verbs import current
from celltrail.verbs.model import Answer
from celltrail.verbs.python_door import call_verb
from celltrail.verbs.table import find_verb

if TYPE_CHECKING:
    from collections.abc import Mapping

    from celltrail.domain.run import Run
    from celltrail.domain.verdict import Verdict
    from celltrail.store.trail import Trail


def open_trail(path: str | os.PathLike[str] | None = None) -> Trail:
    """Open a trail.

    Parameters
    ----------
    path : path-like, optional
        The folder `.celltrail`, or the project folder in which it lies. The current trail where it is left out: the
        kernel's own where celltrail is loaded, else the one found upwards from the working directory;
        `CELLTRAIL_TRAIL` names it outright.

    Returns
    -------
    Trail
        Its `search_runs(filter="", order_by=None, limit=None)` gives runs.

    Raises
    ------
    TrailNotFoundError
        If there is none.
    TrailVersionError
        If a newer celltrail wrote it.
    """
    if path is None:
        return current.context("python").trail(writing=True)
    return current.open_at(Path(path))


def run(reference: str) -> Run:
    """Return one run.

    Parameters
    ----------
    reference : str
        `forest#7`, `#7`, `last`, `prev`, `best`, `saved`, or the first six letters of an id.

    Returns
    -------
    Run
        What is large is fetched when it is asked for.

    Raises
    ------
    RunNotFoundError
        If there is no such run.
    BadReferenceError
        If the reference is malformed or may mean several.
    """
    return current.context("python").find(reference)


def last_run() -> Run:
    """Return the newest run of the current trail.

    Returns
    -------
    Run
        The same as `run("last")`.

    Raises
    ------
    RunNotFoundError
        If the trail holds none.
    """
    return run("last")


def runs(
    filter: str = "",
    *,
    since: str | None = None,
    until: str | None = None,
    best: int | None = None,
    mine: bool = False,
    notebook: bool = False,
    limit: int | None = None,
) -> Any:
    """Return runs as a table, newest first.

    Parameters
    ----------
    filter : str, default ""
        Such as `"metrics.accuracy_score.y_test > 0.9 and tags.owner = 'me'"`; all runs where it is empty.
    since, until : str, optional
        Begun on this day or later, or earlier: `"2026-11-01"`, `"yesterday"`, `"3 days ago"`.
    best : int, optional
        Only the first so many by main metric, best first.
    mine : bool, default False
        Only those that this user ran.
    notebook : bool, default False
        Only those of the open notebook.
    limit : int, optional
        At most the newest so many; by default all.

    Returns
    -------
    pandas.DataFrame or list of Run
        One row a run, indexed by reference, with columns `params.…`, `metrics.…`, `tags.…`. A list of runs where
        pandas is not installed.

    Raises
    ------
    FilterError
        If the filter can't be read; the message points at the character.
    """
    words = (filter,) if filter else ()
    return call_verb(
        find_verb("runs"), *words, since=since, until=until, best=best, mine=mine, notebook=notebook, limit=limit
    )


def compare(*runs: str | Run, code: bool = False) -> Answer:
    """Show everything that differs between runs.

    Parameters
    ----------
    *runs : str or Run
        Two or more; each later one is compared with the first.
    code : bool, default False
        Only the code.

    Returns
    -------
    Answer
        Shows itself; `.data` holds the shapes of `celltrail compare --json`.

    Raises
    ------
    UsageError
        If fewer than two are named.
    RunNotFoundError
        If there is no such run.
    """
    answer: Answer = call_verb(find_verb("compare"), *runs, code=code)
    return answer


def show(run: str | Run, *, all: bool = False) -> Answer:
    """Show one run.

    Parameters
    ----------
    run : str or Run
        Which.
    all : bool, default False
        Everything that is kept about it, with sizes.

    Returns
    -------
    Answer
        Shows itself; `.data` is what `celltrail show --json` prints.

    Raises
    ------
    RunNotFoundError
        If there is no such run.
    """
    answer: Answer = call_verb(find_verb("show"), run, all=all)
    return answer


def restore(run: str | Run, *, output: str | os.PathLike[str] | None = None, notebook: bool = False) -> Answer:
    """Bring back the cell of a run to the letter, or its notebook.

    Parameters
    ----------
    run : str or Run
        Which.
    output : path-like, optional
        Write to this file; never over one that is there.
    notebook : bool, default False
        The whole notebook as it stood, as a new file beside the one it came from.

    Returns
    -------
    Answer
        `.data["source"]` is the cell; the text names what has changed since.

    Raises
    ------
    RunNotFoundError
        If there is no such run.
    UsageError
        If the file exists already.
    """
    answer: Answer = call_verb(
        find_verb("restore"), run, output=None if output is None else os.fspath(output), notebook=notebook
    )
    return answer


def replay(
    run: str | Run,
    *,
    data: Mapping[str, Any] | None = None,
    params: Mapping[str, Any] | None = None,
    env: bool | Mapping[str, str] = False,
    seed: int | None = None,
    twice: bool = False,
    timeout: float | None = None,
) -> Verdict:
    """Run the recipe of a run in a fresh kernel, and say how what comes out stands to what was recorded.

    It runs in a copy of the run's folder: no file is written over. With a substitution what comes out is kept as a
    trial of the run (it stands in no list), and no verdict is kept.

    Parameters
    ----------
    run : str or Run
        Which.
    data : mapping of str to object, optional
        By the path of a file that the run read: the path of another that stands in its place. By the name of a
        variable that its cell reads, or a cell before it: another frame or array, or a function that is given the one
        that was there and returns another: `data={"X": lambda X: X.drop(columns="age")}`.
    params : mapping of str to object, optional
        Parameters of the run's only estimator, as literals.
    env : bool or mapping of str to str, default False
        In the run's environment, made anew; with other versions of what it had: `env={"scikit-learn": "1.6.1"}`.
    seed : int, optional
        In the place of the seeds that the run's cell writes, or where it writes none, of those of its recipe.
    twice : bool, default False
        Whether to replay it a second time; not with a substitution.
    timeout : float, optional
        Seconds; ten times as long as the run took, at least half an hour, by default.

    Returns
    -------
    Verdict
        `verdict`, `metrics`, `diverged_at`, `environment`; `trial` names the trial.

    Raises
    ------
    RunNotFoundError
        If there is no such run.
    ReplayError
        If it can't be replayed here, or what is to be substituted is not there.
    """
    if not data and not params and seed is None and isinstance(env, bool):
        verdict: Verdict = call_verb(find_verb("replay"), run, env=env, twice=twice, timeout=timeout)
        return verdict
    from celltrail.verbs.trial import trial

    reference = run if isinstance(run, str) else str(run.id)
    return trial(current.context("python"), reference, data=data, params=params, env=env, seed=seed, timeout=timeout)
