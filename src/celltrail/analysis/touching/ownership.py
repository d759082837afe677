"""Whose a module, function or class is: the notebook's and the user's own files are followed, libraries are not."""

from __future__ import annotations

import os
import sys
import sysconfig
from functools import lru_cache
from types import ModuleType
from typing import Any


@lru_cache(maxsize=4096)
def is_own(module: str) -> bool:
    """Say whether a module is the notebook or a file of the user's, and no library.

    Parameters
    ----------
    module : str
        Its full name.

    Returns
    -------
    bool
        False for what is built in, installed, or unknown.
    """
    if module == "__main__":
        return True
    root = module.partition(".")[0]
    if root in sys.stdlib_module_names or root in sys.builtin_module_names or root == "celltrail":
        return False
    found = sys.modules.get(module)
    path = ModuleType.__getattribute__(found, "__dict__").get("__file__") if isinstance(found, ModuleType) else None
    return isinstance(path, str) and is_own_file(path)


def is_own_module(module: ModuleType) -> bool:
    """Say whether a module object is a file of the user's, or was made by hand."""
    known: dict[str, Any] = ModuleType.__getattribute__(module, "__dict__")
    name = known.get("__name__")
    if not isinstance(name, str) or sys.modules.get(name) is not module:
        return True  # `types.ModuleType("conf")`, a module that was loaded anew
    return is_own(name)


def is_own_file(path: str) -> bool:
    """Say whether a file of code is no library's."""
    return not os.path.abspath(path).startswith(_installed()) and "site-packages" not in path


@lru_cache(maxsize=1)
def _installed() -> tuple[str, ...]:
    told = {*sysconfig.get_paths().values(), sys.prefix, sys.base_prefix}
    folders = [path for name in ("stdlib", "platstdlib", "purelib", "platlib") if (path := sysconfig.get_path(name))]
    # `sys.prefix` is `/usr` for many: only what lies below its libraries is installed.
    folders += [os.path.join(path, "lib") for path in (sys.prefix, sys.base_prefix)]
    return tuple(os.path.abspath(folder) + os.sep for folder in folders if folder in told or folder)
