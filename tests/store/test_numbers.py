"""Numbers and repeats."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.cells import Kernel, dataset

from celltrail.domain.record import RunStatus
from celltrail.store.trail import Trail


@pytest.fixture
def trail(tmp_path: Path) -> Iterator[Trail]:
    with Trail.open(tmp_path / ".celltrail") as opened:
        yield opened


@pytest.fixture
def kernel(tmp_path: Path) -> Kernel:
    return Kernel(tmp_path / "fraud.ipynb")


def test_an_unchanged_cell_run_again_is_a_repeat_even_when_its_result_moved(trail: Trail, kernel: Kernel) -> None:
    original = trail.save(kernel.trains(score=0.9), wait_s=1)

    repeat = trail.save(kernel.trains(score=0.8), wait_s=1)

    assert (None, original.id, 2) == (repeat.number, repeat.repeat_of, repeat.repeats)
    assert (2,) == trail.db.row("SELECT repeats FROM runs WHERE number = 1")


def test_changed_data_params_or_source_make_a_new_number(trail: Trail, kernel: Kernel) -> None:
    cells = [
        kernel.trains(),
        kernel.trains(data="new"),
        kernel.trains(data="new", depth=9),
        kernel.trains("other", data="new", depth=9),
    ]

    assert [1, 2, 3, 4] == [trail.save(cell, wait_s=1).number for cell in cells]


def test_a_repeat_gives_its_provisional_number_back(trail: Trail, kernel: Kernel) -> None:
    trail.save(kernel.trains(), wait_s=1)
    again = kernel.trains(status=RunStatus.RUNNING)
    provisional = trail.save(again, wait_s=1)
    again.run.status = again.execution.status = RunStatus.FINISHED

    settled = trail.save(again, wait_s=1)
    following = trail.save(kernel.trains(depth=9), wait_s=1)

    assert 2 == provisional.number
    assert (None, 2) == (settled.number, settled.repeats)
    assert 2 == following.number


def test_a_difference_that_only_the_full_digest_sees_ends_the_repeat(trail: Trail, kernel: Kernel) -> None:
    first, second = kernel.trains(), kernel.trains()
    for cell in (first, second):
        cell.run.fits[0].inputs[0] = dataset("X_train", "X", is_full=False)
        trail.save(cell, wait_s=1)
    for cell, content in ((first, "a"), (second, "b")):
        late = dataset("X_train", "X", content)
        late.sampled_digest = cell.run.fits[0].inputs[0].sampled_digest
        cell.run.fits[0].inputs[0] = late
        trail.save(cell, wait_s=1)

    saved = trail.save(second, wait_s=1)

    assert (2, None) == (saved.number, saved.repeat_of)
    assert (1,) == trail.db.row("SELECT repeats FROM runs WHERE number = 1")


def test_the_same_failure_twice_is_a_repeat_but_not_of_a_success(trail: Trail, kernel: Kernel) -> None:
    cells = [kernel.trains(), *(kernel.trains(status=RunStatus.FAILED) for _ in range(2))]

    saved = [trail.save(cell, wait_s=1) for cell in cells]

    assert [1, 2, None] == [run.number for run in saved]
    assert saved[1].id == saved[2].repeat_of


def test_an_interrupted_cell_is_never_a_repeat(trail: Trail, kernel: Kernel) -> None:
    cells = [kernel.trains(status=RunStatus.INTERRUPTED) for _ in range(2)]

    assert [1, 2] == [trail.save(cell, wait_s=1).number for cell in cells]


def test_a_tracked_cell_that_made_nothing_has_a_number_once_it_has_ended(trail: Trail, kernel: Kernel) -> None:
    cell = kernel.trains(status=RunStatus.RUNNING, name="plots")
    cell.run.fits, cell.metrics = [], []
    running = trail.save(cell, wait_s=1)
    cell.run.status = cell.execution.status = RunStatus.FINISHED

    ended = trail.save(cell, wait_s=1)

    assert None is running.number
    assert ("plots", 1) == (ended.experiment, ended.number)
