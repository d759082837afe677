"""Digests of columns and profiles come back to the letter from the bytes in which they are kept."""

from __future__ import annotations

import math
from typing import Any

import pytest

from celltrail.store.blobs import digest_of
from celltrail.store.data_facts import pack, pack_digests, unpack, unpack_digests

COLUMNS = [["amount", "float64"], ["land", "str"]]
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


def test_a_profile_comes_back_in_a_quarter_of_the_room() -> None:
    quantiles = {str(share): share - 0.5 for share in (0.05, 0.25, 0.5, 0.75, 0.95)}
    numbers = {"count": 200, "missing": 0, "min": -math.inf, "max": 2.49343, "mean": -0.10888, "sd": 0.81552}
    columns = {f"column_{place}": {**numbers, "quantiles": quantiles} for place in range(5)}
    profile = {"rows": 200, "sampled_rows": 200, "columns": columns}

    assert profile == unpack(pack(profile))
    assert len(pack(profile)) < len(str(profile)) / 4


def test_what_is_kept_today_can_be_read_tomorrow() -> None:
    packed = bytes.fromhex("018305a9317a781aa384650552501aa33919ec3a23b03701")

    assert {"rows": 3, "sampled_rows": 3, "columns": {"x": {"count": 3, "missing": 0, "mean": 2.0}}} == unpack(packed)
