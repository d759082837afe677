"""Lists and comparisons as plain text, as wide as the terminal."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from typing import TypeVar
from unicodedata import combining, east_asian_width

from celltrail.display.words import blocks, change_words, clean
from celltrail.views.labels import metric_label
from celltrail.views.numbers import as_float, number_text, value_text
from celltrail.views.schema import Change, CompareView, RunRow

_GAP = "  "
_NARROWEST = 40
_STATISTICS = {"mean", "std", "macro", "micro", "weighted"}
_FLEXIBLE = {"parameters", "note", "metric"}
_SCANT = 8
_Row = TypeVar("_Row")
# Changes of one kind that a comparison lists before it counts the rest. A rule of thumb: what is read at a glance.
_MOST_CHANGES = 16


def runs_text(rows: Sequence[RunRow], *, width: int | None = None) -> str:
    """Write runs as a table: reference, main metric, what differs among their parameters, tags, note, when.

    Parameters
    ----------
    rows : sequence of RunRow
        In the order to be shown.
    width : int, optional
        Characters; the terminal's width where left out.

    Returns
    -------
    str
        Without a trailing newline; one sentence where there is nothing to list.
    """
    if not rows:
        return "no runs"
    width = max(width or shutil.get_terminal_size((100, 24)).columns, _NARROWEST)
    return _table(run_columns(rows), rows, width)


def run_columns(rows: Sequence[RunRow]) -> list[tuple[str, Callable[[RunRow], str]]]:
    """Return what a list of runs shows: the head of each column and what writes its cells, as text not yet escaped.

    Parameters
    ----------
    rows : sequence of RunRow
        All that will be listed: what they have in common decides which columns there are.

    Returns
    -------
    list of (str, callable)
        "run" first, "when (UTC)" last.
    """
    metrics = list(dict.fromkeys(row["main_metric"] for row in rows if row["main_metric"]))
    differing = differing_params(rows)
    columns: list[tuple[str, Callable[[RunRow], str]]] = [("run", _reference)]
    if len(metrics) == 1:
        columns.append((_metric_head(metrics[0]), lambda row: _main(row)[0]))
    else:
        columns += [("", lambda row: _main(row)[0]), ("metric", lambda row: _main(row)[1])]
    columns.append(("parameters", lambda row: _params(row, differing)))
    columns.append(("note", _remarks))
    columns.append(("when (UTC)", lambda row: row["started_at"][:16].replace("T", " ")))
    return columns


def _reference(row: RunRow) -> str:
    return clean(row["reference"], 40) + (f" ×{row['repeats']}" if row["repeats"] > 1 else "")


def _metric_head(key: str) -> str:
    last = key.rsplit(".", 1)[-1] if "." in key else ""
    target = "" if last in _STATISTICS else last
    return f"{clean(metric_label(key, target), 30)}{f' · {clean(target, 20)}' if target else ''}"


def _main(row: RunRow) -> tuple[str, str]:
    key, value = row["main_metric"], row["main_value"]
    if row["status"] != "finished" and value is None:
        return clean(row["status"], 12), ""
    return ("", "") if key is None or value is None else (number_text(value), _metric_head(key))


def differing_params(rows: Sequence[RunRow]) -> list[str]:
    """Return the names of the parameters that tell these runs apart, without those of the same with a fit's name.

    Those that differ between runs of one experiment; only where none does, those that differ between experiments:
    two classes of models differ in everything, which tells nothing.
    """
    within = _varying([(row["experiment"], row) for row in rows])
    return without_doubles(within or _varying([("", row) for row in rows]))


def _varying(rows: Sequence[tuple[str, RunRow]]) -> list[str]:
    first: dict[tuple[str, str], object] = {}
    varying: set[tuple[str, str]] = set()
    for group, row in rows:
        for name, value in row["params"].items():
            key = group, name
            seen = first.setdefault(key, value)
            # Most are the very same small number, None or True: only the others are written out.
            if seen is not value and key not in varying and repr(seen) != repr(value):
                varying.add(key)
    return list(dict.fromkeys(name for key in first if key in varying for name in key[1:]))


def without_doubles(names: Sequence[str]) -> list[str]:
    """Leave `clf.max_depth` out where `max_depth` stands too."""
    bare = {name for name in names if "." not in name}
    return [name for name in names if "." not in name or name.rsplit(".", 1)[-1] not in bare]


def _params(row: RunRow, names: Sequence[str]) -> str:
    known = [name for name in names if name in row["params"]]
    return ", ".join(f"{clean(name, 30)} {clean(value_text(row['params'][name]), 24)}" for name in known)


def _remarks(row: RunRow) -> str:
    tags = [f"{clean(name, 20)}={clean(value, 20)}" for name, value in row["tags"].items()]
    return ", ".join([*([clean(row["note"], 60)] if row["note"] else []), *tags])


def _table(columns: Sequence[tuple[str, Callable[[_Row], str]]], rows: Sequence[_Row], width: int) -> str:
    cells = [[head for head, _ in columns], *([write(row) for _, write in columns] for row in rows)]
    used = [index for index in range(len(columns)) if any(line[index] for line in cells[1:])]
    bodies = [max(_wide(line[index]) for line in cells[1:]) for index in used]
    floors = [_SCANT if columns[index][0] in _FLEXIBLE else body for index, body in zip(used, bodies, strict=True)]
    widths = _fit([max(_wide(line[index]) for line in cells) for index in used], floors, width)
    padded = ([_pad(line[index], room) for index, room in zip(used, widths, strict=True)] for line in cells)
    return "\n".join(_GAP.join(line).rstrip() for line in padded)


def _fit(widths: list[int], floors: list[int], width: int) -> list[int]:
    """Take room from the widest column that can spare some; what must be read whole gives way last."""
    for floor in (floors, [_SCANT] * len(widths)):
        while sum(widths) + len(_GAP) * (len(widths) - 1) > width:
            spare = [index for index, room in enumerate(widths) if room > floor[index]]
            if not spare:
                break
            widths[max(spare, key=widths.__getitem__)] -= 1
    return widths


def _wide(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(0 if combining(letter) else 2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _pad(text: str, room: int) -> str:
    wide = _wide(text)
    if wide > room:
        while text and wide > room - 1:
            wide -= _wide(text[-1])
            text = text[:-1]
        text, wide = text + "…", wide + 1
    return text + " " * (room - wide)


def compare_text(view: CompareView, *, width: int | None = None, with_code: bool = True) -> str:
    """Write a comparison: everything that differs, then what is the same.

    Parameters
    ----------
    view : CompareView
        As `views.compare.compare_view` gives it.
    width : int, optional
        Characters; the terminal's width where left out.
    with_code : bool, default True
        Show the diff of the two cells, and of the other cells.

    Returns
    -------
    str
        Without a trailing newline.
    """
    width = max(width or shutil.get_terminal_size((100, 24)).columns, _NARROWEST)
    left, right = clean(view["left"]["reference"], 40), clean(view["right"]["reference"], 40)
    parts = [f"{left} → {right}"]
    parts += _metric_lines(view, left, right, width)
    for title, changes in (
        ("parameters", view["params"]),
        ("data", view["data"]),
        ("environment", view["environment"]),
    ):
        parts += _change_lines(title, changes, width)
    parts += [f"outputs      {', '.join(view['outputs'])}"] if view["outputs"] else []
    parts += [_curve_line(curve["name"], curve["left"], curve["right"]) for curve in view["curves"]]
    parts += _code_lines(view) if with_code else []
    if view["same"]:
        parts += ["", _pad(f"same         {', '.join(clean(word, 40) for word in view['same'])}", width).rstrip()]
    return "\n".join(parts) if len(parts) > 1 else f"{parts[0]}: nothing differs"


def _metric_lines(view: CompareView, left: str, right: str, width: int) -> list[str]:
    rows = view["metrics"]
    if not rows:
        return []
    columns: list[tuple[str, Callable[[int], str]]] = [
        ("metric", lambda index: clean(rows[index]["key"], 60)),
        (left, lambda index: number_text(rows[index]["left"])),
        (right, lambda index: number_text(rows[index]["right"])),
        ("", lambda index: rows[index]["text"] or ("" if rows[index]["same_target"] else "other test data")),
    ]
    return ["", *_table(columns, range(len(rows)), width).splitlines()]


def _change_lines(title: str, changes: Sequence[Change], width: int) -> list[str]:
    lines = [
        _pad(f"{title if index == 0 else '':<13}{change_words(change, 120)}", width).rstrip()
        for index, change in enumerate(changes[:_MOST_CHANGES])
    ]
    more = len(changes) - len(lines)
    return ["", *lines, *([f"{'':<13}… {more} more: --json has all"] if more else [])] if lines else []


def _curve_line(name: str, left: Sequence[float | str], right: Sequence[float | str]) -> str:
    drawn = [blocks([as_float(value) for value in values[-30:]]) or "–" for values in (left, right)]
    return f"curve        {clean(name, 40)}  {drawn[0]} → {drawn[1]}"


def _code_lines(view: CompareView) -> list[str]:
    lines = ["", *_printable(view["code"])] if view["code"] else []
    for cell in view["other_cells"]:
        lines += ["", f"other cell {clean(cell['cell'], 40)} {cell['state']}", *_printable(cell["diff"])]
    return lines


def _printable(diff: str) -> list[str]:
    """Keep the layout of code, but not what would drive the terminal."""
    return [
        "".join(letter for letter in line if letter.isprintable() or letter == "\t") for line in diff.splitlines()
    ]
