"""`note`, `tag`, `rename`: what people add to a run, or change about it, after it ran."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celltrail.config import read_config
from celltrail.domain.header import check_name
from celltrail.errors import UsageError
from celltrail.verbs.current import Context
from celltrail.verbs.model import Answer

if TYPE_CHECKING:
    from celltrail.capture.door import Door
    from celltrail.domain.run import Run


def note(context: Context, *, run: str, text: str | None = None) -> Answer:
    """Set the note of a run; without a text show it, with an empty one take it away."""
    found = context.find(run)
    if text is not None:
        from celltrail.store.annotate import set_note

        found = set_note(context.trail(writing=True), found, _door(context).mask(text.strip()))
    data = {"reference": found.reference, "id": str(found.id), "note": found.note}
    return Answer(f"{found.reference}: {found.note or 'no note'}", data)


def tag(context: Context, *, run: str, tags: list[str] | None = None) -> Answer:
    """Set tags of a run; without any show them, with an empty value take one away."""
    found = context.find(run)
    if tags:
        from celltrail.store.annotate import set_tag

        door = _door(context)
        # All are read before the first is set: a wrong one leaves the run as it is.
        for key, value in [_pair(each) for each in tags]:
            for kept, told in door.mask_json({key: value}).items():
                found = set_tag(context.trail(writing=True), found, kept, told or None)
    return Answer(
        f"{found.reference}: {_listed(found)}",
        {"reference": found.reference, "id": str(found.id), "tags": dict(found.tags)},
    )


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise UsageError(f"tag: {text!r} lacks its '='. Write owner=me; owner= takes the tag away.")
    return key.strip(), value.strip()


def _listed(run: Run) -> str:
    return ", ".join(f"{key}={value}" for key, value in run.tags.items()) or "no tags"


def _door(context: Context) -> Door:
    """Return the door that texts pass: the loaded kernel's, else one with the settings that hold here."""
    from celltrail.capture.door import Door, current_door

    return current_door() if context.kernel is not None else Door(read_config(context.cwd).privacy.mask)


def rename(context: Context, *, experiment: str, name: str, check: bool = False) -> Answer:
    """Give an experiment another name; its runs keep their numbers."""
    from celltrail.store.annotate import rename_experiment

    if problem := check_name(name):
        raise UsageError(f"rename: {problem}")
    data = {"experiment": experiment, "name": name, "is_check": check}
    if check:
        newest = context.trail().run(experiment)
        taken = _is_taken(context, name)
        text = (
            f"{name} is the name of another experiment already."
            if taken
            else (f"Would rename {newest.experiment} to {name}: {newest.reference} becomes {name}#{newest.number}.")
        )
        return Answer(text, {**data, "is_free": not taken}, exit_status=1 if taken else 0)
    if (kept := _door(context).mask(name)) != name:
        raise UsageError(f"rename: {kept} would stand in every reference. Choose a name without personal data.")
    rename_experiment(context.trail(writing=True), experiment, name)
    return Answer(f"{experiment} is {name} now; its runs keep their numbers.", data)


def _is_taken(context: Context, name: str) -> bool:
    from celltrail.errors import NotFoundError

    try:
        return context.trail().run(name).experiment == name
    except NotFoundError:
        return False
