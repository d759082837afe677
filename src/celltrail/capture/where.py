"""Which notebook this kernel runs, and which program shows it."""

from __future__ import annotations

import json
import os
import re
import sys
import threading
import time
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_ASK_EVERY_S = 10.0
_ASK_WAIT_S = 0.3  # once in ten seconds, and only where the notebook's file is gone
_UUID = re.compile(r"[-_]?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$")


class _Asked:
    """What the Jupyter server last said."""

    def __init__(self) -> None:
        self.at = -_ASK_EVERY_S
        self.path: Path | None = None


_asked = _Asked()


def find_notebook(namespace: Mapping[str, Any]) -> Path | None:
    """Return the path of the notebook that this kernel runs.

    Parameters
    ----------
    namespace : mapping of str to object
        The user's. Front ends leave the path in it.

    Returns
    -------
    Path or None
        Absolute. A renamed notebook is found by asking the Jupyter server on this machine. None for consoles,
        and for nbclient and papermill, which tell nobody: set `CELLTRAIL_NOTEBOOK` there.
    """
    if told := os.environ.get("CELLTRAIL_NOTEBOOK"):
        return _path_of(told) if os.path.isabs(told) else Path(told).absolute()
    if isinstance(told := namespace.get("__vsc_ipynb_file__"), str):
        return Path(told)
    told = namespace.get("__session__") or os.environ.get("JPY_SESSION_NAME")
    if not isinstance(told, str) or not told:
        return None
    # What the front end left is the name at the kernel's start; what the server said later is newer.
    path = _asked.path or Path(told)
    if path.is_file():
        return path
    renamed = _ask(wait_s=_ASK_WAIT_S)
    if renamed is not None:
        return renamed
    # A notebook on a remote drive or not saved yet; a console has a number instead of a file name.
    return None if _UUID.search(path.name) or not path.is_absolute() else path


@lru_cache(maxsize=4)  # asked with every cell
def _path_of(told: str) -> Path:
    return Path(told).absolute()


def client_name(namespace: Mapping[str, Any]) -> str:
    """Return which program runs the cells: colab, vscode, jupyter, nbclient, ipython.

    Parameters
    ----------
    namespace : mapping of str to object
        The user's.

    Returns
    -------
    str
        "nbclient" stands for every program that starts a kernel without a notebook: papermill, nbconvert, a console.
    """
    if "google.colab" in sys.modules:
        return "colab"
    if "__vsc_ipynb_file__" in namespace:
        return "vscode"
    if "__session__" in namespace or "JPY_SESSION_NAME" in os.environ:
        return "jupyter"
    return "nbclient" if kernel_id() else "ipython"


def kernel_id() -> str | None:
    """Return the id of this kernel, from the name of the connection file it was started with."""
    for argument in sys.argv[1:]:
        found = re.search(r"kernel-([\w-]+)\.json$", argument)
        if found:
            return found[1]
    return None


def _ask(wait_s: float) -> Path | None:
    """Ask the servers of this machine, at most once in ten seconds and no longer than told."""
    now = time.monotonic()
    kernel = kernel_id()
    if kernel is None or now - _asked.at < _ASK_EVERY_S:
        return _asked.path
    _asked.at = now
    thread = threading.Thread(target=_remember_path, args=(kernel,), name="celltrail-where", daemon=True)
    thread.start()
    thread.join(wait_s)
    return _asked.path


def _remember_path(kernel: str) -> None:
    for server in _servers():
        path = _path_at(server, kernel)
        if path is not None:
            _asked.path = path
            return


def _servers() -> list[dict[str, Any]]:
    """Return the Jupyter servers that this user has running here, by the files they leave."""
    folder = os.environ.get("JUPYTER_RUNTIME_DIR")
    if not folder:
        from jupyter_core.paths import jupyter_runtime_dir

        folder = jupyter_runtime_dir()
    servers = []
    for file in Path(folder).glob("jpserver-*.json"):
        try:
            servers.append(json.loads(file.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            continue  # it has just ended
    return servers


def _path_at(server: dict[str, Any], kernel: str) -> Path | None:
    url = str(server.get("url", ""))
    if urlsplit(url).hostname not in ("localhost", "127.0.0.1", "::1"):
        return None  # nothing leaves this machine
    from urllib.request import Request, urlopen  # brings http and ssl, for a notebook that was renamed

    request = Request(f"{url}api/sessions", headers={"Authorization": f"token {server.get('token', '')}"})
    try:
        with urlopen(request, timeout=2) as answer:
            sessions = json.load(answer)
    except (OSError, ValueError):
        return None
    for session in sessions:
        if session.get("kernel", {}).get("id") == kernel and session.get("type") == "notebook":
            return Path(str(server.get("root_dir", ""))) / str(session.get("path", ""))
    return None
