"""A profile tells how data are spread and never shows a single row."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from celltrail.analysis.profile import profile


def test_a_frame_is_profiled_by_column() -> None:
    frame = pd.DataFrame({"x": [1.0, 2.0, 3.0, np.nan], "s": ["a", "b", "c", None]})

    found = profile(frame)

    assert (4, 4) == (found["rows"], found["sampled_rows"])
    assert {"count": 3, "missing": 1, "min": 1.0, "max": 3.0, "mean": 2.0, "sd": 1.0} == {
        key: value for key, value in found["columns"]["x"].items() if key != "quantiles"
    }
    assert {"count": 3, "missing": 1} == found["columns"]["s"]


def test_values_are_kept_only_where_each_is_common() -> None:
    common = pd.DataFrame({"s": ["a"] * 10 + ["b"] * 12, "k": [0] * 22, "r": ["z"] + ["y"] * 21})
    many = pd.Series([str(number % 51) for number in range(51 * 20)])

    found = profile(common)["columns"]

    assert [["b", 12], ["a", 10]] == found["s"]["values"]
    assert [[0, 22]] == found["k"]["values"]
    assert "values" not in found["r"]
    assert "values" not in profile(many)["columns"][""]


def test_a_long_frame_is_read_in_part() -> None:
    found = profile(pd.DataFrame({"x": np.arange(1_000_000)}))

    assert (1_000_000, 10_000) == (found["rows"], found["sampled_rows"])
    assert 999_999 == found["columns"]["x"]["max"]


def test_every_kind_has_a_profile_or_none() -> None:
    assert {"0", "1"} == set(profile(np.zeros((3, 2)))["columns"])
    assert [[True, 20]] == profile(np.ones(20, bool))["columns"][""]["values"]
    assert {} == profile([1, 2])
    assert {} == profile(object())
    assert 2 == profile(pd.Series([1, None, 2], dtype="Int64"))["columns"][""]["count"]
    assert 0 == profile(pd.Series([], dtype=float))["columns"][""]["count"]
    assert "mean" not in profile(pd.Series([np.inf]))["columns"][""]
    assert "values" in profile(pd.Series(["a"] * 20, dtype="category", name="c"))["columns"]["c"]


def test_numbers_are_kept_to_what_a_sample_knows_of_them() -> None:
    values = [1.0, 2.0 / 3.0, 1.0 / 3.0] * 20
    found = profile(pd.Series(values, name="share"))["columns"]["share"]

    assert found["mean"] == pytest.approx(sum(values) / 60, abs=found["sd"] * 1e-5)
    assert 0.333333 == found["min"]


def test_large_whole_numbers_and_a_constant_lose_nothing() -> None:
    found = profile(pd.DataFrame({"at": [1_700_000_000_123, 1_700_000_000_457], "same": [1 / 3, 1 / 3]}))["columns"]

    assert (1_700_000_000_123.0, 1_700_000_000_457.0) == (found["at"]["min"], found["at"]["max"])
    assert (1 / 3, 0.0) == (found["same"]["min"], found["same"]["sd"])
