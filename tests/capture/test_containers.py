"""What containers of data were made from is known as long as they live, and at a bounded cost."""

from __future__ import annotations

import gc

import numpy as np

from celltrail.capture.containers import Containers
from celltrail.capture.inputs import Inputs
from celltrail.capture.late import LateWork
from celltrail.domain.record import DatasetRecord, Keeping
from celltrail.flavors.descriptions import Datum

ROW = np.ones((1, 30))


class Matrix:
    """A container, as a library would have one."""


def told(record: DatasetRecord) -> None:
    """Nobody waits for a digest here."""


def test_each_fit_gets_records_of_its_own_with_the_role_that_the_data_have_in_it() -> None:
    containers, matrix, X = Containers(Inputs(LateWork())), Matrix(), np.arange(12.0).reshape(4, 3)
    containers.remember(matrix, [(Datum("X", X), "X_train")])

    trained = containers.opened(Datum("X", matrix), told)
    watched = containers.opened(Datum("val", matrix, is_trained_on=False), told)

    assert trained is not None
    assert watched is not None
    assert [("X_train", "X", 4), ("X_train", "val.X", 4)] == [
        (record.name, record.role, record.rows) for _, record in (*trained, *watched)
    ]
    assert trained[0][1].digest == watched[0][1].digest is not None


def test_what_was_not_seen_being_made_is_not_known() -> None:
    assert Containers(Inputs(LateWork())).opened(Datum("X", Matrix()), told) is None


def test_a_container_that_is_gone_is_forgotten() -> None:
    containers, matrix = Containers(Inputs(LateWork())), Matrix()
    containers.remember(matrix, [(Datum("X", np.ones(3)), "X")])

    del matrix
    gc.collect()

    assert {} == containers._known


def test_a_digest_that_comes_late_reaches_the_fits_that_took_the_data_in_meanwhile() -> None:
    late = LateWork()
    containers, matrix = Containers(Inputs(late)), Matrix()
    large = np.random.default_rng(0).normal(size=1_000_000)  # 8 MB: more than is digested at once
    said: list[DatasetRecord] = []
    containers.remember(matrix, [(Datum("X", large), "large")])

    ((_, record),) = containers.opened(Datum("X", matrix), said.append) or []
    assert late.wait(60)

    assert Keeping.KEPT is record.digest_status
    assert record.digest
    assert all(one is record for one in said)


class Clock:
    """Goes on by a step whenever it is asked: describing takes one step, and so does what lies between."""

    def __init__(self, step_s: float) -> None:
        self.step_s = step_s
        self.now_s = 0.0

    def __call__(self) -> float:
        self.now_s += self.step_s
        return self.now_s


def described(containers: Containers) -> int:
    """Return of how many sources there is a record."""
    return sum(source.record is not None for _, sources in containers._known.values() for source in sources)


def make(containers: Containers, count: int) -> list[Matrix]:
    """Make a container for every row, as a loop over rows would."""
    made = [Matrix() for _ in range(count)]
    for matrix in made:
        containers.remember(matrix, [(Datum("X", ROW), "row")])
    return made


def test_a_loop_that_makes_a_container_for_every_row_is_slowed_by_a_bounded_sum() -> None:
    containers = Containers(Inputs(LateWork()), clock=Clock(step_s=0.001))

    made = make(containers, 3000)

    # A quarter of a second at once, and two percent of the three to four seconds that the loop lasts.
    assert 0.25 + 3.0 * 0.02 <= described(containers) * 0.001 <= 0.25 + 4.0 * 0.02
    ((_, record),) = containers.opened(Datum("X", made[-1]), told) or []
    assert record.digest, "what was not described when it was made is described when a fit takes it"


def test_containers_are_described_again_when_the_loop_that_made_thousands_is_over() -> None:
    clock = Clock(step_s=0.001)
    containers = Containers(Inputs(LateWork()), clock=clock)
    loop = make(containers, 3000)
    before = described(containers)

    clock.now_s += 60  # two percent of a minute pay for all that may be at once
    after = make(containers, 100)

    assert before + 100 == described(containers)
    assert len(loop) + len(after) == len(containers._known)
