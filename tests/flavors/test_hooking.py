"""A plain function that is given other code stays the function that it was, to everybody who looks."""

from __future__ import annotations

import functools
import inspect
import pickle
import warnings
from typing import Any

import pytest

from celltrail.flavors.hooking import Hooks
from celltrail.flavors.protocol import Call
from celltrail.flavors.recorded import Recording


def divide(a: float, b: float = 2.0, *, digits: int = 3) -> float:
    """Divide and round."""
    warnings.warn("look at your line", UserWarning, stacklevel=2)
    return round(a / b, digits)


early = functools.partial(divide, 7)


class Notes:
    """A sink that takes every call."""

    def __init__(self) -> None:
        self.results: list[Any] = []

    def open_call(self, args: Any, kwargs: Any) -> Call:
        return Call("metric", "sklearn", "divide", None, dict(enumerate(args)), None)

    def close(self, call: Call, result: Any, error: BaseException | None) -> None:
        self.results.append(error if error is not None else result)


@pytest.fixture
def notes():
    notes, hooks = Notes(), Hooks()
    assert hooks.hook_code(divide, lambda original: Recording(original, notes.open_call, notes))
    yield notes
    hooks.unhook()


@pytest.mark.filterwarnings("ignore:look at your line")
def test_calls_are_seen_however_the_function_was_got(notes) -> None:
    assert (1.75, 2.0, 0.333) == (early(b=4), divide(4), divide(1, b=3))

    assert [1.75, 2.0, 0.333] == notes.results


def test_signature_source_name_and_pickle_are_as_before(notes) -> None:
    assert "(a: 'float', b: 'float' = 2.0, *, digits: 'int' = 3) -> 'float'" == str(inspect.signature(divide))
    assert inspect.getsource(divide).startswith("def divide(")
    assert ("divide", "Divide and round.") == (divide.__name__, divide.__doc__)
    assert divide.__module__.encode() in pickle.dumps(divide)


def test_traceback_and_stacklevel_are_as_before(notes) -> None:
    with pytest.warns(UserWarning, match="your line") as caught, pytest.raises(ZeroDivisionError) as raised:
        divide(1, 0)

    here = [raised.traceback[0].lineno + 1]
    assert here == [one.lineno for one in caught]
    assert ["test_traceback_and_stacklevel_are_as_before", "divide"] == [entry.name for entry in raised.traceback]


def test_unhooking_leaves_nothing() -> None:
    before, attributes = divide.__code__, dict(vars(divide))
    notes, hooks = Notes(), Hooks()

    hooks.hook_code(divide, lambda original: Recording(original, notes.open_call, notes))
    changed = divide.__code__
    hooks.unhook()

    assert changed is not before
    assert (before, attributes) == (divide.__code__, vars(divide))


def test_a_function_with_a_closure_is_left_alone() -> None:
    def inner() -> Any:
        return early

    def outer() -> Any:
        return inner

    assert not Hooks().hook_code(outer, lambda original: original)
