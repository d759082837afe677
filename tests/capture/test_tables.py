"""Tables among the outputs keep header, types and shape, and not a single value."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from IPython.core.formatters import DisplayFormatter

from celltrail.capture.tables import kept_table, remember_table

FRAME = pd.DataFrame({"amount": [1.25, 2.5], "who": ["ann", "bob"]})


def bundle(shown: Any) -> dict[str, Any]:
    return dict(DisplayFormatter().format(shown)[0])


def test_a_frame_that_was_shown_tells_its_types() -> None:
    data = bundle(FRAME)
    remember_table(data, FRAME)

    assert f"[table: 2 rows; amount: float64, who: {FRAME['who'].dtype}]" == kept_table(data)
    assert kept_table(data) == kept_table({**data, "text/html": data["text/html"].splitlines(keepends=True)})


@pytest.mark.parametrize(
    ("shown", "kept"),
    [
        (pd.DataFrame({"amount": [7.125, 7.25]}), "[table: 2 rows; amount]"),
        (pd.Series([71.5, 72.5], name="amount"), "[table: 2 rows; amount: float64]"),
        (pd.Series([71, 72]), "[table: 2 rows; values: int64]"),
        (pd.Series(range(1000, 2000)), "[table: 1000 rows; values: int64]"),
    ],
)
def test_a_table_of_a_saved_notebook_tells_what_its_text_tells(shown: Any, kept: str) -> None:
    assert kept == kept_table(bundle(shown))


def test_a_frame_that_is_only_text_keeps_no_row() -> None:
    assert "[table: 200 rows]" == kept_table({"text/plain": repr(pd.DataFrame({"a": range(200)}))})


def test_a_styled_frame_keeps_no_value() -> None:
    pytest.importorskip("jinja2")
    frame = pd.DataFrame({"amount": [7.125, 7.25]})

    assert "7.1" not in str(kept_table(bundle(frame.style)))
    assert str(kept_table(bundle(frame.style))).startswith("[table: 2 rows; amount")


def test_polars_and_arrow_keep_no_value() -> None:
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({"amount": [7.125], "who": ["ann"]})

    assert "[table: 1 rows; amount: f64, who: str]" == kept_table(bundle(frame))
    assert "ann" not in str(kept_table({"text/plain": repr(frame)}))


@pytest.mark.parametrize(
    "plain", ["0.91", "Pipeline(steps=[])", "array([1, 2])", "the dtype: of it\nis float", "<Figure>"]
)
def test_what_is_no_table_passes(plain: str) -> None:
    assert kept_table({"text/plain": plain}) is None
    assert kept_table({"text/html": "<table class='parameters-table'><tr></tr></table>", "text/plain": plain}) is None
