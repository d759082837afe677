"""The same data are read once; what changed is noticed; nothing is held."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import numpy as np
import pandas as pd
import pytest

from celltrail.analysis import fingerprint_numpy, pandas_columns
from celltrail.analysis.buffers import BufferBook, ChangedError
from celltrail.analysis.fingerprint import full_digest
from celltrail.capture.inputs import Inputs
from celltrail.capture.late import LateWork
from celltrail.domain.record import DatasetRecord, Keeping


@pytest.fixture
def late() -> LateWork:
    return LateWork()


@pytest.fixture
def inputs(late: LateWork) -> Inputs:
    return Inputs(late)


def entered(inputs: Inputs, late: LateWork, data: Any) -> DatasetRecord:
    record = inputs.describe(data, name="X", role="X", landed=lambda _: None)
    assert late.wait(60)
    assert record is not None
    return record


MAKERS = {
    "array": lambda rows: np.random.default_rng(0).random((rows, 3)),
    "Fortran": lambda rows: np.asfortranarray(np.random.default_rng(0).random((rows, 3))),
    "frame": lambda rows: pd.DataFrame(np.random.default_rng(0).random((rows, 3)), columns=list("abc")),
    "series": lambda rows: pd.Series(np.random.default_rng(0).random(rows)),
}


@pytest.mark.parametrize("rows", [150, 400_000])
@pytest.mark.parametrize("name", MAKERS)
def test_a_value_changed_in_place_between_two_fits_is_noticed(
    inputs: Inputs, late: LateWork, name: str, rows: int
) -> None:
    data = MAKERS[name](rows)
    before = entered(inputs, late, data)
    (data.iloc if hasattr(data, "iloc") else data)[rows - 2 if data.ndim == 1 else (rows - 2, 1)] = 7.0

    after = entered(inputs, late, data)

    assert {Keeping.KEPT} == {before.digest_status, after.digest_status}
    assert before.digest != after.digest
    assert full_digest(data)[0] == after.digest


@pytest.mark.parametrize("rows", [150, 400_000])
@pytest.mark.parametrize("name", MAKERS)
def test_thirty_fits_of_the_same_data_read_them_once(
    inputs: Inputs, late: LateWork, name: str, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = MAKERS[name](rows)
    digests = {entered(inputs, late, data).digest}
    for module, function in (
        (fingerprint_numpy, "_digest"),
        (pandas_columns, "_made"),
        (pandas_columns, "_in_lockstep"),
    ):
        original = getattr(module, function)

        def once(*given: Any, original: Any = original) -> Any:
            assert given[0].nbytes < 1 << 18, "read again"
            return original(*given)

        monkeypatch.setattr(module, function, once)

    digests |= {entered(inputs, late, data).digest for _ in range(30)}

    assert 1 == len(digests)


def test_a_renamed_column_or_another_index_is_other_data(inputs: Inputs, late: LateWork) -> None:
    frame = MAKERS["frame"](150)
    found = [entered(inputs, late, frame).digest]

    frame.columns = list("abd")
    found.append(entered(inputs, late, frame).digest)
    frame.index = pd.RangeIndex(5, 155)
    found.append(entered(inputs, late, frame).digest)
    frame.index.name = "row"
    found.append(entered(inputs, late, frame).digest)

    assert 4 == len(set(found))


def test_a_frame_without_one_column_reads_no_other_column_again(inputs: Inputs, late: LateWork) -> None:
    whole = pd.DataFrame({name: np.random.default_rng(0).random(400_000) for name in "abc"})
    before = entered(inputs, late, whole).column_digests or {}

    after = entered(inputs, late, whole.drop(columns="b")).column_digests or {}

    assert {"a": before["a"], "c": before["c"]} == after


def test_what_changes_while_it_is_read_has_no_digest(inputs: Inputs, late: LateWork) -> None:
    data = np.zeros(1 << 20)

    def make() -> str:
        data[12_345] += 1
        return "a digest"

    with pytest.raises(ChangedError):
        BufferBook().once([data], make)


def test_nothing_is_held_when_the_digest_is_there(inputs: Inputs, late: LateWork) -> None:
    data = MAKERS["frame"](400_000)
    record = entered(inputs, late, data)
    reference = weakref.ref(data)

    del data
    gc.collect()

    assert Keeping.KEPT == record.digest_status
    assert reference() is None


def test_columns_of_arrow_are_read_once_and_a_change_is_noticed(inputs: Inputs, late: LateWork) -> None:
    pytest.importorskip("pyarrow")
    frame = pd.DataFrame({"w": pd.Series([f"word {place}" for place in range(400_000)], dtype="string[pyarrow]")})
    before = entered(inputs, late, frame)
    again = entered(inputs, late, frame)
    frame.loc[12_345, "w"] = "another"

    after = entered(inputs, late, frame)

    assert before.digest == again.digest != after.digest
    assert full_digest(frame)[0] == after.digest
