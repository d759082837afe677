"""What is said of a library's calls, in words that are the same for every library.

A Describer says these; the recorder writes them down. Nothing here knows a library.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Datum:
    """Something that goes into a training call.

    Attributes
    ----------
    role : str
        What it is to the model: "X", "y", "sample_weight"; of data that is only judged on, with the set's name
        before it: "validation.y".
    value : object
        The very object that was passed.
    is_trained_on : bool
        False for data that the training is only watched on.
    """

    role: str
    value: Any
    is_trained_on: bool = True


@dataclass(frozen=True, slots=True)
class FitDescription:
    """A training call that is about to start.

    Attributes
    ----------
    estimator, module : str
        Name and module of the class that is trained, as a person knows it.
    kind : str
        predictor, clusterer, detector, transformer, pipeline, search or cross-validation.
    trains : bool
        Whether this call makes its cell a run; fitting a transformer does not.
    params : dict
        All parameters, defaults included, as JSON can hold them.
    params_written : dict or None
        What the call itself sets, for libraries that take their parameters there; None where they stand in the
        constructor call, which is read from the source.
    contains_training_rows : bool
        Whether the model's pickle holds rows of the data it was trained on.
    data : sequence of Datum
        What goes in.
    is_returned : bool
        Whether the call returns the model, `bst = xgb.train(…)`, rather than training its owner.
    rounds : int or None
        How many iterations are asked for, where a probe can follow them.
    """

    estimator: str
    module: str
    kind: str = "predictor"
    trains: bool = True
    params: dict[str, Any] = field(default_factory=dict)
    params_written: dict[str, Any] | None = None
    contains_training_rows: bool = False
    data: Sequence[Datum] = ()
    is_returned: bool = False
    rounds: int | None = None


@dataclass(frozen=True, slots=True)
class FitOutcome:
    """A training call that has ended well.

    Attributes
    ----------
    model : object or None
        What was trained; None where nothing is left to keep, as after a cross-validation.
    also : sequence of object
        Other objects whose predictions are this model's: the booster within an estimator.
    curves : dict of str to list of float
        One value an iteration, by name: `loss_curve`, `validation.logloss`.
    search : dict or None
        What a search found: `best_params`, `best_score`, `trials`, … None where this was no search.
    params : dict or None
        All parameters, where the library knows them only now; None where the description's hold.
    remarks : sequence of str
        What a person should know of this training: "stopped early: best round 47 of 200".
    """

    model: Any = None
    also: Sequence[Any] = ()
    curves: dict[str, list[float]] = field(default_factory=dict)
    search: dict[str, Any] | None = None
    params: dict[str, Any] | None = None
    remarks: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class MetricFacts:
    """One measure of one call.

    Attributes
    ----------
    key : str
        Without the name of the data: `f1_score.macro`.
    function : str
        Name as the library has it.
    values : list of float
        Mostly one; none for a table.
    greater_is_better : bool or None
        None where it is not known, or makes no sense.
    target, prediction : str or None
        Names of the arguments (in `Call.arguments`) that hold what is true and what was predicted.
    appends_target : bool
        Whether the name of the target belongs into the key: not for searches and cross-validation.
    spread, folds
        Standard deviation over folds (divided by n, as `std_test_score`) and the folds' scores.
    table : dict or None
        A matrix, a curve or a report: `{"columns": […], "rows": […]}`, and `thinned_from`, the number of rows
        there were, where only every so many were kept.
    is_of_training : bool
        Whether it says how well the model fits the data it was made from, as an information criterion does: no score
        on other data, nor meant as one.
    """

    key: str
    function: str
    values: list[float] = field(default_factory=list)
    greater_is_better: bool | None = None
    target: str | None = None
    prediction: str | None = None
    appends_target: bool = True
    spread: float | None = None
    folds: list[float] | None = None
    table: dict[str, Any] | None = None
    is_of_training: bool = False
