"""`doctor`, `backup` and `gc`: is the trail sound, is there a copy, where does its room go."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from celltrail.domain.keep_rule import DEFAULT, KeepRule
from celltrail.errors import UsageError
from celltrail.verbs.current import Context
from celltrail.verbs.model import Answer


def doctor(context: Context, *, mark_lost: bool = False) -> Answer:
    """Examine the trail; with `mark_lost`, first settle the runs of machines that are gone."""
    from celltrail.store.doctor import examine
    from celltrail.views.numbers import plural

    said = []
    if mark_lost:
        from celltrail.store.liveness import record_unheard

        said.append(f"marked   {plural(record_unheard(context.trail(writing=True)), 'run')} as lost")
    found = examine(context.trail())
    verdict = "All is well." if found.is_well else "Something is damaged: see the lines in capitals."
    text = "\n".join([verdict, *said, *found.lines()])
    return Answer(text, {**asdict(found), "is_well": found.is_well}, exit_status=0 if found.is_well else 1)


def backup(context: Context, *, folder: str | None = None) -> Answer:
    """Copy the trail and check the copy."""
    from celltrail.store.backup import back_up
    from celltrail.verbs.status import home
    from celltrail.views.numbers import plural, size_text

    trail = context.trail()
    if folder is not None:
        target = context.cwd / Path(folder).expanduser()
    else:
        target = trail.path.with_name(f"{trail.path.name}-backup-{datetime.now():%Y-%m-%d-%H%M%S}")
    made = back_up(trail, target)
    text = (
        f"{plural(made.runs, 'run')}, {size_text(made.size_bytes)}, copied and checked: {home(made.path)}. "
        f"To look into it: CELLTRAIL_TRAIL={made.path} celltrail runs"
    )
    return Answer(text, {**asdict(made), "path": str(made.path)})


def gc(
    context: Context,
    *,
    models: bool = False,
    keep: KeepRule | None = None,
    undo: bool = False,
    environments: bool = False,
    dry_run: bool = False,
    check: bool = False,
) -> Answer:
    """Remove for good what was forgotten, and content that nothing names; or models; or rebuilt environments."""
    if environments:
        if models or keep is not None or undo:
            raise UsageError("gc --environments goes alone or with --dry-run. For models: gc --models --keep RULE")
        return _gc_environments(is_dry=dry_run or check)
    if models or keep is not None:
        return _gc_models(context, keep or DEFAULT, undo=undo, is_dry=dry_run or check)
    if undo:
        raise UsageError("gc --undo brings back models: gc --models --undo. A forgotten run: forget RUN --undo")
    from celltrail.replay.environment_cache import environment_folders
    from celltrail.store.gc import collect_garbage
    from celltrail.views.numbers import plural, size_text

    swept = collect_garbage(context.trail(writing=True), dry_run=dry_run or check)
    verb = "Would remove" if swept.is_dry else "Removed"
    named = f" ({', '.join(swept.runs)})" if swept.runs else ""
    text = (
        f"{verb} {plural(len(swept.runs), 'forgotten run')}{named} and {plural(swept.blobs, 'piece')} of content, "
        f"{size_text(swept.size_bytes)}. Content younger than an hour stays: a kernel may be about to name it."
    )
    if beside := len(environment_folders()):
        text += f"\nIn the cache beside it: {plural(beside, 'rebuilt environment')}: gc --environments --dry-run"
    return Answer(text, asdict(swept))


def _gc_environments(*, is_dry: bool) -> Answer:
    from celltrail.replay.environment_cache import kept_environments, remove_environments
    from celltrail.verbs.status import home
    from celltrail.views.numbers import plural, size_text

    found = kept_environments()
    idle = [each for each in found if not each.is_in_use]
    gone = idle if is_dry else remove_environments(idle)
    verb = "Would remove" if is_dry else "Removed"
    size = sum(each.size_bytes for each in gone)
    lines = [f"{verb} {plural(len(gone), 'rebuilt environment')} of {len(found)}, {size_text(size)}."]
    for each in gone:
        what = (
            f"Python {each.python}, {plural(each.packages, 'distribution')}" if each.python else "a build that ended"
        )
        lines.append(f"  {home(each.path)}   {what}, {size_text(each.size_bytes)}, last used {each.used_at:%Y-%m-%d}")
    if is_dry and gone:
        lines.append("To do it: celltrail gc --environments")
    lines.append("One that was used within the last hour stays. What uv keeps of packages: uv cache clean")
    told = [{**asdict(each), "path": str(each.path), "used_at": each.used_at.isoformat()} for each in gone]
    return Answer("\n".join(lines), {"environments": told, "size_bytes": size, "is_dry": is_dry})


def _gc_models(context: Context, rule: KeepRule, *, undo: bool, is_dry: bool) -> Answer:
    from celltrail.store.free_models import bring_back_models, free_models
    from celltrail.views.numbers import plural, size_text

    trail = context.trail(writing=True)
    if undo:
        if is_dry:
            raise UsageError("gc --models --undo changes nothing but what it brings back: type it without --dry-run.")
        count = bring_back_models(trail)
        text = f"Brought back {plural(count, 'model')}. Any other can be made again: restore RUN, and run the cell."
        return Answer(text, {"models": count, "is_undo": True})
    freed = free_models(trail, rule, dry_run=is_dry)
    verb = "Would remove" if is_dry else "Removed"
    lines = [
        f"{verb} {plural(freed.models, 'model')}, {size_text(freed.size_bytes)}. Of each experiment stay: {rule}."
    ]
    width = max((len(each.name) for each in freed.experiments), default=0)
    for each in freed.experiments:
        its = f"{plural(each.models, 'model')} of {each.models + each.kept}, {size_text(each.size_bytes)}"
        lines.append(f"  {each.name:<{width}}   {each.reason or its}")
    if is_dry and freed.models:
        lines.append(f"To do it: celltrail gc --models --keep {rule}")
    lines.append("Models of the last hour stay, and those that celltrail.keep(model) named.")
    data = {**asdict(freed), "models": freed.models, "keep": str(rule)}
    return Answer("\n".join(lines), data)
