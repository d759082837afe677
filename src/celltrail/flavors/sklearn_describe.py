"""What an estimator is, how it is set, what it kept of its training. Reads attributes; never predicts, never fits.

scikit-learn is recognised by the names of its classes, so that nothing is imported here that the user has not.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from celltrail.flavors.json_values import json_value

_KINDS = {
    "classifier": "predictor",
    "regressor": "predictor",
    "clusterer": "clusterer",
    "outlier_detector": "detector",
    "density_estimator": "predictor",
    "transformer": "transformer",
}

# Attributes that hold rows of the training data, as their documentation says.
_ROW_HOLDERS = (
    "_fit_X",  # neighbours, LocalOutlierFactor, KNNImputer
    "support_vectors_",  # SVC, SVR, OneClassSVM
    "X_train_",  # Gaussian processes
    "X_fit_",  # KernelRidge, KernelPCA
    "X_",  # LabelPropagation, LabelSpreading
    "training_data_",  # Isomap
)
_ROWS_IN_COMPONENTS = ("DBSCAN", "AffinityPropagation")
_TREES_OF_ROWS = ("KDTree", "KDTree32", "KDTree64", "BallTree", "BallTree32", "BallTree64")


@dataclass(frozen=True, slots=True)
class EstimatorDescription:
    """What an estimator is.

    Attributes
    ----------
    estimator, module : str
        Name and module of its class.
    kind : str
        predictor, clusterer, detector, transformer, pipeline or search.
    params : dict
        `get_params(deep=True)`, as JSON can hold it: numbers keep their type, infinities and NaN stay floats, an
        object is `{"repr": …}` without its address.
    contains_training_rows : bool
        Whether its pickle holds rows of the data it was trained on.
    """

    estimator: str
    module: str
    kind: str
    params: dict[str, Any]
    contains_training_rows: bool


def describe_estimator(estimator: Any) -> EstimatorDescription:
    """Describe an estimator, fitted or not.

    Parameters
    ----------
    estimator : object
        Anything with `fit`.

    Returns
    -------
    EstimatorDescription
        Its `params` are empty where the estimator has no `get_params`.
    """
    get_params = getattr(estimator, "get_params", None)
    params = get_params(deep=True) if callable(get_params) else {}
    return EstimatorDescription(
        estimator=type(estimator).__name__,
        module=type(estimator).__module__,
        kind=kind_of(estimator),
        params={name: json_value(value) for name, value in params.items()},
        contains_training_rows=any(_holds_rows(part) for part in _parts(estimator)),
    )


def kind_of(estimator: Any) -> str:
    """Return predictor, clusterer, detector, transformer, pipeline or search."""
    if _descends(estimator, "BaseSearchCV"):
        return "search"
    if _descends(estimator, "Pipeline"):
        return "pipeline"
    if (kind := _KINDS.get(_estimator_type(estimator) or "")) is not None:
        return kind
    if hasattr(estimator, "predict"):
        return "predictor"
    if hasattr(estimator, "transform") or hasattr(estimator, "fit_transform"):
        return "transformer"
    return "clusterer" if hasattr(estimator, "fit_predict") else "predictor"


def trains(estimator: Any, kind: str | None = None) -> bool:
    """Say whether fitting this estimator makes its cell a run.

    Parameters
    ----------
    estimator : object
        The outermost estimator that was fitted.
    kind : str, optional
        What `kind_of` says of it, where that is known.

    Returns
    -------
    bool
        True for predictors, clusterers, detectors and searches; for a pipeline as for its last step; False for
        transformers.
    """
    kind = kind or kind_of(estimator)
    if kind == "pipeline":
        last = _last_step(estimator)
        return last is not None and trains(last)
    return kind != "transformer"


def search_summary(estimator: Any) -> dict[str, Any] | None:
    """Return what a search found, with every candidate and fold.

    Parameters
    ----------
    estimator : object
        Fitted.

    Returns
    -------
    dict or None
        `best_params`, `best_score`, `best_index`, `best_folds`, `n_splits`, `scorer` and `trials`, a table
        `{"columns": […], "rows": […]}` with a row a candidate: its parameters (`param_C`), then what
        `cv_results_` holds. What the search did not determine is None. None where this is no fitted search.
    """
    results = getattr(estimator, "__dict__", {}).get("cv_results_")
    if not isinstance(results, Mapping) or "params" not in results:
        return None
    best_index = getattr(estimator, "best_index_", None)
    best_score = getattr(estimator, "best_score_", None)
    return {
        "best_params": json_value(getattr(estimator, "best_params_", None)),
        "best_score": None if best_score is None else float(best_score),
        "best_index": None if best_index is None else int(best_index),
        "best_folds": _best_folds(estimator, results, best_index),
        "n_splits": json_value(getattr(estimator, "n_splits_", None)),
        "scorer": json_value(getattr(estimator, "scoring", None)),
        "trials": _trials(results),
    }


def _trials(results: Mapping[str, Any]) -> dict[str, Any]:
    candidates = results["params"]
    params = list(dict.fromkeys(name for candidate in candidates for name in candidate))
    figures = [name for name in results if name != "params" and not name.startswith("param_")]
    columns = [results[name].tolist() for name in figures]
    rows = [
        [json_value(candidate.get(name)) for name in params] + [column[number] for column in columns]
        for number, candidate in enumerate(candidates)
    ]
    return {"columns": [f"param_{name}" for name in params] + figures, "rows": rows}


def _best_folds(estimator: Any, results: Mapping[str, Any], best_index: Any) -> list[float] | None:
    if best_index is None:
        return None
    refit = getattr(estimator, "refit", None)
    measure = refit if isinstance(refit, str) and getattr(estimator, "multimetric_", False) else "score"
    folds: list[float] = []
    while (column := results.get(f"split{len(folds)}_test_{measure}")) is not None:
        folds.append(float(column[best_index]))
    return folds or None


def _estimator_type(estimator: Any) -> str | None:
    utils = sys.modules.get("sklearn.utils")
    get_tags = getattr(utils, "get_tags", None)  # scikit-learn 1.6 and later
    if get_tags is not None:
        try:
            kind: str | None = get_tags(estimator).estimator_type
        except (AttributeError, TypeError, ValueError):  # an estimator written for an older scikit-learn
            kind = None
        if kind is not None:
            return kind
    return getattr(estimator, "_estimator_type", None)


def _descends(estimator: Any, name: str) -> bool:
    return any(cls.__name__ == name and hasattr(cls, "fit") for cls in type(estimator).__mro__)


def _last_step(pipeline: Any) -> Any:
    steps = getattr(pipeline, "steps", None)
    last = steps[-1][1] if steps else None
    return None if isinstance(last, str) else last


def innermost(estimator: Any) -> Any:
    """Return the estimator that does the predicting: of a search the best one, of a pipeline the last step."""
    kept = getattr(estimator, "__dict__", {})
    if "best_estimator_" in kept:
        return innermost(kept["best_estimator_"])
    if _descends(estimator, "Pipeline") and (last := _last_step(estimator)) is not None:
        return innermost(last)
    return estimator


def _holds_rows(estimator: Any) -> bool:
    kept = getattr(estimator, "__dict__", {})
    if any(kept.get(name) is not None for name in _ROW_HOLDERS):
        return True
    if type(kept.get("tree_")).__name__ in _TREES_OF_ROWS:  # KernelDensity
        return True
    return type(estimator).__name__ in _ROWS_IN_COMPONENTS and "labels_" in kept


def _parts(estimator: Any, depth: int = 0) -> Iterator[Any]:
    """Yield the estimator and, three levels deep, the estimators it is made of; of many alike the first two."""
    yield estimator
    if depth == 3:
        return
    for value in list(getattr(estimator, "__dict__", {}).values()):
        inside = (
            value if isinstance(value, list | tuple) else list(value.values()) if isinstance(value, dict) else [value]
        )
        flat = [part for one in inside[:50] for part in (one if isinstance(one, tuple) else (one,))]
        alike: dict[type, int] = {}
        for part in flat:
            if not hasattr(part, "get_params") or isinstance(part, type):
                continue
            alike[type(part)] = alike.get(type(part), 0) + 1
            if alike[type(part)] <= 2:
                yield from _parts(part, depth + 1)
