"""What the describers of XGBoost, LightGBM and CatBoost have in common: parameters, sets, curves."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from celltrail.flavors.descriptions import Datum, MetricFacts
from celltrail.flavors.json_values import json_value

# What the constructors of the three call what scikit-learn calls X, y and sample_weight; the rest keeps its name.
_ROLES = {"data": "X", "label": "y", "weight": "sample_weight"}
_HELD = ("data", "label", "weight", "group", "qid", "group_id", "base_margin", "init_score", "baseline", "pairs")


def container_data(arguments: Mapping[str, Any]) -> list[Datum]:
    """Return what the constructor of a container of data is given."""
    given = {name: arguments[name] for name in _HELD if arguments.get(name) is not None}
    return [Datum(_ROLES.get(name, name), value) for name, value in given.items() if not isinstance(value, str)]


def sets(training: Any, watched: Iterable[tuple[str, Any]]) -> list[Datum]:
    """Return the training set and those that the training is only watched on, each once.

    Parameters
    ----------
    training : object
        What is trained on.
    watched : iterable of (str, object)
        Names and sets; the training set among them is left out.

    Returns
    -------
    list of Datum
        Containers of the library's own.
    """
    others = [Datum(name, value, is_trained_on=False) for name, value in watched if value is not training]
    return [Datum("X", training), *(datum for datum in others if datum.value is not None)]


def estimator_data(arguments: Mapping[str, Any], name: str) -> list[Datum]:
    """Return what goes into the `fit` of a class for scikit-learn.

    Parameters
    ----------
    arguments : mapping
        Of the call.
    name : str
        How the library names the sets of `eval_set` that have no names: "validation_{}".

    Returns
    -------
    list of Datum
        X, y, weights, and the sets that are watched, but for the one that is trained on.
    """
    own = ("X", "y", "sample_weight", "group", "qid", "base_margin", "init_score")
    found = [Datum(role, arguments[role]) for role in own if arguments.get(role) is not None]
    names = arguments.get("eval_names") or ()
    for place, pair in enumerate(_watched_pairs(arguments)):
        if isinstance(pair, tuple | list) and len(pair) == 2 and pair[0] is not arguments.get("X"):
            known = names[place] if place < len(names) else name.format(place)
            parts = zip("Xy", pair, strict=True)
            found += [Datum(f"{known}.{role}", part, is_trained_on=False) for role, part in parts]
    return found


def _watched_pairs(arguments: Mapping[str, Any]) -> list[Any]:
    """Return the pairs of `eval_set`, or of `eval_X` and `eval_y` (LightGBM 4.7), which are tuples or one pair."""
    watched = arguments.get("eval_set")
    if watched is not None:
        return watched if isinstance(watched, list) else [watched]
    parts = [arguments.get("eval_X"), arguments.get("eval_y")]
    X, y = (part if isinstance(part, tuple) else [] if part is None else [part] for part in parts)
    return list(zip(X, y, strict=False))


def written_in_call(arguments: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Return what a call of `train` or `cv` sets: its `params`, then the other arguments that are named.

    Parameters
    ----------
    arguments : mapping
        Of the call.
    names : sequence of str
        Arguments that are parameters of the training as well.

    Returns
    -------
    dict
        As JSON can hold it.
    """
    params = arguments.get("params")
    pairs = params.items() if isinstance(params, Mapping) else params if isinstance(params, list) else ()
    written = {str(name): json_value(value) for name, value in pairs}
    return written | {name: json_value(arguments[name]) for name in names if arguments.get(name) is not None}


_WHOLE = re.compile(r"-?\d{1,15}")


def number_or_text(text: str) -> Any:
    """Return what a library says of a parameter as text: a number where it is one.

    Parameters
    ----------
    text : str
        As the library writes it: "0.100000001", which it keeps in single precision.

    Returns
    -------
    int, float or str
        A float as `single` gives it.
    """
    if _WHOLE.fullmatch(text):
        return int(text)
    try:
        return single(float(text))
    except ValueError:
        return text


