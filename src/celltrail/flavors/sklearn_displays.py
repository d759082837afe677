"""What scikit-learn's displays and `sklearn.inspection` see of a model: which calls, and what they measured.

A display computes what it draws by metric functions; the call that the person wrote is the one that counts, and what
it measured has the key that the function itself would have given it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from types import FunctionType, ModuleType
from typing import Any

from celltrail.flavors import sklearn_tables as tables
from celltrail.flavors.descriptions import MetricFacts
from celltrail.flavors.function_hooks import hook_function
from celltrail.flavors.hooking import Hooks
from celltrail.flavors.protocol import Call, CallKind, Sink
from celltrail.flavors.recorded import Recording, arguments_by_name, users_frame
from celltrail.flavors.sklearn_keys import PREDICTIONS, measure_key

# By the module that a person imports them from. What only draws is among them: the predictions that it makes to do so
# are no events of their own.
DISPLAYS = {
    "sklearn.metrics": (
        "ConfusionMatrixDisplay",
        "DetCurveDisplay",
        "PrecisionRecallDisplay",
        "PredictionErrorDisplay",
        "RocCurveDisplay",
    ),
    "sklearn.calibration": ("CalibrationDisplay",),
    "sklearn.inspection": ("DecisionBoundaryDisplay", "PartialDependenceDisplay"),
    "sklearn.model_selection": ("LearningCurveDisplay", "ValidationCurveDisplay"),
}
FUNCTIONS = {
    "sklearn.calibration": ("calibration_curve",),
    "sklearn.inspection": ("partial_dependence", "permutation_importance"),
}
_MAKERS = ("from_estimator", "from_predictions", "from_cv_results")

# Displays of a whole cross-validation: seen as the function that computes what they draw.
_CROSS_VALIDATIONS = {"LearningCurveDisplay": "learning_curve", "ValidationCurveDisplay": "validation_curve"}

# What a display holds of its measure: function, columns of the table with the attribute of each, and the number that
# it shows with the function that computes it.
_SHOWN: dict[str, tuple[str, dict[str, str], tuple[str, str] | None]] = {
    "RocCurveDisplay": ("roc_curve", {"fpr": "fpr", "tpr": "tpr"}, ("roc_auc", "roc_auc_score")),
    "PrecisionRecallDisplay": (
        "precision_recall_curve",
        {"precision": "precision", "recall": "recall"},
        ("average_precision", "average_precision_score"),
    ),
    "DetCurveDisplay": ("det_curve", {"fpr": "fpr", "fnr": "fnr"}, None),
    "CalibrationDisplay": ("calibration_curve", {"prob_true": "prob_true", "prob_pred": "prob_pred"}, None),
}


def see_displays(module: ModuleType, hooks: Hooks, sink: Sink) -> list[str]:
    """Begin to see the displays and helpers of a module.

    Parameters
    ----------
    module : module
        One of those in `DISPLAYS`.
    hooks : Hooks
        Puts everything back.
    sink : Sink
        Told of each call.

    Returns
    -------
    list of str
        Names of those that this version of scikit-learn defines in a way that can't be seen.
    """
    not_seen = []
    for function in FUNCTIONS.get(module.__name__, ()):
        found = getattr(module, function, None)
        if found is not None and not hook_function(found, hooks, _recorder("metric", function, sink)):
            not_seen.append(function)
    for name in DISPLAYS[module.__name__]:
        display = getattr(module, name, None)
        for maker in _MAKERS:
            method = vars(display).get(maker) if display is not None else None
            if method is None:
                continue
            kind: CallKind = "cross-validation" if name in _CROSS_VALIDATIONS else "metric"
            make = _recorder(kind, _CROSS_VALIDATIONS.get(name, f"{name}.{maker}"), sink)
            if not hook_function(getattr(method, "__func__", None), hooks, make):
                not_seen.append(f"{name}.{maker}")
    return not_seen


def _recorder(kind: CallKind, name: str, sink: Sink) -> Callable[[FunctionType], Recording]:
    """Return what makes the recording of a function whose calls belong to the estimator that they are given."""

    def make(original: FunctionType) -> Recording:
        def open_call(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call | None:
            def bind() -> Mapping[str, Any]:
                bound = arguments_by_name(original, args, kwargs)
                bound.pop("cls", None)
                return bound

            owner = _scored_estimator(original, args, kwargs) if kind == "metric" else None
            return sink.open(kind, "sklearn", name, owner, bind, users_frame(sys._getframe(3)))

        return Recording(original, open_call, sink)

    return make


def _scored_estimator(function: FunctionType, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    """Return the estimator that a call is given; of a cross-validation's results one of its estimators."""
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    given = {**dict(zip(names, args, strict=False)), **kwargs}
    results = given.get("cv_results")
    if type(results) is dict:
        return next(iter(results.get("estimator", ())), None)
    return given.get("estimator")


def is_display(function: str) -> bool:
    """Say whether a call is one of those seen here, by the name that it goes by."""
    return "Display." in function or any(function in names for names in FUNCTIONS.values())


