"""Remote files that are opened through fsspec: `s3://`, `gs://`, `az://`, `hf://`. Local ones are seen anyway."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from celltrail.flavors.opened import Made, Opened, Openers

_LOCAL = frozenset({"file", "local", "memory", "http", "https"})  # the last two name themselves in the path


def _open(call: Made) -> Iterable[Opened]:
    """`AbstractFileSystem.open(self, path, mode="rb")`."""
    protocol = getattr(call.args[0], "protocol", "")
    name = protocol if isinstance(protocol, str) else next(iter(protocol), "")
    path, mode = call.argument(1, "path"), call.argument(2, "mode") or "rb"
    if not isinstance(path, str) or (name in _LOCAL and "://" not in path):
        return []
    told = getattr(call.result, "details", None)
    details: dict[str, Any] = {}
    if isinstance(told, dict):
        details = {
            ours: str(told[theirs])[:200]
            for ours, theirs in (("etag", "ETag"), ("last_modified", "LastModified"))
            if told.get(theirs)
        }
        if type(told.get("size")) is int:
            details["size_bytes"] = told["size"]
    url = path if "://" in path else f"{name}://{path.lstrip('/')}"
    return [Opened(url, "write" if set("wax+") & set(mode) else "read", details)]


OPENERS = (Openers("fsspec.spec", {"AbstractFileSystem.open": _open}),)
