"""Calls are told only while they are switched on; the function stays what it was."""

from __future__ import annotations

import asyncio
import inspect
import json
import pickle
import sqlite3
import sys
import traceback
import warnings
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

import pytest

from celltrail.flavors.switched import CodeSwitch, NameSwitch, switch_for

HERE = sys.modules[__name__]


def plain(a: int, b: int = 2, *, c: int = 3) -> int:
    """Add."""
    if a < 0:
        raise ValueError(a)
    return a + b + c


def warns() -> None:
    warnings.warn("mind", stacklevel=2)


class Base:
    def __init__(self) -> None:
        self.made = ["base"]


class Derived(Base):
    def __init__(self, name: str) -> None:
        super().__init__()
        self.made.append(name)

    async def fetch(self, value: int) -> int:
        return value


bound_early = plain


class Heard:
    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def __call__(self, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
        self.calls.append((args, kwargs, result))


def test_a_name_that_was_bound_before_is_heard_and_the_function_stays_the_same() -> None:
    heard = Heard()
    switch = CodeSwitch(plain, heard)
    code, signature, source, dump = (
        plain.__code__,
        inspect.signature(plain),
        inspect.getsource(plain),
        pickle.dumps(plain),
    )

    switch.on()
    result = bound_early(1, c=4)
    seen = (inspect.signature(plain), inspect.getsource(plain), pickle.dumps(plain), plain.__doc__)
    switch.off()
    bound_early(5)

    assert 7 == result
    assert [((1,), {"c": 4}, 7)] == heard.calls
    assert (signature, source, dump, "Add.") == seen
    assert plain.__code__ is code
    assert not hasattr(plain, "__wrapped__")


def test_what_fails_is_not_told_and_fails_as_ever() -> None:
    heard = Heard()
    switch = CodeSwitch(plain, heard)
    switch.on()
    try:
        with pytest.raises(ValueError, match="-1") as caught:
            plain(-1)
        with pytest.raises(TypeError, match=r"plain\(\) missing 1 required positional argument"):
            plain()  # type: ignore[call-arg]
    finally:
        switch.off()

    assert [] == heard.calls
    frames = [entry.name for entry in traceback.extract_tb(caught.value.__traceback__)]
    assert ["test_what_fails_is_not_told_and_fails_as_ever", "plain"] == frames


def test_a_method_that_calls_super_is_heard() -> None:
    heard = Heard()
    switch = switch_for(HERE, "Derived.__init__", heard)
    assert switch is not None

    switch.on()
    made = Derived("x")
    switch.off()

    assert ["base", "x"] == made.made
    assert [((made, "x"), {}, None)] == heard.calls


def test_what_is_awaited_is_told_when_it_has_come() -> None:
    heard = Heard()
    switch = switch_for(HERE, "Derived.fetch", heard)
    assert switch is not None
    one = Derived("x")

    switch.on()
    is_coroutine = inspect.iscoroutinefunction(Derived.fetch)
    result = asyncio.run(one.fetch(3))
    switch.off()

    assert (True, 3) == (is_coroutine, result)
    assert [((one, 3), {}, 3)] == heard.calls


def test_a_function_in_c_is_heard_under_its_name_and_put_back() -> None:
    heard, original = Heard(), sqlite3.connect
    switch = switch_for(sqlite3, "connect", heard)

    assert isinstance(switch, NameSwitch)
    switch.on()
    sqlite3.connect(":memory:").close()
    switch.off()

    assert 1 == len(heard.calls)
    assert sqlite3.connect is original


def test_what_somebody_else_put_there_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("theirs")
    module.loads = json.loads  # type: ignore[attr-defined]
    module.length = len  # type: ignore[attr-defined]
    switch = switch_for(module, "length", Heard())
    assert switch is not None

    switch.on()
    module.length = max  # type: ignore[attr-defined]
    switch.off()

    assert module.length is max  # type: ignore[attr-defined]


def test_what_is_not_there_or_can_not_be_seen_is_left_alone() -> None:
    def generates() -> Any:
        yield 1

    module = ModuleType("theirs")
    module.generates = generates  # type: ignore[attr-defined]

    assert switch_for(module, "nothing", Heard()) is None
    assert switch_for(module, "Nothing.at.all", Heard()) is None
    assert switch_for(module, "generates", Heard()) is None


@pytest.mark.parametrize("walks_stack", [False, True])
def test_a_warning_is_about_the_line_it_always_was(walks_stack: bool) -> None:
    warn: FunctionType = warns  # type: ignore[assignment]
    if walks_stack:
        warn = _walking
    switch = CodeSwitch(warn, Heard(), walks_stack=walks_stack)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warn()
        switch.on()
        warn()
        switch.off()

    assert [__file__, __file__] == [each.filename for each in caught]
    assert 2 == caught[1].lineno - caught[0].lineno


def _make_walking() -> Callable[[], None]:
    """Return a function that, as pandas and polars do, warns about the first frame that is not of its own file."""
    source = (
        "import sys, warnings\n"
        "def walking():\n"
        "    frame, level = sys._getframe(), 0\n"
        "    while frame and frame.f_code.co_filename == __file__:\n"
        "        frame, level = frame.f_back, level + 1\n"
        "    warnings.warn('mind', stacklevel=level + 1)\n"
    )
    names: dict[str, Any] = {"__file__": "/their/library.py"}
    exec(compile(source, "/their/library.py", "exec"), names)
    return names["walking"]  # type: ignore[no-any-return]


_walking: Any = _make_walking()
