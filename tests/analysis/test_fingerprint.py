"""Equal content has equal digests; anything that changed has another."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse

from celltrail.analysis.canonical import NoCanonicalFormError
from celltrail.analysis.fingerprint import describe_data, full_digest, places, sampled_digest
from celltrail.domain.record import Keeping

NUMBERS = hnp.arrays(
    dtype=st.sampled_from(["f8", "f4", "i8", "i4", "u1", "?", "c16"]),
    shape=hnp.array_shapes(max_dims=3, max_side=7),
)


@given(NUMBERS)
def test_memory_order_strides_and_byte_order_do_not_count(values: Any) -> None:
    wide = np.repeat(values, 2, axis=-1)[..., ::2]
    swapped = values.astype(values.dtype.newbyteorder(">" if sys.byteorder == "little" else "<"))

    digest = full_digest(values)

    assert digest == full_digest(np.asfortranarray(values))
    assert digest == full_digest(wide)
    assert digest == full_digest(swapped)
    assert digest == full_digest(values[::-1][::-1])


@given(NUMBERS, st.data())
def test_one_changed_value_changes_the_digest(values: Any, data: st.DataObject) -> None:
    changed = values.copy()
    place = tuple(data.draw(st.integers(0, side - 1)) for side in values.shape)
    changed[place] = ~changed[place] if values.dtype.kind == "b" else (0 if changed[place] != 0 else 1)

    assert full_digest(values)[0] != full_digest(changed)[0]
    assert sampled_digest(values) != sampled_digest(changed)


def test_negative_zero_is_zero_and_there_is_one_nan() -> None:
    odd_nan = np.frombuffer(b"\x01\0\0\0\0\0\xf8\x7f", "f8")

    assert full_digest(np.array([0.0])) == full_digest(np.array([-0.0]))
    assert full_digest(np.array([np.nan])) == full_digest(odd_nan)
    assert full_digest(np.array([np.inf, -np.inf])) != full_digest(np.array([np.nan, -np.inf]))


def test_type_and_shape_count() -> None:
    values = np.arange(6)

    digests = {
        full_digest(one)[0]
        for one in (values, values.reshape(2, 3), values.reshape(3, 2), values.astype("i4"), values.astype("f8"))
    }

    assert 5 == len(digests)


def test_a_large_array_is_read_in_pieces_to_the_same_digest() -> None:
    values = np.random.default_rng(0).random((3000, 200))
    values[1234, 56] = np.nan

    assert full_digest(values) == full_digest(np.asfortranarray(values))
    assert full_digest(pd.DataFrame(values)) == full_digest(pd.DataFrame(np.asfortranarray(values)))


FRAMES = st.lists(
    st.tuples(
        st.one_of(st.none(), st.text(max_size=4)),
        st.floats(allow_nan=True),
        st.integers(-(2**63), 2**63 - 1),
        st.datetimes(min_value=pd.Timestamp("1700-01-01"), max_value=pd.Timestamp("2200-01-01")),
    ),
    min_size=1,
    max_size=20,
)


def frame_of(rows: list[Any]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["text", "real", "whole", "when"])
    frame["text"] = pd.Series([row[0] for row in rows], dtype=object)
    return frame


@given(FRAMES)
def test_what_a_column_is_stored_in_does_not_count(rows: list[Any]) -> None:
    frame = frame_of(rows)
    other = frame.assign(
        text=frame["text"].astype("string"),
        real=frame["real"].astype("Float64"),
        whole=frame["whole"].astype("Int64"),
        when=frame["when"].astype("datetime64[us]"),
    )

    assert full_digest(frame) == full_digest(other)
    assert sampled_digest(frame) == sampled_digest(other)


@given(FRAMES.filter(lambda rows: len(rows) > 1))
def test_order_of_rows_columns_and_index_counts(rows: list[Any]) -> None:
    frame = frame_of(rows)

    digests = {
        full_digest(one)[0]
        for one in (
            frame,
            frame.iloc[::-1],
            frame[frame.columns[::-1]],
            frame.rename(columns={"text": "words"}),
            frame.set_axis([f"r{place}" for place in range(len(frame))]),
        )
    }

    assert 5 == len(digests)


def test_a_changed_column_is_named_by_its_digest() -> None:
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    changed = frame.assign(b=["x", "z"])

    before, after = full_digest(frame)[1], full_digest(changed)[1]

    assert before is not None
    assert after is not None
    assert ["b"] == [name for name in before if before[name] != after[name]]


def test_categories_count_by_value() -> None:
    words = pd.Series(["b", "a", None, "b"])
    plain = words.astype("category")
    reordered = words.astype(pd.CategoricalDtype(["b", "z", "a"]))
    ordered = words.astype(pd.CategoricalDtype(["a", "b"], ordered=True))
    otherwise = words.astype(pd.CategoricalDtype(["b", "a"], ordered=True))

    assert full_digest(plain) == full_digest(reordered)
    assert 4 == len({full_digest(one)[0] for one in (words, plain, ordered, otherwise)})


def test_missing_values_are_not_zeros_nor_empty_strings() -> None:
    for missing, there in [
        (pd.Series([1, None], dtype="Int64"), pd.Series([1, 0], dtype="Int64")),
        (pd.Series(["a", None], dtype=object), pd.Series(["a", ""], dtype=object)),
        (pd.to_datetime(pd.Series(["2020-01-01", None])), pd.to_datetime(pd.Series(["2020-01-01", "1970-01-01"]))),
    ]:
        assert full_digest(missing)[0] != full_digest(there)[0]
    assert full_digest(pd.Series(["a", None], dtype=object)) == full_digest(pd.Series(["a", np.nan], dtype=object))


def test_time_zones_count_as_name_and_the_instant_is_utc() -> None:
    utc = pd.Series(pd.to_datetime(["2024-03-01 12:00"])).dt.tz_localize("UTC")
    rome = utc.dt.tz_convert("Europe/Rome")

    assert full_digest(utc)[0] != full_digest(rome)[0]
    assert full_digest(utc) == full_digest(rome.dt.tz_convert("UTC"))
    assert full_digest(utc) == full_digest(utc.astype("datetime64[s, UTC]"))


def test_an_index_that_counts_is_the_same_however_it_is_stored() -> None:
    frame = pd.DataFrame({"a": [1.0, 2.0, 3.0]})

    assert full_digest(frame) == full_digest(frame.set_axis(pd.Index([0, 1, 2])))
    assert full_digest(frame) != full_digest(frame.set_axis(pd.Index([0, 1, 3])))
    assert full_digest(frame) != full_digest(frame.set_axis(pd.Index([0, 1, 2], name="id")))


def test_a_sparse_matrix_has_one_digest_in_every_format_and_is_left_alone() -> None:
    dense = np.array([[0.0, 1.0, 0.0], [2.0, 0.0, 3.0]])
    unsorted = sparse.csr_matrix((np.array([3.0, 2.0, 1.0, 0.0]), [2, 0, 1, 0], [0, 0, 2]), shape=(2, 3))
    unsorted = sparse.csr_matrix(([1.0, 0.0, 3.0, 2.0], [1, 0, 2, 0], [0, 2, 4]), shape=(2, 3))
    before = dict(vars(unsorted))

    digests = {full_digest(form(dense))[0] for form in (sparse.csr_matrix, sparse.csc_matrix, sparse.coo_array)}

    assert {full_digest(unsorted)[0]} == digests
    assert before == vars(unsorted)
    assert full_digest(sparse.csr_matrix(dense * 2))[0] not in digests
    assert 2 == describe_data(unsorted, name="X", role="X").rows  # type: ignore[union-attr]


def test_lists_of_numbers_and_strings_are_known() -> None:
    lists: list[Any] = [[1, 2], [1.0, 2.0], ["1", "2"], [True, False], [1, None], [[1, 2], [3, 4]], [2**70], (1, "a")]

    assert len(lists) == len({full_digest(one)[0] for one in lists})
    assert full_digest([1, 2]) == full_digest((1, 2))
    assert sampled_digest(list(range(1000))) != sampled_digest(list(range(1001)))


def test_objects_of_others_are_not_touched() -> None:
    class Trap:
        __class__ = property(lambda _: pytest.fail("touched"))  # type: ignore[assignment]

        def __getattribute__(self, name: str) -> Any:
            raise AssertionError(name)

        def __len__(self) -> int:
            raise AssertionError

    for unknown in (Trap(), {"a": 1}, "text", 3, None, [Trap()], [], np.float64(1), np.dtype("f8"), np.array):
        assert describe_data(unknown, name="X", role="X") is None


def test_what_has_no_canonical_form_says_why() -> None:
    class Thing:
        pass

    frame = pd.DataFrame({"a": [1], "b": [Thing()]})

    record = describe_data(frame, name="X", role="X")

    assert record is not None
    assert Keeping.NOT_KEPT == record.digest_status
    assert "Thing" in record.reason
    with pytest.raises(NoCanonicalFormError, match="column 'b' holds objects of class Thing"):
        full_digest(frame)


def test_a_record_describes_what_came_in() -> None:
    frame = pd.DataFrame({"a": [1.5, 2.5], "b": ["x", None], ("c", 1): pd.Categorical(["u", "v"])})

    record = describe_data(frame, name="X_train", role="X")

    assert record is not None
    assert ("X_train", "X", "pandas.DataFrame", 2) == (record.name, record.role, record.kind, record.rows)
    assert [["a", "float64"], ["b", "string"], ['["c", 1]', "category[string]"]] == record.columns
    assert Keeping.PENDING == record.digest_status
    assert 32 == len(record.sampled_digest or "")


def test_arrays_are_described_with_shape_and_type() -> None:
    record = describe_data(np.zeros((5, 2), "f4"), name="X", role="X")

    assert record is not None
    assert ("numpy.ndarray", 5, [["0", "float32"], ["1", "float32"]], 40) == (
        record.kind,
        record.rows,
        record.columns,
        record.size_bytes,
    )


def test_the_sample_holds_both_ends() -> None:
    assert [0, 1, 2] == places(3, 256)
    assert (0, 9_999, 256) == (places(10_000, 256)[0], places(10_000, 256)[-1], len(set(places(10_000, 256))))


@pytest.mark.parametrize(
    "obj",
    [
        np.zeros(()),
        np.zeros((0, 3)),
        np.array(["a", "bc"]),
        np.array([b"a"]),
        np.array(["2020", "NaT"], "M8[D]"),
        np.ma.masked_array([1.0, 2.0], [True, False]),
        np.ones((1, 2)).view(np.matrix),  # made by name it warns, where no other library has silenced it
        pd.Series([], dtype=object),
        pd.DataFrame(),
        pd.DataFrame({"a": pd.arrays.SparseArray([0, 0, 1])}),
        pd.Series(pd.period_range("2020", periods=3, freq="M")),
        pd.Series([1, "a", None, 2.5, b"x"], dtype=object),
        pd.MultiIndex.from_product([["a"], [1, 2]], names=["k", None]),
        pd.Series([1, 2], index=pd.MultiIndex.from_product([["a"], [1, 2]])),
        pd.Index(["a", "b"], name="n"),
        pd.array([1, None], dtype="Int64"),
        pd.DataFrame([[1, 2]], columns=["a", "a"]),
        pd.Series([True, None], dtype="boolean"),
    ],
    ids=repr,
)
def test_every_known_kind_has_its_digests(obj: Any) -> None:
    record = describe_data(obj, name="d", role="X")

    assert record is not None
    assert record.sampled_digest
    assert full_digest(obj) == full_digest(obj)
