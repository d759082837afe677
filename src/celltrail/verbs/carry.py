"""`export` and `import`: whole runs from one trail to another, as one file."""

from __future__ import annotations

from pathlib import Path

from celltrail.errors import UsageError
from celltrail.verbs.current import Context
from celltrail.verbs.model import Answer


def export_runs(context: Context, *, runs: list[str], output: str | None = None) -> Answer:
    """Write runs, with their repeats and content, into one file."""
    from celltrail.store import travel
    from celltrail.verbs.status import home
    from celltrail.views.numbers import plural, size_text

    found = [context.find(reference) for reference in runs]
    more = f"-and-{len(found) - 1}-more" if len(found) > 1 else ""
    name = output or f"{found[0].reference.replace('#', '-')}{more}.celltrail.zip"
    target = context.cwd / Path(name).expanduser()
    if target.exists():
        raise UsageError(f"{target} is there already, and export never writes over a file. Name another: -o FILE")
    written = travel.export_runs(context.trail(), [str(run.id) for run in found], target)
    text = (
        f"{plural(len(written.runs), 'run')}, {size_text(written.size_bytes)}: {home(written.path)}. "
        f"In the other trail: celltrail import {written.path.name}"
    )
    return Answer(text, {"file": str(written.path), "runs": list(written.runs), "size_bytes": written.size_bytes})


def import_runs(context: Context, *, file: str) -> Answer:
    """Take in runs that another trail exported."""
    from celltrail.store import travel
    from celltrail.views.numbers import plural

    taken = travel.import_runs(context.trail(writing=True), context.cwd / Path(file).expanduser())
    said = [f"Took in {plural(len(taken.runs), 'run')}: {', '.join(taken.runs)}."] if taken.runs else []
    said += [f"Here already, unchanged: {', '.join(taken.known)}."] if taken.known else []
    text = " ".join(said) or f"{file} holds no runs."
    return Answer(text, {"runs": list(taken.runs), "known": list(taken.known)})
