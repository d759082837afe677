"""Which run a reference names, and what is said where it names none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from support.stored import ACCURACY, START, Workshop, a_fit, a_metric

from celltrail.domain.ids import RunId
from celltrail.errors import BadReferenceError, ExperimentNotFoundError, RunNotFoundError
from celltrail.store.trail import Trail


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    with Trail.open(tmp_path / ".celltrail") as trail:
        yield Workshop(trail)


def test_a_run_is_named_in_every_way(shop: Workshop) -> None:
    runs = [shop.save("forest", metrics={ACCURACY: score}) for score in (0.8, 0.9, 0.85)]
    other = shop.save("boost")

    found = shop.trail.run

    assert runs[1] == found("forest#2") == found("forest#best") == found("best", experiment="forest")
    assert runs[2] == found("forest") == found("forest#last") == found("last", experiment="forest")
    assert runs[0] == found("#1", experiment="forest") == found("1", experiment="forest")
    assert runs[1] == found("prev", experiment="forest")
    assert other == found("last") == found("#1") == found("boost#1")
    assert runs[0] == found(runs[0].id) == found(runs[0].id.upper()) == found("forest#1:clf")


def test_last_is_the_last_of_the_open_notebook_where_it_has_any(shop: Workshop) -> None:
    here = shop.save("forest")
    elsewhere = shop.save("boost", notebook="other.ipynb")

    folder = shop.trail.path.parent

    assert here == shop.trail.run("last", notebook=str(folder / "fraud.ipynb"))
    assert elsewhere == shop.trail.run("last", notebook=str(folder / "new.ipynb"))


def test_a_repeat_stands_for_the_run_that_it_repeats(shop: Workshop) -> None:
    first = shop.save(source="same", metrics={ACCURACY: 0.9})
    repeat = shop.save(source="same", metrics={ACCURACY: 0.9})

    found = shop.trail.run("last")

    assert first.id == found.id == repeat.repeat_of
    assert 2 == found.repeats
    assert [repeat] == shop.trail.repeats_of(found)
    assert [found] == shop.trail.runs_of("forest") == shop.trail.search_runs()
    assert 2 == shop.trail.count_scored(a_metric(RunId(""), None, ACCURACY, 1).target_digest or "")


def test_best_follows_the_direction_of_the_main_metric(shop: Workshop) -> None:
    for loss in (0.5, 0.25, float("nan"), 0.75):
        fit = a_fit()
        shop.save(fits=[fit], metrics=[a_metric(RunId(""), fit.id, "log_loss", loss, greater_is_better=False)])

    assert 2 == shop.trail.run("best").number


def test_best_compares_only_what_was_scored_on_the_same_data(shop: Workshop) -> None:
    for score, target in ((0.99, "a"), (0.8, "b"), (0.7, "b")):
        shop.save(metrics=[a_metric(RunId(""), None, ACCURACY, score, target_digest=target * 64)])

    assert 2 == shop.trail.run("best").number


def test_nothing_is_best_where_the_direction_is_not_known(shop: Workshop) -> None:
    shop.save(metrics=[a_metric(RunId(""), None, "mine", 1, greater_is_better=None)])

    with pytest.raises(RunNotFoundError, match="whether a higher or a lower mine is better is not known"):
        shop.trail.run("best")


@pytest.mark.parametrize(
    ("reference", "error", "says"),
    [
        ("forest#9", RunNotFoundError, "No run forest#9: there are #1 to #2"),
        ("boost#9", RunNotFoundError, "No run boost#9: there is #1"),
        ("fores#1", ExperimentNotFoundError, "No experiment is called 'fores'. Near: forest."),
        ("saved", BadReferenceError, "`saved` is the run whose panel is saved"),
        ("churn/4", BadReferenceError, "names a version of a model, not a run"),
        ("0zzzzz", RunNotFoundError, "No run of this trail has an id that begins with '0zzzzz'"),
        ("prev", RunNotFoundError, "No run before the last one"),
    ],
)
def test_a_reference_that_names_no_run_says_what_there_is(
    shop: Workshop, reference: str, error: type[Exception], says: str
) -> None:
    shop.save("forest")
    shop.save("forest")
    shop.save("boost", at=START + timedelta(days=1))

    with pytest.raises(error, match=says):
        shop.trail.run(reference)


def test_an_empty_trail_says_how_a_run_comes_about(shop: Workshop) -> None:
    with pytest.raises(RunNotFoundError, match="No run yet: a cell that trains"):
        shop.trail.run("last")
    with pytest.raises(ExperimentNotFoundError, match="There are no runs yet"):
        shop.trail.run("forest#1")


def test_the_beginning_of_an_id_may_mean_several_runs(shop: Workshop) -> None:
    first, second = shop.save(), shop.save()

    with pytest.raises(BadReferenceError, match=f"may mean {first.id}, {second.id}: write more"):
        shop.trail.run(first.id[:6])
