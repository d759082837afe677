"""A run made from its own record is the run that the trail gives back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.stored import ACCURACY, Workshop, a_fit, a_frame, a_full_cell, a_metric

from celltrail.domain.ids import RunId
from celltrail.domain.record import CellRecord, RunStatus, SeriesRecord
from celltrail.domain.run import Run
from celltrail.store.content import FIELDS
from celltrail.store.trail import Trail


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    with Trail.open(tmp_path / ".celltrail") as trail:
        yield Workshop(trail)


def full(shop: Workshop) -> CellRecord:
    return a_full_cell(shop)


def logged_by_hand(shop: Workshop) -> CellRecord:
    series = [SeriesRecord("loss", [0, 1], [0.5, float("nan")], [0.1, 0.2])]
    gain = a_metric(RunId(""), None, "gain", [1.0, 3.0], target=None, target_digest=None, target_rows=None)
    params = {"lr": 0.1, "layers": [1, 2], "text": "é" * 500, "big": 2**70, "none": None}
    return shop.cell(fits=[], metrics=[gain], params=params, series=series, tags={"b": "2", "a": "1"})


def a_zoo(shop: Workshop) -> CellRecord:
    fits = [a_fit("forest", {"max_depth": 8}, inputs=[a_frame("X", "X")]), a_fit("tree", {"max_depth": 3})]
    metrics = [a_metric(RunId(""), fit.id, ACCURACY, 0.7 + place / 10) for place, fit in enumerate(fits)]
    return shop.cell(fits=fits, metrics=metrics, main_metric="accuracy_score")


def failed(shop: Workshop) -> CellRecord:
    return shop.cell(fits=[a_fit(error="ValueError: NaN")], status=RunStatus.FAILED, error="ValueError: NaN")


def contents(run: Run) -> dict[str, object]:
    """Return all that a run holds, but profiles and digests of columns: equal frames share those."""
    names = sorted({*FIELDS} - {"inputs"})
    fits = [
        {name: getattr(fit, name) for name in fit.__slots__ if name not in {"content", "inputs"}} for fit in run.fits
    ]
    data = [
        {name: value for name, value in row.items() if name not in {"profile", "column_digests"}}
        for row in (*run.inputs, *(row for fit in run.fits for row in fit.inputs))
    ]
    return {name: run.content.field(name) for name in names} | {"fits": fits, "data": data}


@pytest.mark.parametrize("make", [full, logged_by_hand, a_zoo, failed])
def test_a_run_made_from_its_record_is_the_one_that_is_read_back(shop: Workshop, make: object) -> None:
    cell = make(shop)  # type: ignore[operator]
    saved = shop.trail.save(cell, wait_s=5)
    assert saved is not None

    made, read = shop.trail.as_saved(cell, saved), shop.trail.run(saved.id)

    assert plain(head(read)) == plain(head(made))
    assert plain(contents(read)) == plain(contents(made))


def head(run: Run) -> dict[str, object]:
    """Return what a run says of itself."""
    return {name: getattr(run, name) for name in Run.__slots__ if name != "content"}


def plain(found: dict[str, object]) -> dict[str, str]:
    """Return values as text, in which NaN is equal to itself."""
    return {name: json.dumps(value, sort_keys=True, default=repr) for name, value in found.items()}
