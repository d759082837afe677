"""A call that is told to a sink, and that in every other respect is the call it was.

Three promises to the user's code hold here: what is pickled is the original and names nothing of celltrail, the
recording is no part of a traceback, and it does not count in the `stacklevel` of a warning. What is replaced by such
calls, and how it is put back, is in `hooking`.
"""

from __future__ import annotations

import functools
import inspect
import operator
import sys
from collections.abc import Callable, Mapping
from types import FrameType, FunctionType, MethodType
from typing import Any

from celltrail.flavors.protocol import Call, CallKind, Sink

# `warnings` counts no frame whose file name holds both words (CPython's Lib/warnings.py, `_is_internal_frame`, and
# its twin in C; 3.11 to 3.13). So a warning with `stacklevel=2` in a user's `fit` points at the line it always did.
UNCOUNTED_FILE = "<celltrail, skipped by warnings as importlib._bootstrap is>"

_LIBRARIES = frozenset({"sklearn", "xgboost", "lightgbm", "catboost", "statsmodels"})

# What MLflow puts in the place of what it logs (`safe_patch` in its utils/autologging_utils/safety.py, 1.13 to 3.18).
_MLFLOW_PASSES_ON = "safe_patch_function"


class Recording:
    """Calls the original once, and tells the sink of calls that are to be recorded.

    An object, not a function: cloudpickle keeps functions by their code and would meet the sink in it, but asks an
    object how it wants to be pickled. So `joblib.delayed(model.fit)` goes to another process as it always did.

    Parameters
    ----------
    original : function
        The user's or the library's own. Name, documentation, signature and attributes are taken from it.
    open_call : callable
        Given positional and keyword arguments, asks the sink. The frame above it is that of `__call__`.
    sink : Sink
        Told when the call ends.
    """

    def __init__(
        self,
        original: FunctionType,
        open_call: Callable[[tuple[Any, ...], dict[str, Any]], Call | None],
        sink: Sink,
    ) -> None:
        functools.update_wrapper(self, original)
        self._celltrail = (original, open_call, sink)

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        """Do what the original does."""
        original, open_call, sink = self._celltrail
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

    __call__.__code__ = __call__.__code__.replace(co_filename=UNCOUNTED_FILE)

    def __getattr__(self, name: str) -> Any:
        if name == "_celltrail":  # not yet made
            raise AttributeError(name)
        return getattr(self._celltrail[0], name)  # `__code__`, `__defaults__` and the like

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        """Pickle as the original: `operator.getitem((original,), 0)`."""
        return operator.getitem, ((self._celltrail[0],), 0)


class RecordedMethod:
    """Stands in a class for a method whose calls on instances are seen.

    Class access gives the user's own function, instance access the recording bound method, and pickling (by value,
    as cloudpickle does with classes of `__main__`) gives the original: a pickle names nothing of celltrail.

    Parameters
    ----------
    original : function or descriptor
        What stood in the class. A descriptor that refuses some instances (`available_if`) goes on refusing them.
    recording : Recording
        Called instead of the original on instances.
    on_class_access : callable, optional
        Called once, when somebody first takes the function from the class: its unbound calls are to be seen too.
    make : callable, optional
        Given a function, returns the recording of it: for descriptors whose function somebody exchanges.
    hook : callable, optional
        Given a class, hooks the method of this name in it in the same way.
    """

    __slots__ = ("__weakref__", "asks_first", "function", "hook", "make", "on_class_access", "original", "recording")

    def __init__(
        self,
        original: Any,
        recording: Recording,
        on_class_access: Callable[[], None] | None = None,
        *,
        make: Callable[[FunctionType], Recording] | None = None,
        hook: Callable[[type], None] | None = None,
    ) -> None:
        self.original = original
        self.recording = recording
        self.on_class_access = on_class_access
        self.make = make
        self.hook = hook
        self.asks_first = not isinstance(original, FunctionType)
        self.function = getattr(original, "fn", None)

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        """Give what the original would give, but for the recording of calls on instances."""
        if instance is None:
            if self.on_class_access is not None:
                arm, self.on_class_access = self.on_class_access, None
                arm()
            return self.original.__get__(None, owner)
        if self.asks_first:
            self.original.__get__(instance, owner)  # raises AttributeError where the method is not available
            function = getattr(self.original, "fn", None)
            if function is not self.function and self.make is not None and type(function) is FunctionType:
                self.function, self.recording = function, self.make(function)  # MLflow has put its own there
        return MethodType(self.recording, instance)

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        """Pickle as the original: `operator.getitem((original,), 0)`."""
        return operator.getitem, ((self.original,), 0)


def recording_method(
    original: FunctionType, kind: CallKind, library: str, sink: Sink, *, frames: int = 2, told: Sink | None = None
) -> Recording:
    """Return what records a method of a library's class; the owner of its calls is the instance.

    Parameters
    ----------
    original : function
        The method.
    kind, library : str
        As in `Call`.
    sink : Sink
        Asked whether a call is recorded. It takes the frame below the asking one for the call's own, so nothing
        stands between.
    frames : int, default 2
        How far the caller stands above what asks the sink: 3 where a wrapper is between.
    told : Sink, optional
        Told of the end of a call in the sink's place.

    Returns
    -------
    Recording
        Called instead of the original on instances.
    """
    name = original.__name__

    def open_call(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call | None:
        def bind() -> Mapping[str, Any]:
            bound = arguments_by_name(original, args, kwargs)
            del bound[next(iter(bound))]
            return bound

        return sink.open(kind, library, name, args[0], bind, users_frame(sys._getframe(frames)))

    return Recording(original, open_call, told or sink)


def users_frame(caller: FrameType) -> FrameType | None:
    """Return the frame that made a call, or None where that is a library's own: it names nothing of the user's.

    MLflow's autologging stands between a call and who made it; what MLflow calls for itself is a library's call.
    """
    frame: FrameType | None = caller
    root = _root(caller)
    while root == "mlflow" and frame is not None:
        is_passed_on = frame.f_code.co_name == _MLFLOW_PASSES_ON
        frame = frame.f_back
        root = _root(frame)
        if root != "mlflow" and not is_passed_on:
            return None
    return None if root in _LIBRARIES else frame


def _root(frame: FrameType | None) -> str:
    name = frame.f_globals.get("__name__") if frame is not None else None
    return name.partition(".")[0] if isinstance(name, str) else ""


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
