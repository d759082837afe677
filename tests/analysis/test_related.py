"""Which rows and columns of which frame: said only where labels and values agree."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import train_test_split

from celltrail.analysis.related import Related, related_to


@pytest.fixture
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame({"a": rng.random(500), "b": rng.integers(0, 9, 500), "w": ["x", "y"] * 250})


def facts_of(origin: Related | None) -> Any:
    return None if origin is None else (origin.name, origin.rows, origin.added, origin.removed, origin.changed)


def test_a_split_is_rows_of_the_frame(frame: pd.DataFrame) -> None:
    train, test = train_test_split(frame, random_state=0)
    names = {"df": frame, "train": train, "test": test}

    assert ("df", 500, [], [], []) == facts_of(related_to(train, names))
    assert ("df", 500, [], [], []) == facts_of(related_to(test, names))
    assert related_to(frame, names) is None


@pytest.mark.parametrize(
    "make",
    [
        lambda df: df[df.b > 4],
        lambda df: df.iloc[::3],
        lambda df: df.head(100),
        lambda df: df.sample(300, replace=True, random_state=0),
        lambda df: df.set_axis([f"r{place}" for place in range(500)]).iloc[10:90],
    ],
    ids=["mask", "step", "head", "bootstrap", "labels"],
)
def test_rows_are_found_however_they_were_taken(frame: pd.DataFrame, make: Any) -> None:
    part = make(frame)
    whole = frame.set_axis([f"r{place}" for place in range(500)]) if part.index.dtype == object else frame
    whole = whole if type(part.index[0]) is not str else frame.set_axis([f"r{place}" for place in range(500)])

    assert ("df", 500, [], [], []) == facts_of(related_to(part, {"df": whole, "part": part}))


def test_columns_more_and_less_are_named(frame: pd.DataFrame) -> None:
    wider = frame.assign(txn_hour=1)
    narrower = frame.drop(columns="w")
    changed = frame.iloc[:400].assign(a=0.0)

    assert ("df", 500, ["txn_hour"], [], []) == facts_of(related_to(wider, {"df": frame, "X": wider}))
    assert ("df", 500, [], ["w"], []) == facts_of(related_to(narrower, {"df": frame, "X": narrower}))
    assert ("df", 500, [], [], ["a"]) == facts_of(related_to(changed, {"df": frame, "X": changed}))


def test_a_target_is_a_column_of_its_frame(frame: pd.DataFrame) -> None:
    y_train = frame["b"].iloc[100:]

    assert ("df.b", 500, [], [], []) == facts_of(related_to(y_train, {"df": frame, "y_train": y_train}))


def test_nothing_is_said_where_it_would_be_a_guess(frame: pd.DataFrame) -> None:
    others = frame.assign(a=frame.a + 1, b=frame.b + 1, w="z").iloc[:100]
    constant = pd.DataFrame({"one": [1] * 100})
    reset = frame.iloc[200:300].reset_index(drop=True)
    outside = frame.iloc[:100].set_axis(range(450, 550))
    twins = frame.set_axis([0] * 500)

    assert related_to(others, {"df": frame, "part": others}) is None
    assert related_to(constant, {"df": pd.DataFrame({"one": [1] * 500}), "part": constant}) is None
    assert related_to(reset, {"df": frame, "part": reset}) is None
    assert related_to(outside, {"df": frame, "part": outside}) is None
    assert related_to(twins.iloc[:100], {"df": twins}) is None
    assert related_to(frame.copy(), {"df": frame}) is None
    assert related_to(frame.to_numpy(), {"df": frame}) is None


def test_a_later_frame_with_as_many_rows_is_no_origin(frame: pd.DataFrame) -> None:
    later = frame.assign(more=1)

    assert related_to(frame, {"df": frame, "later": later}) is None
