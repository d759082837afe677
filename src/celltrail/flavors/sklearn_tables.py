"""Results of metrics that are more than a number: matrices, curves, reports, as plain tables."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

# More values than that of one call are a table, not numbers of their own. A rule of thumb: what a person reads.
MOST_NUMBERS = 50
_MOST_ROWS = 1000  # of a curve: enough for a picture, and 30 kB at most
_MOST_TO_RECOMPUTE = 1_000_000  # rows of a target of which a report is made a second time

# Functions that return several measures: name and whether more is better, in the order of the result.
NAMED_RESULTS: dict[str, tuple[tuple[str, bool | None], ...]] = {
    "precision_recall_fscore_support": (("precision", True), ("recall", True), ("fscore", True), ("support", None)),
    "homogeneity_completeness_v_measure": (("homogeneity", True), ("completeness", True), ("v_measure", True)),
    "class_likelihood_ratios": (("positive", True), ("negative", False)),
}

_CURVES = {
    "roc_curve": ("fpr", "tpr", "threshold"),
    "precision_recall_curve": ("precision", "recall", "threshold"),
    "det_curve": ("fpr", "fnr", "threshold"),
    "metric_at_thresholds": ("value", "threshold"),
    "confusion_matrix_at_thresholds": ("tn", "fp", "fn", "tp", "threshold"),
}

_Table = dict[str, Any]


def table_of(function: str, arguments: Mapping[str, Any], result: Any) -> _Table | None:
    """Return a matrix or a curve as a table; None where the result is neither.

    Parameters
    ----------
    function : str
        Name of the metric.
    arguments : mapping
        Of the call, for the names of classes.
    result : object
        What it returned.

    Returns
    -------
    dict or None
        `{"columns": […], "rows": […]}`; a matrix has the true class in its first column.
    """
    if function in _CURVES:
        return curve_table(_CURVES[function], result)
    if getattr(result, "ndim", 0) == 2:
        classes = classes_of(arguments) if function == "confusion_matrix" else None
        names = classes if classes is not None and len(classes) == len(result) else list(range(len(result)))
        rows = [[name, *row] for name, row in zip(names, result.tolist(), strict=True)]
        return {"columns": ["true", *(str(name) for name in names)], "rows": rows}
    if getattr(result, "ndim", 0) == 1 and len(result) > MOST_NUMBERS:  # silhouette_samples; very many classes
        return curve_table(("value",), [result])
    if getattr(result, "ndim", 0) == 3:  # multilabel_confusion_matrix: one matrix of two by two a label
        flat = [[number, *matrix[0], *matrix[1]] for number, matrix in enumerate(result.tolist())]
        return {"columns": ["label", "tn", "fp", "fn", "tp"], "rows": flat}
    return None


def curve_table(names: Sequence[str], columns: Iterable[Any]) -> _Table:
    """Return columns as a table of at most a thousand rows; shorter ones end in None.

    Parameters
    ----------
    names : sequence of str
        Of the columns.
    columns : iterable of array or list
        Their values.

    Returns
    -------
    dict
        With `thinned_from` where only every so many rows were kept.
    """
    values = [column.tolist() if hasattr(column, "tolist") else list(column) for column in columns]
    length = max(len(column) for column in values)
    padded = [column + [None] * (length - len(column)) for column in values]
    return _thinned(list(names), [list(row) for row in zip(*padded, strict=True)])


def mean_and_deviation(values: list[float]) -> tuple[float, float]:
    """Return the mean and the standard deviation (divided by n, as `std_test_score`); NaN where a value is none."""
    if not all(math.isfinite(value) for value in values):
        return math.nan, math.nan
    mean = math.fsum(values) / len(values)
    return mean, math.sqrt(math.fsum((value - mean) ** 2 for value in values) / len(values))


def _thinned(columns: list[str], rows: list[list[Any]]) -> _Table:
    if len(rows) <= _MOST_ROWS:
        return {"columns": columns, "rows": rows}
    last = len(rows) - 1
    kept = [rows[round(number * last / (_MOST_ROWS - 1))] for number in range(_MOST_ROWS)]
    return {"columns": columns, "rows": kept, "thinned_from": len(rows)}


def learning_table(function: str, arguments: Mapping[str, Any], result: Any) -> _Table | None:
    """Return a learning or validation curve as a table of means and deviations over folds."""
    # Of a display its attributes, else what the function returned.
    drawn: Any = (result.train_scores, result.test_scores) if hasattr(result, "train_scores") else None
    if function == "learning_curve":
        points, train, test = (result.train_sizes, *drawn) if drawn is not None else result[:3]
        points = points.tolist()
    elif function == "validation_curve":
        points, (train, test) = list(arguments.get("param_range", ())), drawn if drawn is not None else result
    else:
        return None
    columns = [train.mean(axis=1), train.std(axis=1), test.mean(axis=1), test.std(axis=1)]
    rows = zip(points, *(column.tolist() for column in columns), strict=True)
    first = "train_size" if function == "learning_curve" else str(arguments.get("param_name", "param"))
    return {
        "columns": [first, "train_mean", "train_std", "test_mean", "test_std"],
        "rows": [[point if isinstance(point, int | float | str) else str(point), *rest] for point, *rest in rows],
    }


def classes_of(arguments: Mapping[str, Any]) -> list[Any] | None:
    """Return the classes of a classification metric in their order; None where that would cost too much."""
    labels = arguments.get("labels")
    if labels is not None:
        return list(labels.tolist() if hasattr(labels, "tolist") else labels)
    given = [arguments.get("y_true"), arguments.get("y_pred")]
    if any(values is None or _rows(values) > _MOST_TO_RECOMPUTE for values in given):
        return None
    unique_labels = getattr(sys.modules.get("sklearn.utils.multiclass"), "unique_labels", None)
    return None if unique_labels is None else list(unique_labels(*given).tolist())


def report_of(arguments: Mapping[str, Any], result: Any) -> Mapping[str, Any]:
    """Return a classification report with its full precision, by class and average.

    Parameters
    ----------
    arguments : mapping
        Of the call.
    result : str or dict
        What it returned: text is made again as a dict up to a million rows, and read as text beyond.

    Returns
    -------
    mapping
        As `classification_report(…, output_dict=True)` gives it.
    """
    if isinstance(result, Mapping):
        return result
    if _rows(arguments.get("y_true", ())) > _MOST_TO_RECOMPUTE:
        return _read_report(str(result))
    # Where a ratio is not defined the user has been warned by his own call; once is enough.
    zero_division = arguments.get("zero_division", 0)
    again = {**arguments, "output_dict": True, "zero_division": 0 if zero_division == "warn" else zero_division}
    report: Mapping[str, Any] = sys.modules["sklearn.metrics"].classification_report(**again)
    return report


def report_measures(report: Mapping[str, Any]) -> Iterable[tuple[str, float]]:
    """Return what is kept of a report as measures: accuracy, macro and weighted F1, recall by class."""
    if "accuracy" in report:
        yield "accuracy", report["accuracy"]
    for average in ("micro", "macro", "weighted"):
        if (row := report.get(f"{average} avg")) is not None:
            yield f"f1.{average}", row["f1-score"]
    for name, row in report.items():
        if isinstance(row, Mapping) and not name.endswith(" avg"):
            yield f"recall.{name}", row["recall"]


def report_table(report: Mapping[str, Any]) -> _Table:
    """Return the whole report as a table, a row a class or average."""
    columns = ["precision", "recall", "f1-score", "support"]
    rows = [[name, *(row[column] for column in columns)] for name, row in report.items() if isinstance(row, Mapping)]
    return {"columns": ["class", *columns], "rows": [[_plain(value) for value in row] for row in rows]}


def _read_report(text: str) -> dict[str, Any]:
    report: dict[str, Any] = {}
    for line in text.splitlines():
        if found := re.match(r"\s*(.+?)\s+([\d.]+)\s+([\d.]+)\s+([\d.]+)\s+(\d+)\s*$", line):
            name, *figures = found.groups()
            report[name] = dict(zip(("precision", "recall", "f1-score", "support"), map(float, figures), strict=True))
        elif found := re.match(r"\s*accuracy\s+([\d.]+)\s+\d+\s*$", line):
            report["accuracy"] = float(found[1])
    return report


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def _rows(values: Any) -> int:
    shape = getattr(values, "shape", None)
    return int(shape[0]) if shape else len(values)
