"""`fix`: which cells to run, in which order and why, so that memory holds what "run all" would give."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from celltrail.errors import NotFoundError
from celltrail.verbs.current import Context
from celltrail.verbs.model import Answer

if TYPE_CHECKING:
    from celltrail.analysis.slicing import History
    from celltrail.domain.standing import Standing


def fix(context: Context, *, run: str | None = None) -> Answer:
    """Propose the cells to run, in order; nothing is run."""
    from celltrail.display.standing import fix_html, fix_lines, fix_remarks
    from celltrail.views.standing import standing_object

    found = standing(context, run)
    data = standing_object(found)
    bundle: dict[str, object] = {"text/html": fix_html(found)} if context.door == "cell" else {}
    return Answer("\n".join(fix_lines(found)), {"run": data["run"], "remarks": fix_remarks(found)}, bundle=bundle)


def stale(context: Context, run: str | None) -> Answer:
    """Say which cells are not what "run all" would give."""
    from celltrail.display.standing import standing_html, standing_lines
    from celltrail.views.standing import standing_object

    found = standing(context, run)
    bundle: dict[str, object] = {"text/html": standing_html(found)} if context.door == "cell" else {}
    return Answer("\n".join(standing_lines(found)), standing_object(found), bundle=bundle)


def standing(context: Context, run: str | None) -> Standing:
    """Return how the cells of a session stand: of a run's, of this kernel's, else of the newest in the trail.

    Parameters
    ----------
    context : Context
        Where we stand.
    run : str or None
        A run of the session that is meant.

    Returns
    -------
    Standing
        Of its notebook, as it is saved now.
    """
    from celltrail.views.standing import standing_of

    notebook = context.kernel.notebook if context.kernel is not None and run is None else None
    return standing_of(session_meant(context, run), Path(notebook) if notebook else None)


def session_meant(context: Context, run: str | None) -> History:
    """Return what the session ran that is meant: of a run, of this kernel, else the newest in the trail.

    Raises
    ------
    NotFoundError
        If the trail holds none.
    """
    from celltrail.store.read_touches import newest_sessions
    from celltrail.verbs.recipe import history_of_run
    from celltrail.views.lineage import session_history

    if run is not None:
        return history_of_run(context, run)[0]
    if context.kernel is not None:
        return session_history(context.trail(), context.kernel.session.id)
    for session in newest_sessions(context.trail(), 1):
        return session_history(context.trail(), session)
    raise NotFoundError("No cell has run in this trail yet. Load celltrail in a notebook: %load_ext celltrail")
