"""Which files are nobody's data: Python, its packages, caches, fonts, what the system keeps."""

from __future__ import annotations

import functools
import os
import sys
import tempfile

_PARTS = frozenset(
    {
        "site-packages",
        "dist-packages",
        "__pycache__",
        ".celltrail",
        ".ipynb_checkpoints",
        ".git",
        "joblib_memmapping_folder",
        "mpl-data",
        ".matplotlib",
        ".ipython",
        ".jupyter",
        "mlruns",  # what MLflow keeps beside the notebook, as celltrail its trail
        "mlartifacts",
    }
)
_SYSTEM = {
    "linux": ("/proc", "/sys", "/dev", "/etc", "/run", "/usr/share", "/usr/lib", "/usr/local/share/fonts"),
    "darwin": ("/dev", "/etc", "/private/etc", "/System", "/Library", "/usr/share", "/usr/lib"),
    "win32": (r"C:\Windows", r"C:\ProgramData"),
}
# Parts of a Python installation. The whole prefix would be too much: it is `/usr` for many.
_OF_PYTHON = ("lib", "lib64", "Lib", "DLLs", "share", "etc", "include", "bin")
# Code is kept as source, not as data; `tokenize` and `linecache` open it for whoever asks for a traceback.
_ENDINGS = (
    ".py",
    ".pyc",
    ".pyi",
    ".so",
    ".pyd",
    ".dll",
    ".dylib",
    "history.sqlite",
    "history.sqlite-journal",
    "mlflow.db",
    "mlflow.db-journal",
    "mlflow.db-wal",
    "mlflow.db-shm",
)
# What joblib.Memory keeps below a folder of this name (joblib, `FileSystemStoreBackend`).
_CACHED = ("output.pkl", "metadata.json", "func_code.py")
_OF_HOME = (".cache", ".config", ".conda", ".fonts", ".local/share", ".local/lib", "Library/Caches", "AppData/Local")


def is_ignored(path: str) -> bool:
    """Say whether a path is nobody's data.

    Parameters
    ----------
    path : str
        Absolute, or a URL.

    Returns
    -------
    bool
        True for files of Python and its packages, caches, fonts, the system, trails and checkpoints.
    """
    folders, around_temporary, temporary = _folders()
    if path.startswith(folders) or path.endswith(_ENDINGS):
        return True
    parts = path.split(os.sep)
    if not _PARTS.isdisjoint(parts) or (parts[-1] in _CACHED and "joblib" in parts):
        return True
    return path.startswith(around_temporary) and not path.startswith(temporary)


@functools.cache
def _folders() -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """Return folders that are ignored, those of them that hold the folder for temporary files, and that folder.

    On Windows and macOS temporary files lie inside a folder that is otherwise ignored.
    """
    home = os.path.expanduser("~")
    told = [*_SYSTEM.get(sys.platform, ())]
    told += [os.path.join(home, part) for part in _OF_HOME]
    told += [os.path.join(prefix, part) for prefix in (sys.prefix, sys.base_prefix) for part in _OF_PYTHON]
    temporary = os.path.abspath(tempfile.gettempdir()) + os.sep
    folders = {os.path.abspath(folder) + os.sep for folder in told}
    around = {folder for folder in folders if temporary.startswith(folder)}
    return tuple(sorted(folders - around)), tuple(sorted(around)), temporary
