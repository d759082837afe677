"""Keras' probe, describer and flavor keep the contracts of their seams."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

os.environ.setdefault("KERAS_BACKEND", "jax")
pytest.importorskip("jax")
keras = pytest.importorskip("keras")

from celltrail.flavors.keras_describer import KerasDescriber  # noqa: E402
from celltrail.flavors.keras_models import KerasFlavor  # noqa: E402
from celltrail.flavors.keras_probe import KerasProbe  # noqa: E402
from celltrail.flavors.models import Budget, SavedModel, save_model, state_of  # noqa: E402
from celltrail.flavors.protocol import Call, Describer, ModelFlavor, Probe  # noqa: E402
from celltrail.testing import DescriberContract, FlavorContract, ProbeContract  # noqa: E402

# Keras 3.15 asks its own variables for an array in a way that NumPy 2 has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

rng = np.random.default_rng(0)
X = rng.normal(size=(40, 3)).astype("float32")
y = (X[:, 0] > 0).astype(int)


def compiled() -> Any:
    keras.utils.set_random_seed(0)
    layers = keras.layers
    model = keras.Sequential([layers.Input((3,)), layers.Dense(4, activation="relu"), layers.Dense(1, "sigmoid")])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model


def trained() -> Any:
    model = compiled()
    model.fit(X, y, epochs=2, verbose=0)
    return model


class TestKerasProbe(ProbeContract):
    def probe(self) -> Probe:
        return KerasProbe()

    def use(self) -> Any:
        return trained()

    def fails(self) -> None:
        compiled().fit(X, y[:3], verbose=0)

    def reached(self) -> Mapping[str, Any]:
        return {"Model": keras.Model, "fit": keras.Model.fit, "predict": keras.Model.predict}

    def replaced(self) -> Mapping[str, Any]:
        trainer = next(cls for cls in keras.Model.__mro__ if "fit" in vars(cls))
        return {name: vars(trainer)[name] for name in ("fit", "evaluate", "predict")}


class TestKerasDescriber(DescriberContract):
    def describer(self) -> Describer:
        return KerasDescriber()

    def call(self) -> tuple[Call, Any]:
        model = compiled()
        return Call("fit", "keras", "fit", model, {"x": X, "y": y, "epochs": 2}, None), model.fit(
            X, y, epochs=2, verbose=0
        )


class TestKerasFlavor(FlavorContract):
    def flavor(self) -> ModelFlavor:
        return KerasFlavor()

    def model(self) -> Any:
        return trained()

    def stranger(self) -> Any:
        return object()

    def answers(self, model: Any) -> Sequence[float]:
        return [float(one) for one in model.predict(X, verbose=0)[:, 0]]


def test_two_models_are_equal_by_layers_and_weights_not_by_the_names_of_a_session() -> None:
    def state(model: Any) -> str | None:
        kept = save_model(model, Budget(30, 10**9))
        assert isinstance(kept, SavedModel)
        return state_of(kept.data, kept.flavor)

    first, again, other = trained(), trained(), compiled()

    assert first.layers[0].name != again.layers[0].name
    assert None is not state(first) == state(again) != state(other)


def test_a_model_that_comes_back_goes_on_training_where_it_was() -> None:
    import io

    model, stream = trained(), io.BytesIO()
    KerasFlavor().save(model, stream)
    stream.seek(0)

    back = KerasFlavor().load(stream)

    assert int(model.optimizer.iterations) == int(back.optimizer.iterations)
    model.fit(X, y, epochs=1, shuffle=False, verbose=0)
    back.fit(X, y, epochs=1, shuffle=False, verbose=0)
    np.testing.assert_allclose(model.get_weights()[0], back.get_weights()[0], rtol=1e-5)
