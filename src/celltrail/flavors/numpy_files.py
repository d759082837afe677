"""Text files that NumPy reads through an `open` that it bound when it was imported (`loadtxt`, `genfromtxt`)."""

from __future__ import annotations

from celltrail.flavors.opened import Made, Opened, Openers


def _open(call: Made) -> list[Opened]:
    """`DataSource.open(self, path, mode="r", …)`; of what it fetches, the copy is seen as well."""
    mode = call.argument(2, "mode") or "r"
    return [Opened(call.argument(1, "path"), "write" if set("wax+") & set(mode) else "read")]


OPENERS = (Openers("numpy.lib._datasource", {"DataSource.open": _open}),)
