"""To look at data changes nothing about them: no cache, no owner, no warning, no memory kept or taken."""

from __future__ import annotations

import gc
import tracemalloc
import weakref
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from celltrail.analysis.fingerprint import describe_data, full_digest
from celltrail.analysis.profile import profile
from celltrail.analysis.unchanged import state_of
from celltrail.capture.seen import SeenRows


def traces_of(obj: Any) -> dict[str, Any]:
    """Return which attributes and caches an object of pandas and its axes have."""
    axes = [obj, *obj.axes] if hasattr(obj, "axes") else [obj]
    found = {}
    for place, one in enumerate(axes):
        found[f"{place}"] = sorted(vars(one))
        found[f"{place} cache"] = sorted(vars(one).get("_cache", ()))
        for level, inner in enumerate(vars(one).get("_levels", ()) or ()):
            found[f"{place} level {level}"] = sorted(vars(inner).get("_cache", ()))
    return found


LEVELS = pd.MultiIndex.from_product([["a", "b"], range(3)], names=["k", "n"])
OBJECTS = {
    "count": lambda: pd.DataFrame({"a": range(600), "b": "x"}),
    "labels": lambda: pd.DataFrame({"a": range(600)}, index=[f"r{place}" for place in range(600)]),
    "shuffled": lambda: pd.DataFrame({"a": range(600)}).sample(frac=1, random_state=0),
    "levels": lambda: pd.DataFrame({"a": range(6)}, index=LEVELS),
    "times": lambda: pd.DataFrame({"a": range(600)}, index=pd.date_range("2020", periods=600, freq="h")),
    "series": lambda: pd.Series(range(600), name="y").sample(frac=1, random_state=0),
    "categories": lambda: pd.Series(pd.Categorical(["a", "b"] * 300)),
    "index": lambda: pd.Index(range(5, 600, 2)),
    "level index": LEVELS.copy,
}


@pytest.mark.parametrize("name", OBJECTS)
def test_no_cache_is_left_on_what_was_looked_at(name: str) -> None:
    obj = OBJECTS[name]()
    categories = obj.cat.categories if name == "categories" else pd.RangeIndex(0)
    before, before_categories = traces_of(obj), sorted(categories._cache)

    describe_data(obj, name="X", role="X", at_once_bytes=1 << 20)
    full_digest(obj)
    state_of(obj)
    profile(obj)

    assert before == traces_of(obj)
    assert before_categories == sorted(categories._cache)


def test_asking_whether_rows_were_seen_leaves_no_hash_table_on_the_users_index() -> None:
    y = pd.Series(range(600)).sample(frac=1, random_state=0)
    train, test = y[:400].copy(), y[300:].copy()
    seen = SeenRows()
    seen.add(train, "digest of train")
    before = traces_of(train), traces_of(test)

    assert seen.holds(test, "digest of test") is True
    assert before == (traces_of(train), traces_of(test))


def test_reading_a_frame_makes_its_next_write_no_copy() -> None:
    frame = pd.DataFrame(np.zeros((1000, 3)))
    address = frame._mgr.blocks[0].values.__array_interface__["data"][0]  # type: ignore[attr-defined]
    held = describe_data(frame, name="X", role="X", at_once_bytes=1 << 20), full_digest(frame), state_of(frame)

    frame.iloc[0, 0] = 1.0

    assert address == frame._mgr.blocks[0].values.__array_interface__["data"][0]  # type: ignore[attr-defined]
    assert held[0] is not None


@pytest.mark.parametrize(
    "make",
    [
        lambda: np.random.default_rng(0).random((1_500_000, 10)),
        lambda: np.asfortranarray(np.random.default_rng(0).random((1_500_000, 10))),
        lambda: pd.DataFrame(np.random.default_rng(0).random((1_500_000, 10))),
        lambda: pd.DataFrame({"t": pd.date_range("2020", periods=5_000_000, freq="s")}),
        lambda: pd.DataFrame({"w": ["word"] * 3_000_000}),
        lambda: pd.DataFrame({"c": pd.Categorical.from_codes(np.arange(10_000_000) % 5, list("abcde"))}),
        lambda: pd.DataFrame({"n": pd.array(np.arange(5_000_000), "Int64")}).mask(lambda d: d.n == 5),
    ],
    ids=["C order", "Fortran order", "frame", "dates", "words", "categories", "nullable"],
)
def test_a_digest_takes_at_most_64_megabytes_beside_the_data(make: Any) -> None:
    data = make()

    tracemalloc.start()
    full_digest(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 64 << 20


def test_nothing_holds_the_data_after_the_digest() -> None:
    makers: list[Any] = [
        lambda: np.zeros((100, 3)),
        lambda: pd.DataFrame({"a": [1.0]}),
        lambda: sparse.csr_matrix(np.eye(3)),
    ]
    for make in makers:
        data = make()
        full_digest(data)
        describe_data(data, name="X", role="X", at_once_bytes=1 << 20)
        state = state_of(data)
        reference = weakref.ref(data)
        del data
        gc.collect()
        assert reference() is None
        del state


def test_a_subclass_is_read_as_the_frame_beneath_and_none_of_its_methods_is_called() -> None:
    class Frame(pd.DataFrame):
        @property
        def _constructor(self) -> Any:
            raise AssertionError

        def __getattribute__(self, name: str) -> Any:
            raise AssertionError(name)

    class Values(np.ndarray):
        def __getitem__(self, key: Any) -> Any:
            raise AssertionError

        def __array_finalize__(self, obj: Any) -> None:
            self.hidden = 1

    plain = pd.DataFrame({"a": [1, 2], "b": ["x", None]})
    mine = object.__new__(Frame)
    object.__setattr__(mine, "_mgr", plain._mgr)

    record = describe_data(mine, name="X", role="X")

    assert record is not None
    assert full_digest(plain) == full_digest(mine)
    assert full_digest(np.arange(6.0)) == full_digest(np.arange(6.0).view(Values))
