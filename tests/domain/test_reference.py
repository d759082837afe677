"""References: how a run is named."""

from __future__ import annotations

import pytest

from celltrail.domain.ids import new_id
from celltrail.domain.reference import Reference, ReferenceKind, parse_reference
from celltrail.errors import BadReferenceError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("forest#7", Reference(ReferenceKind.NUMBER, "forest#7", name="forest", number=7)),
        (" random-forest-2#11 ", Reference(ReferenceKind.NUMBER, "random-forest-2#11", "random-forest-2", 11)),
        ("forest#1234567", Reference(ReferenceKind.NUMBER, "forest#1234567", "forest", 1234567)),
        ("#7", Reference(ReferenceKind.NUMBER, "#7", number=7)),
        ("7", Reference(ReferenceKind.NUMBER, "7", number=7)),
        ("last", Reference(ReferenceKind.LAST, "last")),
        ("prev", Reference(ReferenceKind.PREV, "prev")),
        ("best", Reference(ReferenceKind.BEST, "best")),
        ("forest#best", Reference(ReferenceKind.BEST, "forest#best", name="forest")),
        ("saved", Reference(ReferenceKind.SAVED, "saved")),
        ("01K8CZ", Reference(ReferenceKind.ID, "01K8CZ", id_prefix="01k8cz")),
        ("forest", Reference(ReferenceKind.NAME, "forest", name="forest")),
        ("wälder", Reference(ReferenceKind.NAME, "wälder", name="wälder")),
        ("churn/4", Reference(ReferenceKind.VERSION, "churn/4", name="churn", number=4)),
        ("churn@champion", Reference(ReferenceKind.ALIAS, "churn@champion", name="churn", alias="champion")),
        ("forest#7:clf", Reference(ReferenceKind.NUMBER, "forest#7:clf", "forest", 7, member="clf")),
        ("last:X_train", Reference(ReferenceKind.LAST, "last:X_train", member="X_train")),
    ],
)
def test_each_form_says_what_it_names(text: str, expected: Reference) -> None:
    assert expected == parse_reference(text)


def test_every_id_can_be_written_by_its_first_letters() -> None:
    made = new_id()

    for length in (6, 12, 26):
        assert made[:length] == parse_reference(made[:length]).id_prefix


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "A reference is missing."),
        ("forest#", "a number or name is missing"),
        ("churn/", "a number or name is missing"),
        ("churn@", "a number or name is missing"),
        ("forest#7:", "Write forest#7:name."),
        ("forest#x", "'forest#x' is no reference."),
        ("01k8c", "at least six"),
        ("two words", "is no reference"),
    ],
)
def test_a_wrong_reference_lists_what_can_be_written(text: str, said: str) -> None:
    with pytest.raises(BadReferenceError) as caught:
        parse_reference(text)

    assert said in str(caught.value)


def test_versions_and_aliases_name_no_run() -> None:
    assert not parse_reference("churn/4").kind.names_a_run
    assert parse_reference("forest#7").kind.names_a_run
