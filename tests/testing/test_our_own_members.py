"""Our own probes, flavors and describers keep the contracts that are shipped to strangers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sklearn.metrics
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

from celltrail.flavors.pickled import CloudpickleFlavor, PickleFlavor
from celltrail.flavors.protocol import Call, Describer, ModelFlavor, Probe
from celltrail.flavors.sklearn_describer import SklearnDescriber
from celltrail.flavors.sklearn_probe import SklearnProbe
from celltrail.testing import DescriberContract, FlavorContract, ProbeContract

X, y = load_iris(return_X_y=True)


class TestSklearnProbe(ProbeContract):
    def probe(self) -> Probe:
        return SklearnProbe()

    def use(self) -> Any:
        return RandomForestClassifier(3, random_state=0).fit(X, y)

    def fails(self) -> None:
        LogisticRegression(C=-1).fit(X, y)

    def reached(self) -> Mapping[str, Any]:
        return {
            "class": RandomForestClassifier,
            "fit": RandomForestClassifier.fit,
            "score": RandomForestClassifier.score,
            "accuracy_score": sklearn.metrics.accuracy_score,
        }

    def replaced(self) -> Mapping[str, Any]:
        cells = sklearn.metrics.accuracy_score.__closure__ or ()
        # Before scikit-learn 1.2 a metric is a plain function, and its code is exchanged.
        plain = sklearn.metrics.accuracy_score.__code__
        inner = next((cell.cell_contents for cell in cells if callable(cell.cell_contents)), plain)
        return {"fit": vars(LogisticRegression)["fit"], "accuracy_score": inner}


class TestSklearnDescriber(DescriberContract):
    def describer(self) -> Describer:
        return SklearnDescriber()

    def call(self) -> tuple[Call, Any]:
        net = MLPClassifier((3,), max_iter=300, tol=0.1, random_state=0).fit(X, y)
        return Call("fit", "sklearn", "fit", net, {"X": X, "y": y}, None), net


class TestPickleFlavor(FlavorContract):
    def flavor(self) -> ModelFlavor:
        return PickleFlavor()

    def model(self) -> Any:
        return RandomForestClassifier(3, random_state=0).fit(X, y)

    def stranger(self) -> Any:
        return type("Mine", (), {"__module__": "__main__"})()

    def answers(self, model: Any) -> Sequence[float]:
        answers: list[float] = model.predict_proba(X).ravel().tolist()
        return answers


class TestCloudpickleFlavor(TestPickleFlavor):
    def flavor(self) -> ModelFlavor:
        return CloudpickleFlavor()

    def model(self) -> Any:
        mine = type("Mine", (RandomForestClassifier,), {"__module__": "__main__"})
        return mine(3, random_state=0).fit(X, y)

    def stranger(self) -> Any:
        return LogisticRegression()
