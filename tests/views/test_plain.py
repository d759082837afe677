"""Plain data reads the same at every front end."""

from __future__ import annotations

import enum
import json
import math

from celltrail.views.plain import json_safe


class _Colour(enum.IntEnum):
    RED = 1


class _Words(str):
    __slots__ = ()


def test_what_json_cannot_hold_is_written_out_at_every_depth() -> None:
    told = {"a": [math.nan, {"b": -math.inf, "c": (2**60, -(2**60), 7)}], "\ud800": "caf\u00e9 \udfff", 3: None}

    expected = {
        "a": ["nan", {"b": "-inf", "c": [str(2**60), str(-(2**60)), 7]}],
        "\\ud800": "caf\u00e9 \\udfff",
        "3": None,
    }
    assert expected == json_safe(told)
    assert expected == json.loads(json.dumps(json_safe(told), allow_nan=False).encode("utf-8"))


def test_claims_stay_claims_and_kinds_of_text_and_number_stay_text_and_number() -> None:
    told = {"yes": True, "no": False, "colour": _Colour.RED, "words": _Words("x \ud800"), "empty": ""}

    assert {"yes": True, "no": False, "colour": 1, "words": "x \\ud800", "empty": ""} == json_safe(told)
    assert json_safe(told)["yes"] is True
