"""Files that HDF5 opens in C."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from celltrail.flavors.opened import Args, Kwargs, Opened, Openers, argument


def _file(args: Args, kwargs: Kwargs, result: Any) -> Iterable[Opened]:
    """`File(name, mode="r")`; "w", "w-", "x", "a" and "r+" may write (h5py, "Opening & creating files")."""
    if kwargs.get("driver") == "core" and kwargs.get("backing_store") is False:
        return []  # in memory only
    mode = argument(args, kwargs, 2, "mode") or "r"
    return [Opened(argument(args, kwargs, 1, "name"), "read" if mode == "r" else "write", may_be_folder=False)]


OPENERS = (Openers("h5py._hl.files", {"File.__init__": _file}),)
