"""Models as pickles: written by protocol 5, by cloudpickle where the notebook's own classes are in them.

What a pickle would import is read from its opcodes, without executing one.
"""

from __future__ import annotations

import io
import pickle
from types import FunctionType
from typing import Any, BinaryIO

_PROTOCOL = 5


class WrittenHereError(pickle.PicklingError):
    """Raised for a function or class that no other process could import: cloudpickle can keep its code."""


class UnloadableError(pickle.PicklingError):
    """Raised for a model that could be written but not read back; no other flavor is to try."""


class PickleFlavor:
    """Any object whose classes and functions can be imported."""

    name = "pickle"

    def matches(self, model: Any) -> bool:
        """Say whether the model's own class can be imported."""
        return type(model).__module__ != "__main__"

    def save(self, model: Any, target: BinaryIO) -> None:
        """Write the model.

        Raises
        ------
        WrittenHereError
            If it holds a function or class of the notebook.
        pickle.PicklingError
            If it holds anything else that can't be pickled.
        """
        noticing = _Noticing(target)
        try:
            pickle.Pickler(noticing, protocol=_PROTOCOL).dump(model)
        except (pickle.PicklingError, AttributeError):
            _refuse_the_notebooks(model)  # says it better, if it was that
            raise
        if noticing.names_notebook:
            _refuse_the_notebooks(model)

    def load(self, source: BinaryIO) -> Any:
        """Read a model that is trusted."""
        return pickle.load(source)


class CloudpickleFlavor(PickleFlavor):
    """Objects whose classes or functions were written in a cell: these are kept in the pickle."""

    name = "cloudpickle"

    def matches(self, model: Any) -> bool:
        """Say whether the model's class was written in a cell."""
        return type(model).__module__ == "__main__"

    def save(self, model: Any, target: BinaryIO) -> None:
        """Write the model with the code of its classes.

        Raises
        ------
        pickle.PicklingError
            If it holds anything that can't be pickled, an open file among it.
        """
        import cloudpickle

        class Pickler(cloudpickle.Pickler):  # type: ignore[misc]  # cloudpickle ships no types
            def reducer_override(self, obj: Any) -> Any:
                if isinstance(obj, io.IOBase):  # cloudpickle would keep what the file holds
                    raise pickle.PicklingError(f"it holds an open file ({getattr(obj, 'name', obj)})")
                return super().reducer_override(obj)

        Pickler(target, protocol=_PROTOCOL).dump(model)


class _Noticing:
    """Hands on what is written, and notices where the notebook's module may be named in it.

    Asking a method of ours about each object of a model costs a tenth of pickling it; a look at the bytes, nothing.
    """

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self.names_notebook = False

    def write(self, chunk: Any) -> int:
        # A short text is never split over two writes: frames end between opcodes.
        if not self.names_notebook and bytes(chunk).rfind(_NOTEBOOK) >= 0:  # quicker than `in`
            self.names_notebook = True
        return self._target.write(chunk)


_NOTEBOOK = b"__main__"


class _Nowhere:
    def write(self, chunk: Any) -> int:
        return memoryview(chunk).nbytes


def _refuse_the_notebooks(model: Any) -> None:
    _ImportablePickler(_Nowhere(), protocol=_PROTOCOL).dump(model)


class _ImportablePickler(pickle.Pickler):
    """Refuses what another process could not import."""

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, type | FunctionType) and (obj.__module__ == "__main__" or "<" in obj.__qualname__):
            raise WrittenHereError(f"{obj.__qualname__} was written in the notebook")
        return NotImplemented


def imports_of(data: bytes) -> list[str]:
    """Return what a pickle would import, without opening it.

    Parameters
    ----------
    data : bytes
        A pickle, from anywhere.

    Returns
    -------
    list of str
        `module.name`, sorted. A name that is computed while loading is `?`.
    """
    import pickletools

    found: set[str] = set()
    pushed: list[str | None] = []
    memo: dict[int, str | None] = {}
    try:
        for opcode, argument, _ in pickletools.genops(data):
            if opcode.name in ("GLOBAL", "INST"):
                found.add(str(argument).replace(" ", ".", 1))
                pushed.append(None)
            elif opcode.name == "STACK_GLOBAL":
                module, name = pushed[-2:] if len(pushed) > 1 else (None, None)
                found.add(f"{module or '?'}.{name or '?'}")
                pushed.append(None)
            elif opcode.name == "MEMOIZE":
                memo[len(memo)] = pushed[-1] if pushed else None
            elif opcode.name in ("PUT", "BINPUT", "LONG_BINPUT"):
                memo[int(argument or 0)] = pushed[-1] if pushed else None
            elif opcode.name in ("GET", "BINGET", "LONG_BINGET"):
                pushed.append(memo.get(int(argument or 0)))
            elif opcode.name not in ("PROTO", "FRAME", "MARK"):
                pushed.append(argument if isinstance(argument, str) else None)
    except ValueError:
        found.add("?")  # not a whole pickle
    return sorted(found)
