"""Digests of columns and profiles come back to the letter from the bytes in which they are kept."""

from __future__ import annotations

import math
from typing import Any

import pytest

from celltrail.store.blobs import digest_of
from celltrail.store.data_facts import pack, pack_digests, pack_profile, unpack, unpack_digests, unpack_profile

COLUMNS = [["amount", "float64"], ["land", "str"]]
QUANTILES = {str(share): share - 0.5 for share in (0.05, 0.25, 0.5, 0.75, 0.95)}
NUMBERS = {"count": 9, "missing": 0, "min": -math.inf, "max": 2.49, "mean": -0.1, "sd": 0.8, "quantiles": QUANTILES}
DIGESTS = {name: digest_of(name.encode()) for name, _ in COLUMNS}


@pytest.mark.parametrize(
    ("digests", "columns"),
    [
        (DIGESTS, COLUMNS),
        (dict(reversed(DIGESTS.items())), COLUMNS),
        (DIGESTS, None),
        ({"amount": DIGESTS["amount"]}, COLUMNS),
        ({"amount": "not kept", "land": "ab"}, COLUMNS),
        ({}, []),
        ({"\udcff": DIGESTS["land"]}, [["\udcff", "str"]]),
    ],
)
def test_digests_of_columns_come_back(digests: dict[str, str], columns: list[Any] | None) -> None:
    packed = pack_digests(digests, columns)

    assert digests == unpack_digests(packed, columns)
    assert list(digests) == list(unpack_digests(packed, columns))


def test_digests_that_the_columns_name_take_no_more_than_themselves() -> None:
    assert 1 + 2 * 32 == len(pack_digests(DIGESTS, COLUMNS))


@pytest.mark.parametrize("columns", [COLUMNS, None, [["amount", "float64"]]])
@pytest.mark.parametrize(
    "profile",
    [
        {"rows": 9, "sampled_rows": 9, "columns": {"amount": NUMBERS, "land": {"count": 9, "missing": 0}}},
        {"rows": 9, "sampled_rows": 9, "columns": {"amount": {**NUMBERS, "values": [[1.5, 9]]}, "land": NUMBERS}},
        {"rows": 9, "sampled_rows": 9, "columns": {"amount": {**NUMBERS, "quantiles": {"0.5": 1.0}}}},
        {"rows": 9, "sampled_rows": 9, "columns": {}},
        {"columns": {}},
        {},
    ],
)
def test_a_profile_comes_back(profile: dict[str, Any], columns: list[Any] | None) -> None:
    packed = pack_profile(profile, columns)

    assert str(profile) == str(unpack_profile(packed, columns))


def test_a_profile_comes_back_in_a_quarter_of_the_room() -> None:
    columns = {f"column_{place}": NUMBERS for place in range(5)}
    profile = {"rows": 200, "sampled_rows": 200, "columns": columns}

    assert profile == unpack(pack(profile))
    assert len(pack(profile)) < len(str(profile)) / 4


def test_what_is_kept_today_can_be_read_tomorrow() -> None:
    packed = bytes.fromhex("018305a9317a781aa384650552501aa33919ec3a23b03701")

    assert {"rows": 3, "sampled_rows": 3, "columns": {"x": {"count": 3, "missing": 0, "mean": 2.0}}} == unpack(packed)
