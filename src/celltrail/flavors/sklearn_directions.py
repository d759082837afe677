"""Whether more of a measure is better. Where nobody has said so, it is not known, and nothing is called best."""

from __future__ import annotations

import functools
import sys

# Measures that no scorer of scikit-learn stands for, and that its naming rule does not cover or gets wrong. From
# the documentation of each function in scikit-learn 1.9, the sentence that says what is best.
_SAID = {
    "auc": True,  # area under a curve of rates, as `roc_auc_score`
    "class_likelihood_ratios": None,  # two numbers, of opposite directions
    "coverage_error": False,  # "The best value is equal to the average number of labels in y_true per sample"
    "davies_bouldin_score": False,  # "The minimum score is zero, with lower values indicating better clustering"
    "matthews_corrcoef": True,  # "+1 represents a perfect prediction"
    "homogeneity_completeness_v_measure": True,  # each "1.0 stands for perfectly …"
    "precision_recall_fscore_support": True,
}

# "functions ending with _score return a value to maximize, the higher the better; functions ending with _error,
# _loss, or _deviance return a value to minimize, the lower the better": scikit-learn's user guide, section
# "Metrics and scoring: quantifying the quality of predictions".
_RULE = {"_score": True, "_error": False, "_loss": False, "_deviance": False}


@functools.cache
def greater_is_better(function: str) -> bool | None:
    """Say whether more is better.

    Parameters
    ----------
    function : str
        Name of a function of `sklearn.metrics`.

    Returns
    -------
    bool or None
        From the sign of scikit-learn's own scorer, else from its documentation; None where it is not known.
    """
    if function in _SAID:
        return _SAID[function]
    signs = _signs_of_scorers()
    if function in signs:
        return signs[function]
    if not hasattr(sys.modules.get("sklearn.metrics"), function):
        return None  # the user's own function: a name is no promise
    return next((better for ending, better in _RULE.items() if function.endswith(ending)), None)


@functools.cache
def _signs_of_scorers() -> dict[str, bool]:
    metrics = sys.modules.get("sklearn.metrics")
    names = getattr(metrics, "get_scorer_names", None)
    if metrics is None or names is None:
        return {}
    scorers = [metrics.get_scorer(name) for name in names()]
    return {scorer._score_func.__name__: scorer._sign > 0 for scorer in scorers if hasattr(scorer, "_score_func")}
