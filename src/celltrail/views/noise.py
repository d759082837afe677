"""How much of a difference between two scores may be chance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from celltrail.views.measure import Measure
from celltrail.views.numbers import count_text

# 97.5 % point of the normal distribution: a two-sided interval of 95 %.
_Z = 1.96
_SHARES_OF_ROWS = {"accuracy_score", "zero_one_loss", "hamming_loss", "top_k_accuracy_score"}
_SHARES_OF_POSITIVES = {"average_precision_score", "recall_score"}


@dataclass(frozen=True, slots=True)
class Noise:
    """An uncertainty and where it is known from: "5 folds", "5 repeats", "60 216 rows"."""

    value: float
    source: str


def known_noise(measure: Measure, repeated: Sequence[float] = ()) -> Noise | None:
    """Return the largest uncertainty of a score that is known.

    Parameters
    ----------
    measure : Measure
        The score with its folds and the size of its target.
    repeated : sequence of float
        The same score in all repeats of the unchanged cell, this run's among them.

    Returns
    -------
    Noise or None
        None where neither folds nor repeats nor rows tell anything. The deviation over folds is taken as it is
        (about two standard errors of the mean of five folds, and no unbiased estimate of that error exists [1]_);
        of repeats their range.

    References
    ----------
    .. [1] Y. Bengio and Y. Grandvalet, "No Unbiased Estimator of the Variance of K-Fold Cross-Validation",
       Journal of Machine Learning Research 5, 2004, p. 1089.
    """
    known = [_of_folds(measure), _of_repeats(repeated), _of_rows(measure)]
    return max((noise for noise in known if noise is not None), key=lambda noise: noise.value, default=None)


def _of_folds(measure: Measure) -> Noise | None:
    if measure.spread is None or not math.isfinite(measure.spread):
        return None
    return Noise(measure.spread, f"{measure.folds} folds" if measure.folds else f"{measure.count} values")


def _of_repeats(repeated: Sequence[float]) -> Noise | None:
    finite = [value for value in repeated if math.isfinite(value)]
    spread = max(finite) - min(finite) if len(finite) > 1 else 0.0
    return Noise(spread, f"{len(finite)} repeats") if spread > 0 else None


def _of_rows(measure: Measure) -> Noise | None:
    score, rows, rare = measure.value, measure.target_rows, measure.target_positives
    if not (rows and 0 <= score <= 1):
        return None
    if measure.function in _SHARES_OF_ROWS:
        return Noise(_Z * binomial_error(score, rows), f"{count_text(rows)} rows")
    if not rare or rare >= rows:
        return None
    if measure.function in _SHARES_OF_POSITIVES:
        return Noise(_Z * binomial_error(score, rare), f"{count_text(rare)} rare rows")
    if measure.function == "roc_auc_score":
        return Noise(_Z * auc_error(score, rare, rows - rare), f"{count_text(rare)} rare rows")
    return None


def binomial_error(share: float, count: int) -> float:
    """Return the standard error of a share of `count` independent rows.

    Used for shares of all rows (accuracy), of one class (recall), and for average precision with the rows of the
    rarer class, which is a fair approximation [2]_. Two models scored on the same rows agree on most of them, so
    for their difference this is a ceiling rather than an estimate [3]_.

    Parameters
    ----------
    share : float
        The score, in [0, 1].
    count : int
        Rows, at least 1.

    Returns
    -------
    float
        In the unit of the score.

    References
    ----------
    .. [1] A. Agresti and B. A. Coull, "Approximate is Better than 'Exact' for Interval Estimation of Binomial
       Proportions", The American Statistician 52, 1998, p. 119: the formula, and that it is too narrow at the
       ends. A share of 0 or 1 is therefore moved inside by about one row, which is a rule of thumb.
    .. [2] K. Boyd, K. H. Eng and C. D. Page, "Area Under the Precision-Recall Curve: Point Estimates and
       Confidence Intervals", ECML PKDD 2013, p. 451.
    .. [3] T. G. Dietterich, "Approximate Statistical Tests for Comparing Supervised Classification Learning
       Algorithms", Neural Computation 10, 1998, section 3.1 and 3.2.
    """
    inside = min(max(share, 1 / (count + 1)), count / (count + 1))
    return math.sqrt(inside * (1 - inside) / count)


def auc_error(area: float, positives: int, negatives: int) -> float:
    """Return the standard error of an area under the ROC curve.

    Parameters
    ----------
    area : float
        In [0, 1].
    positives, negatives : int
        Rows of either class, at least 1.

    Returns
    -------
    float
        In the unit of the score.

    References
    ----------
    .. [1] J. A. Hanley and B. J. McNeil, "The Meaning and Use of the Area under a Receiver Operating
       Characteristic (ROC) Curve", Radiology 143, 1982, p. 29, equations 1 and 2.
    """
    both_above = area / (2 - area)
    both_below = 2 * area * area / (1 + area)
    variance = (
        area * (1 - area) + (positives - 1) * (both_above - area**2) + (negatives - 1) * (both_below - area**2)
    ) / (positives * negatives)
    return math.sqrt(max(variance, 0.0))
