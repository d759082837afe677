"""What every flavor and every describer promises, as tests."""

from __future__ import annotations

import copy
import io
import json
from collections.abc import Sequence
from typing import Any

from celltrail.flavors.protocol import Call, Describer, ModelFlavor


class FlavorContract:
    """What a flavor promises; a subclass says which, with a fitted model, and what makes two models equal."""

    def flavor(self) -> ModelFlavor:
        """Return the flavor."""
        raise NotImplementedError

    def model(self) -> Any:
        """Return a fitted model that the flavor knows."""
        raise NotImplementedError

    def stranger(self) -> Any:
        """Return an object that the flavor does not know."""
        raise NotImplementedError

    def answers(self, model: Any) -> Sequence[float]:
        """Return what a model predicts for some rows."""
        raise NotImplementedError

    def test_a_flavor_knows_its_own_models_only(self) -> None:
        """Ask it."""
        assert self.flavor().matches(self.model())
        assert not self.flavor().matches(self.stranger())

    def test_a_model_comes_back_and_answers_the_same(self) -> None:
        """Save it, load it, ask both."""
        model, stream = self.model(), io.BytesIO()

        self.flavor().save(model, stream)
        stream.seek(0)

        assert list(self.answers(model)) == list(self.answers(self.flavor().load(stream)))

    def test_saving_leaves_the_model_as_it_was(self) -> None:
        """Compare what it holds, and what a second saving gives."""
        model, first, second = self.model(), io.BytesIO(), io.BytesIO()
        held = sorted(vars(model))

        self.flavor().save(model, first)
        self.flavor().save(model, second)

        assert held == sorted(vars(model))
        assert len(first.getvalue()) == len(second.getvalue())

    def test_what_the_stream_raises_comes_through(self) -> None:
        """Stop it as the budget would."""

        class FullError(Exception):
            pass

        class Full(io.RawIOBase):
            def writable(self) -> bool:
                return True

            def write(self, _: Any) -> int:
                raise FullError

        try:
            self.flavor().save(self.model(), Full())  # type: ignore[arg-type]  # all that a flavor needs is `write`
        except FullError:
            return
        raise AssertionError("the flavor swallowed what the stream raised")


class DescriberContract:
    """What a describer promises; a subclass says which, with the fit of a small model."""

    def describer(self) -> Describer:
        """Return the describer."""
        raise NotImplementedError

    def call(self) -> tuple[Call, Any]:
        """Make a training call without celltrail; return it, as a probe would tell it, with its result."""
        raise NotImplementedError

    def test_a_description_can_be_kept(self) -> None:
        """Write it as JSON."""
        call, _ = self.call()

        found = self.describer().describe(call)

        assert found.estimator
        assert found.module
        json.dumps([found.params, found.params_written, found.kind])

    def test_describing_changes_nothing(self) -> None:
        """Compare the arguments and the model before and after."""
        call, result = self.call()
        arguments = {name: id(value) for name, value in call.arguments.items()}
        plain = {name: copy.deepcopy(value) for name, value in call.arguments.items() if isinstance(value, dict)}
        held = None if call.owner is None else sorted(vars(call.owner))

        self.describer().describe(call)
        self.describer().outcome(call, result)
        self.describer().metrics(call, result)

        assert arguments == {name: id(value) for name, value in call.arguments.items()}
        assert plain == {name: call.arguments[name] for name in plain}
        assert held == (None if call.owner is None else sorted(vars(call.owner)))

    def test_what_a_training_made_is_named(self) -> None:
        """Ask for the model and its curves."""
        call, result = self.call()

        outcome = self.describer().outcome(call, result)

        assert outcome.model is not None
        assert all(isinstance(value, float) for curve in outcome.curves.values() for value in curve)

    def test_what_is_no_data_is_none(self) -> None:
        """Ask for an object that holds none."""
        assert self.describer().data(object()) is None
