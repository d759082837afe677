"""What is replaced while a cell runs so that files are seen, and how it is put back.

Three kinds: names in Python's own modules (`builtins.open`), by which the libraries too are seen that open files in
Python; functions of libraries that open files in C, C++ or Rust, which their flavors list; and, as long as celltrail
is loaded, a finder that waits for those libraries. Who listens is in `files`.
"""

from __future__ import annotations

import atexit
import functools
import importlib
import os
import sys
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

from celltrail.capture.guard import contained, log, reason
from celltrail.flavors.after_import import AfterImport
from celltrail.flavors.opened import Made, Mode, Opened, Reader, argument
from celltrail.flavors.switched import Switch, switch_for

Hear = Callable[[Any, Mode, bool], None]
HearMore = Callable[[Iterable[Opened]], None]
HearMove = Callable[[Any, Any], None]

_WRITING_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_TRUNC

# By full module name, the flavor file that lists its functions. Nothing is imported before the library is.
_FLAVORS = {
    "duckdb": "duckdb_files",
    "fsspec.spec": "fsspec_files",
    "h5py._hl.files": "h5py_files",
    "httpx._client": "web_files",
    "numpy.lib._datasource": "numpy_files",
    "pandas.io.parquet": "pandas_files",
    "pandas.io.sql": "pandas_files",
    "polars": "polars_files",
    "pyarrow": "pyarrow_files",
    "pyarrow.csv": "pyarrow_files",
    "pyarrow.dataset": "pyarrow_files",
    "pyarrow.feather": "pyarrow_files",
    "pyarrow.json": "pyarrow_files",
    "pyarrow.orc": "pyarrow_files",
    "pyarrow.parquet": "pyarrow_files",
    "requests.sessions": "web_files",
    "sqlalchemy.engine.default": "sqlalchemy_files",
    "sqlite3": "sqlite_files",
    "sqlite3.dbapi2": "sqlite_files",
    "urllib.request": "web_files",
}


