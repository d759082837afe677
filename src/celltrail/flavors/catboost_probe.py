"""Sees what is called of CatBoost: its estimators descend from nothing of scikit-learn's.

What the calls mean is in `catboost_describer`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from celltrail.flavors.boosting_probe import Seen, arm_after
from celltrail.flavors.boosting_words import curves_in
from celltrail.flavors.protocol import Call, CallKind, Sink

_METHODS: dict[str, CallKind] = {
    "fit": "fit",
    "predict": "predict",
    "predict_proba": "predict",
    "predict_log_proba": "predict",
    "score": "score",
}
_CLASSES = ("CatBoost", "CatBoostClassifier", "CatBoostRegressor", "CatBoostRanker")
_open = open  # taken before a cell's reading is watched: celltrail's own is never seen


class CatBoostProbe:
    """Sees fits, predictions and scores, `catboost.train`, `catboost.cv`, and what a `Pool` is made from."""

    name = "catboost"
    module = "catboost"

    def arm(self, sink: Sink) -> Callable[[], None]:
        """Begin to see calls, now or as soon as CatBoost is imported.

        Parameters
        ----------
        sink : Sink
            Told of each call.

        Returns
        -------
        callable
            Puts every wrapped thing back as it was.
        """
        seen = Seen("catboost", sink)

        def core(module: ModuleType) -> None:
            seen.constructors([getattr(module, "Pool", None)])
            for name in _CLASSES:
                seen.methods(getattr(module, name, None), _METHODS)
            seen.follow(getattr(module, "CatBoost", None), ["_prepare_train_params"], _follow)
            seen.functions(module, {"train": "fit", "cv": "cross-validation"})

        return arm_after({"catboost.core": core}, seen)


def _follow(training: Call, model: Any, prepared: Any) -> None:
    """Read the curves in the files that CatBoost writes as it trains, where it does (`allow_writing_files`)."""
    del model
    params = prepared.get("params") if isinstance(prepared, Mapping) else None
    if not isinstance(params, Mapping) or params.get("allow_writing_files") is False:
        return
    folder = Path(os.path.abspath(params.get("train_dir") or "catboost_info"))
    started_s = time.time()
    training.curves = lambda: written_curves(folder, started_s)


def written_curves(folder: Path, since_s: float) -> dict[str, list[float]]:
    """Return the curves that CatBoost has written so far.

    Parameters
    ----------
    folder : Path
        Its `train_dir`.
    since_s : float
        Seconds since the epoch: what is older is of another training.

    Returns
    -------
    dict of str to list of float
        `learn.Logloss`, `validation.Logloss`; empty where there are no files.
    """
    history = {"learn": _columns(folder / "learn_error.tsv", since_s)}
    history["validation"] = _columns(folder / "test_error.tsv", since_s)
    return curves_in(history)


def _columns(path: Path, since_s: float) -> dict[str, list[float]]:
    try:
        with _open(path, encoding="utf-8") as file:
            # Some file systems tell times by the second only.
            if os.fstat(file.fileno()).st_mtime < since_s - 1:
                return {}
            head, *lines = file.read().splitlines()
    except (OSError, ValueError):
        return {}
    names, columns = head.split("\t"), [line.split("\t") for line in lines]
    whole = [line for line in columns if len(line) == len(names)]  # the last may be under way
    try:
        return {name: [float(line[place]) for line in whole] for place, name in enumerate(names) if name != "iter"}
    except ValueError:
        return {}
