"""`env lock`, `env make` and `env diff`: the environment of a run as a file, made anew, and compared."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from celltrail.errors import CelltrailError, UsageError
from celltrail.verbs.current import Context
from celltrail.verbs.model import Answer
from celltrail.verbs.progress import progress

if TYPE_CHECKING:
    from celltrail.replay.environment_diff import Difference
    from celltrail.replay.environment_lock import Missing

# PEP 751, "File Name": installers take no other.
_LOCK_NAME = re.compile(r"pylock\.([^.]+\.)?toml")
_HERE = "."
# What of the rest is shown of distributions that neither side used: the JSON has all.
_UNUSED_SHOWN = 12


def env_lock(
    context: Context, *, run: str, output: str | None = None, here: bool = False, timeout: float | None = None
) -> Answer:
    """Write a run's environment as a lock file."""
    from celltrail.replay.environment import TIMEOUT_S, lock_of
    from celltrail.verbs.status import home
    from celltrail.views.numbers import plural

    found = context.find(run)
    name = re.sub(r"[^a-z0-9]+", "-", f"{found.experiment}-{found.number or found.id}".lower()).strip("-")
    target = context.cwd / Path(output or f"pylock.{name}.toml").expanduser()
    if not _LOCK_NAME.fullmatch(target.name):
        raise UsageError(
            f"{target.name} is no name that pip and uv know for a lock file. Name it so: -o pylock.{name}.toml"
        )
    if target.exists():
        raise UsageError(f"{target} is there already, and env lock never writes over a file. Name another: -o FILE")
    version = ".".join(map(str, sys.version_info[:3])) if here else None
    with progress(context) as told:
        lock = lock_of(found, on_progress=told, timeout_s=timeout or TIMEOUT_S, here=version)
    try:
        lock.write(target)
    except OSError as error:
        raise CelltrailError(f"{target} can't be written ({error.strerror}). Name another: -o FILE") from error
    lines = [
        f"{plural(len(lock.packages), 'distribution')} of {found.reference} with digests: {home(target)}. "
        f"To install them into an active environment: uv pip sync {target.name}",
        *_beside(lock.missing, lock.remarks),
    ]
    data = {
        "run": found.reference,
        "file": str(target),
        "packages": dict(lock.packages),
        "missing": [asdict(each) for each in lock.missing],
        "remarks": list(lock.remarks),
    }
    return Answer("\n".join(lines), data)


def env_make(
    context: Context, *, run: str, path: str, python: str | None = None, timeout: float | None = None
) -> Answer:
    """Make a run's environment anew."""
    from celltrail.replay.environment import TIMEOUT_S, make_environment
    from celltrail.verbs.status import home
    from celltrail.views.numbers import plural

    found = context.find(run)
    target = context.cwd / Path(path).expanduser()
    with progress(context) as told:
        made = make_environment(found, target, python=python, on_progress=told, timeout_s=timeout or TIMEOUT_S)
    lines = [
        f"{home(target)}: Python {made.version}, {plural(made.packages, 'distribution')} as {found.reference} had "
        f"them, in {made.duration_s:.0f} s. A kernel starts in it. To choose it in Jupyter: "
        f"{made.python} -m ipykernel install --user --name {target.name}",
        *_beside(made.missing, made.remarks),
    ]
    data = {
        "run": found.reference,
        "path": str(target),
        "python": str(made.python),
        "version": made.version,
        "lock": str(made.lock),
        "packages": made.packages,
        "missing": [asdict(each) for each in made.missing],
        "remarks": list(made.remarks),
        "variables": dict(made.variables),
        "duration_s": round(made.duration_s, 3),
    }
    return Answer("\n".join(lines), data)


def env_diff(context: Context, *, left: str, right: str = _HERE) -> Answer:
    """Compare the environments of two runs, or of a run and here."""
    from celltrail.replay.environment_diff import diff_environments

    names, environments = zip(*(_environment(context, each) for each in (left, right)), strict=True)
    diff = diff_environments(*environments)
    head = f"{names[0]} → {names[1]}"
    lines = _rows([each for each in diff.differences if each.kind != "distribution"], diff.differences)
    text = "\n".join(
        [head, *(lines or ["  nothing differs"]), *([f"  same: {', '.join(diff.same)}"] if diff.same else [])]
    )
    data = {
        "left": names[0],
        "right": names[1],
        "differences": [asdict(each) for each in diff.differences],
        "same": list(diff.same),
    }
    return Answer(text, data)


def _environment(context: Context, reference: str) -> tuple[str, Mapping[str, Any]]:
    if reference == _HERE:
        from celltrail.capture.environment import snapshot_environment

        return "here", asdict(snapshot_environment())
    run = context.find(reference)
    if not run.environment.get("python"):
        raise CelltrailError(f"The environment of {run.reference} is not known. show {run.reference} --all says why.")
    return run.reference, run.environment


def _rows(others: list[Difference], all_of_them: tuple[Difference, ...]) -> list[str]:
    distributions = [each for each in all_of_them if each.kind == "distribution"]
    used = [each for each in distributions if each.is_used]
    rest = [each for each in distributions if not each.is_used]
    python = [each for each in others if each.kind == "python"]
    shown = [*python, *used, *rest[:_UNUSED_SHOWN], *(each for each in others if each.kind != "python")]
    width = max((len(each.name) for each in shown), default=0)
    lines = []
    for each in shown:
        mark = "   used" if each.is_used else ""
        lines.append(f"  {each.name:<{width}}   {each.before or 'none'} → {each.after or 'none'}{mark}")
    if len(rest) > _UNUSED_SHOWN:
        lines.append(f"  {len(rest) - _UNUSED_SHOWN} more distributions that neither had loaded: --json lists them")
    return lines


def _beside(missing: tuple[Missing, ...], remarks: tuple[str, ...]) -> list[str]:
    """Say by name what is not there, and what is there otherwise."""
    lines = [f"  missing  {each.name} {each.version}: {each.reason}" for each in missing]
    return [*lines, *(f"  note     {each}" for each in remarks)]
