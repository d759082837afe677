"""What runs in the replaying kernel itself: no file of the user's is written over. Standard library alone.

The kernel works in a copy of the run's folder whose files are links. A file that is opened for writing becomes a file
of the copy's own first; what is reached by its absolute path, below the user's project, is refused. An audit hook can
do that where wrapped functions can't (`os.open`, `shutil`, `sqlite3`); that it slows some work is of no matter here.
"""

from __future__ import annotations

import os
import pickle
import shutil
import sys
from typing import Any

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# Events of `sys.audit` with the places of the paths that they change.
_CHANGING = {
    "os.remove": (0,),
    "os.rename": (0, 1),
    "os.truncate": (0,),
    "os.rmdir": (0,),
    "os.link": (1,),
    "os.symlink": (1,),
    "shutil.rmtree": (0,),
    "shutil.move": (0, 1),
    "os.chmod": (0,),
    "os.chown": (0,),
    "os.utime": (0,),
}
# Of these, what follows a link to the user's file.
_FOLLOWING = frozenset({"os.truncate", "os.chmod", "os.chown", "os.utime"})

_held: dict[str, Any] = {}


def hold(path: str) -> None:
    """Take values from a file that the replaying process has just written for this kernel.

    Parameters
    ----------
    path : str
        Of the file; it is gone afterwards.
    """
    with open(path, "rb") as file:
        _held.update(pickle.load(file))
    os.unlink(path)


def held(name: str, *was: Any) -> Any:
    """Return the value that goes in the place of a variable.

    Parameters
    ----------
    name : str
        Of the variable.
    *was : object
        What it held, where that is given to a function.

    Returns
    -------
    object
        Never the same twice for a function: what it returned.
    """
    value = _held[name]
    return value(*was) if was else value


def protect(copy: str, folders: list[str], written: list[str]) -> None:
    """Let nothing be written over outside of the working copy.

    Parameters
    ----------
    copy : str
        Folder of the working copy; links in it become files when they are written.
    folders : list of str
        The user's: nothing that is there is changed.
    written : list of str
        Files that the recorded run wrote, wherever they are.
    """
    own = os.path.abspath(copy) + os.sep
    kept = tuple({whole(folder) + os.sep for folder in folders for whole in (os.path.abspath, os.path.realpath)})
    named = {whole(path) for path in written for whole in (os.path.abspath, os.path.realpath)}

    def is_kept(path: str) -> bool:
        if path in named:
            return os.path.lexists(path)
        folder = next((one for one in kept if path.startswith(one)), None)
        if folder is None or not os.path.lexists(path):
            return False
        # What programs keep for themselves (.cache, .venv) is nobody's work; a trail is.
        parts = path[len(folder) :].split(os.sep)
        return not any(part.startswith(".") and part != ".celltrail" for part in parts)

    def check(told: Any, *, is_emptied: bool = False) -> None:
        if not isinstance(told, str | bytes | os.PathLike):
            return
        path = os.path.abspath(os.fsdecode(told))
        if path.startswith(own):
            _make_own(path, is_emptied=is_emptied)
        elif is_kept(path) or is_kept(os.path.realpath(path)):
            raise PermissionError(f"{path} is there, and a replay writes over nothing outside of its working copy")

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            flags = arguments[2]
            if isinstance(flags, int) and flags & _WRITING:
                check(arguments[0], is_emptied=bool(flags & os.O_TRUNC))
        elif event == "sqlite3.connect":
            path = os.path.abspath(os.fsdecode(arguments[0])) if isinstance(arguments[0], str | os.PathLike) else ""
            if path.startswith(own) or path in named:
                check(arguments[0])
        elif event in _CHANGING:
            for place in _CHANGING[event]:
                told = arguments[place] if place < len(arguments) else None
                if isinstance(told, str | bytes | os.PathLike):
                    path = os.path.abspath(os.fsdecode(told))
                    if not path.startswith(own):
                        check(path)
                    elif event in _FOLLOWING:
                        _make_own(path, is_emptied=False)

    sys.addaudithook(hook)


def _make_own(path: str, *, is_emptied: bool) -> None:
    """Put a file in the place of a link."""
    if not os.path.islink(path):
        return
    target = os.path.realpath(path)
    if not os.path.isfile(target):
        return
    beside = f"{path}.celltrail-own"
    if not is_emptied:
        shutil.copyfile(target, beside)
        os.replace(beside, path)
    else:
        os.unlink(path)
