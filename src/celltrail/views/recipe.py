"""The recipe of a name or a run: which executions make it again, and what of them has to run."""

from __future__ import annotations

from collections.abc import Iterable

from celltrail.analysis.pruning import Surroundings, prunable, pruned
from celltrail.analysis.scripting import Script, as_failed, as_script, futures_apart
from celltrail.analysis.slicing import History, Slice, Version, slice_of
from celltrail.domain.lineage import Certainty, PastExecution, Recipe, RecipeExecution
from celltrail.domain.record import RunStatus
from celltrail.domain.words import did_you_mean, nearest
from celltrail.errors import NotFoundError

# What IPython has in every notebook, and no cell makes.
_GIVEN = frozenset({"get_ipython", "display", "In", "Out", "_", "__", "___", "_oh", "_ih", "_dh", "exit", "quit"})
_NEVER_RAN = frozenset({"SyntaxError", "IndentationError", "TabError"})


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
        raise _unknown(history, name, was_deleted=version is not None)
    return version


def version_after(history: History, place: int, name: str) -> Version:
    """Return a name as one execution left it, whoever made it.

    Raises
    ------
    NotFoundError
        If it was not there then.
    """
    found = [one for left in history.left[: place + 1] for one in left if one.name == name]
    if not found or found[-1].is_gone:
        raise _unknown(history, name, was_deleted=bool(found))
    return found[-1]


def slice_of_run(history: History, place: int) -> Slice:
    """Return what an execution needs: itself, for its models and metrics, and all that it read.

    Parameters
    ----------
    history : History
        Of the session.
    place : int
        Of the execution.

    Returns
    -------
    Slice
        Backward closure.
    """
    return slice_of(history, targets_of_run(history, place))


def targets_of_run(history: History, place: int) -> list[Version]:
    """Return what a recipe of an execution has to make: the execution itself, and all that it left."""
    return [Version("", place), *(one for one in history.left[place] if not one.is_gone)]


def _unknown(history: History, name: str, *, was_deleted: bool) -> NotFoundError:
    if was_deleted:
        return NotFoundError(f"{name} was deleted in this session. %lineage --cells lists what each cell wrote.")
    if any(name in reads and reads[name] is None for reads in history.reads):
        return NotFoundError(
            f"{name} was made by no cell that celltrail has seen: it was there before %load_ext celltrail, or "
            "tracking was off. Run the cell that makes it again, then ask again."
        )
    made = [one for one, version in history.latest.items() if one.isidentifier() and not version.is_gone]
    known = [one for one in made if not one.startswith("_")]
    if not known:
        hint = "Run the cell that makes it, then ask again."
    elif len(known) <= 12 or nearest(name, known) is not None:
        hint = did_you_mean(name, known)
    else:
        hint = "%lineage --cells lists what each cell read and wrote."
    return NotFoundError(f"{name} was made by no cell that celltrail has seen in this session. {hint}")


def recipe_of(history: History, name: str, found: Slice, *, whole: bool = False) -> Recipe:
    """Return a slice as a recipe.

    Parameters
    ----------
    history : History
        Of the session.
    name : str
        What it makes.
    found : Slice
        The executions that it needs.
    whole : bool, default False
        Whether cells stay whole, with statements that can't matter.

    Returns
    -------
    Recipe
        With the sources as they were then.
    """
    needed = _needed(history, found) if not whole else {}
    executions = tuple(
        _execution(one := history.executions[place], needed.get(place, one.source), certainty)
        for place, certainty in sorted(found.places.items())
    )
    unknown = tuple(one for one in found.unknown if one.isidentifier() and one not in _GIVEN)
    scripts = [as_script(one.code) for one in executions]
    source = _source(scripts)
    return Recipe(
        target=name,
        executions=executions,
        unknown=unknown,
        source=f"{source}\n" if source else "",
        remarks=tuple(_remarks(history, found, executions, unknown, scripts)),
    )


def _source(scripts: Iterable[Script]) -> str:
    """Return the cells as one script."""
    first: dict[str, None] = {}
    parts = []
    for script in scripts:
        futures, rest = futures_apart(script.text)
        first |= dict.fromkeys(["\n".join(futures)] if futures else [])
        parts.append(rest.strip("\n"))
    return "\n\n".join(part for part in ["\n".join(first), *parts] if part.strip())


