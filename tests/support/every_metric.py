"""Every function of `sklearn.metrics`, every display and every helper that measures, as a call in a cell.

`uses()` asks scikit-learn which there are; one that stands in no table is tried with `(y_true, y_pred)`.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass

PREPARE = """
import warnings; warnings.simplefilter("ignore")
import matplotlib; matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import sklearn.inspection, sklearn.calibration
from sklearn.calibration import CalibrationDisplay, calibration_curve
from sklearn.cluster import KMeans, SpectralCoclustering
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.inspection import *
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import *
from sklearn.model_selection import LearningCurveDisplay, ValidationCurveDisplay, cross_validate, train_test_split
from sklearn.multiclass import OneVsRestClassifier
X, y = (part[:200] for part in load_breast_cancer(return_X_y=True))
X = (X - X.mean(axis=0)) / X.std(axis=0)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
R, r = (part[:150] for part in load_diabetes(return_X_y=True))
labels = np.stack([y == 0, X[:, 0] > 0, X[:, 1] > 0], axis=1).astype(int)
"""

# The models whose predictions are scored, each in a run of its own.
MODELS = {
    "clf": "clf = LogisticRegression().fit(X_train, y_train)",
    "reg": "reg = LinearRegression().fit(R, r)",
    "km": "km = KMeans(3, n_init=1, random_state=0).fit(X)",
    "many": "many = OneVsRestClassifier(LogisticRegression()).fit(X, labels)",
    "cv": ("folds = cross_validate(LogisticRegression(), X, y, cv=2, return_estimator=True, return_indices=True)"),
    "bi": "bi = SpectralCoclustering(2, random_state=0).fit(abs(X))",
}
PREDICTIONS = """
pred, proba, decision = clf.predict(X_test), clf.predict_proba(X_test), clf.decision_function(X_test)
amount = reg.predict(R)
ranks, tagged = many.predict_proba(X), many.predict(X)
true_clusters = (X[:, 0] > 0).astype(int) + y
true_blocks = (bi.rows_[::-1], bi.columns_[::-1])
"""


@dataclass(frozen=True)
class Use:
    """One call, and what is then on record.

    Attributes
    ----------
    name : str
        Of the function or the display.
    call : str
        As the cell makes it; its value is bound to `value`.
    model : str
        Whose numbers they are, of `MODELS`; "itself" where the call fits; empty where no model had a part in it.
    keys : tuple of str
        The metrics; `values` says how each is read from what the call gave.
    values : tuple of str
        Expressions over `value`.
    table : str
        Name of the table; empty where there is none.
    """

    name: str
    call: str
    model: str
    keys: tuple[str, ...] = ()
    values: tuple[str, ...] = ("value",)
    table: str = ""


# Functions that measure no model: why.
NOT_MEASURES = {
    "check_scoring": "makes a scorer",
    "get_scorer": "makes a scorer",
    "get_scorer_names": "lists names",
    "make_scorer": "makes a scorer",
    "euclidean_distances": "distances between rows, of no model",
    "nan_euclidean_distances": "distances between rows, of no model",
    "pairwise_distances": "distances between rows, of no model",
    "pairwise_distances_argmin": "distances between rows, of no model",
    "pairwise_distances_argmin_min": "distances between rows, of no model",
    "pairwise_distances_chunked": "distances between rows, of no model",
    "pairwise_kernels": "distances between rows, of no model",
    "PredictionErrorDisplay": "draws rows; a figure of the run",
    "DecisionBoundaryDisplay": "draws the model; a figure of the run",
}


_CLASSES, _NUMBERS = "y_test, pred", "r, amount"
_CLUSTERED = "true_clusters, km.labels_"
_RANKED = "labels, ranks"
_SCORES = {
    _CLASSES: (
        "accuracy_score balanced_accuracy_score cohen_kappa_score f1_score hamming_loss jaccard_score "
        "matthews_corrcoef precision_score recall_score zero_one_loss"
    ),
    "y_test, proba[:, 1]": "average_precision_score brier_score_loss roc_auc_score d2_brier_score",
    "y_test, proba": "log_loss d2_log_loss_score",
    "y_test, decision": "hinge_loss",
    _NUMBERS: (
        "d2_absolute_error_score d2_pinball_score d2_tweedie_score explained_variance_score max_error "
        "mean_absolute_error mean_absolute_percentage_error mean_gamma_deviance mean_pinball_loss "
        "mean_poisson_deviance mean_squared_error mean_squared_log_error mean_tweedie_deviance "
        "median_absolute_error r2_score root_mean_squared_error root_mean_squared_log_error"
    ),
    _CLUSTERED: (
        "adjusted_mutual_info_score adjusted_rand_score completeness_score fowlkes_mallows_score homogeneity_score "
        "mutual_info_score normalized_mutual_info_score rand_score v_measure_score"
    ),
    "X, km.labels_": "calinski_harabasz_score davies_bouldin_score silhouette_score",
    _RANKED: "coverage_error dcg_score label_ranking_average_precision_score label_ranking_loss ndcg_score",
}
_MODEL_OF = {
    _CLASSES: "clf",
    "y_test, proba[:, 1]": "clf",
    "y_test, proba": "clf",
    "y_test, decision": "clf",
    _NUMBERS: "reg",
    _CLUSTERED: "km",
    "X, km.labels_": "km",
    _RANKED: "many",
}
_PRF, _HCV = "precision_recall_fscore_support", "homogeneity_completeness_v_measure"
_REPORT, _TOP, _PAIRS = "classification_report", "top_k_accuracy_score", "pair_confusion_matrix"
_THRESHOLDS = "roc_curve precision_recall_curve det_curve calibration_curve confusion_matrix_at_thresholds"
_AP = "average_precision"

_OTHERS = [
    Use("auc", "auc([0.0, 0.5, 1.0], [0.0, 0.8, 1.0])", "", ("auc",)),
    Use("fbeta_score", "fbeta_score(y_test, pred, beta=2)", "clf", ("fbeta_score.beta=2.y_test",)),
    Use(
        "top_k_accuracy_score",
        "top_k_accuracy_score(y_test, decision, k=1)",
        "clf",
        ("top_k_accuracy_score.k=1.y_test",),
    ),
    Use("consensus_score", "consensus_score(true_blocks, bi.biclusters_)", "bi", ("consensus_score.true_blocks",)),
    Use(
        _PRF,
        f"{_PRF}(y_test, pred, average='binary')",
        "clf",
        tuple(f"{_PRF}.binary.{part}.y_test" for part in ("precision", "recall", "fscore")),
        ("value[0]", "value[1]", "value[2]"),
    ),
    Use(
        _HCV,
        f"{_HCV}({_CLUSTERED})",
        "km",
        tuple(f"{_HCV}.{part}.true_clusters" for part in ("homogeneity", "completeness", "v_measure")),
        ("value[0]", "value[1]", "value[2]"),
    ),
    Use(
        "class_likelihood_ratios",
        f"class_likelihood_ratios({_CLASSES})",
        "clf",
        ("class_likelihood_ratios.positive.y_test", "class_likelihood_ratios.negative.y_test"),
        ("value[0]", "value[1]"),
    ),
    Use(
        _REPORT,
        f"{_REPORT}(y_test, pred, output_dict=True)",
        "clf",
        (
            f"{_REPORT}.accuracy.y_test",
            f"{_REPORT}.f1.macro.y_test",
            f"{_REPORT}.f1.weighted.y_test",
            f"{_REPORT}.recall.0.y_test",
            f"{_REPORT}.recall.1.y_test",
        ),
        (
            "value['accuracy']",
            "value['macro avg']['f1-score']",
            "value['weighted avg']['f1-score']",
            "value['0']['recall']",
            "value['1']['recall']",
        ),
        table=f"{_REPORT}.y_test",
    ),
    Use("silhouette_samples", "silhouette_samples(X, km.labels_)", "km", (), (), "silhouette_samples.X"),
    Use("confusion_matrix", f"confusion_matrix({_CLASSES})", "clf", (), (), "confusion_matrix.y_test"),
    Use(
        "pair_confusion_matrix",
        f"pair_confusion_matrix({_CLUSTERED})",
        "km",
        (),
        (),
        "pair_confusion_matrix.true_clusters",
    ),
    Use(
        "multilabel_confusion_matrix",
        "multilabel_confusion_matrix(labels, tagged)",
        "many",
        (),
        (),
        "multilabel_confusion_matrix.labels",
    ),
    *(
        Use(name, f"{name}(y_test, proba[:, 1])", "clf", (), (), f"{name}.y_test")
        for name in (
            "roc_curve",
            "precision_recall_curve",
            "det_curve",
            "calibration_curve",
            "confusion_matrix_at_thresholds",
        )
    ),
    Use(
        "metric_at_thresholds",
        "metric_at_thresholds(y_test, proba[:, 1], metric_func=f1_score)",
        "clf",
        (),
        (),
        "metric_at_thresholds.y_test",
    ),
    Use(
        "permutation_importance",
        "permutation_importance(clf, X_test, y_test, n_repeats=2, random_state=0)",
        "clf",
        (),
        (),
        "permutation_importance.y_test",
    ),
    Use("partial_dependence", "partial_dependence(clf, X_test, [0])", "clf", (), (), "partial_dependence.0.X_test"),
    Use(
        "PartialDependenceDisplay",
        "PartialDependenceDisplay.from_estimator(clf, X_test, [1])",
        "clf",
        (),
        (),
        "partial_dependence.1.X_test",
    ),
]

_ELSEWHERE = ("calibration_curve", "partial_dependence", "permutation_importance")
_MADE_FROM = {
    "ConfusionMatrixDisplay": ("pred", "confusion_matrix", None, None),
    "DetCurveDisplay": ("proba[:, 1]", "det_curve", None, None),
    "PrecisionRecallDisplay": (
        "proba[:, 1]",
        "precision_recall_curve",
        "average_precision_score",
        "average_precision",
    ),
    "RocCurveDisplay": ("proba[:, 1]", "roc_curve", "roc_auc_score", "roc_auc"),
    "CalibrationDisplay": ("proba[:, 1]", "calibration_curve", None, None),
}


def _of_displays() -> Iterator[Use]:
    for name, (scored, table, metric, attribute) in _MADE_FROM.items():
        keys = (f"{metric}.y_test",) if metric else ()
        values = (f"value.{attribute}",) if attribute else ()
        for call in ("from_estimator(clf, X_test, y_test)", f"from_predictions(y_test, {scored})"):
            yield Use(name, f"{name}.{call}", "clf", keys, values, f"{table}.y_test")
    for name, metric, attribute in (
        ("RocCurveDisplay", "roc_auc_score", "roc_auc"),
        ("PrecisionRecallDisplay", "average_precision_score", "average_precision"),
    ):
        yield Use(
            name, f"{name}.from_cv_results(folds, X, y)", "cv", (f"{metric}.mean",), (f"np.mean(value.{attribute})",)
        )
    yield Use(
        "LearningCurveDisplay",
        "LearningCurveDisplay.from_estimator(LogisticRegression(), X, y, cv=2)",
        "itself",
        (),
        (),
        "learning_curve",
    )
    yield Use(
        "ValidationCurveDisplay",
        "ValidationCurveDisplay.from_estimator(LogisticRegression(), X, y, param_name='C', param_range=[1, 2])",
        "itself",
        (),
        (),
        "validation_curve",
    )


def uses() -> Iterator[Use]:
    """Yield a call of every function of `sklearn.metrics` that measures, of every display and helper."""
    import sklearn.metrics

    known = [
        Use(name, f"{name}({arguments})", _MODEL_OF[arguments], (f"{name}.{arguments.partition(',')[0]}",))
        for arguments, names in _SCORES.items()
        for name in names.split()
    ]
    known += [*_OTHERS, *_of_displays()]
    there = {name for name in sklearn.metrics.__all__ if inspect.isfunction(getattr(sklearn.metrics, name))}
    for name in sorted(there - {use.name for use in known} - NOT_MEASURES.keys()):
        yield Use(name, f"{name}({_CLASSES})", "clf", (f"{name}.y_test",))
    yield from (
        use for use in known if use.name in there or not hasattr(sklearn.metrics, use.name) or "Display" in use.name
    )
