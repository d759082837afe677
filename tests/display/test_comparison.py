"""`%compare` in a cell: what differs, escaped, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from celltrail.display.comparison import compare_html

CONTRACT = Path(__file__).parent.parent / "contract"


def compared(**more: Any) -> Any:
    return {**json.loads((CONTRACT / "compare.json").read_text(encoding="utf-8")), **more}


def test_metrics_parameters_and_code_stand_in_their_parts() -> None:
    html = compare_html(compared())

    assert html.index("metrics") < html.index("parameters") < html.index("code")
    assert "max_depth&ensp;" in html
    assert "+clf = RandomForestClassifier(max_depth=12)" in html


def test_what_does_not_differ_has_no_part() -> None:
    nothing: dict[str, Any] = {name: [] for name in ("metrics", "params", "data", "environment", "other_cells")}

    html = compare_html(compared(**nothing, outputs=[], curves=[], code="", same=["code"]))

    assert "nothing differs" in html
    assert "parameters" not in html


def test_code_and_names_are_escaped() -> None:
    change = {"kind": "param", "name": "<img src=x>", "before": "<b>", "after": "&"}

    html = compare_html(compared(code="--- a\n+++ b\n+<script>x</script>\x1b[31m", params=[change]))

    assert "+&lt;script&gt;x&lt;/script&gt;[31m" in html
    assert "&lt;img src=x&gt;&ensp;" in html
    assert "<script" not in html
    assert "<img" not in html


def test_a_long_diff_is_cut_and_counted() -> None:
    html = compare_html(compared(code="\n".join(f"+line {number}" for number in range(250)), other_cells=[]))

    assert "50 more lines" in html
