"""A run in brief, so that a list reads one table: its params and metrics, without the keys that its neighbours share.

The keys stand once in `shapes`, the values of each run in `runs.summary` and `runs.measured`.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from celltrail.store.values import json_in, json_out, number_in, number_out

# A longer text is cut here; the whole stands in `params`.
LONGEST_TEXT = 200


@dataclass(slots=True)
class MetricBrief:
    """A metric in six numbers; all but `last` and `count` describe several values.

    Each metric of each cell makes some, and a frozen one takes three times as long; nobody writes into them.
    """

    last: float
    min: float | None
    max: float | None
    mean: float | None
    sd: float | None
    count: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What `runs.summary` and its shape say.

    Attributes
    ----------
    params : dict
        Of the only fit and those logged by hand; `NAME:key` where there are several fits.
    written : frozenset of str
        The keys of `params` that the source sets.
    metrics : dict of str to MetricBrief
        Last value and the rest; `NAME:key` where there are several fits.
    main_metric : str or None
        A key of `metrics`.
    """

    params: Mapping[str, Any] = field(default_factory=dict)
    written: frozenset[str] = frozenset()
    metrics: Mapping[str, MetricBrief] = field(default_factory=dict)
    main_metric: str | None = None


def summary_in(summary: Summary) -> tuple[str, str, bytes | None]:
    """Return a summary as the JSON of its keys (`shapes.keys`) and of its values (`runs.summary`, `.measured`)."""
    params = list(summary.params)
    keys = {
        "params": params,
        "written": [place for place, key in enumerate(params) if key in summary.written],
        "metrics": list(summary.metrics),
        "main": summary.main_metric,
    }
    params_in = [_brief(value) for value in summary.params.values()]
    measured = list(summary.metrics.values())
    if measured and all(one.count == 1 for one in measured):
        return json_in(keys), json_in([params_in]), struct.pack(f"<{len(measured)}d", *(one.last for one in measured))
    return json_in(keys), json_in([params_in, [_numbers(one) for one in measured]]), None


def summary_out(keys: str, values: str, measured: bytes | None) -> Summary:
    """Undo `summary_in`."""
    shape = _shape(keys)
    params, metrics = _values(values, measured)
    names: Sequence[str] = shape["params"]
    return Summary(
        params=dict(zip(names, params, strict=True)),
        written=frozenset(names[place] for place in shape["written"]),
        metrics={key: _metric(found) for key, found in zip(shape["metrics"], metrics, strict=True)},
        main_metric=shape["main"],
    )


def brief_out(keys: str, values: str, measured: bytes | None) -> tuple[dict[str, Any], dict[str, float], str | None]:
    """Return what a list shows of a summary: params, the last value of each metric, the key of the main one."""
    shape = _shape(keys)
    params, metrics = _values(values, measured)
    lasts = (found[0] if isinstance(found, list) else found for found in metrics)
    return (
        dict(zip(shape["params"], params, strict=True)),
        {key: _number(last) for key, last in zip(shape["metrics"], lasts, strict=True)},
        shape["main"],
    )


def describe(values: Sequence[float]) -> MetricBrief:
    """Return values in six numbers; min, max, mean and sd are of the finite ones, and None where there are none."""
    if len(values) == 1:
        return MetricBrief(values[0], None, None, None, None, 1)
    finite = [value for value in values if number_in(value)[1] is None]
    if not finite:
        return MetricBrief(values[-1], None, None, None, None, len(values))
    mean = sum(finite) / len(finite)
    # The population's: these are all the values there are. (Three folds are not a sample of more folds.)
    sd = (sum((value - mean) ** 2 for value in finite) / len(finite)) ** 0.5
    return MetricBrief(values[-1], min(finite), max(finite), mean, sd, len(values))


@lru_cache(maxsize=256)
def _shape(keys: str) -> dict[str, Any]:
    """Return the keys that many runs share; nobody changes what is remembered here."""
    shape: dict[str, Any] = json_out(keys)
    return shape


def _values(values: str, measured: bytes | None) -> list[Any]:
    """Return the params, and what was measured."""
    found: list[Any] = json_out(values)
    return found if measured is None else [*found, struct.unpack(f"<{len(measured) // 8}d", measured)]


def _brief(value: Any) -> Any:
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return value[:LONGEST_TEXT] + "…"
    if isinstance(value, list | dict) and len(text := json.dumps(value, default=repr_free)) > LONGEST_TEXT:
        return text[:LONGEST_TEXT] + "…"
    return value


def repr_free(value: object) -> str:
    """Return the name of an object's class: no code of the user's runs here."""
    return f"<{type(value).__qualname__}>"


def _numbers(metric: MetricBrief) -> Any:
    number, special = number_in(metric.last)
    last: float | str = special if special is not None else float(number or 0.0)
    if metric.count == 1:
        return last
    return [last, metric.min, metric.max, metric.mean, metric.sd, metric.count]


def _metric(found: Any) -> MetricBrief:
    last, *rest = found if isinstance(found, list) else [found, None, None, None, None, 1]
    return MetricBrief(_number(last), *rest)


def _number(last: Any) -> float:
    return number_out(None, last) if isinstance(last, str) else float(last)
