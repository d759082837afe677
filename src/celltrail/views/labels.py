"""What people call a metric: `average_precision_score.y_test` is `avg precision`, `f1_score.macro` `macro F1`."""

from __future__ import annotations

_SHORT = {
    "accuracy_score": "accuracy",
    "average_precision_score": "avg precision",
    "balanced_accuracy_score": "balanced accuracy",
    "best_score": "best score",
    "brier_score_loss": "Brier score",
    "cohen_kappa_score": "Cohen's kappa",
    "cross_val_score": "cross-validation",
    "cross_validate": "cross-validation",
    "d2_absolute_error_score": "D² absolute error",
    "explained_variance_score": "explained variance",
    "f1_score": "F1",
    "fbeta_score": "F-beta",
    "hamming_loss": "Hamming loss",
    "jaccard_score": "Jaccard",
    "log_loss": "log loss",
    "matthews_corrcoef": "Matthews corr.",
    "max_error": "max error",
    "mean_absolute_error": "MAE",
    "mean_absolute_percentage_error": "MAPE",
    "mean_squared_error": "MSE",
    "mean_squared_log_error": "MSLE",
    "median_absolute_error": "median abs. error",
    "ndcg_score": "NDCG",
    "precision_score": "precision",
    "r2_score": "R²",
    "recall_score": "recall",
    "roc_auc_score": "ROC AUC",
    "root_mean_squared_error": "RMSE",
    "root_mean_squared_log_error": "RMSLE",
    "silhouette_score": "silhouette",
    "top_k_accuracy_score": "top-k accuracy",
    "zero_one_loss": "zero-one loss",
}
_LONG = {
    "avg precision": "average precision",
    "MAE": "mean absolute error",
    "MAPE": "mean absolute percentage error",
    "MSE": "mean squared error",
    "MSLE": "mean squared log error",
    "RMSE": "root mean squared error",
    "RMSLE": "root mean squared log error",
    "Matthews corr.": "Matthews correlation",
    "median abs. error": "median absolute error",
}
_STATISTICS = {"mean": "mean", "std": "sd"}
_LEADING = {"macro", "micro", "weighted", "samples", "balanced"}


def metric_label(key: str, target: str | None = None) -> str:
    """Return what a person calls a metric, without the data that it was taken on.

    Parameters
    ----------
    key : str
        As in `Run.metrics`: `average_precision_score.y_test`, `f1_score.macro.y_test`, `val_loss`.
    target : str, optional
        Name of the data; taken off the end of the key.

    Returns
    -------
    str
        `avg precision`, `macro F1`, `val loss`. A key that is no scikit-learn name keeps its words.
    """
    function, *details = _without_target(key, target).split(".")
    base = _SHORT.get(function)
    if base is None and not details:
        return _words(function)
    base = base or _words(function)
    leading = [detail for detail in details if detail in _LEADING]
    trailing = [_STATISTICS.get(detail, detail) for detail in details if detail not in _LEADING]
    if base == "cross-validation" and trailing == ["mean"]:
        trailing = []
    return " ".join([*leading, base, *trailing])


def long_label(label: str) -> str:
    """Return a label in full, for the panel, where there is room."""
    return _LONG.get(label, label)


def _without_target(key: str, target: str | None) -> str:
    if target and key.endswith(f".{target}"):
        return key[: -len(target) - 1]
    if target and f".{target}." in key:  # the same key twice in a cell: "accuracy_score.y_test.pred2"
        return key.replace(f".{target}.", ".", 1)
    return key


def _words(name: str) -> str:
    return name.removesuffix("_score").replace("_", " ").strip() or name
