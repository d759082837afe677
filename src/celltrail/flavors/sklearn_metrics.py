"""What a metric, score or cross-validation measured: key, values, direction, tables.

The key says the function and what changes the thing measured, `f1_score.macro`; the name of the data, `.y_test`, is
for the recorder to append. How results are taken apart is here and in `sklearn_tables`; directions are in
`sklearn_directions`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from celltrail.flavors import sklearn_tables as tables
from celltrail.flavors.descriptions import MetricFacts
from celltrail.flavors.json_values import numbers
from celltrail.flavors.protocol import Call
from celltrail.flavors.sklearn_curves import kept_scores
from celltrail.flavors.sklearn_describe import search_summary
from celltrail.flavors.sklearn_directions import greater_is_better
from celltrail.flavors.sklearn_displays import display_facts, is_display
from celltrail.flavors.sklearn_keys import PREDICTIONS, TARGETS, measure_key


def metric_facts(call: Call, result: Any) -> list[MetricFacts]:
    """Return what a call measured.

    Parameters
    ----------
    call : Call
        Of kind metric, score, cross-validation, or the fit of a search. Still open, so that nothing that is
        called here is taken for the user's.
    result : object
        What it returned.

    Returns
    -------
    list of MetricFacts
        Empty where nothing was measured, or the result is of a shape that is not known.
    """
    if call.kind == "metric":
        return display_facts(call, result) if is_display(call.function) else _of_metric(call, result)
    if call.kind == "score":
        return _of_score(call, result)
    if call.kind == "cross-validation":
        return _of_cross_validation(call, result)
    return [*_of_search(call), *_of_training(call)] if call.kind == "fit" else []


def _of_metric(call: Call, result: Any) -> list[MetricFacts]:
    arguments, function = call.arguments, call.function
    key = measure_key(function, arguments)
    target = next((name for name in TARGETS if name in arguments), None)
    prediction = next((name for name in PREDICTIONS if name in arguments), None)
    if target != "X" and prediction == "labels":
        prediction = None  # the list of classes, not clusters

    def fact(part: str, value: Any, better: bool | None) -> MetricFacts:
        whole = f"{key}.{part}" if part else key
        return MetricFacts(whole, function, [float(value)], better, target, prediction)

    better = greater_is_better(function)
    if function == "classification_report":
        report = tables.report_of(call.arguments, result)
        facts = [fact(part, value, True) for part, value in tables.report_measures(report)]
        shown = tables.report_table(report)
    elif function in tables.NAMED_RESULTS:
        facts, shown = [], None
        names = tables.NAMED_RESULTS[function]
        for (part, part_better), value in zip(names, result, strict=False):
            facts += [fact(f"{part}{inner}", number, part_better) for inner, number in _scalars(value, arguments)]
    else:
        shown = tables.table_of(function, arguments, result)
        single = [] if shown is not None else _scalars(result, arguments)
        facts = [fact(part.lstrip("."), number, better) for part, number in single]
    if shown is not None:
        facts.append(MetricFacts(key, function, [], None, target, prediction, table=shown))
    return facts


def _scalars(value: Any, arguments: Mapping[str, Any]) -> list[tuple[str, float]]:
    """Return a number, or the numbers of an array by class (`average=None`) or output (`multioutput`)."""
    if value is None:
        return []
    shape = getattr(value, "shape", ())
    if shape == ():
        return [("", float(value))] if isinstance(value, int | float) or hasattr(value, "item") else []
    values = numbers(value)
    if not values or len(values) > tables.MOST_NUMBERS:
        return []
    if "multioutput" in arguments:
        return [(f".output={number}", item) for number, item in enumerate(values)]
    classes = tables.classes_of(arguments)
    names = classes if classes is not None and len(classes) == len(values) else range(len(values))
    return [(f".class={name}", item) for name, item in zip(names, values, strict=True)]


def _of_score(call: Call, result: Any) -> list[MetricFacts]:
    if not isinstance(result, int | float) and getattr(result, "shape", None) != ():
        return []
    value = float(result)
    # Some scores have no target: those of a density, of a covariance (which calls its data `X_test`).
    first = next(iter(call.arguments), None)
    target = next((name for name in ("y", "y_true", "Y") if call.arguments.get(name) is not None), first)
    scorer = call.notes.get("scorer")
    if scorer is None:
        # `score` of any estimator: greater is better (scikit-learn, "Glossary of Common Terms", score).
        return [MetricFacts("score", "score", [value], True, target)]
    sign = getattr(scorer, "_sign", 1)
    settings = dict(getattr(scorer, "_kwargs", {}))
    if call.arguments.get("sample_weight") is not None:
        settings["sample_weight"] = call.arguments["sample_weight"]
    better = greater_is_better(call.function)
    return [
        MetricFacts(
            measure_key(call.function, settings),
            call.function,
            [sign * value],  # as the function itself would have given it: an error is positive
            sign > 0 if better is None else better,
            target,
        )
    ]


def _of_cross_validation(call: Call, result: Any) -> list[MetricFacts]:
    function, scoring = call.function, call.arguments.get("scoring")
    name = _scoring_name(scoring)
    better = None if callable(scoring) and not hasattr(scoring, "_score_func") else True
    if function == "cross_val_score":
        return _of_folds(f"{function}.{name}" if name else function, function, result, better)
    if function == "cross_validate":
        facts = []
        for part, folds in result.items():
            if part.startswith(("test_", "train_")):
                whole = part.removesuffix("score") + name if name and part.endswith("_score") else part
                facts += _of_folds(f"{function}.{whole}", function, folds, better)
        return facts
    if function == "permutation_test_score":
        score, _, p_value = result
        whole = f"{function}.{name}" if name else function
        return [
            MetricFacts(whole, function, [float(score)], better, appends_target=False),
            MetricFacts(f"{whole}.pvalue", function, [float(p_value)], None, appends_target=False),
        ]
    table = tables.learning_table(function, call.arguments, result)
    whole = f"{function}.{name}" if name else function
    return [] if table is None else [MetricFacts(whole, function, appends_target=False, table=table)]


def _of_folds(key: str, function: str, scores: Any, better: bool | None) -> list[MetricFacts]:
    folds = numbers(scores)
    if not folds:
        return []
    mean, deviation = tables.mean_and_deviation(folds)
    return [
        MetricFacts(f"{key}.mean", function, [mean], better, appends_target=False, spread=deviation, folds=folds),
        MetricFacts(f"{key}.std", function, [deviation], None, appends_target=False),
    ]


def _of_search(call: Call) -> list[MetricFacts]:
    summary = search_summary(call.owner)
    if summary is None or summary["best_score"] is None:
        return []
    folds = summary["best_folds"]
    spread = tables.mean_and_deviation(folds)[1] if folds else None
    # A search takes the candidate with the greatest score, so greater is better, whatever the scorer.
    return [
        MetricFacts(
            "best_score",
            "best_score",
            [summary["best_score"]],
            True,
            appends_target=False,
            spread=spread,
            folds=folds,
        )
    ]


def _of_training(call: Call) -> list[MetricFacts]:
    """Return the scores that the estimator took while it was trained, on rows that were held out of it."""
    return [
        MetricFacts(name, name, [value], True, appends_target=False)
        for name, value in kept_scores(call.owner).items()
    ]


def _scoring_name(scoring: Any) -> str:
    """Return what `scoring` measures, as it goes into a key; empty for the estimator's own score."""
    if isinstance(scoring, str):
        return scoring
    function = getattr(scoring, "_score_func", None)
    if function is not None:
        prefix = "neg_" if getattr(scoring, "_sign", 1) < 0 else ""
        return prefix + measure_key(function.__name__, getattr(scoring, "_kwargs", {}))
    return getattr(scoring, "__name__", "") if callable(scoring) else ""
