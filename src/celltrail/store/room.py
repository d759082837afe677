"""What every writer of rows needs at hand within one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from blake3 import blake3

from celltrail.domain.ids import Digest
from celltrail.store import blobs
from celltrail.store.connection import Connection
from celltrail.store.intern import Interned
from celltrail.store.migrate import check_version
from celltrail.store.store import Store
from celltrail.store.values import json_in


@dataclass(slots=True)
class Room:
    """An open transaction: the connection, the folder, and what repeats."""

    db: Connection
    folder: Path
    base: Path  # the folder that holds the trail: paths below it are kept relative to it
    interned: Interned

    def name(self, text: str) -> int:
        """Return the id of a short text that repeats."""
        return self.interned.name(self.db, text)

    def keep_all(self, contents: Mapping[Digest, bytes]) -> None:
        """Keep contents that came with their digests."""
        for digest in self.interned.unknown(contents):
            self.keep(digest, contents[Digest(digest)])

    def keep(self, digest: str, content: bytes) -> int:
        """Return the blob of content that came with its digest."""
        return self.interned.once(digest, lambda: blobs.put(self.db, self.folder, digest, content))

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
        return self.interned.known(digest) or blobs.find(self.db, digest)


@contextmanager
def writing(
    trail: Store, *, wait_s: float, content: Mapping[Digest, bytes], changes: str | None = "trail"
) -> Iterator[Room]:
    """Open the one transaction of a change, with the content that comes with it; all of it is kept, or nothing.

    What it `changes` is said as in `Connection.atomic`.
    """
    blobs.write_large(trail.path, content)
    try:
        with trail.db.atomic(wait_s=wait_s, changes=changes):
            check_version(trail.db)
            trail.interned.forget_swept(trail.db)
            yield Room(trail.db, trail.path, trail.base, trail.interned)
    except BaseException:
        trail.interned.rollback()
        raise
    trail.interned.commit()


def identity_of(*parts: Any) -> bytes:
    """Return 16 bytes that are equal where all parts are."""
    return blake3(json_in(parts).encode()).digest(16)
