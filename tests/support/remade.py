"""Records a notebook with celltrail, and makes its last fitted models again by their recipes, elsewhere.

`record` and `remake` are work for children of `tape`, each in a process and a folder of its own. A model is the same
when all that it predicts and has learned is, bit for bit: on every table of the notebook that it takes.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import random
import warnings
from pathlib import Path
from typing import Any

from support.tape import LOAD, Stream, make_shell

_MOST_COMPARED = 8
_METHODS = ("predict", "predict_proba", "decision_function", "transform", "score_samples")
# Of models that predict nothing.
_LEARNED = (
    "labels_",
    "embedding_",
    "coef_",
    "intercept_",
    "components_",
    "covariance_",
    "statistics_",
    "scale_",
    "row_labels_",
)


def record(job: dict[str, Any]) -> dict[str, Any]:
    """Play a notebook with celltrail.

    Parameters
    ----------
    job : dict
        "cells"; "seed" of the random streams at the start; "most", how many models at its end are asked about.

    Returns
    -------
    dict
        "models", the last fitted first: name, recipe, and where its predictions are kept; "error" that ended it.
    """
    import celltrail

    shell, played, error = _play([LOAD, *job["cells"]], job)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tables = _tables(shell.user_ns)
        models = [_recorded(shell.user_ns, name, tables, job) for name in _models(shell.user_ns)[: job["most"]]]
    for model in models:
        recipe = celltrail.recipe(model["name"])
        codes = [one.code for one in recipe.executions if one.code.strip()]
        model |= {"cells": codes, "remarks": recipe.remarks, "kept": len(recipe.executions)}
        model["lines"] = sum(_lines(code) for code in codes)
    shell.run_cell("%unload_ext celltrail")
    lines = sum(_lines(source) for source in job["cells"][: played - 1])
    return {"models": models, "played": played - 1, "lines": lines, "error": error}


def remake(job: dict[str, Any]) -> dict[str, Any]:
    """Play a recipe, without celltrail.

    Parameters
    ----------
    job : dict
        A model that `record` returned, with "seed".

    Returns
    -------
    dict
        "differences": what of the model is another; empty is what is promised.
    """
    tables, told = pickle.loads(Path(job["told"]).read_bytes())
    shell, _, error = _play(job["cells"], job)
    if error is not None:
        return {"differences": [f"{error[0]}: {error[1]}"[:300]]}
    if job["name"] not in shell.user_ns:
        return {"differences": ["the recipe does not make it"]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        now = _given(shell.user_ns[job["name"]], tables)
    return {"differences": [f"{key} is another" for key in told if told[key] != now.get(key)]}


def _play(cells: list[str], job: dict[str, Any]) -> tuple[Any, int, list[str] | None]:
    import numpy as np

    os.chdir(job["folder"])
    events: list[list[Any]] = []
    shell = make_shell(events)
    played, error = 0, None
    random.seed(job["seed"])
    np.random.seed(job["seed"])
    with contextlib.redirect_stdout(Stream("stdout", events)), contextlib.redirect_stderr(Stream("stderr", events)):
        for source in cells:
            result = shell.run_cell(source, store_history=True)
            played += 1
            found = result.error_before_exec or result.error_in_exec
            if found is not None:
                error = [type(found).__name__, str(found)]
                break
    return shell, played, error


def _models(namespace: dict[str, Any]) -> list[str]:
    """Return the names of fitted estimators; first those of the fits on record, the last fit before all."""
    from sklearn.base import BaseEstimator
    from sklearn.utils.validation import check_is_fitted

    import celltrail

    found = []
    for name, value in namespace.items():
        if isinstance(value, BaseEstimator) and not name.startswith("_"):
            with contextlib.suppress(Exception):
                check_is_fitted(value)
                found.append(name)
    runs = sorted(celltrail.open_trail().search_runs(), key=lambda run: str(run.id))
    fitted = [fit.variable or fit.name for run in runs for fit in run.fits]
    last = {name: place for place, name in enumerate(fitted)}
    return sorted(found, key=lambda name: last.get(name, -1), reverse=True)


def _recorded(namespace: dict[str, Any], name: str, tables: list[Any], job: dict[str, Any]) -> dict[str, Any]:
    told = _given(namespace[name], tables)
    place = Path(job["folder"]).parent / f"{name}.pickle"
    place.write_bytes(pickle.dumps((tables, told)))
    return {"name": name, "kind": type(namespace[name]).__name__, "told": str(place), "compared": sorted(told)}


def _tables(namespace: dict[str, Any]) -> list[Any]:
    """Return what of a notebook a model may take."""
    found = []
    for name, value in namespace.items():
        shape = getattr(value, "shape", None)
        is_table = (type(shape) is tuple and len(shape) == 2) or (type(value) is list and name in ("X", "data"))
        if is_table and not name.startswith("_"):
            with contextlib.suppress(Exception):
                pickle.dumps(value)
                found.append((name, value[:500]))
    return found


def _given(model: Any, tables: list[Any]) -> dict[str, Any]:
    """Return what a model gives for some tables, and what it has learned, as bytes."""
    import numpy as np

    found: dict[str, Any] = {}
    columns = getattr(model, "n_features_in_", 1)
    for name, table in [*tables, ("numbers", np.linspace(-1.0, 1.0, 20 * columns).reshape(20, columns))]:
        for method in _METHODS:
            with contextlib.suppress(Exception):
                found[f"{method}({name})"] = _bytes(getattr(model, method)(table))
        if len(found) >= _MOST_COMPARED:
            break
    for name in _LEARNED:
        with contextlib.suppress(Exception):
            found[name] = _bytes(getattr(model, name))
    return found


def _bytes(value: Any) -> Any:
    import numpy as np

    if hasattr(value, "toarray"):
        value = value.toarray()
    array = np.asarray(value)
    return repr(array.tolist()) if array.dtype == object else (str(array.dtype), array.shape, array.tobytes())


def _lines(source: str) -> int:
    return sum(bool(line.strip()) and not line.lstrip().startswith("#") for line in source.splitlines())
