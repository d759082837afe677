"""`show`: one run, as panel, as text, as JSON with its content; with `--all`, everything that is kept about it."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from celltrail.verbs.current import Context
from celltrail.verbs.model import Answer
from celltrail.views.data import derived_words

if TYPE_CHECKING:
    from celltrail.domain.run import Fit, Run


def show(context: Context, *, run: str, all: bool = False) -> Answer:
    """Show one run."""
    from celltrail.display.bundle import bundle
    from celltrail.display.panel import with_line
    from celltrail.display.replay import verdict_line
    from celltrail.display.text import panel_text
    from celltrail.domain.verdict import verdict_object
    from celltrail.views.runs import run_view
    from celltrail.views.verdicts import verdict_of

    found = context.find(run)
    verdict = verdict_of(context.trail(), found)
    data = {**run_object(found), "replay": None if verdict is None else verdict_object(verdict)}
    if all:
        kept = kept_things(found)
        return Answer(_kept_text(found, kept), {**data, "kept": kept})
    view = run_view(context.trail(), found, mode="panel")
    replayed = verdict_line(verdict)
    shown = bundle(view)
    shown["text/html"] = with_line(str(shown["text/html"]), replayed)
    shown["text/plain"] = f"{shown['text/plain']}\n {replayed}"
    return Answer(f"{panel_text(view, with_times=True)}\n {replayed}", data, bundle=shown)


def run_object(run: Run) -> dict[str, Any]:
    """Return a run with its content, as `show --json` prints it: the keys of the public `Run`.

    Parameters
    ----------
    run : Run
        The run.

    Returns
    -------
    dict
        A `RunRow` with `fits`, `source`, `inputs`, `files`, `figures` (PNG in base 64), `outputs`, `environment`.
    """
    from celltrail.views.rows import run_row

    return {
        **run_row(run),
        "fits": [_fit_object(fit) for fit in run.fits],
        "source": run.source,
        "inputs": run.inputs,
        "files": run.files,
        "figures": [base64.b64encode(figure).decode("ascii") for figure in run.figures],
        "outputs": run.outputs,
        "environment": run.environment,
    }


def _fit_object(fit: Fit) -> dict[str, Any]:
    return {
        "name": fit.name,
        "estimator": fit.estimator,
        "params_written": None if fit.params_written is None else dict(fit.params_written),
        "params": dict(fit.params),
        "metrics": dict(fit.metrics),
        "curve": fit.curve,
        "duration_s": fit.duration_s,
        "error": fit.error,
        "warnings": list(fit.warnings),
        "search": None if fit.search is None else dict(fit.search),
    }


def kept_things(run: Run) -> list[dict[str, Any]]:
    """List everything that is kept about a run.

    Parameters
    ----------
    run : Run
        The run.

    Returns
    -------
    list of dict
        kind, name, size_bytes (None where nothing is kept), status, detail. Content that other runs share is counted
        with each.
    """
    from celltrail.views.files import describe_file

    things = [_thing("source", "cell", len(run.source.encode()))]
    things += [
        {
            "kind": str(each["kind"]),
            "name": str(each["name"]),
            "size_bytes": each.get("size_bytes") if str(each.get("status")) == "kept" else None,
            "status": str(each.get("status")),
            "detail": str(each.get("reason") or ""),
        }
        for each in run.content.field("artifacts") or ()
    ]
    things += [_described("input", each["name"], each, _shape(each)) for each in run.inputs]
    things += [_described("file", each["path"], each, describe_file(each)) for each in run.files]
    for kind in ("outputs", "environment", "snapshot", "git", "machine"):
        value = run.content.field(kind)
        if value:
            things.append(_described(kind, kind, value, ""))
    for key, values in (("metrics", run.metrics), ("params", run.params), ("tags", run.tags)):
        if values:
            things.append(_described(key, ", ".join(values), dict(values), ""))
    if run.note:
        things.append(_thing("note", "note", len(run.note.encode())))
    return things


def _thing(kind: str, name: str, size_bytes: int | None, detail: str = "") -> dict[str, Any]:
    return {"kind": kind, "name": name, "size_bytes": size_bytes, "status": "kept", "detail": detail}


def _described(kind: str, name: str, value: Any, detail: str) -> dict[str, Any]:
    """A description: its size is that of its JSON, near what the store needs for it."""
    return _thing(kind, name, len(json.dumps(value, default=str).encode()), detail)


def _shape(each: dict[str, Any]) -> str:
    columns = len(each["columns"]) if each.get("columns") else None
    shape = f"{each.get('rows')} rows" + (f", {columns} columns" if columns else "")
    origin = derived_words(each)
    shape = f"{shape}, {origin}" if origin else shape
    return f"{shape}, described, values not kept" if each.get("rows") is not None else "described, values not kept"


def _kept_text(run: Run, things: list[dict[str, Any]]) -> str:
    from celltrail.views.numbers import size_text

    width = max(len(each["kind"]) for each in things)
    lines = [f"{run.reference}: {len(things)} things are kept"]
    for each in things:
        size = size_text(each["size_bytes"]) if each["size_bytes"] is not None else each["status"]
        detail = f"   {each['detail']}" if each["detail"] else ""
        name = each["name"] if len(each["name"]) <= 60 else each["name"][:59] + "…"
        lines.append(f"  {each['kind']:<{width}}   {size:>9}   {name}{detail}")
    return "\n".join(lines)
