"""`recipe`: the least code that makes a variable, or a run, again; shown, as JSON, as a script or notebook."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from celltrail.errors import BadReferenceError, CelltrailError, NotFoundError, NotKeptError, UsageError
from celltrail.verbs.current import Context
from celltrail.verbs.model import Answer

if TYPE_CHECKING:
    from celltrail.analysis.slicing import History
    from celltrail.domain.lineage import Recipe
    from celltrail.domain.run import Run

# A shell that names a variable means the newest session that made it, of so many.
_SESSIONS = 40
_RUN_WORDS = frozenset({"last", "prev", "best", "saved"})


def recipe(
    context: Context, *, target: str, run: str | None = None, whole: bool = False, output: str | None = None
) -> Answer:
    """Give the recipe of a variable of this kernel, of a run, or of a variable in a run."""
    from celltrail.display.recipe import recipe_html, recipe_text

    found = _found(context, target, run, whole=whole)
    data = recipe_object(found)
    if output is not None:
        written = _write(context.cwd / Path(output).expanduser(), found)
        told = [f"The recipe of {target} is written to {written}.", *found.remarks]
        return Answer("\n".join(told), {**data, "file": str(written)}, value=_value(context, found))
    if context.door == "shell":
        return Answer(found.source.rstrip("\n"), data, aside="\n".join(found.remarks))
    bundle: dict[str, object] = {"text/html": recipe_html(found)} if context.door == "cell" else {}
    return Answer(recipe_text(found), data, value=_value(context, found), bundle=bundle)


def recipe_object(recipe: Recipe) -> dict[str, Any]:
    """Return a recipe as `recipe --json` prints it."""
    return {
        "target": recipe.target,
        "executions": [
            {
                "execution_count": one.execution_count,
                "cell_id": one.cell_id,
                "source": one.source,
                "status": one.status.value,
                "error": one.error_name,
                "certainty": one.certainty.value,
                "code": one.code,
                "masked": one.masked,
            }
            for one in recipe.executions
        ],
        "source": recipe.source,
        "unknown": list(recipe.unknown),
        "remarks": list(recipe.remarks),
    }


def _value(context: Context, found: Recipe) -> Recipe | None:
    return found if context.door == "python" else None


def _found(context: Context, target: str, run: str | None, *, whole: bool) -> Recipe:
    from celltrail.analysis.slicing import slice_of
    from celltrail.views.recipe import recipe_of, slice_for, slice_of_run, version_after

    if run is not None:
        history, _ = history_of_run(context, run)
        return recipe_of(history, target, slice_for(history, target), whole=whole)
    if target.isidentifier():
        found = _by_name(context, target, whole=whole)
        if found is not None:
            return found
    thing, colon, name = target.partition(":")
    if colon and not (thing and name):
        raise UsageError(f"recipe {target}  On one side of the colon nothing is written. Write recipe forest#7:model")
    history, place = history_of_run(context, thing)
    if not name:
        return recipe_of(history, target, slice_of_run(history, place), whole=whole)
    return recipe_of(history, target, slice_of(history, [version_after(history, place, name)]), whole=whole)


def _by_name(context: Context, name: str, *, whole: bool) -> Recipe | None:
    """Return the recipe of a variable: of this kernel, else of the newest session that made it; None for a run."""
    from celltrail.store.read_touches import newest_sessions
    from celltrail.views.lineage import session_history
    from celltrail.views.recipe import recipe_of, slice_for

    trail = context.trail()
    sessions = [context.kernel.session.id] if context.kernel is not None else newest_sessions(trail, _SESSIONS)
    histories = [session_history(trail, session) for session in sessions[:1]]
    for session in sessions:
        history = histories[0] if session == sessions[0] else session_history(trail, session)
        version = history.latest.get(name)
        if version is not None and not version.is_gone:
            return recipe_of(history, name, slice_for(history, name), whole=whole)
    if name in _RUN_WORDS or not histories:
        return None
    slice_for(histories[0], name)  # says what is wrong with it
    return None


def history_of_run(context: Context, reference: str) -> tuple[History, int]:
    """Return the session in which a run was made, and the place of its execution there.

    Parameters
    ----------
    context : Context
        Where we stand.
    reference : str
        Of the run.

    Returns
    -------
    tuple of (History, int)
        The versions of all names, and the place.

    Raises
    ------
    NotKeptError
        If it is not known what its cells touched.
    """
    from celltrail.store.read_touches import session_of
    from celltrail.views.lineage import session_history

    found = _run(context, reference)
    execution = str(found.content.field("execution")["id"])
    session = session_of(context.trail(), execution)
    history = session_history(context.trail(), session) if session is not None else None
    places = [place for place, one in enumerate(history.executions) if one.id == execution] if history else []
    if history is None or not places or all(one.touches is None for one in history.executions):
        whose = "came from another trail without it" if found.is_imported else "was not recorded"
        raise NotKeptError(
            f"{found.reference}: what its cells touched {whose}, so no recipe can be cut. "
            f"Its own cell is there: restore {found.reference}"
        )
    return history, places[0]


def _run(context: Context, reference: str) -> Run:
    try:
        return context.find(reference)
    except (BadReferenceError, NotFoundError) as error:
        if reference.isidentifier() or "#" in reference:
            raise
        raise BadReferenceError(
            f"recipe {reference}: that is neither a variable nor a run. Write recipe model, recipe forest#7 or "
            "recipe forest#7:model"
        ) from error


def _write(path: Path, found: Recipe) -> Path:
    """Write a script or notebook, whole or not at all, and never over a file."""
    if path.suffix not in (".py", ".ipynb"):
        raise UsageError(f"recipe -o {path.name}: a recipe is written as recipe.ipynb or recipe.py")
    if path.suffix == ".py" and any("await" in one for one in found.remarks):
        raise UsageError(f"recipe -o {path.name}: {found.remarks[-1]}")
    if path.exists():
        raise UsageError(f"{path} is there already, and recipe never writes over a file. Give another name.")
    if path.suffix == ".py":
        text = "".join(f"# {one}\n" for one in found.remarks) + found.source
    else:
        import nbformat

        text = nbformat.writes(found.to_notebook()) + "\n"
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_text(text, encoding="utf-8", newline="")
        _put(part, path)
    except FileExistsError as error:
        raise UsageError(f"{path} is there already, and recipe never writes over a file.") from error
    except OSError as error:
        raise CelltrailError(f"{path} can't be written ({error.strerror}). Give another place: -o FILE") from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink()
    return path


def _put(part: Path, path: Path) -> None:
    """Give a whole file its name, unless the name is taken by now."""
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        with path.open("x", encoding="utf-8", newline="") as file:
            file.write(part.read_text(encoding="utf-8"))
