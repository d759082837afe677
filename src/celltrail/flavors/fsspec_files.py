"""Remote files that are opened through fsspec: `s3://`, `gs://`, `az://`, `hf://`. Local ones are seen by themselves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from celltrail.flavors.opened import Args, Kwargs, Opened, Openers, argument

_LOCAL = frozenset({"file", "local", "memory", "http", "https"})  # the last two name themselves in the path


def _open(args: Args, kwargs: Kwargs, result: Any) -> Iterable[Opened]:
    """`AbstractFileSystem.open(self, path, mode="rb")`."""
    protocol = getattr(args[0], "protocol", "")
    name = protocol if isinstance(protocol, str) else next(iter(protocol), "")
    path, mode = argument(args, kwargs, 1, "path"), argument(args, kwargs, 2, "mode") or "rb"
    if not isinstance(path, str) or (name in _LOCAL and "://" not in path):
        return []
    told = getattr(result, "details", None)
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
