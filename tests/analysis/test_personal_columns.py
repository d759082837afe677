"""Of columns with personal data a profile keeps counts alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from celltrail.analysis.personal_columns import personal_kind
from celltrail.analysis.profile import profile


@pytest.mark.parametrize(
    "name", ["email", "customerEmail", "E-Mail Address", "phone_number", "IBAN", "first_name", "dob"]
)
def test_a_name_gives_a_column_away(name: str) -> None:
    assert "name" == personal_kind(name, ["a", "b"])


@pytest.mark.parametrize(
    "name", ["email_count", "phone_service", "bic", "name_length", "embarked", "x", "mean address bits"]
)
def test_other_names_do_not(name: str) -> None:
    assert personal_kind(name, ["a", "b"]) is None


def test_a_flag_is_no_address() -> None:
    assert personal_kind("email", np.array([0, 1, 1])) is None


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("email", ["a@x.org", "b@x.org", "none"]),
        ("card", ["4111 1111 1111 1111", "5500005555555559"]),
        ("card", [4111111111111111, 5500005555555559]),
        ("iban", ["GB82WEST12345698765432"] * 3),
        ("phone", ["+49 30 901820", "+1 212-456-7890"]),
    ],
)
def test_content_gives_a_column_away(kind: str, values: list[object]) -> None:
    assert kind == personal_kind("x", values)


def test_numbers_and_prose_are_not_personal() -> None:
    assert personal_kind("x", np.arange(10**15, 10**15 + 100)) is None
    assert personal_kind("x", ["write to a@x.org about this long story", "a story without one", "another"]) is None


def test_a_profile_keeps_no_value_of_a_personal_column() -> None:
    frame = pd.DataFrame(
        {
            "agent": ["a@x.org", "b@x.org"] * 20,
            "customer": [1, 2] * 20,
            "amount": [1.5, 2.5] * 20,
            "plan": ["s", "m"] * 20,
        }
    )

    kept = profile(frame, personal=["cust*"])["columns"]

    assert {"count": 40, "missing": 0, "personal": "email"} == kept["agent"]
    assert {"count": 40, "missing": 0, "personal": "marked"} == kept["customer"]
    assert [["m", 20], ["s", 20]] == kept["plan"]["values"]
    assert 1.5 == kept["amount"]["min"]
    assert "x.org" not in repr(kept)