class Openers:
    """Everything that tells of files, turned on and off together.

    Parameters
    ----------
    hear : callable
        Told of a path, as given, its mode, and whether what is written is added to what there was; what it raises
        goes no further.
    hear_more : callable
        Told of what a library's call opened.
    hear_move : callable
        Told of a file's old and new path.
    """

    def __init__(self, hear: Hear, hear_more: HearMore, hear_move: HearMove) -> None:
        self._hear = hear
        self._hear_more = hear_more
        self._hear_move = hear_move
        self._is_on = False
        self._made: dict[int, tuple[Any, Any, int]] = {}  # by id of the original: it, ours, who else holds ours
        self._replaced: list[tuple[ModuleType, str, Any, Any]] = []
        self._switches: dict[int, Switch] = {}
        self._waiting: AfterImport | None = None

    def arm(self) -> None:
        """Find the functions of libraries that are imported, and wait for the others."""
        if self._waiting is None:
            self._waiting = AfterImport(dict.fromkeys(_FLAVORS, self._imported))
            self._waiting.arm()
            # Extension modules that find a function of theirs held at the end say so on the error stream (nanobind).
            atexit.register(self.disarm)

    def disarm(self) -> None:
        """Wait for no library any more, and let go of those that are known."""
        if self._is_on:
            self.turn_off()
        if self._waiting is not None:
            self._waiting.disarm()
            self._waiting = None
        self._switches.clear()
        atexit.unregister(self.disarm)

    def turn_on(self) -> None:
        """Tell of files from here on."""
        self._is_on = True
        for module_name, name, make in _NAMES:
            module = sys.modules.get(module_name)
            original = getattr(module, name, None)
            if module is None or original is None:
                continue
            ours = self._ours(original, make)
            if original is ours:
                continue
            setattr(module, name, ours)
            self._replaced.append((module, name, original, ours))
            if module is os:
                # Which functions take `dir_fd` is a set of the functions themselves.
                os.supports_dir_fd.add(ours)
        for switch in self._switches.values():
            switch.on()

    def turn_off(self) -> None:
        """Put everything back that is still ours."""
        self._is_on = False
        for switch in self._switches.values():
            switch.off()
        while self._replaced:
            module, name, original, ours = self._replaced.pop()
            # Somebody else may have replaced it meanwhile: theirs stays.
            if getattr(module, name, None) is ours:
                setattr(module, name, original)
            if module is os:
                os.supports_dir_fd.discard(ours)
        self._take_back()

    def _ours(self, original: Any, make: Callable[[Openers, Any], Any]) -> Any:
        """Return what stands in for a function: `io.open` and `builtins.open` are one and stay one."""
        known = self._made.get(id(original))
        if known is None:
            ours = make(self, original)
            self._made[id(original)] = known = (original, ours, 0)
            # What our own structures hold, the frames here included, is not "somebody else".
            self._made[id(original)] = known = (original, ours, sys.getrefcount(ours))
        return known[1]

    def _take_back(self) -> None:
        """Put the original under names that were bound to ours while the cell ran: `from io import open`."""
        for key, (original, ours, held) in list(self._made.items()):
            now = sys.getrefcount(ours)
            if now == held:
                continue
            if now > held:
                _bind_instead(ours, original)
            # Whoever holds it still, in a closure say, calls the original through it; they are not looked for again.
            self._made[key] = (original, ours, sys.getrefcount(ours))

    def _imported(self, module: ModuleType) -> None:
        with contained(_not_seen):
            flavor = importlib.import_module(f"celltrail.flavors.{_FLAVORS[module.__name__]}")
            for openers in flavor.OPENERS:
                if openers.module != module.__name__:
                    continue
                for path, read in openers.readers.items():
                    self._add(module, path, read, walks_stack=openers.walks_stack)

    def _add(self, module: ModuleType, path: str, read: Reader, *, walks_stack: bool) -> None:
        def tell(args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
            if self._is_on:
                with contained(_not_seen):
                    self._hear_more(read(Made(args, kwargs, result)))

        switch = switch_for(module, path, tell, walks_stack=walks_stack)
        if switch is None:
            return
        seen = getattr(switch, "function", None)
        key = id(seen) if seen is not None else id(switch)
        if key in self._switches:
            return  # one function under two names
        self._switches[key] = switch
        if self._is_on:
            switch.on()

    def hear(self, path: Any, mode: Mode, keeps: bool = False) -> None:
        """Tell of one opening by Python itself."""
        if self._is_on:
            try:
                self._hear(path, mode, keeps)
            except (OSError, ValueError) as error:  # no working directory any more, a path that is none
                _not_seen(error)

    def hear_move(self, before: Any, after: Any) -> None:
        """Tell that a file has another name."""
        if self._is_on:
            try:
                self._hear_move(before, after)
            except (OSError, ValueError) as error:
                _not_seen(error)


def _bind_instead(ours: Any, original: Any) -> None:
    """Put the original under each name of a module that is bound to ours."""
    for module in list(sys.modules.values()):
        names = getattr(module, "__dict__", None)
        if type(names) is dict:
            for name in [name for name, value in list(names.items()) if value is ours]:
                names[name] = original


def _not_seen(error: BaseException) -> None:
    log.warning("a file was not seen: %s", reason(error), exc_info=error)


def _standing_in(original: Any, tell: Callable[[tuple[Any, ...], dict[str, Any]], None]) -> Any:
    """Return a function that does what the original does, and tells of it afterwards."""

    @functools.wraps(original)
    def opener(*args: Any, **kwargs: Any) -> Any:
        try:
            result = original(*args, **kwargs)
        except BaseException as error:
            # A bare `raise` adds no entry for this frame: the traceback is the one of the plain call.
            if error.__traceback__ is not None:
                error.__traceback__ = error.__traceback__.tb_next
            raise
        tell(args, kwargs)
        return result

    return opener


def _of_open(openers: Openers, original: Any) -> Any:
    def tell(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        mode = argument(args, kwargs, 1, "mode") or "r"
        writes = "w" in mode or "a" in mode or "+" in mode or "x" in mode
        keeps = "a" in mode or ("+" in mode and "w" not in mode)
        openers.hear(argument(args, kwargs, 0, "file"), "write" if writes else "read", keeps)

    return _standing_in(original, tell)


def _of_os_open(openers: Openers, original: Any) -> Any:
    def tell(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        flags = argument(args, kwargs, 1, "flags")
        if kwargs.get("dir_fd") is None and type(flags) is int:
            path = argument(args, kwargs, 0, "path")
            keeps = bool(flags & _WRITING_FLAGS) and not flags & (os.O_TRUNC | os.O_EXCL)
            openers.hear(path, "write" if flags & _WRITING_FLAGS else "read", keeps)

    return _standing_in(original, tell)


def _of_move(openers: Openers, original: Any) -> Any:
    def tell(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if kwargs.get("src_dir_fd") is None and kwargs.get("dst_dir_fd") is None:
            openers.hear_move(argument(args, kwargs, 0, "src"), argument(args, kwargs, 1, "dst"))

    return _standing_in(original, tell)


# Where functions that open things are looked up when they are called. IPython gives cells an `open` of its own; bz2
# and tarfile bind theirs when they are imported (CPython's Lib/bz2.py and Lib/tarfile.py, 3.11 to 3.13).
_NAMES: tuple[tuple[str, str, Callable[[Openers, Any], Any]], ...] = (
    ("builtins", "open", _of_open),
    ("_io", "open", _of_open),  # by this name Python 3.12 and later pickle it
    ("io", "open", _of_open),
    ("IPython.core.interactiveshell", "io_open", _of_open),
    ("bz2", "_builtin_open", _of_open),
    ("tarfile", "bltn_open", _of_open),
    ("os", "open", _of_os_open),
    ("os", "replace", _of_move),
    ("os", "rename", _of_move),
)
