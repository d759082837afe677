"""Calls of a library that are told to a listener only while a cell runs: turned on and off in under a microsecond.

A plain Python function gets other code for as long, and stays the same object: whoever has imported it, wherever and
whenever, calls what tells, and `pd.read_sql is original` holds throughout. What is written in C can only be exchanged
under its name, in its module or class, so a name that somebody bound before is not seen.
What is hooked for as long as celltrail is loaded is in `hooking`.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from types import CodeType, FunctionType
from typing import Any, Protocol, cast

from celltrail.flavors.recorded import UNCOUNTED_FILE

Tell = Callable[[tuple[Any, ...], dict[str, Any], Any], None]
"""Given positional and keyword arguments and the result of a call that returned. Never raises."""


class Switch(Protocol):
    """One thing whose calls can be told."""

    def on(self) -> None:
        """Tell of calls from here on."""
        ...

    def off(self) -> None:
        """Put back what stood there, unless somebody else has put theirs in its place meanwhile."""
        ...


class CodeSwitch:
    """Tells of the calls of a Python function by exchanging its code.

    Parameters
    ----------
    function : function
        The function itself, not what decorates it. It may close over `__class__`, and over nothing else.
    tell : callable
        Told of each call that returned.
    walks_stack : bool
        Whether the library finds the line that a warning is about by walking up to the first frame that is not its
        own, as pandas, polars and SQLAlchemy do: then what tells passes for the library's own. Else it counts
        frames, and what tells is not counted.

    Raises
    ------
    ValueError
        If its code can't be exchanged.
    """

    def __init__(self, function: FunctionType, tell: Tell, *, walks_stack: bool = False) -> None:
        plain = function.__code__
        file = plain.co_filename if walks_stack else UNCOUNTED_FILE
        template = _template_for(function)
        original = FunctionType(
            plain, function.__globals__, function.__name__, function.__defaults__, function.__closure__
        )
        original.__kwdefaults__ = function.__kwdefaults__
        functools.update_wrapper(original, function)
        del vars(original)["__wrapped__"]
        make = _awaiting if inspect.iscoroutinefunction(function) else _calling
        held = (_dressed(make(original, tell), original, file, function.__globals__),)
        constants = tuple(held if one == _PLACEHOLDER else one for one in template.co_consts)
        self.function = function
        self._plain = plain
        self._original = original
        self._telling = template.replace(
            co_consts=constants, co_filename=file, co_name=plain.co_name, co_qualname=plain.co_qualname
        )

    def on(self) -> None:
        """Tell of calls from here on."""
        if self.function.__code__ is self._plain:
            self.function.__dict__["__wrapped__"] = self._original  # signature and source are read from it
            self.function.__code__ = self._telling

    def off(self) -> None:
        """Put the function's own code back."""
        if self.function.__code__ is self._telling:
            self.function.__code__ = self._plain
            del self.function.__dict__["__wrapped__"]


class NameSwitch:
    """Tells of the calls of what is written in C, by what stands under its name in a module or a class.

    Parameters
    ----------
    owner : module or type
        Where it stands.
    name : str
        Under which name.
    tell : callable
        Told of each call that returned.

    Raises
    ------
    ValueError
        If the owner refuses another value.
    """

    def __init__(self, owner: Any, name: str, tell: Tell) -> None:
        self.owner = owner
        self.name = name
        self._plain = vars(owner)[name]
        self._telling = _dressed(_calling(self._plain, tell), self._plain, UNCOUNTED_FILE, globals())
        try:
            setattr(owner, name, self._plain)
        except (TypeError, AttributeError) as refused:
            raise ValueError(f"{name} can't be exchanged") from refused

    def on(self) -> None:
        """Tell of calls from here on."""
        if vars(self.owner).get(self.name) is self._plain:
            setattr(self.owner, self.name, self._telling)

    def off(self) -> None:
        """Put the original back under its name."""
        if vars(self.owner).get(self.name) is self._telling:
            setattr(self.owner, self.name, self._plain)


