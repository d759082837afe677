"""Known secrets never pass; numbers and code always do."""

from __future__ import annotations

import pytest

from celltrail.capture.door import mask


@pytest.mark.parametrize(
    ("secret", "kind"),
    [
        ("AKIA" + "ABCDEFGHIJKLMNOP", "aws-key"),
        ("ghp_" + "a1" * 18, "github-token"),
        ("glpat-" + "a1b2" * 5, "gitlab-token"),
        ("hf_" + "a1" * 17, "huggingface-token"),
        ("sk-" + "a1" * 20, "openai-key"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefghijkl", "signed-token"),
        ("-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----", "private-key"),
    ],
)
def test_a_known_secret_is_replaced_by_its_kind(secret: str, kind: str) -> None:
    masked = mask(f"key = '{secret}'  # mine")

    assert f"key = '‹masked:{kind}›'  # mine" == masked
    assert masked == mask(masked)


def test_a_password_in_a_url_is_masked_and_the_rest_stays() -> None:
    assert "postgresql://‹masked:password›@db/x" == mask("postgresql://me:pa55word@db/x")
    assert "https://host:8080/a@b" == mask("https://host:8080/a@b")


@pytest.mark.parametrize(
    "text",
    ["0.1234567890", "seed=4111111111111111", "clf = RF(max_depth=8)", "task-force sk-learn", "", "risk_live_x = 3"],
)
def test_numbers_and_code_pass_unchanged(text: str) -> None:
    assert text == mask(text)
