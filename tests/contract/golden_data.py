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
        "empty frame": pd.DataFrame({"a": pd.Series([], dtype="f8"), "b": pd.Series([], dtype=object)}),
    }


def digests() -> dict[str, list[str]]:
    """Return full and sampled digest of each."""
    return {name: [full_digest(data)[0], sampled_digest(data)] for name, data in golden_data().items()}


if __name__ == "__main__":
    print(json.dumps(digests(), indent=1, ensure_ascii=False))  # noqa: T201
