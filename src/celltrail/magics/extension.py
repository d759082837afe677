"""`%load_ext celltrail` and `%unload_ext celltrail`: what is put in place, and taken away again without a trace."""

from __future__ import annotations

import atexit
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from celltrail.capture import by_hand
from celltrail.capture.author import author
from celltrail.capture.calls import CallSink
from celltrail.capture.guard import contained, log, reason
from celltrail.capture.kernel import Kernel, RoomWatch
from celltrail.capture.late import LateWork
from celltrail.capture.listening import Listening
from celltrail.capture.private import choose_private
from celltrail.capture.recorder import Recorder
from celltrail.capture.variables import allow_variables
from celltrail.capture.warming import is_clear, warm_at_once, warm_up
from celltrail.capture.where import client_name, find_notebook
from celltrail.config import Config, read_config
from celltrail.domain.header import strip_header
from celltrail.errors import CelltrailError, TrailError
from celltrail.magics.events import Witness
from celltrail.magics.loaded import Loaded
from celltrail.magics.showing import Shower
from celltrail.magics.track import TrackMagics
from celltrail.magics.trail import register
from celltrail.plugins import PROBES, members_of
from celltrail.store.liveness import hold_kernel_lock, new_session
from celltrail.store.locate import find_trail_folder, stands
from celltrail.store.migrate import celltrail_version
from celltrail.store.stand_in import open_or_stand_in

VERSION_LINE = "celltrail {version} · trail {trail}{new} · {mode} · nothing leaves this machine · %track off to stop"
_MODES = {
    "auto": "cells that train or evaluate become runs",
    "marked": "cells with %%track or # celltrail: become runs",
    "off": "tracking is off: %track on to start",
}


_loaded: Loaded | None = None


def load(shell: Any) -> None:
    """Put celltrail in place in a shell; a second time does nothing.

    Parameters
    ----------
    shell : InteractiveShell
        The shell.

    Notes
    -----
    A trail that can't be opened is said in one line, and the extension loads without recording: the notebook runs.
    """
    global _loaded  # noqa: PLW0603  a process has one shell
    if _loaded is not None and _loaded.shell is shell:
        return
    try:
        kernel, config, is_new = _open_kernel(shell)
    except CelltrailError as error:
        Shower.warn(f"{error} Cells run untracked.")
        if strip_header not in shell.input_transformers_cleanup:
            shell.input_transformers_cleanup.append(strip_header)  # cells with %%track run all the same
        return
    _loaded = _put_in_place(shell, kernel)
    print(_loading_line(kernel, is_new))  # noqa: T201  the one line of %load_ext
    Shower(kernel).say_once([*kernel.trail.notices, *config.warnings])


def unload(shell: Any) -> None:
    """Take celltrail out of a shell; every wrapped thing is what it was.

    Parameters
    ----------
    shell : InteractiveShell
        The shell.
    """
    global _loaded
    if _loaded is None and strip_header in shell.input_transformers_cleanup:
        shell.input_transformers_cleanup.remove(strip_header)
    if _loaded is None or _loaded.shell is not shell:
        return
    loaded, _loaded = _loaded, None
    for undo in reversed(loaded.undo):
        with contained(_stays_in_place):
            undo()


def _stays_in_place(error: BaseException) -> None:
    """One thing that can't be undone must not keep the others in place."""
    log.warning("unloading: %s", reason(error), exc_info=error)


def current() -> Loaded | None:
    """Return what is in place in this process, if anything is."""
    return _loaded


def _open_kernel(shell: Any) -> tuple[Kernel, Config, bool]:
    notebook = find_notebook(shell.user_ns)
    folder = find_trail_folder(notebook, Path.cwd())
    is_new = not stands(folder / "trail.db")
    config = read_config(folder.parent)
    trail = open_or_stand_in(folder)
    choose_private(config.privacy)
    allow_variables(config.privacy.environment)
    session = new_session(author=author(config.privacy.author), client=client_name(shell.user_ns))
    kernel = Kernel(
        trail=trail,
        session=session,
        namespace=lambda: shell.user_ns,
        mode=config.track,
        keeps_tables=config.outputs == "full",
        panel={"line": None, "panel": True, "none": False}[config.panel],
        main=config.main,
        room=RoomWatch(config.room_gb * 1e9, config.free_percent / 100),
        personal=config.privacy.personal,
        notebook=notebook,
    )
    return kernel, config, is_new


