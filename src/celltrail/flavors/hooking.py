"""Seeing the calls of a method, or of a function kept in a closure, without changing what it is.

Three promises to the user's code hold here: what a name means stays the same object (`Mine.fit is original`,
pickles hold the original), the wrapper is no part of a traceback, and it does not count in the `stacklevel` of a
warning. Which classes and functions are hooked is said by the probes.
"""

from __future__ import annotations

import functools
import inspect
import operator
import sys
import weakref
from collections.abc import Callable, Iterable, Mapping
from types import CellType, FrameType, FunctionType, MethodType
from typing import Any

from celltrail.flavors.protocol import Call, CallKind, Sink

# `warnings` counts no frame whose file name holds both words (CPython's Lib/warnings.py, `_is_internal_frame`, and
# its twin in C; 3.11 to 3.13). So a warning with `stacklevel=2` in a user's `fit` points at the line it always did.
_UNCOUNTED_FILE = "<celltrail, skipped by warnings as importlib._bootstrap is>"


class RecordedMethod:
    """Stands in a class for a method whose calls on instances are seen.

    Class access gives the user's own function, instance access the recording bound method, and pickling (by value,
    as cloudpickle does with classes of `__main__`) gives the original: a pickle names nothing of celltrail.

    Parameters
    ----------
    original : function or descriptor
        What stood in the class. A descriptor that refuses some instances (`available_if`) goes on refusing them.
    recording : function
        Called instead of the original on instances.
    """

    __slots__ = ("__weakref__", "asks_first", "original", "recording")

    def __init__(self, original: Any, recording: Callable[..., Any]) -> None:
        self.original = original
        self.recording = recording
        self.asks_first = not isinstance(original, FunctionType)

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        """Give what the original would give, but for the recording of calls on instances."""
        if instance is None:
            return self.original.__get__(None, owner)
        if self.asks_first:
            self.original.__get__(instance, owner)  # raises AttributeError where the method is not available
        return MethodType(self.recording, instance)

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        """Pickle as the original: `operator.getitem((original,), 0)`."""
        return operator.getitem, ((self.original,), 0)


def function_of(attribute: Any) -> FunctionType | None:
    """Return the function behind a class attribute that can be hooked, else None.

    Parameters
    ----------
    attribute : object
        What stands in the `__dict__` of a class.

    Returns
    -------
    function or None
        None for properties, static and class methods, abstract methods, and what is hooked already.
    """
    if type(attribute).__name__ in ("_AvailableIfDescriptor", "_IffHasAttrDescriptor"):
        attribute = getattr(attribute, "fn", None)
    if type(attribute) is not FunctionType or getattr(attribute, "__isabstractmethod__", False):
        return None
    return attribute


def recording(
    original: FunctionType,
    open_call: Callable[[tuple[Any, ...], dict[str, Any]], Call | None],
    sink: Sink,
) -> Callable[..., Any]:
    """Return a function that calls the original once and tells the sink of calls that are to be recorded.

    Parameters
    ----------
    original : function
        The user's or the library's own.
    open_call : callable
        Given positional and keyword arguments, asks the sink. The frame above it is the recording function's.
    sink : Sink
        Told when the call ends.

    Returns
    -------
    function
        With name, documentation and signature of the original.
    """

    def recorded(*args: Any, **kwargs: Any) -> Any:
        call = None
        try:
            call = open_call(args, kwargs)
            result = original(*args, **kwargs)
        except BaseException as error:
            # A bare `raise` adds no entry for this frame: the traceback is the one of the plain call.
            if error.__traceback__ is not None:
                error.__traceback__ = error.__traceback__.tb_next
            if call is not None:
                sink.close(call, None, error)
            raise
        if call is not None:
            sink.close(call, result, None)
        return result

    recorded.__code__ = recorded.__code__.replace(co_filename=_UNCOUNTED_FILE)
    return functools.update_wrapper(recorded, original)


def recording_method(original: FunctionType, kind: CallKind, sink: Sink) -> Callable[..., Any]:
    """Return the recording function for a method; the owner of its calls is the instance."""
    name = original.__name__

    def open_call(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call | None:
        def bind() -> Mapping[str, Any]:
            bound = arguments_by_name(original, args, kwargs)
            del bound[next(iter(bound))]
            return bound

        return sink.open(kind, name, args[0], bind, users_frame(sys._getframe(2)))

    return recording(original, open_call, sink)


def users_frame(caller: FrameType) -> FrameType | None:
    """Return the frame that made a call, or None where that is scikit-learn's own: it names nothing of the user's."""
    name = caller.f_globals.get("__name__")
    return None if isinstance(name, str) and name.startswith("sklearn.") else caller


@functools.lru_cache(maxsize=1024)
def _signature(function: Callable[..., Any]) -> inspect.Signature:
    return inspect.signature(function)


def arguments_by_name(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the arguments of a call by parameter name, as given: no defaults, in the order of the signature.

    Parameters
    ----------
    function : callable
        What is called.
    args, kwargs : tuple, mapping
        What it is called with. What goes into `**params` is listed under its own name.

    Returns
    -------
    dict
        The very objects, not copies.

    Raises
    ------
    TypeError
        If the call does not fit the signature; the call itself will then raise the same.
    """
    signature = _signature(function)
    bound: dict[str, Any] = {}
    for name, value in signature.bind(*args, **kwargs).arguments.items():
        if signature.parameters[name].kind is inspect.Parameter.VAR_KEYWORD:
            bound.update(value)
        else:
            bound[name] = value
    return bound


def parameter_defaults(function: Callable[..., Any]) -> dict[str, Any]:
    """Return the defaults of a function's parameters by name; those without one are left out."""
    return {
        name: parameter.default
        for name, parameter in _signature(function).parameters.items()
        if parameter.default is not inspect.Parameter.empty
    }


class Hooks:
    """What is hooked at present, and how to put it back."""

    def __init__(self) -> None:
        # Weak: a class that the user defines anew by running a cell again may go.
        self._methods: list[tuple[weakref.ref[type], str, RecordedMethod]] = []
        self._cells: list[tuple[CellType, Any, Any]] = []

    def hook_methods(self, cls: type, names: Iterable[str], make: Callable[[str, FunctionType], Any]) -> None:
        """Hook the methods that a class defines itself; what can't be hooked is left alone.

        Parameters
        ----------
        cls : type
            A class. Built-in and extension types are skipped.
        names : iterable of str
            Names of methods.
        make : callable
            Given the name and the original function, returns the recording function.
        """
        for name in names:
            original = cls.__dict__.get(name)
            function = function_of(original)
            if function is None:
                continue
            recorded = RecordedMethod(original, make(name, function))
            try:
                setattr(cls, name, recorded)
            except (TypeError, AttributeError):  # an extension type, or a metaclass that refuses
                continue
            self._methods.append((weakref.ref(cls), name, recorded))

    def hook_cell(self, cell: CellType, make: Callable[[FunctionType], Any]) -> bool:
        """Replace the function in a closure cell; return whether it held one."""
        original = cell.cell_contents
        if type(original) is not FunctionType:
            return False
        recorded = make(original)
        cell.cell_contents = recorded
        self._cells.append((cell, original, recorded))
        return True

    def unhook(self) -> None:
        """Put everything back that is still ours; what somebody else replaced meanwhile is left alone."""
        while self._methods:
            reference, name, recorded = self._methods.pop()
            cls = reference()
            if cls is not None and cls.__dict__.get(name) is recorded:
                setattr(cls, name, recorded.original)
        while self._cells:
            cell, original, now = self._cells.pop()
            if cell.cell_contents is now:
                cell.cell_contents = original
