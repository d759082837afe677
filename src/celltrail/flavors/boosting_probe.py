"""What the probes of XGBoost, LightGBM and CatBoost have in common.

Their functions are hooked where they stand, their containers of data at the constructor, and their training is
followed by listening to what the library computes anyway: nothing is put into parameters or callbacks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import FunctionType, ModuleType
from typing import Any

from celltrail.flavors.after_import import AfterImport
from celltrail.flavors.function_hooks import hook_function, recording_function
from celltrail.flavors.hooking import Hooks
from celltrail.flavors.protocol import Call, CallKind, Sink
from celltrail.flavors.recorded import Recording, recording_method


@dataclass(slots=True)
class Seen:
    """What is seen of one library while its probe is armed.

    Attributes
    ----------
    library : str
        Its import name.
    sink : Sink
        Who is told.
    hooks : Hooks
        What is hooked.
    """

    library: str
    sink: Sink
    hooks: Hooks = field(default_factory=Hooks)

    def functions(self, module: ModuleType, kinds: Mapping[str, CallKind]) -> None:
        """See functions of a module, by name."""
        for name, kind in kinds.items():
            function = getattr(module, name, None)
            if function is not None:
                hook_function(function, self.hooks, self._making_function(kind))

    def methods(self, cls: type | None, kinds: Mapping[str, CallKind]) -> None:
        """See methods that a class defines itself, by name."""
        if cls is not None:
            self.hooks.hook_methods(cls, kinds, lambda name, original: self._method(original, kinds[name]))

    def constructors(self, classes: Iterable[type | None]) -> None:
        """See what the library's containers of data are made from."""
        for cls in classes:
            self.methods(cls, {"__init__": "data"})

    def follow(self, cls: type | None, names: Iterable[str], heed: Callable[[Call, Any, Any], None]) -> None:
        """Listen to methods of the library's own while it trains.

        Parameters
        ----------
        cls : type or None
            Whose methods.
        names : iterable of str
            Which.
        heed : callable
            Given the training call, the instance and what the method returned.
        """
        if cls is not None:
            self.hooks.hook_methods(
                cls, names, lambda _, original: Recording(original, self._training, _Heeding(heed))
            )

    def _making_function(self, kind: CallKind) -> Callable[[FunctionType], Recording]:
        return lambda original: recording_function(original, kind, self.library, self.sink)

    def _method(self, original: FunctionType, kind: CallKind) -> Recording:
        return recording_method(original, kind, self.library, self.sink)

    def _training(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call | None:
        """Return a stand-in for the open call that trains by this library; `_Heeding` is given it."""
        del kwargs
        call = self.sink.running()
        if call is None or call.kind != "fit" or not _is_of(call, self.library):
            return None
        return Call("fit", self.library, "", args[0], {}, None, {"training": call})


@dataclass(frozen=True, slots=True)
class _Heeding:
    """Given what a followed method returned, as if it were a sink."""

    heed: Callable[[Call, Any, Any], None]

    def open(self, *_: Any) -> None:
        """Never asked: the recording knows whether to listen."""

    def running(self) -> None:
        """Never asked either."""

    def close(self, call: Call, result: Any, error: BaseException | None) -> None:
        """Hand on what came back."""
        if error is None:
            self.heed(call.notes["training"], call.owner, result)


def _is_of(call: Call, library: str) -> bool:
    if call.owner is None:
        return call.library == library
    return any(cls.__module__.partition(".")[0] == library for cls in type(call.owner).__mro__)


def arm_after(modules: Mapping[str, Callable[[ModuleType], None]], seen: Seen) -> Callable[[], None]:
    """Wait for a library's modules, and return what ends it all.

    Parameters
    ----------
    modules : mapping of str to callable
        By full module name: what is to be seen of it.
    seen : Seen
        Where it is noted.

    Returns
    -------
    callable
        Puts every wrapped thing back as it was.
    """
    waiting = AfterImport(dict(modules))
    waiting.arm()

    def disarm() -> None:
        waiting.disarm()
        seen.hooks.unhook()

    return disarm
