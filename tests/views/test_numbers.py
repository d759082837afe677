"""How numbers are written."""

from __future__ import annotations

import math

import pytest

from celltrail.views.numbers import (
    as_number,
    delta_text,
    duration_text,
    noise_text,
    number_text,
    signed_count,
    size_text,
    value_text,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.84123, "0.8412"),
        (0.85, "0.8500"),
        (1.0, "1.000"),
        (0.0, "0.000"),
        (12.345, "12.35"),
        (123.456, "123.5"),
        (60216.4, "60 216"),
        (400.0, "400"),
        (0.000012345, "1.23e-5"),
        (1.5e9, "1.5e9"),
        (-0.25, "-0.2500"),
        (math.nan, "nan"),
        (math.inf, "inf"),
        ("-inf", "-inf"),
        (None, ""),
    ],
)
def test_a_value_has_at_most_four_digits_that_mean_something(value: float | str | None, text: str) -> None:
    assert text == number_text(value).replace("\u202f", " ")


def test_a_difference_has_no_zero_before_its_point() -> None:
    assert ".0087" == delta_text(-0.0087)
    assert "1.250" == delta_text(1.25)


def test_an_uncertainty_has_two_digits() -> None:
    assert [".011", ".0015", "1.2", "0", "nan"] == [noise_text(one) for one in (0.0112, 0.00149, 1.23, 0.0, math.nan)]


def test_what_is_not_finite_is_text_in_json() -> None:
    assert ["nan", "inf", "-inf", 0.5, None] == [as_number(one) for one in (math.nan, math.inf, -math.inf, 0.5, None)]


def test_sizes_counts_and_durations_are_short() -> None:
    assert ["812 B", "1.2 kB", "18 MB", "2.0 GB"] == [size_text(one) for one in (812, 1200, 18_200_000, 2 * 10**9)]
    assert ["+17 571", "−3"] == [signed_count(one).replace("\u202f", " ") for one in (17_571, -3)]
    assert ["2.1 s", "39 min", "3 h 05 min"] == [duration_text(one) for one in (2.1, 39 * 60.0, 185 * 60.0)]


def test_a_parameter_is_written_as_its_source_would() -> None:
    shown = [value_text(one) for one in (12, 0.1, "gini", None, True, {"repr": "StandardScaler()"}, math.nan)]

    assert ["12", "0.1", "gini", "None", "True", "StandardScaler()", "nan"] == shown
    assert 40 >= len(value_text(list(range(100))))
