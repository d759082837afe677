"""What is done at every cell, and at every look, costs the same in a trail of four times as many runs.

Counted in steps of SQLite's machine, which are the same everywhere. A search may sort a thousand runs rather than
walk in order: here it may sort ten, as in a trail a hundred times as large.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.stored import ACCURACY, Workshop, a_fit

from celltrail.domain.ids import ExecutionId, FitId, RunId, new_id
from celltrail.domain.record import CellRecord, RunStatus
from celltrail.store import best, filter_attributes, filter_rows, search
from celltrail.store.best import best_run
from celltrail.store.blobs import digest_of
from celltrail.store.ranking import best_first
from celltrail.store.trail import Trail
from celltrail.views.rows import run_row
from celltrail.views.runs import run_view

SMALL, LARGE = 150, 600
# Beginnings of a statement, and a page that is not full in the smaller trail.
SLACK = 400
STEPS_A_CALL = 10


def filled(folder: Path, count: int) -> Workshop:
    """Make a trail in which every kind of run gets more: of one experiment, repeats, failures, tags."""
    shop = Workshop(Trail.open(folder))
    with shop.trail.db.atomic():
        for number in range(count):
            is_other = number % 5 == 0
            params = {"max_depth": number * 7 % 10, "C": number / count, "solver": "abc"[number % 3]}
            cell = shop.cell(
                f"other-{number % 3}" if is_other else "forest",
                fits=[a_fit("clf", params)],
                metrics={ACCURACY: (number * 37 % count) / count, "log_loss.y_test": 0.5},
                tags={"owner": "me"} if number % 2 else {},
                status=RunStatus.FAILED if number % 11 == 0 else RunStatus.FINISHED,
                notebook=f"{number % 2}.ipynb",
            )
            shop.trail.save(cell, wait_s=5)
            if number % 3 == 0:
                shop.trail.save(again(cell), wait_s=5)
    return shop


def again(cell: CellRecord) -> CellRecord:
    """Return the unchanged repeat of a cell."""
    assert cell.run is not None
    execution = replace(cell.execution, id=ExecutionId(new_id()))
    fits = [replace(fit, id=FitId(new_id())) for fit in cell.run.fits]
    run = replace(cell.run, id=RunId(new_id()), execution_id=execution.id, fits=fits)
    metrics = [replace(metric, run_id=run.id, fit_id=fits[0].id) for metric in cell.metrics]
    return CellRecord(cell.session, execution, run, metrics)


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workshop, Workshop]]:
    made = tuple(filled(tmp_path_factory.mktemp("grown") / ".celltrail", count) for count in (SMALL, LARGE))
    yield made[0], made[1]
    for shop in made:
        shop.trail.close()


@pytest.fixture(autouse=True)
def as_if_larger(monkeypatch: pytest.MonkeyPatch) -> None:
    for room in (search, filter_rows, filter_attributes, best):
        monkeypatch.setattr(room, "FEW", 10)
    monkeypatch.setattr(filter_rows, "PAGE", 0)


def steps(trail: Trail, work: Callable[[], object]) -> int:
    """Return how many steps SQLite takes for a piece of work."""
    calls = 0

    def count() -> int:
        nonlocal calls
        calls += 1
        return 0

    work()  # what is remembered from the first time is remembered here too
    trail.db.raw.set_progress_handler(count, STEPS_A_CALL)
    try:
        work()
    finally:
        trail.db.raw.set_progress_handler(None, 0)
    return calls * STEPS_A_CALL


LOOKS: dict[str, Callable[[Workshop], object]] = {
    "the newest page": lambda shop: shop.trail.search_runs(limit=5),
    "ordered by a metric": lambda shop: shop.trail.search_runs(order_by=f"metrics.{ACCURACY} desc", limit=5),
    "ordered by a parameter": lambda shop: shop.trail.search_runs(order_by="params.C", limit=5),
    "ordered by a tag": lambda shop: shop.trail.search_runs(order_by="tags.owner desc", limit=5),
    "ordered by how long": lambda shop: shop.trail.search_runs("duration > 1", order_by="duration desc", limit=5),
    "a filter and an order": lambda shop: shop.trail.search_runs(
        f"metrics.{ACCURACY} > 0.5 and params.max_depth = 5 and tags.owner = 'me'",
        order_by=f"metrics.{ACCURACY} desc",
        limit=5,
    ),
    "an experiment": lambda shop: shop.trail.search_runs("experiment = 'other-1'", limit=5),
    "a notebook": lambda shop: shop.trail.search_runs("notebook = '1.ipynb'", limit=5),
    "an author that nobody is": lambda shop: shop.trail.search_runs("author = 'bob'", limit=5),
    "an estimator": lambda shop: shop.trail.search_runs("estimator like 'Random%'", limit=5),
    "a text in a parameter": lambda shop: shop.trail.search_runs("params.solver like 'b%'", limit=5),
    "a note": lambda shop: shop.trail.search_runs("note like '%keep%'", limit=5),
    "a stretch of time": lambda shop: shop.trail.search_runs(
        "started >= '2026-11-12 09:40' and started < '2026-11-12 09:45'", order_by=f"metrics.{ACCURACY}", limit=5
    ),
    "a number": lambda shop: shop.trail.search_runs("number = 7", limit=5),
    "a run by its number": lambda shop: shop.trail.run("forest#7"),
    "the last run": lambda shop: shop.trail.run("last"),
    "the last run of a notebook": lambda shop: shop.trail.run(
        "last", notebook=str(shop.trail.path.parent / "1.ipynb")
    ),
    "the run before the last": lambda shop: shop.trail.run("prev"),
    "the best run": lambda shop: shop.trail.run("forest#best"),
    "a run by its id": lambda shop: shop.trail.run(shop.trail.run("last").id),
    "the last runs of an experiment": lambda shop: shop.trail.runs_of("forest", last=5),
    "how often data was scored": lambda shop: shop.trail.count_scored(digest_of(b"y_test")),
}


@pytest.mark.parametrize("look", LOOKS)
def test_a_look_costs_the_same_among_four_times_as_many_runs(shops: tuple[Workshop, Workshop], look: str) -> None:
    few, many = (steps(shop.trail, lambda shop=shop: LOOKS[look](shop)) for shop in shops)

    assert many <= 1.25 * few + SLACK


@pytest.mark.parametrize("few", [0, 10_000])
def test_the_best_run_is_the_first_of_all(
    shops: tuple[Workshop, Workshop], few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(best, "FEW", few)
    trail = shops[0].trail

    for (experiment,) in trail.db.rows("SELECT id FROM experiments WHERE name LIKE 'other%' OR name = 'forest'"):
        assert best_first(trail, experiment)[0] == best_run(trail, experiment, ACCURACY)


def test_writing_a_row_of_a_list_asks_the_store_nothing(shops: tuple[Workshop, Workshop]) -> None:
    trail = shops[0].trail
    found = [run for run in trail.search_runs(limit=40) if run.metrics]
    asked: list[str] = []
    trail.db.raw.set_trace_callback(asked.append)
    try:
        rows = [run_row(run) for run in found]
    finally:
        trail.db.raw.set_trace_callback(None)

    assert [] == asked
    assert {ACCURACY} == {row["main_metric"] for row in rows}
    assert [run.metrics[ACCURACY] for run in found] == [row["main_value"] for row in rows]
    assert [run.content.field("source_digest") for run in found] == [row["source_digest"] for row in rows]


def save_new(shop: Workshop) -> None:
    shop.trail.save(shop.cell(fits=[a_fit()], metrics={ACCURACY: 0.5}), wait_s=5)


def save_unnamed(shop: Workshop) -> None:
    """Save a cell that nothing identifies but its text, as nbclient sends it."""
    source = "fit(X)\nscore(y)\n# and more of its own\n" * 3
    cell = shop.cell(fits=[a_fit()], source=f"{source}# {shop.saved}", notebook="1.ipynb")
    cell.execution.cell_id = None
    assert cell.run is not None
    cell.run.identity = replace(cell.run.identity, name=None, cell_id=None)
    shop.trail.save(cell, wait_s=5)


def save_again(shop: Workshop) -> None:
    shop.trail.save(shop.cell("steady", fits=[a_fit()], metrics={ACCURACY: 0.5}, source="the same"), wait_s=5)


@pytest.mark.parametrize("save", [save_new, save_unnamed, save_again])
def test_keeping_a_cell_costs_the_same_among_four_times_as_many_runs(
    shops: tuple[Workshop, Workshop], save: Callable[[Workshop], None]
) -> None:
    few, many = (steps(shop.trail, lambda shop=shop: save(shop)) for shop in shops)

    assert many <= 1.25 * few + SLACK


def test_the_hundredth_repeat_costs_what_the_tenth_does(tmp_path: Path) -> None:
    with Trail.open(tmp_path / ".celltrail") as trail:
        shop = Workshop(trail)
        for _ in range(10):
            save_again(shop)
        tenth = steps(trail, lambda: save_again(shop))
        for _ in range(90):
            save_again(shop)
        hundredth = steps(trail, lambda: save_again(shop))

        assert 103 + 1 == trail.run("steady#1").repeats
    assert hundredth <= tenth + 200


def test_the_line_of_a_cell_that_ran_a_hundred_times_costs_what_it_did_at_sixty(tmp_path: Path) -> None:
    with Trail.open(tmp_path / ".celltrail") as trail:
        shop = Workshop(trail)

        def line_after(count: int) -> tuple[int, str]:
            while shop.saved < count:
                run = shop.save("steady", fits=[a_fit()], metrics={ACCURACY: 0.5 + shop.saved / 1000}, source="same")
            return steps(trail, lambda: run_view(trail, run, mode="line")), run_view(trail, run, mode="line")[
                "repeats_say"
            ]

        sixtieth, _ = line_after(60)
        hundredth, says = line_after(100)

    assert hundredth <= sixtieth + 200
    assert "not deterministic: 0.500–0.599 over 51 of 100 runs, no seed set" == says
