"""The key of a measure: the function, then every argument that changes the thing measured."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from celltrail.flavors.recorded import parameter_defaults

# Parameters that hold what is true, and what was predicted, in the order in which they are looked for.
TARGETS = ("y_true", "labels_true", "y1", "a", "X")
PREDICTIONS = ("y_pred", "y_score", "y_proba", "y_prob", "pred_decision", "labels_pred", "y2", "b", "labels")

# Parameters that do not change what is measured: data, looks, what to do where a value is not defined.
_NOT_IN_KEYS = frozenset({*TARGETS, *PREDICTIONS, "estimator", "x", "y", "contingency"} - {"labels"}) | {
    "digits",
    "drop_intermediate",
    "metric_func",
    "metric_params",
    "n_jobs",
    "output_dict",
    "raise_warning",
    "random_state",
    "replace_undefined_by",
    "target_names",
    "verbose",
    "warn_for",
    "zero_division",
}

# Parameters whose value says enough without their name.
_BARE = ("average", "multioutput", "multi_class", "average_method")

_LONGEST_LIST = 40


def measure_key(function: str, arguments: Mapping[str, Any]) -> str:
    """Return the key of a measure, without the name of the data.

    Parameters
    ----------
    function : str
        Name of a function of `sklearn.metrics`.
    arguments : mapping
        As given, by parameter name.

    Returns
    -------
    str
        `accuracy_score`, `f1_score.macro`, `fbeta_score.beta=2`, `accuracy_score.sample_weight`. Arguments that
        equal the default are left out; the order in which they are given makes no difference.
    """
    defaults = _defaults(function)
    bare, named = [], []
    for name, value in sorted(arguments.items()):
        if name in _NOT_IN_KEYS or value is None or _equals(value, defaults.get(name)):
            continue
        if name == "labels" and "X" in arguments:
            continue  # the clusters that are judged
        if name == "sample_weight":
            named.append(name)
        elif name in _BARE and isinstance(value, str):
            bare.append(value)
        else:
            named.append(f"{name}={_short(value)}")
    return ".".join([function, *(value for value in bare if value != "raw_values"), *named])


def _defaults(function: str) -> Mapping[str, Any]:
    known = getattr(sys.modules.get("sklearn.metrics"), function, None)
    return {} if known is None else parameter_defaults(known)


def _equals(value: Any, default: Any) -> bool:
    return type(value) is type(default) and isinstance(value, bool | int | float | str) and bool(value == default)


def _short(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list | tuple):
        text = "[" + ",".join(str(item) for item in value) + "]"
        return text if len(text) <= _LONGEST_LIST else f"[{len(value)} values]"
    return getattr(value, "__name__", None) or str(value)
