"""Line and panel as plain text: for terminals, and for viewers that show nothing else."""

from __future__ import annotations

from datetime import datetime

from celltrail.display.tables import compare_text, runs_text
from celltrail.display.words import (
    change_words,
    changes_words,
    clean,
    delta_words,
    fits_words,
    reference_words,
    saved_words,
    sparkline,
    unsaid,
)
from celltrail.views.numbers import count_text, duration_text, plural
from celltrail.views.schema import FitRow, RunView

__all__ = ["compare_text", "fit_name", "line_text", "panel_text", "runs_text"]

_GAP = "   "
_FITS_IN_A_LINE = 8


def line_text(view: RunView, *, with_times: bool = False) -> str:
    """Write a run as one line; a run with several fits as a small table.

    Parameters
    ----------
    view : RunView
        As `views.runs.run_view` gives it.
    with_times : bool, default False
        Say when and after how long a run ended. Not in notebooks: what is saved changes only when the result does.

    Returns
    -------
    str
        Without a trailing newline.
    """
    head = f" {reference_words(view)}"
    if view["run"]["status"] not in {"finished", "running"}:
        return f"{head}{_GAP}{_ended(view, with_times)}"
    if view["evaluates_later"]:
        return f" → {head}{_GAP}{_headline(view)}{_scored(view)}"
    if view["saved_says"] is not None:
        return f"{head}{_GAP}{_headline(view)} · {saved_words(view['saved_says'])}"
    if len(view["fits"]) > 1:
        return _zoo(view, head)
    parts = [head, _headline(view), changes_words(view["changed"]), view["repeats_say"], sparkline(view["trend"])]
    return _GAP.join([*(part for part in parts if part), *_doubt(view)])


def _headline(view: RunView) -> str:
    headline = view["headline"]
    if headline is None:
        names = ", ".join(dict.fromkeys(clean(row["estimator"], 40) for row in view["fits"][:3]))
        return f"{names} fitted, not scored yet" if names else plural(len(view["metrics"]), "metric")
    words = f"{clean(headline['label'], 40)} {headline['text']}"
    return f"{words}  {delta_words(view['delta'])}" if view["delta"] else words


def _scored(view: RunView) -> str:
    target = clean(view["headline"]["target"], 30) if view["headline"] else ""
    return f"{_GAP}({target} scored {count_text(view['target_scored'])} times)" if view["target_scored"] > 1 else ""


def _doubt(view: RunView) -> list[str]:
    """Return the one caution that is shown, and how many stand behind it."""
    cautions = unsaid(view)
    if not cautions:
        return []
    more = f" +{len(cautions) - 1}" if len(cautions) > 1 else ""
    return [f"! {clean(cautions[0]['text'], 100)}{more}"]


def _ended(view: RunView, with_times: bool) -> str:
    words, run = clean(view["error"]) or view["run"]["status"], view["run"]
    if not with_times:
        return words
    status, *rest = words.split(" · ", 1)
    if run["status"] == "lost":
        status += (
            f" at {datetime.fromisoformat(run['started_at']).astimezone():%H:%M}" if not run["duration_s"] else ""
        )
    if run["duration_s"] is not None:
        status += f" after {duration_text(run['duration_s'])}"
    return " · ".join([status, *rest])


def _zoo(view: RunView, head: str) -> str:
    headline, fits = view["headline"], view["fits"]
    title = [f"{head}{_GAP}{plural(len(fits), 'fit')}"]
    if headline is not None:
        target = clean(headline["target"], 30)
        title.append(clean(headline["label"], 40) + (f" · {target}" if target else ""))
    changes = changes_words(view["changed"])
    title += [f"changed: {changes}"] if changes else []
    indent = " " * (len(head) + len(_GAP))
    width = max(len(fit_name(row, fits)) for row in fits[:_FITS_IN_A_LINE])
    lines = [
        f"{indent}{fit_name(row, fits):<{width}}{_GAP}{row['text'] or '–':<8}{'★' if row['is_top'] else ' '}"
        f"  {clean(row['remark'], 60)}".rstrip()
        for row in fits[:_FITS_IN_A_LINE]
    ]
    if len(fits) > _FITS_IN_A_LINE:
        lines.append(f"{indent}{len(fits) - _FITS_IN_A_LINE} more")
    return "\n".join([_GAP.join(title), *lines, *(indent + doubt for doubt in _doubt(view))])


