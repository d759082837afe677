"""`forget`: removes runs; until the next `gc` they can come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from celltrail.verbs.current import Context
from celltrail.verbs.model import Answer

if TYPE_CHECKING:
    from celltrail.domain.run import Run


def forget(context: Context, *, runs: list[str], check: bool = False, undo: bool = False) -> Answer:
    """Remove runs and their repeats, or bring them back."""
    if undo:
        return _bring_back(context, runs, check=check)
    found = [context.find(reference) for reference in runs]
    told = [_told(run) for run in found]
    data = {"runs": told, "is_check": check, "is_undo": False}
    if check:
        return Answer("\n".join(f"Would forget {_words(each)}" for each in told), data)
    from celltrail.store import annotate

    trail = context.trail(writing=True)
    for run in found:
        annotate.forget(trail, run)
    names = " ".join(run.reference for run in found)
    said = [f"Forgot {_words(each)}" for each in told]
    return Answer("\n".join([*said, f"Until the next gc this brings back: forget {names} --undo"]), data)


def _bring_back(context: Context, runs: list[str], *, check: bool) -> Answer:
    from celltrail.store import annotate
    from celltrail.store.resolve import find_run

    trail = context.trail(writing=not check)
    if check:
        found = [find_run(trail, reference, forgotten=True) for reference in runs]
    else:
        found = [annotate.bring_back(trail, reference) for reference in runs]
    verb = "Would bring back" if check else "Brought back"
    told = [{"reference": run.reference, "id": str(run.id)} for run in found]
    text = "\n".join(f"{verb} {run.reference}." for run in found)
    return Answer(text, {"runs": told, "is_check": check, "is_undo": True})


def _told(run: Run) -> dict[str, Any]:
    from celltrail.verbs.show import kept_things

    size = sum(each["size_bytes"] or 0 for each in kept_things(run))
    return {"reference": run.reference, "id": str(run.id), "repeats": run.repeats, "size_bytes": size}


def _words(told: dict[str, Any]) -> str:
    from celltrail.views.numbers import plural, size_text

    repeats = f" with {plural(told['repeats'] - 1, 'repeat')}" if told["repeats"] > 1 else ""
    return f"{told['reference']}{repeats}, {size_text(told['size_bytes'])} (what other runs share stays)."
