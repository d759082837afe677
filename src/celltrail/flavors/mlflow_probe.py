"""Steps aside for MLflow's autologging, so that each records what it would alone, whichever came first.

MLflow puts its own function in the place of a method, and refuses one that is not what the class gives when it is
asked. So what records a method leaves the class while MLflow looks, patches or takes its patch back, and stands on
top again after: MLflow's function is then part of the user's call, and what MLflow calls for itself is no event. The
fit ends for the record where the library's own `fit` returns, before MLflow logs. Which MLflow runs were started in a
cell is told too.
"""

from __future__ import annotations

import functools
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FunctionType, ModuleType
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from celltrail.flavors.after_import import AfterImport
from celltrail.flavors.hooking import Hooks
from celltrail.flavors.protocol import Call, LinkingSink, Sink
from celltrail.flavors.recorded import RecordedMethod, Recording

_FITS = frozenset({"fit", "fit_transform", "fit_predict"})
_SAFETY = "mlflow.utils.autologging_utils.safety"


class MLflowProbe:
    """Lets MLflow's autologging and the recording of methods stand on one another; sees which runs are started."""

    name = "mlflow"
    module = "mlflow"

    def arm(self, sink: Sink) -> Callable[[], None]:
        """Begin to step aside, now or as soon as MLflow is imported.

        Parameters
        ----------
        sink : Sink
            Told of the end of fits that MLflow logs and, where it takes links, of the runs that MLflow starts.

        Returns
        -------
        callable
            Puts every wrapped thing back as it was.
        """
        hooks = Hooks()

        def gorilla(module: ModuleType) -> None:
            for name, place in _PLACES.items():
                function = getattr(module, name, None)
                if type(function) is FunctionType:
                    hooks.hook_code(function, functools.partial(_stepping_aside, place=place, applied=fits))

        def fits(patch: Any) -> None:
            _end_fits_early(patch, hooks, sink)

        def fluent(module: ModuleType) -> None:
            start_run = getattr(module, "start_run", None)
            if isinstance(sink, LinkingSink) and type(start_run) is FunctionType:
                starts = _Starts(sink)
                hooks.hook_code(start_run, lambda original: Recording(original, starts.begins, starts))

        for patches in list(getattr(sys.modules.get(_SAFETY), "_AUTOLOGGING_PATCHES", {}).values()):
            for patch in list(patches):
                fits(patch)
        waiting = AfterImport({"mlflow.utils.gorilla": gorilla, "mlflow.tracking.fluent": fluent})
        waiting.arm()

        def disarm() -> None:
            waiting.disarm()
            hooks.unhook()

        return disarm


Place = Callable[[tuple[Any, ...], dict[str, Any]], tuple[Any, Any, Any]]


def _of_patch(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, Any, Any]:
    patch = args[0] if args else kwargs.get("patch")
    return getattr(patch, "destination", None), getattr(patch, "name", None), patch


def _of_attribute(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, Any, Any]:
    given = [*args, *(kwargs[name] for name in ("obj", "name")[len(args) :] if name in kwargs)]
    return (given[0], given[1], None) if len(given) > 1 else (None, None, None)


# The functions of `mlflow.utils.gorilla` through which every patch goes (MLflow 1.13 to 3.18), and where they tell
# which class and which method.
_PLACES: dict[str, Place] = {
    "get_original_attribute": _of_attribute,
    "apply": _of_patch,
    "revert": _of_patch,
}


def _stepping_aside(original: FunctionType, place: Place, applied: Callable[[Any], None]) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        cls, name, patch = place(args, kwargs)
        with _aside(cls, name):
            result = original(*args, **kwargs)
        if original.__name__ == "apply":
            applied(patch)
        return result

    return call


@contextmanager
def _aside(cls: Any, name: Any) -> Iterator[None]:
    """Take recordings of a method off a class and its ancestors; put them on top of what stands there after."""
    found = [(one, vars(one).get(name)) for one in cls.__mro__] if isinstance(cls, type) else []
    ours = [(one, recorded) for one, recorded in found if isinstance(recorded, RecordedMethod)]
    for one, recorded in ours:
        setattr(one, name, recorded.original)
    try:
        yield
    finally:
        for one, recorded in ours:
            if vars(one).get(name) is recorded.original:
                setattr(one, name, recorded)
        if ours and (hook := ours[0][1].hook) is not None:
            hook(cls)  # what stands there now, unless it is recorded already


def _end_fits_early(patch: Any, hooks: Hooks, sink: Sink) -> None:
    """Let a fit end for the record where what MLflow calls the original ends: MLflow logs after that."""
    patched = getattr(patch, "obj", None)
    if getattr(patch, "name", None) not in (*_FITS, "fn") or type(patched) is not FunctionType:
        return
    cells = dict(zip(patched.__code__.co_freevars, patched.__closure__ or (), strict=False))
    if "original" in cells:
        hooks.hook_cell(cells["original"], lambda original: Recording(original, _Fit(sink).begins, _Fit(sink)))


class _Fit:
    """Stands where MLflow calls the original, as if it were a sink."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def begins(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call | None:
        """Return the fit that is open, where this is it."""
        del kwargs
        call = self._sink.running()
        is_it = call is not None and call.kind == "fit" and bool(args) and call.owner is args[0]
        if call is None or not is_it or call.began_s is not None:
            return None
        call.began_s = time.perf_counter()
        return call

    def open(self, *_: Any) -> None:
        """Never asked: the recording knows whether to listen."""

    def running(self) -> None:
        """Never asked either."""

    def close(self, call: Call, result: Any, error: BaseException | None) -> None:
        """End the fit for the record."""
        if call.returned is not None:
            call.returned(result, error)


class _Starts:
    """Tells which run `mlflow.start_run` has started or taken up again, as if it were a sink."""

    def __init__(self, sink: LinkingSink) -> None:
        self._sink = sink

    def begins(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call:
        """Return what `close` is given."""
        del args, kwargs
        return Call("data", "mlflow", "start_run", None, {}, None)

    def open(self, *_: Any) -> None:
        """Never asked: each start is told."""

    def running(self) -> None:
        """Never asked either."""

    def close(self, call: Call, result: Any, error: BaseException | None) -> None:
        """Link the running cell to the run."""
        del call
        run_id = getattr(getattr(result, "info", None), "run_id", None)
        if error is not None or not isinstance(run_id, str):
            return
        self._sink.link("mlflow.run_id", run_id)
        asked = getattr(sys.modules.get("mlflow"), "get_tracking_uri", None)
        uri = asked() if asked is not None else None
        if isinstance(uri, str):
            self._sink.link("mlflow.tracking_uri", without_credentials(uri))


def without_credentials(uri: str) -> str:
    """Return a URI without user, password and query.

    Parameters
    ----------
    uri : str
        Such as MLflow's tracking URI.

    Returns
    -------
    str
        `postgresql://ann:secret@host/db?key=x` is `postgresql://host/db`.
    """
    try:
        parts = urlsplit(uri)
    except ValueError:
        return uri.partition("://")[0]
    host = parts.netloc.rpartition("@")[2]
    stripped = urlunsplit((parts.scheme, host, parts.path, "", ""))
    # `sqlite:///mlflow.db` has three slashes, and urlunsplit leaves out an empty host.
    return f"{parts.scheme}://{parts.path}" if uri.startswith(f"{parts.scheme}:///") else stripped
