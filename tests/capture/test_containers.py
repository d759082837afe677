"""What containers of data were made from is known as long as they live, and at a bounded cost."""

from __future__ import annotations

import gc

import numpy as np

from celltrail.capture.containers import Containers
from celltrail.capture.inputs import Inputs
from celltrail.capture.late import LateWork
from celltrail.domain.record import DatasetRecord, Keeping
from celltrail.flavors.descriptions import Datum


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


def test_a_loop_that_makes_a_container_for_every_row_is_slowed_by_a_bounded_sum() -> None:
    containers = Containers(Inputs(LateWork()))
    row, made = np.ones((1, 30)), []

    for _ in range(20_000):
        matrix = Matrix()
        containers.remember(matrix, [(Datum("X", row), "row")])
        made.append(matrix)

    described = sum(source.record is not None for _, sources in containers._known.values() for source in sources)
    assert 0 < described < 15_000
    ((_, record),) = containers.opened(Datum("X", made[-1]), told) or []
    assert record.digest, "what was not described when it was made is described when a fit takes it"
