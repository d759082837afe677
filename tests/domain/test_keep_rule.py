"""What a sweep of models leaves, as it is typed."""

from __future__ import annotations

import pytest

from celltrail.domain.keep_rule import KeepRule, read_keep_rule
from celltrail.errors import UsageError


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("best:3,last,registered", KeepRule(3, 1)),
        ("best", KeepRule(1, 0)),
        (" last:5 , best ", KeepRule(1, 5)),
        ("registered", KeepRule(0, 0)),
    ],
)
def test_a_rule_reads_as_it_is_written(text: str, rule: KeepRule) -> None:
    assert rule == read_keep_rule(text)
    assert rule == read_keep_rule(str(rule))


@pytest.mark.parametrize("text", ["", "newest", "best:0", "best:three", "last:-1", "registered:2", "best:3;last"])
def test_what_is_no_rule_says_what_one_looks_like(text: str) -> None:
    with pytest.raises(UsageError, match="Such as: --keep best:3,last"):
        read_keep_rule(text)
