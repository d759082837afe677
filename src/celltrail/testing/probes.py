"""What every probe promises to the user's code, as tests."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any

from celltrail.flavors.protocol import Call, CallKind, Probe


class Heard:
    """A sink that notes the outermost calls of each thread.

    Attributes
    ----------
    calls : list of Call
        In the order in which they started.
    ends : list of (Call, object, exception or None)
        How each ended.
    """

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.ends: list[tuple[Call, Any, BaseException | None]] = []
        self._open = threading.local()

    def open(
        self,
        kind: CallKind,
        library: str,
        function: str,
        owner: Any,
        bind: Callable[[], Mapping[str, Any]],
        frame: FrameType | None,
    ) -> Call | None:
        """Note a call, unless it is part of another."""
        if getattr(self._open, "call", None) is not None:
            return None
        self._open.call = call = Call(kind, library, function, owner, bind(), frame)
        self.calls.append(call)
        return call

    def close(self, call: Call, result: Any, error: BaseException | None) -> None:
        """Note how a call ended."""
        self._open.call = None
        self.ends.append((call, result, error))

    def running(self) -> Call | None:
        """Return the call that is open on this thread."""
        call: Call | None = getattr(self._open, "call", None)
        return call


class ProbeContract:
    """What a probe promises; a subclass says which, and what the user does with the library.

    Examples
    --------
    >>> class TestMine(ProbeContract):
    ...     def probe(self):
    ...         return MyProbe()
    ...
    ...     def use(self):
    ...         return mylibrary.Model().fit([[0.0]], [0])
    ...
    ...     def reached(self):
    ...         return {"Model": mylibrary.Model, "Model.fit": mylibrary.Model.fit}
    ...
    ...     def replaced(self):
    ...         return {"fit": vars(mylibrary.Model)["fit"]}
    """

    refuses_with: type[Exception] = ValueError

    def probe(self) -> Probe:
        """Return the probe."""
        raise NotImplementedError

    def use(self) -> Any:
        """Train a small model with a fixed seed, by one call; return it."""
        raise NotImplementedError

    def fails(self) -> None:
        """Make a call that the library refuses, with `refuses_with`."""
        raise NotImplementedError

    def reached(self) -> Mapping[str, Any]:
        """Return what the user's code reaches by name: functions, classes, methods of classes."""
        raise NotImplementedError

    def replaced(self) -> Mapping[str, Any]:
        """Return what the probe puts something of its own in the place of: class attributes, cells, codes."""
        raise NotImplementedError

    def test_what_the_user_reaches_stays_the_same_object(self) -> None:
        """Hold every name to its object, while armed and after."""
        before = dict(self.reached())
        disarm = self.probe().arm(Heard())
        try:
            during = dict(self.reached())
        finally:
            disarm()

        assert [] == [name for name, held in before.items() if held is not during[name]]
        assert [] == [name for name, held in before.items() if held is not self.reached()[name]]

    def test_disarming_puts_everything_back(self) -> None:
        """Find each replaced thing again, and that it was replaced at all."""
        before = dict(self.replaced())
        disarm = self.probe().arm(Heard())
        try:
            during = dict(self.replaced())
            self.use()
        finally:
            disarm()

        after = dict(self.replaced())
        assert [] == [name for name, held in before.items() if held is not after[name]]
        assert [] == [name for name, held in before.items() if held is during[name]], "nothing is put there"

    def test_training_is_told_once_and_leaves_no_trace_on_the_model(self) -> None:
        """Compare a model that was trained unseen with one that was seen."""
        unseen = self.use()
        heard = Heard()
        disarm = self.probe().arm(heard)
        try:
            seen = self.use()
            data = pickle.dumps(seen)
        finally:
            disarm()

        fits = [call for call in heard.calls if call.kind == "fit"]
        assert 1 == len(fits)
        assert [None] == [error for call, _, error in heard.ends if call is fits[0]]
        assert self.attributes(unseen) == self.attributes(seen)
        assert b"celltrail" not in data
        assert len(pickle.dumps(unseen)) == len(data)

    def test_an_exception_is_the_librarys_own(self) -> None:
        """Compare type, text and depth of the traceback with and without the probe."""
        plain = self._failure()
        heard = Heard()
        disarm = self.probe().arm(heard)
        try:
            recorded = self._failure()
        finally:
            disarm()

        assert plain == recorded
        assert any(error is not None for _, _, error in heard.ends)

    def attributes(self, model: Any) -> list[str]:
        """Return the names of what a model holds; override where it has slots."""
        return sorted(vars(model))

    def _failure(self) -> tuple[str, str, list[str]]:
        try:
            self.fails()
        except self.refuses_with as error:
            frames, step = [], error.__traceback__
            while step is not None:
                frames.append(step.tb_frame.f_code.co_qualname)
                step = step.tb_next
            return type(error).__qualname__, str(error), frames
        raise AssertionError("the call was not refused")
