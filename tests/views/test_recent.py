"""What a kernel remembers of its runs never outlives a change, whoever made it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.stored import ACCURACY, Workshop, a_fit, a_frame, a_metric

from celltrail.domain.ids import Digest, RunId
from celltrail.domain.record import Keeping, RunStatus
from celltrail.domain.run import Run
from celltrail.store.annotate import bring_back, forget, rename_experiment, set_note
from celltrail.store.late import fill_input
from celltrail.store.trail import Trail
from celltrail.views.recent import Recent
from celltrail.views.runs import run_view


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    with Trail.open(tmp_path / ".celltrail") as trail:
        yield Workshop(trail)


def show(shop: Workshop, recent: Recent, experiment: str = "forest", **more: Any) -> Run:
    """Save a run and show it, as a kernel does; hold what is shown against a view that remembers nothing."""
    cell = shop.cell(experiment, **{"fits": [a_fit()], **more})
    saved = shop.trail.save(cell, wait_s=5)
    assert saved is not None
    run = shop.trail.as_saved(cell, saved) if saved.number is not None else shop.trail.run(saved.id)
    shown = run_view(recent, run, mode="panel")

    assert run_view(shop.trail, shop.trail.run(saved.id), mode="panel") == shown
    return run


def test_a_kernel_alone_asks_for_no_neighbour_twice(shop: Workshop) -> None:
    recent = Recent(shop.trail)
    for number in range(3):
        show(shop, recent, metrics={ACCURACY: number / 10})
    cell = shop.cell(fits=[a_fit()], metrics={ACCURACY: 0.9})
    saved = shop.trail.save(cell, wait_s=5)
    assert saved is not None
    seen: list[str] = []

    shop.trail.db.raw.set_trace_callback(seen.append)
    view = run_view(recent, shop.trail.as_saved(cell, saved), mode="line")
    shop.trail.db.raw.set_trace_callback(None)

    assert "best of 4" == view["standing"] or "highest of 4" == view["standing"]
    assert [] == [one for one in seen if "metrics AS m" in one or "FROM fits" in one]


def test_a_rename_is_seen(shop: Workshop) -> None:
    recent = Recent(shop.trail)
    show(shop, recent, metrics={ACCURACY: 0.8})
    show(shop, recent, metrics={ACCURACY: 0.9})

    rename_experiment(shop.trail, "forest", "wood")

    show(shop, recent, "forest", metrics={ACCURACY: 0.7})
    show(shop, recent, "wood", metrics={ACCURACY: 0.6})


def test_a_forgotten_run_is_no_neighbour_until_it_is_brought_back(shop: Workshop) -> None:
    recent = Recent(shop.trail)
    show(shop, recent, metrics={ACCURACY: 0.8})
    last = show(shop, recent, metrics={ACCURACY: 0.9})

    forget(shop.trail, last)
    show(shop, recent, metrics={ACCURACY: 0.7})
    bring_back(shop.trail, last.reference)
    show(shop, recent, metrics={ACCURACY: 0.6})


def test_runs_of_another_kernel_are_seen(shop: Workshop) -> None:
    recent = Recent(shop.trail)
    show(shop, recent, metrics={ACCURACY: 0.8})
    with Trail.open(shop.trail.path) as other:
        Workshop(other).save(metrics={ACCURACY: 0.95}, fits=[a_fit(params={"max_depth": 99})])

        show(shop, recent, metrics={ACCURACY: 0.9})


def test_a_digest_that_comes_late_is_seen(shop: Workshop) -> None:
    recent = Recent(shop.trail)
    frame = a_frame("X", "dataset", "a")
    frame.digest, frame.digest_status = None, Keeping.PENDING
    gain = {"target": None, "target_digest": None, "target_rows": None}
    first = show(shop, recent, fits=[], inputs=[frame], metrics=[a_metric(RunId(""), None, "gain", 1.0, **gain)])

    frame.digest, frame.digest_status = Digest("b" * 64), Keeping.KEPT
    fill_input(shop.trail, first.id, frame)
    same = a_frame("X", "dataset", "a")

    show(shop, recent, fits=[], inputs=[same], metrics=[a_metric(RunId(""), None, "gain", 2.0, **gain)])


def test_a_note_and_a_metric_of_a_later_cell_are_seen(shop: Workshop) -> None:
    recent = Recent(shop.trail)
    first = show(shop, recent, metrics={ACCURACY: 0.8})
    set_note(shop.trail, first, "a good one")
    later = shop.cell(fits=[], metrics=[])
    later.run, later.metrics = None, [a_metric(first.id, None, ACCURACY, 0.1)]
    shop.trail.save(later, wait_s=5)

    show(shop, recent, metrics={ACCURACY: 0.9})


def test_whatever_runs_come_the_line_is_the_one_that_remembers_nothing(shop: Workshop) -> None:
    recent, draw = Recent(shop.trail), random.Random(7)
    for _ in range(60):
        kind = draw.randrange(6)
        name = draw.choice(["forest", "tree"])
        value = draw.random()
        if kind == 0:
            show(shop, recent, name, metrics={"f1_score.y_test": value})
        elif kind == 1:
            show(
                shop, recent, name, fits=[a_fit(error="ValueError: NaN")], status=RunStatus.FAILED, error="ValueError"
            )
        elif kind == 2:
            fits = [a_fit("a"), a_fit("b", {"max_depth": 3})]
            scores = [a_metric(RunId(""), fit.id, ACCURACY, value) for fit in fits]
            show(shop, recent, name, fits=fits, metrics=scores)
        elif kind == 3:
            show(shop, recent, name, source="clf.fit(X, y)", metrics={ACCURACY: 0.5})  # now and then a repeat
        else:
            show(shop, recent, name, metrics={ACCURACY: value})
