"""The recipe of a name: which executions make it again, at the level of whole cells."""

from __future__ import annotations

from celltrail.analysis.slicing import History, Slice, Version, slice_of
from celltrail.domain.lineage import PastExecution, Recipe, RecipeExecution
from celltrail.errors import NotFoundError


def slice_for(history: History, name: str) -> Slice:
    """Return the executions that a name needs, as it stands at the end of a session.

    Parameters
    ----------
    history : History
        Of the session.
    name : str
        A variable.

    Returns
    -------
    Slice
        Backward closure.

    Raises
    ------
    NotFoundError
        If no execution on record made it.
    """
    return slice_of(history, [latest_of(history, name)])


def latest_of(history: History, name: str) -> Version:
    """Return a name as it stands at the end of a session.

    Raises
    ------
    NotFoundError
        If no execution on record made it.
    """
    version = history.latest.get(name)
    if version is None or version.is_gone:
        what = "was deleted" if version is not None else "was made by no cell that celltrail has seen"
        raise NotFoundError(f"{name} {what} in this session. %lineage --cells lists what each cell read and wrote.")
    return version


def recipe_of(history: History, name: str, found: Slice) -> Recipe:
    """Return a slice as a recipe.

    Parameters
    ----------
    history : History
        Of the session.
    name : str
        What it makes.
    found : Slice
        The executions that it needs.

    Returns
    -------
    Recipe
        With the sources as they were then.
    """
    unknown = tuple(one for one in found.unknown if not one.startswith(("<", "file:", "folder:")))
    return Recipe(
        target=name,
        executions=tuple(
            _execution(history.executions[place], found.places[place].value) for place in sorted(found.places)
        ),
        unknown=unknown,
    )


def _execution(execution: PastExecution, certainty: str) -> RecipeExecution:
    from celltrail.domain.lineage import Certainty

    return RecipeExecution(
        execution_count=execution.execution_count,
        cell_id=execution.cell_id,
        source=execution.source,
        status=execution.status,
        id=execution.id,
        error_name=execution.error_name,
        certainty=Certainty(certainty),
    )
