"""Files that HDF5 opens in C."""

from __future__ import annotations

from collections.abc import Iterable

from celltrail.flavors.opened import Made, Opened, Openers


def _file(call: Made) -> Iterable[Opened]:
    """`File(name, mode="r")`; "w", "w-", "x", "a" and "r+" may write (h5py, "Opening & creating files")."""
    if call.kwargs.get("driver") == "core" and call.kwargs.get("backing_store") is False:
        return []  # in memory only
    mode = call.argument(2, "mode") or "r"
    return [Opened(call.argument(1, "name"), "read" if mode == "r" else "write", may_be_folder=False)]


OPENERS = (Openers("h5py._hl.files", {"File.__init__": _file}),)
