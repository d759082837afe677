"""scikit-learn's calls in the words of the seam; what an estimator is stands in `sklearn_describe`."""

from __future__ import annotations

from typing import Any

from celltrail.domain.record import DatasetRecord
from celltrail.flavors.descriptions import Datum, FitDescription, FitOutcome, MetricFacts
from celltrail.flavors.protocol import Call
from celltrail.flavors.sklearn_curves import training_curves
from celltrail.flavors.sklearn_describe import describe_estimator, search_summary, trains
from celltrail.flavors.sklearn_metrics import metric_facts

_NOT_DATA = frozenset({"estimator", "cv", "scoring", "n_jobs", "verbose", "params", "classes", "self"})


class SklearnDescriber:
    """Says what was fitted and measured, of scikit-learn and of all that is built like it."""

    name = "scikit-learn"

    def describe(self, call: Call) -> FitDescription:
        """Describe a training call, or a cross-validation, that is about to start."""
        is_fit = call.kind == "fit"
        estimator = call.owner if is_fit else call.arguments.get("estimator")
        found = describe_estimator(estimator)
        return FitDescription(
            estimator=found.estimator,
            module=found.module,
            kind=found.kind if is_fit else "cross-validation",
            trains=not is_fit or trains(estimator, found.kind),
            params=found.params,
            contains_training_rows=found.contains_training_rows,
            data=[
                Datum(role, value)
                for role, value in call.arguments.items()
                if role not in _NOT_DATA and value is not None
            ],
        )

    def outcome(self, call: Call, result: Any) -> FitOutcome:
        """Say what a training call made."""
        del result  # `fit_predict` returns labels, `fit_transform` an array; the model is the owner
        if call.kind != "fit":
            return FitOutcome()
        heard = call.curves() if call.curves is not None else {}
        curves = {**heard, **training_curves(call.owner)}
        return FitOutcome(call.owner, curves=curves, search=search_summary(call.owner))

    def metrics(self, call: Call, result: Any) -> list[MetricFacts]:
        """Return what a metric, a score, a cross-validation or the fit of a search measured."""
        return metric_facts(call, result)

    def data(self, value: Any) -> DatasetRecord | None:
        """Return None: scikit-learn takes arrays and frames as they are."""
        del value
        return None
