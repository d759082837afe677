"""The data whose digests are promised in `digests.json`. Written so that every pandas from 1.5 to 3 can make them.

`python tests/contract/golden_data.py` prints the digests of this environment in the form of that file.
"""

from __future__ import annotations

import datetime
import decimal
import json
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from celltrail.analysis.fingerprint import full_digest, sampled_digest


def golden_data() -> dict[str, Any]:
    """Return the data by name."""
    count = np.arange(1000)
    real = count / 7.0
    real[::50] = np.nan
    real[::70] = -0.0
    words = [None if place % 9 == 0 else f"wört {place % 13}" for place in range(1000)]
    days = pd.to_datetime(pd.Series(["1999-12-31 23:59:59.123456", None, "2030-01-01 00:00:00.000000"] * 3))
    levels = pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["k", "n"])
    mixed = [1, 2.5, "x", None, b"y", True, decimal.Decimal("1.10"), datetime.date(2024, 2, 29), (1, "a"), 2**70]
    return {
        "float64": real,
        "float32 matrix": real.astype("f4").reshape(100, 10),
        "int64": count,
        "uint8 image": (count % 251).astype("u1").reshape(10, 10, 10),
        "bool": count % 3 == 0,
        "complex": real + 1j,
        "numpy strings": np.array(["a", "bcd", ""]),
        "numpy dates": np.array(["1970-01-01", "NaT", "2262-01-01"], "M8[D]"),
        "far dates": np.array(["0001-01-01", "9999-12-31"], "M8[s]"),
        "empty": np.zeros((0, 3)),
        "list of numbers": [1, 2, 3],
        "list of words": ["a", None, "b"],
        "sparse": sparse.csr_matrix(np.diag([1.0, 0.0, 3.0])),
        "series of words": pd.Series(words, name="w"),
        "series of objects": pd.Series(mixed, dtype=object),
        "categories": pd.Series(words).astype("category"),
        "ordered categories": pd.Series(["lo", "hi", "lo"]).astype(pd.CategoricalDtype(["lo", "hi"], ordered=True)),
        "dates": days,
        "dates in Rome": days.dt.tz_localize("UTC").dt.tz_convert("Europe/Rome"),
        "spans": days - days.iloc[0],
        "nullable": pd.Series([1, None, 3], dtype="Int64"),
        "nullable bool": pd.Series([True, None], dtype="boolean"),
        "index": pd.Index(["a", "b"], name="k"),
        "levels": pd.DataFrame({"v": [1, 2]}, index=levels),
        "frame": pd.DataFrame({"real": real, "count": count, "word": words, "flag": count % 2 == 0, 5: count * 2}),
        "frame by time": pd.DataFrame({"x": [1.0, 2.0]}, index=pd.to_datetime(["2024-01-01", "2024-01-03"])),
        "structured": np.array([(1, 2.5, "a"), (2, np.nan, "b")], [("n", "i4"), ("x", "f8"), ("w", "U2")]),
        "masked": np.ma.masked_array([1, 2, 3], [False, True, False]),
        "big endian": np.arange(5, dtype=">i4"),
        "bytes": np.array([b"a", b"bc"]),
        "list of lists": [[1, 2.5], [None, "x"]],
        "list of dicts": [{"b": 1, "a": "x"}, {}],
        "objects of objects": pd.Series([np.array([1.0, np.nan]), {"k": {3, 1}}, ["a", None], np.array([[1, 2]])]),
        "sparse, unsorted with a duplicate": sparse.coo_matrix(
            ([1.0, 2.0, 3.0, 0.0], ([1, 0, 1, 2], [2, 0, 2, 1])), shape=(3, 4)
        ),
        "sparse column": pd.Series(pd.arrays.SparseArray([0, 0, 1, 2])),
        "months": pd.Series(pd.period_range("2020-01", periods=3, freq="M")),
        "numbers as categories": pd.Series([3, 1, None, 3], dtype="Int64").astype("category"),
        "two columns of one name": pd.DataFrame([[1, 2.5], [3, 4.5]], columns=["a", "a"]),
        "labels of two levels": pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)])),
        "nullable text and real": pd.DataFrame(
            {"w": pd.array(["é", None, ""], dtype="string"), "x": pd.array([1.5, None, -0.0], dtype="Float64")}
        ),
        "empty frame": pd.DataFrame({"a": pd.Series([], dtype="f8"), "b": pd.Series([], dtype=object)}),
    }


def digests() -> dict[str, list[str]]:
    """Return full and sampled digest of each."""
    return {name: [full_digest(data)[0], sampled_digest(data)] for name, data in golden_data().items()}


if __name__ == "__main__":
    print(json.dumps(digests(), indent=1, ensure_ascii=False))  # noqa: T201
