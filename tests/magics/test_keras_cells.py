"""What a cell that trains with Keras leaves in the trail."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from celltrail.store.trail import Trail

os.environ.setdefault("KERAS_BACKEND", "jax")
pytest.importorskip("jax")
pytest.importorskip("keras")

# Keras 3.15 asks its own variables for an array in a way that NumPy 2 has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

Run = Callable[..., Any]

PREPARE = """
import keras
keras.utils.set_random_seed(0)
A, b = X_train.to_numpy("float32"), y_train.to_numpy()
A_test, b_test = X_test.to_numpy("float32"), y_test.to_numpy()
def make(rate=0.01):
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(8, activation="relu"),
                              keras.layers.Dropout(0.1), keras.layers.Dense(3, activation="softmax")])
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
"""
TRAIN = (
    "model = make()\n"
    "history = model.fit(A, b, epochs=4, batch_size=16, validation_data=(A_test, b_test), verbose=0)\n"
    "scores = model.evaluate(A_test, b_test, verbose=0)"
)


def test_a_training_leaves_settings_curves_scores_and_the_model(
    shell: InteractiveShell, run: Run, trail: Trail
) -> None:
    run(shell, PREPARE)
    run(shell, TRAIN)

    (found,) = trail.search_runs()
    (fit,) = found.fits
    assert ("model", "Sequential") == (fit.name, fit.estimator)
    assert 0.01 == fit.params["learning_rate"]
    assert "Adam" == fit.params_written["optimizer"]
    assert ["Dense(8, relu)", "Dropout(0.1)", "Dense(3, softmax)"] == fit.params["layers"]
    assert shell.user_ns["model"].count_params() == fit.params["weights"]
    curves = {series["key"]: series["values"] for series in found.content.field("series")}
    assert shell.user_ns["history"].history["val_loss"] == pytest.approx(curves["validation.loss"])
    assert {"loss", "accuracy", "validation.loss", "validation.accuracy"} == set(curves)
    loss, accuracy = shell.user_ns["scores"]
    assert pytest.approx(loss) == found.metrics["loss.b_test"]
    assert pytest.approx(accuracy) == found.metrics["accuracy.b_test"]
    assert {} == found.content.field("unknown")
    assert ["A", "b"] == [data["name"] for data in fit.inputs if data["role"] in ("X", "y")]


def test_the_kept_model_answers_as_the_trained_one(shell: InteractiveShell, run: Run, trail: Trail) -> None:
    run(shell, PREPARE)
    run(shell, "import celltrail\n" + TRAIN + "\ncelltrail.keep(model)")  # whatever it takes

    (found,) = trail.search_runs()
    kept = found.model()

    expected = shell.user_ns["model"].predict(shell.user_ns["A_test"], verbose=0)
    assert (expected == kept.predict(shell.user_ns["A_test"], verbose=0)).all()


def test_a_prediction_of_a_keras_model_is_scored_for_its_run(shell: InteractiveShell, run: Run, trail: Trail) -> None:
    run(shell, PREPARE)
    run(shell, TRAIN)
    run(shell, "probabilities = model.predict(A_test, verbose=0)\naccuracy_score(b_test, probabilities.argmax(1))")

    (found,) = trail.search_runs()
    assert "accuracy_score.b_test" in found.metrics


def test_an_early_stop_is_said(shell: InteractiveShell, run: Run, trail: Trail) -> None:
    run(shell, PREPARE)
    run(
        shell,
        "stop = keras.callbacks.EarlyStopping('loss', min_delta=100, patience=1)\n"
        "model = make()\nmodel.fit(A, b, epochs=50, verbose=0, callbacks=[stop])",
    )

    (found,) = trail.search_runs()
    assert "stopped early: epoch 2 of 50" in str(found.fits[0].warnings)


def test_a_layer_that_keras_could_not_find_again_is_not_kept_and_said(
    shell: InteractiveShell, run: Run, trail: Trail
) -> None:
    run(shell, PREPARE)
    run(
        shell,
        "class Mine(keras.layers.Dense):\n    pass\n"
        "model = keras.Sequential([keras.layers.Input((4,)), Mine(3)])\nmodel.compile('sgd', 'mse')\n"
        "model.fit(A, keras.utils.to_categorical(b), epochs=1, verbose=0)",
    )

    (found,) = trail.search_runs()
    (model,) = [one for one in found.content.field("artifacts") if one["kind"] == "model"]
    assert "register_keras_serializable" in model["reason"]
    assert ["Mine"] == found.fits[0].params["layers"]
