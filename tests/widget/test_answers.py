"""What the panel of `%trail` is told by a real trail."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.stored import ACCURACY, Workshop, a_fit

from celltrail.store.trail import Trail
from celltrail.widget import answers
from celltrail.widget.answers import answer


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    with Trail.open(tmp_path / ".celltrail") as trail:
        yield Workshop(trail)


def ask(shop: Workshop, type: str, **payload: str) -> Any:
    return answer(shop.trail, {"type": type, "id": 4, "payload": payload})


def test_runs_are_listed_newest_first_under_the_number_of_the_question(shop: Workshop) -> None:
    for score in (0.8, 0.9):
        shop.save("forest", metrics={ACCURACY: score})

    reply = ask(shop, "list", filter="")

    assert ("rows", 4) == (reply["type"], reply["id"])
    assert ["forest#2", "forest#1"] == [row["reference"] for row in reply["payload"]["rows"]]
    assert not reply["payload"]["is_cut"]


def test_the_filter_is_that_of_runs(shop: Workshop) -> None:
    for score in (0.8, 0.9):
        shop.save("forest", metrics={ACCURACY: score})

    reply = ask(shop, "list", filter=f"metrics.{ACCURACY} > 0.85")

    assert ["forest#2"] == [row["reference"] for row in reply["payload"]["rows"]]


def test_a_wrong_filter_is_answered_with_its_caret(shop: Workshop) -> None:
    shop.save("forest", metrics={ACCURACY: 0.8})

    reply = ask(shop, "list", filter="metrics.auc >> 0.9")

    assert "fault" == reply["type"]
    *_, line, caret = reply["payload"]["message"].splitlines()
    assert "metrics.auc >> 0.9" in line
    assert "^" == caret.strip()


def test_a_list_too_long_to_read_is_cut_and_says_so(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "LISTED", 2)
    for score in (0.7, 0.8, 0.9):
        shop.save("forest", metrics={ACCURACY: score})

    reply = ask(shop, "list", filter="")

    assert 2 == len(reply["payload"]["rows"])
    assert reply["payload"]["is_cut"]


def test_two_runs_are_compared_by_their_ids(shop: Workshop) -> None:
    left = shop.save("forest", fits=[a_fit(params={"max_depth": 8})])
    right = shop.save("forest", fits=[a_fit(params={"max_depth": 12})])

    reply = ask(shop, "compare", left=left.id, right=right.id)

    assert "compared" == reply["type"]
    assert "12" in {change["after"] for change in reply["payload"]["params"]}


def test_a_run_that_is_gone_is_a_fault_in_words(shop: Workshop) -> None:
    run = shop.save("forest")

    reply = ask(shop, "compare", left=run.id, right="nothing#9")

    assert "fault" == reply["type"]
    assert "nothing" in reply["payload"]["message"]


@pytest.mark.parametrize("request_", [None, "list", {}, {"type": "burn", "id": 1, "payload": {}}, {"type": "list"}])
def test_what_is_no_question_is_a_fault(shop: Workshop, request_: object) -> None:
    assert "fault" == answer(shop.trail, request_)["type"]


def test_the_widget_brings_its_fallback_and_fetches_nothing(shop: Workshop) -> None:
    from celltrail.widget import trail_widget

    shop.save("forest", metrics={ACCURACY: 0.8})
    widget = trail_widget(shop.trail)

    data, _ = widget._repr_mimebundle_()

    assert {"application/vnd.jupyter.widget-view+json", "text/html", "text/plain"} <= data.keys()
    assert "forest#1" in data["text/html"]
    assert "forest#1" in data["text/plain"]
    assert "://" not in widget._esm.replace("http://www.w3.org", "")
    widget.close()