def single(value: Any) -> Any:
    """Return a float that a library keeps in single precision without the digits that it does not have.

    Parameters
    ----------
    value : object
        Whatever is no float is returned as it is.

    Returns
    -------
    object
        A float of seven digits: what 24 bits hold (IEEE 754-2019, table 3.5; 24 log10 2 = 7.2).
    """
    return float(f"{value:.7g}") if isinstance(value, float) else value


def curves_in(history: Any) -> dict[str, list[float]]:
    """Return curves by `data.measure`.

    Parameters
    ----------
    history : mapping
        `{data: {measure: [value, …]}}`, as all three keep it; may grow meanwhile.

    Returns
    -------
    dict of str to list of float
        Without series of what is no number.
    """
    curves: dict[str, list[float]] = {}
    if not isinstance(history, Mapping):
        return curves
    for data, measures in list(history.items()):
        for measure, values in list(measures.items()) if isinstance(measures, Mapping) else ():
            series = list(values)
            if series and all(isinstance(value, int | float) for value in series):
                curves[f"{data}.{measure}"] = [float(value) for value in series]
    return curves


def rounds_in(curves: Mapping[str, Sequence[float]]) -> int:
    """Return how many rounds the longest curve has."""
    return max((len(values) for values in curves.values()), default=0)


def filled(params: Mapping[str, Any], resolved: Mapping[str, Any]) -> dict[str, Any]:
    """Return an estimator's parameters; those that it leaves to the library as the library has them."""
    return {name: resolved.get(name) if value is None else value for name, value in params.items()}


def folds_by_round(
    result: Any, mean: str, deviation: str, between: str
) -> dict[str, tuple[list[float], list[float]]]:
    """Return the table of a cross-validation by rounds.

    Parameters
    ----------
    result : mapping or DataFrame
        A column a mean or deviation.
    mean, deviation : str
        How their names end: "-mean", "-std".
    between : str
        What stands between the set and the measure.

    Returns
    -------
    dict of str to (list of float, list of float)
        By `data.measure`: means and deviations, one a round. Empty where the result has another shape.
    """
    columns = {str(name): result[name] for name in result} if hasattr(result, "keys") else {}
    found = {}
    for name, means in columns.items():
        stem = name.removesuffix(mean)
        if stem != name and (deviations := columns.get(stem + deviation)) is not None:
            data, _, measure = stem.partition(between)
            found[f"{data}.{measure}"] = ([float(one) for one in means], [float(one) for one in deviations])
    return found


def fold_facts(
    results: Mapping[str, tuple[Any, Any]], is_greater_better: Callable[[str], bool | None]
) -> list[MetricFacts]:
    """Return what a cross-validation by rounds measured: the mean of the last round that it kept, with its spread.

    Parameters
    ----------
    results : mapping of str to (sequence of float, sequence of float)
        By `data.measure`: means and standard deviations over the folds, one a round.
    is_greater_better : callable
        Given a measure's name, says whether more is better; None where it is not known.

    Returns
    -------
    list of MetricFacts
        Sets that the folds were not trained on first, as the first is taken for the main metric.
    """
    judged_first = sorted(results, key=lambda name: name.partition(".")[0] in ("train", "learn"))
    return [
        MetricFacts(
            f"cv.{name}.mean",
            "cv",
            [float(results[name][0][-1])],
            is_greater_better(name.partition(".")[2]),
            appends_target=False,
            spread=float(results[name][1][-1]),
        )
        for name in judged_first
        if len(results[name][0])
    ]


def early_stop(best: int | None, trained: int, asked: int | None) -> list[str]:
    """Return a remark where a training ended before it was asked to.

    Parameters
    ----------
    best : int or None
        The best round, counted from 1.
    trained : int
        Rounds that were trained.
    asked : int or None
        Rounds that were asked for.

    Returns
    -------
    list of str
        One sentence, or none.
    """
    if best is None or asked is None or trained >= asked:
        return []
    return [f"stopped early: best round {best} of {trained}, {asked} asked"]