def display_facts(call: Call, result: Any) -> list[MetricFacts]:
    """Return what a display, or a helper of `sklearn.inspection`, measured.

    Parameters
    ----------
    call : Call
        As `see_displays` has it seen.
    result : object
        The display, or what the helper returned.

    Returns
    -------
    list of MetricFacts
        Tables, and the numbers that a display shows; empty where it only draws.
    """
    name, _, maker = call.function.partition(".")
    if name == "permutation_importance":
        return _importances(call, result)
    if name == "calibration_curve":
        return _facts_of("CalibrationDisplay", call, {"prob_true": result[0], "prob_pred": result[1]})
    if name == "ConfusionMatrixDisplay":
        return _confusion(call, result)
    if name == "PartialDependenceDisplay":
        return _dependences(call, getattr(result, "pd_results", ()))
    if name == "partial_dependence":
        return _dependences(call, [result])
    if name not in _SHOWN:
        return []
    held = {attribute: getattr(result, attribute, None) for attribute in _attributes(name)}
    return _folds_of(name, held) if maker == "from_cv_results" else _facts_of(name, call, held)


def _attributes(name: str) -> list[str]:
    _, columns, number = _SHOWN[name]
    return [*columns.values(), *((number[0],) if number else ())]


def _facts_of(name: str, call: Call, held: Mapping[str, Any]) -> list[MetricFacts]:
    function, columns, number = _SHOWN[name]
    target, prediction = _scored(call)
    settings = _settings(call)
    facts = []
    if number is not None and (value := held.get(number[0])) is not None:
        key = measure_key(number[1], settings)
        facts.append(MetricFacts(key, number[1], [float(value)], True, target, prediction))
    table = tables.curve_table(tuple(columns), [held[attribute] for attribute in columns.values()])
    return [*facts, MetricFacts(measure_key(function, settings), function, [], None, target, prediction, table=table)]


def _folds_of(name: str, held: Mapping[str, Any]) -> list[MetricFacts]:
    """Return the number of each fold: the curves of the folds are drawn side by side, and kept in the picture."""
    number = _SHOWN[name][2]
    folds = [float(value) for value in held.get(number[0]) or []] if number is not None else []
    if number is None or not folds:
        return []
    mean, deviation = tables.mean_and_deviation(folds)
    key = f"{number[1]}.mean"
    return [MetricFacts(key, number[1], [mean], True, appends_target=False, spread=deviation, folds=folds)]


def _confusion(call: Call, result: Any) -> list[MetricFacts]:
    matrix, labels = result.confusion_matrix.tolist(), result.display_labels
    names = list(range(len(matrix))) if labels is None else [str(label) for label in list(labels)]
    rows = [[name, *row] for name, row in zip(names, matrix, strict=True)]
    table = {"columns": ["true", *map(str, names)], "rows": rows}
    target, prediction = _scored(call)
    key = measure_key("confusion_matrix", _settings(call))
    return [MetricFacts(key, "confusion_matrix", [], None, target, prediction, table=table)]


def _importances(call: Call, result: Any) -> list[MetricFacts]:
    """Return a table a scorer: how much worse the score gets when a column is shuffled."""
    several = {"": result} if hasattr(result, "importances_mean") else dict(result)
    scoring = call.arguments.get("scoring")
    named = f".{scoring}" if isinstance(scoring, str) else ""
    facts = []
    for scorer, found in several.items():
        names = _columns(call.arguments.get("X"), len(found.importances_mean))
        parts = (found.importances_mean.tolist(), found.importances_std.tolist())
        rows = [list(row) for row in zip(names, *parts, strict=True)]
        key = f"permutation_importance.{scorer}" if scorer else f"permutation_importance{named}"
        table = {"columns": ["feature", "mean", "std"], "rows": rows}
        facts.append(MetricFacts(key, "permutation_importance", [], None, "y", table=table))
    return facts


def _dependences(call: Call, results: Any) -> list[MetricFacts]:
    """Return a table for each single feature: its grid, and what the model answers on average there."""
    features = call.arguments.get("features")
    listed = list(features) if isinstance(features, list | tuple) else [features]
    facts = []
    for feature, found in zip(listed, results, strict=False):
        grid = found["grid_values"] if "grid_values" in found else found.get("values")
        if "average" not in found or grid is None or len(grid) != 1:
            continue
        averages = found["average"].tolist()
        outputs = [f"average.{number}" for number in range(len(averages))] if len(averages) > 1 else ["average"]
        name = feature[0] if isinstance(feature, list | tuple) else feature
        table = tables.curve_table((str(name), *outputs), [grid[0], *averages])
        key = f"partial_dependence.{name}"
        facts.append(MetricFacts(key, "partial_dependence", [], None, "X", table=table))
    return facts


def _scored(call: Call) -> tuple[str | None, str | None]:
    target = next((name for name in ("y_true", "y") if name in call.arguments), None)
    return target, next((name for name in PREDICTIONS if name in call.arguments), None)


def _settings(call: Call) -> dict[str, Any]:
    """Return the arguments that change what is measured, not how it is drawn."""
    kept = ("labels", "normalize", "sample_weight", "pos_label", "n_bins", "strategy")
    return {name: value for name, value in call.arguments.items() if name in kept}


def _columns(data: Any, count: int) -> list[Any]:
    names = getattr(data, "columns", None)
    known = [str(name) for name in names] if names is not None and type(data).__name__ == "DataFrame" else []
    return known if len(known) == count else list(range(count))