def switch_for(module: Any, path: str, tell: Tell, *, walks_stack: bool = False) -> Switch | None:
    """Return what tells of the calls of a function or method.

    Parameters
    ----------
    module : module
        Where the path begins.
    path : str
        Such as `read_table` or `File.__init__`.
    tell : callable
        Told of each call that returned.
    walks_stack : bool
        As `CodeSwitch` has it.

    Returns
    -------
    Switch or None
        None where this version of the library has no such thing, or it can't be seen.
    """
    *outer, name = path.split(".")
    owner = module
    for each in outer:
        owner = getattr(owner, each, None)
    found = getattr(owner, "__dict__", {}).get(name)
    if found is None or isinstance(found, type | staticmethod | classmethod | property):
        return None
    inner = inspect.unwrap(found) if isinstance(found, FunctionType) else found
    try:
        if isinstance(inner, FunctionType):
            return CodeSwitch(inner, tell, walks_stack=walks_stack)
        return NameSwitch(owner, name, tell)
    except ValueError:
        return None


def _calling(original: Any, tell: Tell) -> Any:
    def calling(*args: Any, **kwargs: Any) -> Any:
        try:
            result = original(*args, **kwargs)
        except BaseException as error:
            # A bare `raise` adds no entry for this frame: the traceback is the one of the plain call.
            if error.__traceback__ is not None:
                error.__traceback__ = error.__traceback__.tb_next
            raise
        tell(args, kwargs, result)
        return result

    return calling


def _awaiting(original: Any, tell: Tell) -> Any:
    async def awaiting(*args: Any, **kwargs: Any) -> Any:
        try:
            result = await original(*args, **kwargs)
        except BaseException as error:
            if error.__traceback__ is not None:
                error.__traceback__ = error.__traceback__.tb_next
            raise
        tell(args, kwargs, result)
        return result

    return awaiting


def _dressed(function: FunctionType, original: Any, file: str, names: dict[str, Any]) -> FunctionType:
    """Return a function as what walks the stack should see it."""
    code = function.__code__.replace(co_filename=file)
    dressed = FunctionType(code, names, function.__name__, None, function.__closure__)
    functools.update_wrapper(dressed, original)
    return dressed


_PLACEHOLDER = ("celltrail: what tells",)


def _template(*args: Any, **kwargs: Any) -> Any:
    held: Any = ("celltrail: what tells",)
    try:
        return held[0](*args, **kwargs)
    except BaseException as error:
        if error.__traceback__ is not None:
            error.__traceback__ = error.__traceback__.tb_next
        raise


async def _async_template(*args: Any, **kwargs: Any) -> Any:
    held: Any = ("celltrail: what tells",)
    try:
        return await held[0](*args, **kwargs)
    except BaseException as error:
        if error.__traceback__ is not None:
            error.__traceback__ = error.__traceback__.tb_next
        raise


class _OfClass:
    """Its method closes over `__class__`, as methods do that call `super()`."""

    def template(*args: Any, **kwargs: Any) -> Any:  # `self` is one of them
        held: Any = ("celltrail: what tells",)
        try:
            return held[0](*args, **kwargs)
        except BaseException as error:
            if error.__traceback__ is not None:
                error.__traceback__ = error.__traceback__.tb_next
            raise
        return __class__  # type: ignore[name-defined]  # never reached: it makes the closure


def _template_for(function: FunctionType) -> CodeType:
    """Return code that fits the closure of a function."""
    free = function.__code__.co_freevars
    if not free and not inspect.isgeneratorfunction(function) and not inspect.isasyncgenfunction(function):
        return (_async_template if inspect.iscoroutinefunction(function) else _template).__code__
    of_class: Any = _OfClass.template
    if free == of_class.__code__.co_freevars and not inspect.iscoroutinefunction(function):
        return cast(CodeType, of_class.__code__)
    raise ValueError(f"{function.__qualname__} can't be exchanged")
