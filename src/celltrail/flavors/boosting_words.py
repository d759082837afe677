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
        A pair `(X, y)` gives two.
    """
    found = [Datum("X", training)]
    for name, value in watched:
        if value is None or value is training:
            continue
        parts = value if isinstance(value, tuple | list) and len(value) == 2 else None
        if parts is None:
            found.append(Datum(name, value, is_trained_on=False))
        else:
            found += [
                Datum(f"{name}.{role}", part, is_trained_on=False) for role, part in zip("Xy", parts, strict=True)
            ]
    return found


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
        A float of seven digits: what single precision holds (IEEE 754-2019, table 3.5: 24 bits).
    """
    if _WHOLE.fullmatch(text):
        return int(text)
    try:
        return float(f"{float(text):.7g}")
    except ValueError:
        return text


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
