"""What an estimator kept of how its training went: curves, and scores on rows that it had not seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from celltrail.flavors.describing import curves_of
from celltrail.flavors.json_values import numbers
from celltrail.flavors.sklearn_describe import innermost

# One value a round, epoch or iteration; at the end those of a path of regularisation.
_CURVES = (
    "loss_curve_",  # MLPClassifier, MLPRegressor
    "validation_scores_",  # the same, with early stopping
    "train_score_",  # gradient boosting
    "validation_score_",  # histogram gradient boosting, with early stopping
    "oob_scores_",  # gradient boosting with subsample
    "oob_improvement_",
    "estimator_errors_",  # AdaBoost
    "lower_bounds_",  # GaussianMixture
    "loglike_",  # FactorAnalysis
    "error_",  # DictionaryLearning, SparsePCA
    "criterion_",  # LassoLarsIC: AIC or BIC along the path
)
# Pairs a round: GraphicalLasso.
_COSTS = ("cost", "dual_gap")

# Scores that are no part of a search: by attribute, the name that they go by. Greater is better in all of them.
_SCORES = {
    "oob_score_": "oob_score",  # bagged ensembles and forests, with `oob_score=True`
    "best_validation_score_": "best_validation_score",  # MLPClassifier, MLPRegressor, with early stopping
}


def training_curves(estimator: Any) -> dict[str, list[float]]:
    """Return the curves that the estimator kept of its training.

    Parameters
    ----------
    estimator : object
        Fitted. Of a pipeline the last step is asked, of a search the best estimator.

    Returns
    -------
    dict of str to list of float
        By name without the trailing underscore: `loss_curve`, `validation_scores`. One value an iteration; of a path
        of regularisation (`mse_path`) or a number of features (`mean_test_score`) one a candidate.
    """
    last = innermost(estimator)
    if last is not estimator:
        return curves_of(last)
    kept = getattr(last, "__dict__", {})
    curves = {name.strip("_"): values for name in _CURVES if (values := numbers(kept.get(name)))}
    if kept.get("compute_score") and (values := numbers(kept.get("scores_"))):
        curves["scores"] = values  # BayesianRidge, ARDRegression: log marginal likelihood
    costs = kept.get("costs_")
    if isinstance(costs, list) and costs and all(isinstance(pair, tuple) and len(pair) == 2 for pair in costs):
        curves.update({name: [float(pair[place]) for pair in costs] for place, name in enumerate(_COSTS)})
    path: Any = kept.get("mse_path_")  # LassoCV, LarsCV and their like: a row a candidate, a column a fold
    if getattr(path, "ndim", 0) == 2:
        curves["mse_path"] = numbers(path.mean(axis=1))
    results: Any = kept.get("cv_results_")
    is_search = not isinstance(results, Mapping) or "params" in results
    if not is_search and (values := numbers(results.get("mean_test_score"))):  # RFECV, GraphicalLassoCV
        curves["mean_test_score"] = values
    for name in ("evals_result_", "_evals_result"):  # boosting in scikit-learn's manner; {data: {measure: values}}
        for data, measures in _items(kept.get(name)):
            for measure, series in _items(measures):
                if values := numbers(series):
                    curves[f"{data}.{measure}"] = values
    return curves


def kept_scores(estimator: Any) -> dict[str, float]:
    """Return what the estimator measured of itself while it was trained, on rows that it had not seen.

    Parameters
    ----------
    estimator : object
        Fitted. Of a pipeline the last step is asked.

    Returns
    -------
    dict of str to float
        `oob_score`, `best_validation_score`; empty where it measured nothing.
    """
    kept = getattr(innermost(estimator), "__dict__", {})
    found = {name: kept.get(attribute) for attribute, name in _SCORES.items()}
    return {name: float(value) for name, value in found.items() if isinstance(value, int | float)}


def _items(value: Any) -> list[tuple[Any, Any]]:
    return list(value.items()) if isinstance(value, Mapping) else []
