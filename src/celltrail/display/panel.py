"""The panel of a run as HTML: four questions answered at a glance, the rest behind a click. At most 6 kB."""

from __future__ import annotations

from celltrail.display.markup import AMBER, MUTED_OPACITY, delta_html, muted, section, table, text, tinted
from celltrail.display.svg import trend_image
from celltrail.display.text import fit_name
from celltrail.display.words import (
    blocks,
    change_words,
    changes_words,
    fits_words,
    reference_words,
    saved_words,
    unsaid,
)
from celltrail.views.numbers import count_text, number_text, plural, value_text
from celltrail.views.schema import Caution, Change, FitRow, InputRow, RunView

_FRAME = (
    '<div style="max-width:62em;border:1px solid rgba(128,128,128,.45);border-radius:6px;padding:.6em 1em .7em;'
    'line-height:1.5;font-variant:tabular-nums;overflow:hidden">{}</div>'
)
# Rows that a section, and that fits and changes may have, from generous to scant, until the panel fits.
_ALLOWANCES = ((16, 5), (10, 5), (6, 5), (4, 5), (2, 5), (1, 5), (0, 5), (0, 3), (0, 1))


def panel_within(view: RunView, limit: int) -> str:
    """Return the panel of a run as HTML of at most `limit` bytes.

    Parameters
    ----------
    view : RunView
        The run.
    limit : int
        Bytes in UTF-8.

    Returns
    -------
    str
        Sections that do not fit are cut and say how many rows are missing.
    """
    html = ""
    for rows, main_rows in _ALLOWANCES:
        html = _FRAME.format(_panel(view, rows, main_rows))
        if len(html.encode("utf-8", "replace")) <= limit:
            break
    return html


def with_line(html: str, words: str) -> str:
    """Return a panel with one more line at its foot: what is known of a run by now and was not when it ran."""
    return html.removesuffix("</div>") + _line(muted(text(words, 200)), "clear:both") + "</div>"


def _panel(view: RunView, rows: int, main_rows: int) -> str:
    changes = main_rows if len(view["fits"]) < 2 else min(main_rows, 3)  # both lists in full stand too high
    parts = [_chart(view), _head(view), _headline(view), _verdict(view), _fits(view, main_rows)]
    return "".join([*parts, _changes(view, changes), _doubt(view), _sections(view, rows)])


def _line(html: str, style: str = "") -> str:
    attribute = f' style="{style}"' if style else ""
    return f"<div{attribute}>{html}</div>" if html else ""


def _head(view: RunView) -> str:
    note = muted(text(view.get("note", ""), 80))
    return _line(f"<b>{text(reference_words(view), 60)}</b>" + (f"&emsp;{note}" if note else ""))


def _headline(view: RunView) -> str:
    headline, status = view["headline"], view["run"]["status"]
    ended = ""
    if status not in {"finished", "running"}:
        ended = _line(tinted(text(view["error"] or status), AMBER))
    if headline is None:
        names = ", ".join(dict.fromkeys(text(row["estimator"], 40) for row in view["fits"][:3]))
        return ended or _line(f"{names} {muted('fitted, not scored yet')}" if names else "")
    detail = headline["target_detail"]
    if view["target_scored"] > 1:
        detail += f"{', ' if detail else ''}scored {count_text(view['target_scored'])} times"
    target = f" · {text(headline['target'], 40)}" if headline["target"] else ""
    return ended + _line(
        f'<b style="font-size:1.6em">{text(headline["text"], 20)}</b>&ensp;{text(headline["label"], 50)}{target}'
        + (f" {muted(f'({text(detail)})')}" if detail else "")
    )


def _verdict(view: RunView) -> str:
    delta = _line(delta_html(view["delta"], in_full=True)) if view["delta"] else ""
    says = _line(muted(text(saved_words(view["saved_says"]), 300))) if view["saved_says"] else ""
    return delta + says + (_line(tinted(text(view["repeats_say"], 160), AMBER)) if view["repeats_say"] else "")


def _chart(view: RunView) -> str:
    """Return standing and trend, on the right. Numbers at the axis are text, to take the page's colour."""
    standing = f"{text(view['standing'], 30)}{' ★' if view['is_best'] else ''}"
    label = view["headline"]["label"] if view["headline"] else ""
    image = trend_image(view["trend"], label=label)
    if not image:
        return f'<div style="float:right">{standing}</div>' if view["standing"] else ""
    values = [float(point["value"]) for point in view["trend"] if point["value"] not in (None, "nan", "inf", "-inf")]
    scale = f"{_axis(max(values))}<br>&nbsp;<br>{_axis(min(values))}"
    numbers = f"#{view['trend'][0]['number']} … #{view['trend'][-1]['number']}"
    return (
        '<div style="float:right;margin-left:1.5em;text-align:right">'
        + _line(standing)
        + f'<div style="display:inline-block;vertical-align:top;margin-right:.5em">{muted(scale)}</div>'
        + f'<div style="display:inline-block">{image}</div>'
        + _line(muted(numbers))
        + "</div>"
    )


def _axis(value: float) -> str:
    return f"{value:.3f}".replace("0.", ".", 1) if 0 < abs(value) < 1 else number_text(value)


def _fits(view: RunView, limit: int) -> str:
    """Return the standing of several fits; one fit needs no table."""
    fits = view["fits"]
    if len(fits) < 2:
        return ""
    rows = [
        [text(fit_name(row, fits), 50), f"<b>{text(row['text'], 12) or '–'}</b>{'&nbsp;★' if row['is_top'] else ''}",
         muted(text(row["remark"], 60))]
        for row in fits[:limit]
    ]  # fmt: skip
    rows += [[muted(f"{count_text(len(fits) - limit)} more")]] if len(fits) > limit else []
    return table(rows, style="margin:.3em 0")


