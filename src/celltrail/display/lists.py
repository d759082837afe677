"""Lists of runs as static HTML, for `%runs` and for viewers of `%trail` without a kernel."""

from __future__ import annotations

from collections.abc import Sequence

from celltrail.display.markup import AMBER, muted, text, tinted
from celltrail.display.tables import run_columns
from celltrail.views.numbers import count_text
from celltrail.views.schema import RunRow

SHOWN = 60  # as many as pandas shows of a frame
MORE = "older ones: %runs --limit 500, or celltrail.runs() for all"
_WHEN = "when (UTC)"
_WRAPPING = {"parameters", "note", "metric", _WHEN}
_ROOMY = {"parameters", "note"}
_PLAIN = "text-align:left;vertical-align:top;padding:.15em 1.5em .15em 0"
_HEAD = f"{_PLAIN};font-weight:normal;opacity:.7"


def runs_html(rows: Sequence[RunRow], *, limit: int = SHOWN, with_times: bool = True) -> str:
    """Return runs as a table: reference, main metric, parameters that differ, note and tags, when.

    Parameters
    ----------
    rows : sequence of RunRow
        In the order to be shown. Everything in them is escaped here.
    limit : int, default 60
        Rows beyond it are counted only.
    with_times : bool, default True
        Without, the table changes only when the runs do.

    Returns
    -------
    str
        HTML that survives untrusted notebooks and sanitisers, and reads on light and dark.
    """
    if not rows:
        return f"<div>{muted('no runs')}</div>"
    shown = rows[:limit]
    columns = [column for column in run_columns(shown) if with_times or column[0] != _WHEN]
    used = [(head, write) for head, write in columns if any(write(row) for row in shown)]
    heads = "".join(f'<th style="{_HEAD}">{text(head, 60)}</th>' for head, _ in used)
    body = "".join(
        f'<tr style="background:none">{"".join(_cell(head, write(row), row) for head, write in used)}</tr>'
        for row in shown
    )
    more = f"<div>{muted(rest_words(len(rows) - limit))}</div>" if len(rows) > limit else ""
    return (
        '<table style="margin:0;border:0;font-size:1em;line-height:1.5;font-variant:tabular-nums">'
        f'<thead style="border:0"><tr style="background:none">{heads}</tr></thead><tbody>{body}</tbody></table>{more}'
    )


def rest_words(count: int) -> str:
    """Say that runs are not shown, and how to see them."""
    return f"{count_text(count)} more; %runs with a filter shows others"


def more_html() -> str:
    """Say that there are older runs than those listed, and how to get them."""
    return f"<div>{muted(MORE)}</div>"


def _cell(head: str, words: str, row: RunRow) -> str:
    style = f"{_PLAIN};min-width:7em" if head in _ROOMY else _PLAIN
    style += "" if head in _WRAPPING else ";white-space:nowrap"
    return f'<td style="{style}">{_dressed(head, text(words, 400), row)}</td>'


def _dressed(head: str, html: str, row: RunRow) -> str:
    """The reference and the main metric stand out; a run that did not finish is amber; when is set back."""
    if head == "run":
        return f"<b>{html}</b>"
    if head == _WHEN:
        day, _, time = html.partition(" ")
        return muted(f'<span style="white-space:nowrap">{day}</span> {time}')
    if head in _WRAPPING:
        return html
    return tinted(html, AMBER) if html == row["status"] else f"<b>{html}</b>"