def _put_in_place(shell: Any, kernel: Kernel) -> Loaded:
    recorder = Recorder(kernel)
    shower = Shower(kernel)
    witness = Witness(shell, kernel, recorder, shower)
    loaded = Loaded(shell, kernel, recorder, witness)
    undo = loaded.undo
    undo.append(lambda: _close(kernel))
    try:
        undo.append(hold_kernel_lock(kernel.trail, kernel.session).retire)
    except TrailError as error:
        kernel.trail.notices.append(str(error))
    sink = CallSink(Listening(kernel), lambda step, error: log.warning("%s: %s", step, reason(error), exc_info=error))
    kernel.settle = sink.settle
    probes = members_of(PROBES)
    shower.say_once([f"the plugin {name} is left out: {why}" for name, why in probes.broken.items()])
    undo.extend(probe.arm(sink) for probe in probes.loaded.values())
    shell.input_transformers_cleanup.append(strip_header)
    undo.append(lambda: shell.input_transformers_cleanup.remove(strip_header))
    undo.append(_register_magics(shell, TrackMagics(shell, loaded)))
    undo.append(register(shell))
    witness.install()
    undo.append(witness.uninstall)
    by_hand.set_kernel(kernel)
    undo.append(lambda: by_hand.set_kernel(None))
    undo.append(_unwatch_all)
    undo.append(lambda: choose_private(None))
    at_exit = lambda: unload(shell)  # noqa: E731  atexit must be given the same object to forget
    atexit.register(at_exit)
    undo.append(lambda: atexit.unregister(at_exit))
    libraries = [probe.module for probe in probes.loaded.values()]
    if kernel.mode != "off" and _is_any_loaded(libraries):
        warm_at_once()
    stop = threading.Event()
    # A thread of its own: it waits for cells, and digests are taken beside them.
    LateWork().submit(lambda: _get_ready(kernel, libraries, stop))
    undo.append(stop.set)
    return loaded


def _get_ready(kernel: Kernel, libraries: Sequence[str], stop: threading.Event) -> None:
    """Do what the first tracked cell would have to wait for, between cells and beside those that train nothing."""

    def may_train() -> bool:
        return kernel.cells.count() > 0 and _is_any_loaded(libraries)

    warm_up(stop, may_train)
    if not is_clear(stop, may_train):
        return
    kernel.saved_panels.read(kernel.notebook)
    from celltrail.capture.environment import snapshot_environment

    if is_clear(stop, may_train):
        snapshot_environment()


def _is_any_loaded(libraries: Sequence[str]) -> bool:
    return any(name in sys.modules for name in libraries)


def _unwatch_all() -> None:
    if "celltrail.capture.watching" in sys.modules:  # else nothing was watched
        from celltrail.capture.watching import unwatch_all

        unwatch_all()


def _close(kernel: Kernel) -> None:
    """Close the trail; late facts get the time that a person closing a notebook does not notice."""
    kernel.referenced.close()
    kernel.late.wait(2.0)
    kernel.trail.close()


def _register_magics(shell: Any, *groups: Any) -> Callable[[], None]:
    before = {kind: dict(known) for kind, known in shell.magics_manager.magics.items()}
    for group in groups:
        shell.register_magics(group)

    def forget() -> None:
        for kind, known in shell.magics_manager.magics.items():
            for name in set(known) - set(before[kind]):
                del known[name]

    return forget


def _loading_line(kernel: Kernel, is_new: bool) -> str:
    folder = kernel.trail.path
    try:
        shown = "~/" + folder.relative_to(Path.home()).as_posix()
    except ValueError:
        shown = folder.as_posix()
    return VERSION_LINE.format(
        version=celltrail_version(), trail=shown, new=" (new)" if is_new else "", mode=_MODES[kernel.mode]
    )
