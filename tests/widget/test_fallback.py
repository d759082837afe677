"""What `%trail` leaves for viewers without a kernel."""

from __future__ import annotations

import json
from pathlib import Path

from celltrail.views.schema import RunRow
from celltrail.widget.fallback import rows_html

CONTRACT = Path(__file__).parent.parent / "contract"


def rows() -> list[RunRow]:
    loaded: list[RunRow] = json.loads((CONTRACT / "run_rows.json").read_text(encoding="utf-8"))
    return loaded


def test_the_newest_runs_stand_in_a_table() -> None:
    html = rows_html(rows())

    assert html.index("forest#7") < html.index("forest#6") < html.index("forest#4")
    assert "0.8412" in html
    assert "failed" in html


def test_it_holds_no_time_no_id_and_no_script() -> None:
    html = rows_html(rows())

    assert "2026" not in html
    assert rows()[0]["id"] not in html
    assert "<script" not in html


def test_names_are_escaped() -> None:
    (row, *_) = rows()
    row["reference"] = "<b>x</b>#1"

    html = rows_html([row])

    assert "&lt;b&gt;x&lt;/b&gt;#1" in html


def test_runs_beyond_the_table_are_counted() -> None:
    html = rows_html(rows() * 6)

    assert "4 more" in html


def test_an_empty_trail_says_so() -> None:
    assert "no runs" in rows_html([])
