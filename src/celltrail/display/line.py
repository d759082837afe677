"""The line of a run as HTML: one row, at most 1 kB; a run with several fits is a small table."""

from __future__ import annotations

from celltrail.display.markup import AMBER, delta_html, muted, text, tinted
from celltrail.display.text import fit_name
from celltrail.display.words import (
    changes_words,
    reference_words,
    saved_words,
    sparkline,
    unsaid,
)
from celltrail.views.numbers import count_text, plural
from celltrail.views.schema import RunView

_WRAP = '<div style="line-height:1.6;font-variant:tabular-nums">{}</div>'
_GAP = "&emsp;"
# What a line may take, from generous to scant: characters of changes, of a caution, rows of fits.
_ALLOWANCES = ((64, 90, 8), (48, 60, 6), (32, 40, 4), (20, 0, 3), (0, 0, 1))


def line_within(view: RunView, limit: int) -> str:
    """Return the line of a run as HTML of at most `limit` bytes.

    Parameters
    ----------
    view : RunView
        The run.
    limit : int
        Bytes in UTF-8.

    Returns
    -------
    str
        What does not fit is counted ("4 more"), or left out where the panel holds it.
    """
    for allowance in _ALLOWANCES:
        html = _WRAP.format(_line(view, *allowance))
        if len(html.encode("utf-8", "replace")) <= limit:
            return html
    return _WRAP.format(f"<b>{text(view['run']['reference'], 24)}</b>")


def _line(view: RunView, change_room: int, doubt_room: int, fit_room: int) -> str:
    head = f"<b>{text(reference_words(view), 40)}</b>"
    status = view["run"]["status"]
    if status not in {"finished", "running"}:
        return f"{head}{_GAP}{tinted(text(view['error'] or status), AMBER)}"
    if view["evaluates_later"]:
        return f"→ {head}{_GAP}{_headline(view)}{_GAP}{muted(_scored(view))}"
    if view["saved_says"] is not None:
        return f"{head}{_GAP}{_headline(view)} {muted('· ' + text(saved_words(view['saved_says']), 4 * change_room))}"
    doubt = _doubt(view, doubt_room)
    changes = text(changes_words(view["changed"], change_room)) if change_room else ""
    if len(view["fits"]) > 1:
        return _zoo(view, head, changes, fit_room) + doubt
    parts = [
        head,
        _headline(view),
        changes,
        muted(text(view["repeats_say"], 90)),
        muted(sparkline(view["trend"])),
        doubt,
    ]
    return _GAP.join(part for part in parts if part)


def _headline(view: RunView) -> str:
    headline = view["headline"]
    if headline is None:
        names = ", ".join(dict.fromkeys(text(row["estimator"], 30) for row in view["fits"][:2]))
        return f"{names} {muted('fitted, not scored yet')}" if names else plural(len(view["metrics"]), "metric")
    words = f"{text(headline['label'], 30)} <b>{text(headline['text'], 20)}</b>"
    return f"{words} {delta_html(view['delta'])}" if view["delta"] else words


def _scored(view: RunView) -> str:
    if view["headline"] is None or view["target_scored"] < 2:
        return ""
    return f"({text(view['headline']['target'], 30)} scored {count_text(view['target_scored'])} times)"


def _doubt(view: RunView, room: int) -> str:
    cautions = unsaid(view)
    if not cautions or not room:
        return ""
    more = muted(f" +{len(cautions) - 1}") if len(cautions) > 1 else ""
    return tinted(f"! {text(cautions[0]['text'], room)}", AMBER) + more


def _zoo(view: RunView, head: str, changes: str, room: int) -> str:
    fits, headline = view["fits"], view["headline"]
    title = [head, plural(len(fits), "fit")]
    if headline is not None:
        target = f" · {text(headline['target'], 20)}" if headline["target"] else ""
        title.append(text(headline["label"], 30) + target)
    title += [f"{muted('changed:')} {changes}"] if changes else []
    # The figure first: all have the same width, so the names stand in a column without the bytes of a table.
    rows = [
        f"<div><b>{text(row['text'], 12) or '–'}</b>&ensp;{text(fit_name(row, fits), 40)}"
        f"{' ★' if row['is_top'] else ''}&ensp;{muted(text(row['remark'], 40))}</div>"
        for row in fits[:room]
    ]
    more = muted(f"{len(fits) - room} more") if len(fits) > room else ""
    return f'{_GAP.join(title)}<div style="margin-left:4em">{"".join(rows)}{more}</div>'