def _needed(history: History, found: Slice) -> dict[int, str]:
    """Return by place what of a cell's source can matter, where that is less than all of it."""
    wanted: dict[int, set[str]] = {}
    for version in found.versions:
        wanted.setdefault(version.writer, set()).add(version.name)
    around, told = Surroundings(), {}
    for place, execution in enumerate(history.executions[: max(found.places, default=-1) + 1]):
        around.add(execution.source, execution.touches)
        # What no cell made may be a function that reads what this one binds.
        around.is_known &= all(read or not name.isidentifier() for name, read in history.reads[place].items())
        touches, names = execution.touches, wanted.get(place, set())
        wrote = any(file.mode != "read" for file in execution.files)
        if place not in found.places or execution.status is not RunStatus.FINISHED or "" in names:
            continue
        if touches is not None and prunable(touches, wrote_files=wrote):
            told[place] = pruned(execution.source, touches, names, around)
    return told


def _execution(execution: PastExecution, needed: str, certainty: Certainty) -> RecipeExecution:
    return RecipeExecution(
        execution_count=execution.execution_count,
        cell_id=execution.cell_id,
        source=execution.source,
        status=execution.status,
        id=execution.id,
        error_name=execution.error_name,
        certainty=certainty,
        code=_code(execution, needed),
        masked=execution.masked,
    )


def _code(execution: PastExecution, needed: str) -> str:
    if execution.status is not RunStatus.FAILED:
        return needed
    if execution.error_name in _NEVER_RAN:
        return f"# [{execution.execution_count}] did not run: {execution.error_name}"
    return as_failed(needed, execution.error_name)


def _remarks(
    history: History,
    found: Slice,
    executions: Iterable[RecipeExecution],
    unknown: tuple[str, ...],
    scripts: list[Script],
) -> list[str]:
    """Say what stands between this recipe and the thing that it makes, a sentence each."""
    said: list[str] = []
    all_of = list(executions)
    if unknown:
        said.append(
            f"{_listed(unknown)}: made by no cell that celltrail has seen, so the recipe does not make it. "
            "Run the cell that makes it again, then ask again."
        )
    for certainty, why in (
        (Certainty.MAYBE, "may have changed what it needs (what it holds can't be compared)"),
        (Certainty.ASYNC, "may have changed it later, in a thread or task"),
        (Certainty.DEGRADED, "may have changed it (too large or too deep to be looked at in time)"),
    ):
        unsure = [_count(one) for one in all_of if one.certainty is certainty]
        if unsure:
            said.append(f"Kept to be safe: {_listed(unsure)} {why}.")
    masked = [_count(one) for one in all_of if one.masked]
    if masked:
        said.append(f"Values in {_listed(masked)} were masked before they were kept: put them in before you run it.")
    broken = [_count(one) for one in all_of if one.status is RunStatus.INTERRUPTED]
    if broken:
        said.append(
            f"{_listed(broken)} was interrupted; the recipe runs it to its end, which may give another value."
        )
    blind = [f"[{history.executions[place].execution_count}]" for place in _blind(history, found)]
    if blind:
        said.append(f"What {_listed(blind)} touched is not known, so what it changed may be missing.")
    needs = list(dict.fromkeys(name for script in scripts for name in script.needs))
    if needs:
        said.append(
            f"{_listed(needs)} needs IPython: run the script with `ipython recipe.py`, or write recipe.ipynb."
        )
    if any(script.awaits for script in scripts):
        said.append("It awaits outside of a function, which a script can't: write recipe.ipynb instead.")
    return said


def _blind(history: History, found: Slice) -> list[int]:
    """Return the executions up to the last one needed of which nothing is known."""
    last = max(found.places, default=-1)
    return [
        place
        for place, one in enumerate(history.executions[: last + 1])
        if one.touches is None and one.source.strip() and not one.source.lstrip().startswith("%load_ext")
    ]


def _count(execution: RecipeExecution) -> str:
    return f"[{execution.execution_count}]"


def _listed(words: Iterable[str]) -> str:
    found = list(dict.fromkeys(words))
    return ", ".join(found[:5]) + (f" and {len(found) - 5} more" if len(found) > 5 else "")