def fit_name(row: FitRow, fits: list[FitRow]) -> str:
    """Name a fit among others: by its class, by its variable too where two share the class."""
    estimator = clean(row["estimator"], 40)
    is_alone = sum(1 for other in fits if other["estimator"] == row["estimator"]) == 1
    return estimator if is_alone or row["name"] == row["estimator"] else f"{clean(row['name'], 30)} ({estimator})"


def panel_text(view: RunView, *, with_times: bool = False) -> str:
    """Write the panel: the line's questions, each on a row of its own.

    Parameters
    ----------
    view : RunView
        As `views.runs.run_view` gives it.
    with_times : bool, default False
        As in `line_text`.

    Returns
    -------
    str
        Without a trailing newline.
    """
    lines = [_GAP.join(part for part in (reference_words(view), clean(view["standing"], 40)) if part)]
    lines[0] += "  ★" if view["is_best"] else ""
    if view["run"]["status"] not in {"finished", "running"}:
        lines.append(_ended(view, with_times))
    headline = view["headline"]
    if headline is not None:
        detail = f" ({headline['target_detail']})" if headline["target_detail"] else ""
        target = f" · {clean(headline['target'], 40)}{detail}" if headline["target"] else ""
        lines.append(f"{headline['text']}  {clean(headline['label'], 60)}{target}{_scored(view)}")
    elif view["fits"]:
        lines.append(_headline(view))
    lines += [delta_words(view["delta"], in_full=True)] if view["delta"] else []
    lines += [saved_words(view["saved_says"])] if view["saved_says"] else []
    lines += [view["repeats_say"]] if view["repeats_say"] else []
    if len(view["fits"]) > 1:
        lines += _zoo(view, "").splitlines()[1:]
    lines += _labelled("changed", [change_words(change) for change in view["changed"][:12]])
    lines += _labelled("same", [", ".join(clean(word, 40) for word in view["same"])] if view["same"] else [])
    lines += _doubts_in_full(view)
    lines += _labelled("note", [clean(view["note"], 200)] if view.get("note") else [])
    lines.append(_summary(view))
    return "\n".join(f" {line}" for line in lines if line.strip())


def _labelled(label: str, rows: list[str]) -> list[str]:
    return [f"{label if index == 0 else '':<10}{row}" for index, row in enumerate(rows)]


def _doubts_in_full(view: RunView) -> list[str]:
    cautions = unsaid(view)
    if not cautions:
        return []
    first = " ".join(
        clean(part, 160) for part in (cautions[0]["text"], cautions[0]["consequence"], cautions[0]["next"])
    )
    return [f"! {first.rstrip()}" + (f"  +{len(cautions) - 1}" if len(cautions) > 1 else "")]


def _summary(view: RunView) -> str:
    parts = [plural(len(view["metrics"]), "metric")] if view["metrics"] else []
    parts += [fits_words(view["fits"])] if view["fits"] else []
    parts += [plural(len(view["inputs"]), "input")] if view["inputs"] else []
    parts += [
        f"model {clean(row['model'], 60)}" for row in view["fits"][:1] if row["model"] and len(view["fits"]) == 1
    ]
    parts += [clean(view["environment"], 100)] if view["environment"] else []
    parts += [f"pending: {', '.join(clean(name, 30) for name in view['pending'][:4])}"] if view["pending"] else []
    return " · ".join(parts)
