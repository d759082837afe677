"""Everything that differs between two runs as static HTML: `%compare` in a cell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from celltrail.display.markup import BAD, GOOD, muted, section, table, text, tinted
from celltrail.display.words import blocks, change_words
from celltrail.views.numbers import as_float, count_text, number_text
from celltrail.views.schema import Change, CompareView, MetricDifference, Number

_ROWS = 40  # of one part; the text below the HTML and `celltrail compare` hold all
_LINES = 200
_CODE = (
    "margin:0;padding:0;border:0;background:none;font-family:monospace;font-size:.95em;line-height:1.4;"
    "white-space:pre-wrap;overflow-wrap:anywhere"
)


def compare_html(view: CompareView) -> str:
    """Return a comparison as HTML: metrics, parameters, data, environment, outputs, curves, code; then what is alike.

    Parameters
    ----------
    view : CompareView
        As `views.compare.compare_view` gives it. Everything in it is escaped here.

    Returns
    -------
    str
        Parts without a difference are absent. No script, no class, nothing that a viewer must fetch.
    """
    left, right = text(view["left"]["reference"], 40), text(view["right"]["reference"], 40)
    parts = [
        _part("metrics", _metrics(view["metrics"], left, right)),
        _part("parameters", _changes(view["params"])),
        _part("data", _changes(view["data"])),
        _part("environment", _changes(view["environment"])),
        _part("outputs", text(", ".join(view["outputs"]), 300)),
        *(_part("curve", _curve(one["name"], one["left"], one["right"])) for one in view["curves"][:_ROWS]),
        _part("code", _diff(view["code"])),
        *(_part("other cell", _other_cell(cell)) for cell in view["other_cells"][:_ROWS]),
    ]
    said = "".join(parts) or muted("nothing differs")
    same = _part("same", muted(text(", ".join(view["same"]), 300)))
    return (
        '<div style="max-width:62em;line-height:1.5;font-variant:tabular-nums">'
        f"<div><b>{left}</b> → <b>{right}</b></div>{said}{same}</div>"
    )


def _part(title: str, body: str) -> str:
    """Put a part below its name; nothing where it is empty."""
    return f'<div style="margin-top:.6em"><div>{muted(title)}</div>{body}</div>' if body else ""


def _more(found: Sequence[object], limit: int, what: str) -> str:
    rest = len(found) - limit
    return f"<div>{muted(f'{count_text(rest)} more {what}')}</div>" if rest > 0 else ""


def _metrics(rows: Sequence[MetricDifference], left: str, right: str) -> str:
    if not rows:
        return ""
    heads = [muted(head) for head in ("", left, right, "")]
    body = table([heads, *(_metric(row) for row in rows[:_ROWS])])
    return body + _more(rows, _ROWS, "metrics")


def _metric(row: MetricDifference) -> list[str]:
    remark = row["text"] or ("" if row["same_target"] else "other test data")
    return [text(row["key"], 80), *(_figure(row[side]) for side in ("left", "right")), muted(text(remark, 80))]


def _figure(value: Number | None) -> str:
    return f"<b>{text(number_text(value), 24)}</b>"


def _changes(changes: Sequence[Change]) -> str:
    if not changes:
        return ""
    return "".join(f"<div>{_change(one)}</div>" for one in changes[:_ROWS]) + _more(changes, _ROWS, "")


def _change(change: Change) -> str:
    if change["kind"] in {"param", "environment", "seed"} and change["before"] and change["after"]:
        before, after = muted(text(change["before"], 80)), text(change["after"], 80)
        return f"{text(change['name'], 60)}&ensp;{before} → <b>{after}</b>"
    return text(change_words(change, 160), 160)


def _curve(name: str, left: Sequence[Number], right: Sequence[Number]) -> str:
    drawn = [blocks([as_float(value) for value in values[-30:]]) or "–" for values in (left, right)]
    return f"{text(name, 60)}&ensp;{drawn[0]} → {drawn[1]}"


def _other_cell(cell: dict[str, str]) -> str:
    name = f"{text(cell['cell'], 40)} {text(cell['state'], 20)}"
    return section(name, _diff(cell["diff"])) if cell["diff"] else name


def _diff(diff: str) -> str:
    """Write a unified diff without its heads: the runs are named above; the sign says what the colour does."""
    lines = [line for line in diff.splitlines() if not line.startswith(("--- ", "+++ "))]
    if not lines:
        return ""
    return (
        f'<pre style="{_CODE}">' + "\n".join(_code_lines(lines[:_LINES])) + "</pre>" + _more(lines, _LINES, "lines")
    )


def _code_lines(lines: Iterable[str]) -> Iterable[str]:
    for line in lines:
        words = escape("".join(letter for letter in line if letter.isprintable() or letter == "\t"))
        if line.startswith("+"):
            yield tinted(words, GOOD)
        elif line.startswith("-"):
            yield tinted(words, BAD)
        else:
            yield muted(words)
