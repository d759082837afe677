"""Runs as a table, in a cell and for viewers without a kernel."""

from __future__ import annotations

import json
from pathlib import Path

from celltrail.display.lists import runs_html
from celltrail.views.schema import RunRow

CONTRACT = Path(__file__).parent.parent / "contract"


def rows() -> list[RunRow]:
    loaded: list[RunRow] = json.loads((CONTRACT / "run_rows.json").read_text(encoding="utf-8"))
    return loaded


def test_the_newest_runs_stand_in_a_table() -> None:
    html = runs_html(rows())

    assert html.index("forest#7") < html.index("forest#6") < html.index("forest#4")
    assert "0.8412" in html
    assert "failed" in html


def test_without_times_it_changes_only_when_the_runs_do() -> None:
    html = runs_html(rows(), with_times=False)

    assert "2026-11" in runs_html(rows())
    assert "2026" not in html
    assert rows()[0]["id"] not in html
    assert "<script" not in html


def test_names_are_escaped() -> None:
    (row, *_) = rows()
    row["reference"] = "<b>x</b>#1"
    row["note"] = "<script>alert(1)</script>"
    row["params"] = {'"><img src=x>': 1}
    other = {**row, "params": {'"><img src=x>': 2}}

    html = runs_html([row, other])  # type: ignore[list-item]

    assert "&lt;b&gt;x&lt;/b&gt;#1" in html
    assert "&quot;&gt;&lt;img src=x&gt; 1" in html
    assert "<script" not in html
    assert "<img" not in html


def test_runs_beyond_the_table_are_counted() -> None:
    html = runs_html(rows() * 6, limit=20)

    assert "4 more" in html


def test_an_empty_trail_says_so() -> None:
    assert "no runs" in runs_html([])
