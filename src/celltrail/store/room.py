"""What every writer of rows needs at hand within one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from blake3 import blake3

from celltrail.domain.ids import Digest
from celltrail.store import blobs
from celltrail.store.connection import Connection
from celltrail.store.intern import Interned
from celltrail.store.values import json_in


@dataclass(slots=True)
class Room:
    """An open transaction: the connection, the folder, what repeats, and the content that came with the cell."""

    db: Connection
    folder: Path
    interned: Interned
    content: Mapping[Digest, bytes]
    _kept: dict[str, int] = field(default_factory=dict)

    @property
    def base(self) -> Path:
        """The folder that holds the trail: paths below it are kept relative to it."""
        return self.folder.parent

    def name(self, text: str) -> int:
        """Return the id of a short text that repeats."""
        return self.interned.name(self.db, text)

    def keep(self, digest: str, content: bytes) -> int:
        """Return the blob of content that came with its digest."""
        found = self._kept.get(digest)
        if found is None:
            found = self._kept[digest] = blobs.put(self.db, self.folder, digest, content)
        return found

    def text(self, text: str) -> int:
        """Return the blob of a text."""
        return self.bytes(text.encode("utf-8", "surrogatepass"))

    def json(self, value: Any) -> int:
        """Return the blob of a value as JSON."""
        return self.text(json_in(value))

    def bytes(self, content: bytes) -> int:
        """Return the blob of content."""
        return self.keep(blake3(content).hexdigest(), content)

    def known(self, digest: str | None) -> int | None:
        """Return the blob of a digest if its content came with the cell or is in the trail, else None."""
        if digest is None:
            return None
        return self._kept.get(digest) or blobs.find(self.db, digest)


def identity_of(*parts: Any) -> bytes:
    """Return 16 bytes that are equal where all parts are."""
    return blake3(json_in(parts).encode()).digest(16)
