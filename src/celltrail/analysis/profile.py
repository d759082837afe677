"""A small profile of data, from at most 10,000 rows: what is missing, how numbers are spread, what is common.

Values of a column are kept only where that tells of no single row: at most 50 distinct ones, each seen at least
ten times (PRODUCT section 9; the two numbers are a rule of thumb, no guarantee).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from celltrail.analysis import fingerprint_pandas
from celltrail.analysis.fingerprint import family_of
from celltrail.analysis.personal_columns import personal_kind
from celltrail.analysis.sampling import places

_MOST_ROWS = 10_000
_MOST_COLUMNS = 500
_AT_ONCE = 1_000_000  # numbers: 8 MB
_MOST_DISTINCT = 50
_LEAST_SEEN = 10
# Digits kept below the spread. A mean of 10,000 rows is known to a hundredth of it (sd / √n), a quantile less well:
# more would only be the sample's noise, and is most of the room that a profile takes.
_DIGITS = 5
_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def profile(obj: Any, personal: Sequence[str] = ()) -> dict[str, Any]:
    """Return a profile of a frame, a series or an array.

    Parameters
    ----------
    obj : object
        As for `describe_data`; anything else has an empty profile.
    personal : sequence of str, optional
        Columns that the settings mark as personal; others are found by name and content.

    Returns
    -------
    dict
        `rows` (in all), `sampled_rows`, and `columns`: for each, by name, `count` and `missing` in the sample;
        `min`, `max`, `mean`, `sd`, `quantiles` of numbers (missing and infinite ones left out), to a hundred
        thousandth of their spread; `values` with their counts where they may be kept. Of a column with personal data
        `count`, `missing` and `personal` (why).
    """
    family = family_of(obj)
    if family == "pandas":
        return _of_pandas(obj, personal)
    if family == "array" and obj.ndim in (1, 2) and len(obj):
        return _of_array(obj, personal)
    return {}


def _of_pandas(obj: Any, personal: Sequence[str]) -> dict[str, Any]:
    import numpy as np
    import pandas as pd

    length, named = fingerprint_pandas.named_columns(obj, _MOST_COLUMNS)
    picked = np.array(places(length, _MOST_ROWS), "i8")
    columns: dict[str, Any] = {}
    for name, array in named:
        values = array if len(picked) == len(array) else array.take(picked)
        missing = np.asarray(pd.isna(values))
        seen = values[~missing]
        columns[name] = {"count": len(seen), "missing": int(missing.sum())}
        if (kind := personal_kind(name, seen, personal)) is not None:
            columns[name]["personal"] = kind
            continue
        columns[name] |= _common_values(seen)
        if getattr(array.dtype, "kind", "") in "biuf" and not isinstance(array.dtype, pd.CategoricalDtype):
            columns[name] |= _numbers(np.asarray(seen, dtype="f8"))
    return {"rows": length, "sampled_rows": len(picked), "columns": columns}


def _of_array(obj: Any, personal: Sequence[str]) -> dict[str, Any]:
    import numpy as np

    values = np.ndarray.view(obj, np.ndarray)
    picked = places(len(values), _MOST_ROWS)
    sample = values[picked] if len(picked) < len(values) else values
    if sample.ndim == 1:
        sample = sample[:, None]
    columns: dict[str, Any] = {}
    if sample.dtype.kind in "biuf":
        for place, numbers in enumerate(_each_numbers(sample[:, :_MOST_COLUMNS])):
            column = sample[:, place]
            seen = column[~np.isnan(column)] if column.dtype.kind == "f" else column
            name = str(place) if values.ndim == 2 else ""
            columns[name] = {"count": len(seen), "missing": len(column) - len(seen)}
            if (kind := personal_kind(name, seen, personal)) is not None:
                columns[name]["personal"] = kind
                continue
            columns[name] |= numbers | _common_values(seen)
    return {"rows": len(values), "sampled_rows": len(picked), "columns": columns}


def _each_numbers(sample: Any) -> Iterator[dict[str, Any]]:
    """Yield the numbers of each column; those of many at once take little more than those of one."""
    import numpy as np

    step = max(1, _AT_ONCE // max(1, len(sample)))
    for start in range(0, sample.shape[1], step):
        rows = np.ascontiguousarray(sample[:, start : start + step].T, dtype="f8")
        whole = np.isfinite(rows).all(axis=1)
        told = iter(_of_rows(rows if whole.all() else rows[whole]))
        for row, is_whole in zip(rows, whole, strict=True):
            yield next(told) if is_whole else _numbers(row)


def _numbers(values: Any) -> dict[str, Any]:
    import numpy as np

    values = values[np.isfinite(values)]
    return _of_rows(values[None, :])[0] if len(values) else {}


def _of_rows(rows: Any) -> list[dict[str, Any]]:
    """Return the numbers of each row, all of them finite."""
    import numpy as np

    with np.errstate(all="ignore"):
        # A spread beyond the largest float is infinite, which is no fault of the user's cell.
        means, spreads = rows.mean(axis=1), rows.std(axis=1, ddof=1) if rows.shape[1] > 1 else np.zeros(len(rows))
        quantiles = np.quantile(rows, _QUANTILES, axis=1).T
    told = np.column_stack([rows.min(axis=1), rows.max(axis=1), means, spreads, quantiles])
    return [_named(numbers) for numbers in told.tolist()]


def _named(numbers: list[float]) -> dict[str, Any]:
    low, high, mean, sd, *quantiles = _rounded(numbers, numbers[3])
    named = dict(zip(map(str, _QUANTILES), quantiles, strict=True))
    return {"min": low, "max": high, "mean": mean, "sd": sd, "quantiles": named}


def _rounded(numbers: list[float], spread: float) -> list[float]:
    """Leave out the digits that tell nothing of a sample; a whole number stays what it is."""
    if not math.isfinite(spread) or spread <= 0:
        return numbers
    decimals = max(0, _DIGITS - math.floor(math.log10(spread)))
    return [round(number, decimals) for number in numbers]


def _common_values(seen: Any) -> dict[str, Any]:
    """Return the values and how often each was seen, if none of them tells of a single row."""
    import numpy as np

    counts: dict[Any, int] = {}
    for value in np.asarray(seen).tolist():
        if type(value) not in (str, int, float, bool):
            return {}
        counts[value] = counts.get(value, 0) + 1
        if len(counts) > _MOST_DISTINCT:
            return {}
    if not counts or min(counts.values()) < _LEAST_SEEN:
        return {}
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0])))
    return {"values": [[value, count] for value, count in ranked]}