def _more(count: int) -> str:
    return _line(muted(f"{count_text(count)} more")) if count > 0 else ""


def _changes(view: RunView, limit: int) -> str:
    estimators = [change for change in view["changed"] if change["kind"] == "estimator"]
    others = [change for change in view["changed"] if change["kind"] != "estimator"]
    cells = [["estimator", text(changes_words(estimators, 60), 80)]] if estimators else []
    cells += [_change_cells(change) for change in others[:limit]]
    cells += [[muted(f"{len(others) - limit} more")]] if len(others) > limit else []
    rows = [[_label("changed" if index == 0 else ""), *row] for index, row in enumerate(cells)]
    same = muted(", ".join(text(word, 40) for word in view["same"]))
    # A table of its own: its long cell would pull the columns of the changes apart.
    return table(rows, style="margin-top:.5em") + (table([[_label("same"), same]]) if same else "")


def _label(word: str) -> str:
    return f'<span style="opacity:{MUTED_OPACITY:g};display:inline-block;width:4.5em">{word}</span>'


def _change_cells(change: Change) -> list[str]:
    if change["kind"] in {"param", "environment", "seed"} and change["before"] and change["after"]:
        return [text(change["name"], 40), f"{muted(text(change['before'], 40))} → {text(change['after'], 40)}"]
    if change["kind"] in {"columns", "code"}:
        return [change["kind"], text(change_words(change).removeprefix("code "), 80)]
    return [text(change_words(change), 80)]


def _doubt(view: RunView) -> str:
    cautions = unsaid(view)
    if not cautions:
        return ""
    more = f"&ensp;{muted(f'+{len(cautions) - 1}')}" if len(cautions) > 1 else ""
    return _line(f"{tinted('!', AMBER)} {_caution(cautions[0])}{more}", "margin-top:.5em;clear:both")


def _caution(caution: Caution) -> str:
    rest = " ".join(text(part, 160) for part in (caution["consequence"], caution["next"]) if part)
    return f"{text(caution['text'], 160)} {muted(rest)}".rstrip()


def _sections(view: RunView, rows: int) -> str:
    found = [_metrics(view, rows), _fit_section(view, rows), _inputs(view, rows)]
    if len(view["fits"]) == 1 and view["fits"][0]["model"]:
        model = text(view["fits"][0]["model"], 60)
        found.append(f'<div style="display:inline-block;vertical-align:top;margin-right:1.6em">model {model}</div>')
    if view["environment"]:
        found.append(section("env", _line(text(view["environment"], 160))))
    cautions = unsaid(view)[1:]
    if cautions:
        found.append(
            section(plural(len(cautions), "more caution"), "".join(_line(_caution(one)) for one in cautions[:rows]))
        )
    if view["pending"]:
        found.append(muted(f"pending: {', '.join(text(name, 30) for name in view['pending'][:3])}"))
    return _line("".join(found), "margin-top:.6em;clear:both")


def _metrics(view: RunView, limit: int) -> str:
    if not view["metrics"]:
        return ""
    cells = [
        [
            text(row["key"], 60),
            f"<b>{text(row['text'], 40)}</b>",
            muted(_metric_remark(row["fit"], row["is_confirmed"])),
        ]
        for row in view["metrics"][:limit]
    ]
    return section(plural(len(view["metrics"]), "metric"), table(cells) + _more(len(view["metrics"]) - limit))


def _metric_remark(fit: str | None, is_confirmed: bool) -> str:
    return ", ".join(part for part in (text(fit or "", 30), "" if is_confirmed else "not confirmed") if part)


def _fit_section(view: RunView, limit: int) -> str:
    if not view["fits"]:
        return ""
    shown = view["fits"][:limit]
    if len(view["fits"]) > 1:
        body = table([[text(fit_name(row, view["fits"]), 50), muted(_written(row))] for row in shown])
        return section(fits_words(view["fits"]), body + _more(len(view["fits"]) - limit))
    return section(fits_words(view["fits"]), "".join(_fit(row, limit) for row in shown))


def _written(row: FitRow) -> str:
    params = list((row["params_written"] or {}).items())
    words = ", ".join(f"{text(name, 30)} {text(value_text(value), 30)}" for name, value in params[:4])
    return words + (f", {len(params) - 4} more" if len(params) > 4 else "")


def _fit(row: FitRow, limit: int) -> str:
    written = row["params_written"] or {}
    params = [[text(name, 40), text(value_text(value), 60)] for name, value in list(written.items())[:limit]]
    curves = [
        [text(name, 40), blocks([_number(value) for value in values[-24:]])] for name, values in row["curve"].items()
    ][:3]
    remark = f" {muted(text(row['remark'], 60))}" if row["remark"] else ""
    head = _line(text(row["estimator"], 60) + remark)
    return head + table(params) + _more(len(written) - limit) + table(curves)


def _number(value: float | str) -> float:
    return float(value)


def _inputs(view: RunView, limit: int) -> str:
    if not view["inputs"]:
        return ""
    cells = [[text(row["name"], 40), _shape(row), _digest(row)] for row in view["inputs"][:limit]]
    return section(plural(len(view["inputs"]), "input"), table(cells) + _more(len(view["inputs"]) - limit))


def _shape(row: InputRow) -> str:
    return " × ".join(count_text(count) for count in (row["rows"], row["columns"]) if count)


def _digest(row: InputRow) -> str:
    shown = text(row["digest"], 12)
    return f'<span style="font-family:monospace">{shown}</span>' if shown else muted(text(row["status"], 30))
