"""Keras models as their configuration and weights: read back by Keras' own deserialisation, in its safe mode."""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from typing import Any, BinaryIO

from celltrail.flavors.pickled import UnloadableError

_PROTOCOL = 5


class KerasFlavor:
    """Keras 3 models whose layers are Keras' own or registered with it."""

    name = "keras"
    telling = ("kinds", "weights")  # the configuration also holds the names that a session gave the layers

    def matches(self, model: Any) -> bool:
        """Say whether it is a Keras model; imports nothing."""
        return any(cls.__name__ == "Model" and cls.__module__.startswith("keras.") for cls in type(model).__mro__)

    def save(self, model: Any, target: BinaryIO) -> None:
        """Write configuration, weights and the optimizer's state.

        Raises
        ------
        UnloadableError
            If a class of the user's is in it that Keras could not find again.
        """
        import keras

        unknown = _unregistered([model, *model.layers], keras)
        if unknown:
            raise UnloadableError(
                f"Keras could not read {unknown} back: decorate it with @keras.saving.register_keras_serializable()"
            )
        content = {
            "kinds": [type(model).__name__, [type(layer).__name__ for layer in model.layers]],
            "config": keras.saving.serialize_keras_object(model),
            "weights": _arrays(model.weights),
            "optimizer": _arrays(getattr(model.optimizer, "variables", ())),
        }
        pickle.dump(content, target, protocol=_PROTOCOL)

    def load(self, source: BinaryIO) -> Any:
        """Read a model that is trusted."""
        import keras

        content = pickle.load(source)
        model = keras.saving.deserialize_keras_object(content["config"])
        model.set_weights(content["weights"])
        if model.optimizer is not None and content["optimizer"]:
            model.optimizer.build(model.trainable_variables)
            for variable, value in zip(model.optimizer.variables, content["optimizer"], strict=True):
                variable.assign(value)
        return model


def _arrays(variables: Iterable[Any]) -> list[Any]:
    import keras

    return [keras.ops.convert_to_numpy(variable.value) for variable in variables]


def _unregistered(parts: Iterable[Any], keras: Any) -> str | None:
    for part in parts:
        cls = type(part)
        is_own = cls.__module__.partition(".")[0] == "keras"
        if not is_own and keras.saving.get_registered_name(cls) == cls.__name__:
            return cls.__name__
    return None
