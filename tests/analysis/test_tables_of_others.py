"""polars and Arrow: the same content has the digest that it has in pandas; nothing lazy is run."""

from __future__ import annotations

import datetime
import decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from celltrail.analysis.fingerprint import describe_data, full_digest, sampled_digest, values_digest
from celltrail.domain.record import Keeping

ROWS = 70_001  # more than a block, and no multiple of eight


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    count = np.arange(ROWS)
    return pd.DataFrame(
        {
            "real": np.where(count % 7 == 0, np.nan, count / 3.0),
            "small": (count % 100).astype("f4") / 8,
            "count": count,
            "byte": (count % 251).astype("u1"),
            "flag": count % 3 == 0,
            "word": [None if place % 9 == 0 else f"wört {place}" for place in count],
            "when": pd.date_range("2020-01-01", periods=ROWS, freq="h"),
            "in Rome": pd.date_range("2020-01-01", periods=ROWS, freq="h", tz="Europe/Rome"),
            "span": pd.to_timedelta(count, unit="s"),
            "kind": pd.Categorical([f"k{place % 5}" for place in count]),
        }
    )


def test_a_frame_keeps_its_digest_through_arrow_and_back(frame: pd.DataFrame) -> None:
    pa = pytest.importorskip("pyarrow")
    table = pa.Table.from_pandas(frame, preserve_index=False)
    chunked = pa.concat_tables([table.slice(0, 999), table.slice(999, 40_000), table.slice(40_999)])

    digests = [full_digest(one) for one in (table, chunked, table.to_pandas())]

    assert [full_digest(frame)] * 3 == digests
    assert {sampled_digest(frame)} == {sampled_digest(table), sampled_digest(chunked)}
    assert describe_data(frame, name="d", role="X").columns == describe_data(table, name="d", role="X").columns  # type: ignore[union-attr]


def test_a_frame_keeps_its_digest_through_polars_and_back(frame: pd.DataFrame) -> None:
    pl = pytest.importorskip("polars")
    pytest.importorskip("pyarrow")  # pl.from_pandas asks for it, the digest does not
    table = pl.from_pandas(frame)
    chunked = pl.concat([table[:999], table[999:]], rechunk=False)

    assert full_digest(frame) == full_digest(table) == full_digest(chunked)
    assert sampled_digest(frame) == sampled_digest(table)
    assert describe_data(frame, name="d", role="X").columns == describe_data(table, name="d", role="X").columns  # type: ignore[union-attr]


def test_columns_backed_by_arrow_are_those_of_numpy() -> None:
    pytest.importorskip("pyarrow")
    if not hasattr(pd, "ArrowDtype"):
        pytest.skip("pandas 1.5 makes no frames of Arrow's types")
    plain = pd.DataFrame(
        {"x": [1.5, np.nan], "n": pd.array([1, None], "Int64"), "w": ["a", None], "b": [True, False]}
    )
    arrow = plain.astype(
        {"x": "double[pyarrow]", "n": "int64[pyarrow]", "w": "string[pyarrow]", "b": "bool[pyarrow]"}
    )

    assert full_digest(plain) == full_digest(arrow)


def test_what_only_arrow_and_polars_know_is_the_same_in_both() -> None:
    pl, _ = pytest.importorskip("polars"), pytest.importorskip("pyarrow")
    table = pl.DataFrame(
        {
            "day": [datetime.date(1969, 12, 31), None],
            "time": [datetime.time(1, 2, 3, 4), None],
            "reals": [[1.0, 2.0], None],
            "holes": [[None, 1], [2, 3]],
            "struct": [{"a": 1}, {"a": None}],
            "money": [decimal.Decimal("1.10"), None],
            "bytes": [b"x", None],
            "nothing": [None, None],
            "flag": [True, None],
            "count": [1, None],
            "size": pl.Series(["s", "l"], dtype=pl.Enum(["s", "m", "l"])),
        }
    )

    assert full_digest(table) == full_digest(table.to_arrow())
    assert (
        describe_data(table, name="d", role="X").columns
        == describe_data(table.to_arrow(), name="d", role="X").columns
    )  # type: ignore[union-attr]


def test_a_series_is_the_same_in_each_library() -> None:
    pl, pa = pytest.importorskip("polars"), pytest.importorskip("pyarrow")

    assert full_digest(pd.Series([1.5, 2.5], name="x"))[0] == full_digest(pl.Series("x", [1.5, 2.5]))[0]
    assert full_digest(pd.Series([1.5, 2.5]))[0] == full_digest(pa.array([1.5, 2.5]))[0]
    assert full_digest(pa.array([1.5, 2.5])) == full_digest(pa.chunked_array([[1.5], [2.5]]))


def test_one_changed_cell_changes_the_digest_of_its_column_alone(frame: pd.DataFrame) -> None:
    pl = pytest.importorskip("polars")
    table = pl.DataFrame({"a": [1, 2], "b": ["x", None]})
    before, after = full_digest(table), full_digest(table.with_columns(b=pl.Series(["x", ""])))

    assert before[0] != after[0]
    assert ["b"] == [name for name in before[1] or {} if (before[1] or {})[name] != (after[1] or {})[name]]


def test_nothing_lazy_is_run_and_it_is_on_record_that_it_was_not_read() -> None:
    pl = pytest.importorskip("polars")

    assert describe_data(pl.LazyFrame({"a": [1]}), name="X", role="X") is None


def test_data_of_an_unknown_library_are_on_record_as_not_read() -> None:
    class Frame:
        def __dataframe__(self) -> Any:
            raise AssertionError("read")

        def __getattribute__(self, name: str) -> Any:
            raise AssertionError(name)

    record = describe_data(Frame(), name="X", role="X")

    assert record is not None
    assert Keeping.NOT_KEPT == record.digest_status
    assert "Frame is not read by celltrail" in record.reason
    assert values_digest(Frame()) is None
