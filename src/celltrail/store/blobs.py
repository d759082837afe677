"""Content by digest, kept once: small things in the database, large ones in files of the same name.

Nothing counts references: what the view `blob_references` does not name may be swept. A sweep removes rows *and*
files while it holds the write lock (so `put` may trust, inside a transaction, what it sees on the disk), and nothing
younger than an hour.
"""

from __future__ import annotations

import contextlib
import io
import os
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from blake3 import blake3

from celltrail.domain.ids import Digest, new_id
from celltrail.errors import ArtifactNotFoundError, TrailDamagedError, TrailError
from celltrail.store.connection import Connection
from celltrail.store.values import time_in

LARGEST_INSIDE_BYTES = 64 * 1024
# Below this a zlib header and checksum outweigh what is won.
SMALLEST_PACKED_BYTES = 96

FIND = "SELECT id, encoding FROM blobs WHERE digest = ?"
ADD = "INSERT INTO blobs (digest, size_bytes, encoding, content, created_at) VALUES (?, ?, ?, ?, ?)"
READ = "SELECT encoding, content FROM blobs WHERE digest = ?"
READ_BY_ID = "SELECT digest, encoding, content FROM blobs WHERE id = ?"


def digest_of(content: bytes) -> Digest:
    """Return the BLAKE3 digest of content, as 64 hexadecimal digits."""
    return Digest(blake3(content).hexdigest())


def blob_path(folder: Path, digest: str) -> Path:
    """Return where the file of a large blob stands."""
    return folder / "blobs" / digest[:2] / digest[2:]


def write_large(folder: Path, blobs: Mapping[Digest, bytes], *, is_durable: bool = False) -> None:
    """Write the files of large blobs, before the transaction that will name them opens.

    Parameters
    ----------
    folder : Path
        The trail.
    blobs : mapping of digest to bytes
        Small ones are passed over.
    is_durable : bool, optional
        Whether each file must be on the disk, not only on its way, when this returns.

    Raises
    ------
    TrailError
        If a file can't be written; no half of it is left.
    """
    for digest, content in blobs.items():
        if len(content) > LARGEST_INSIDE_BYTES:
            _write_file(blob_path(folder, digest), content, is_durable=is_durable)


def put(connection: Connection, folder: Path, digest: str, content: bytes) -> int:
    """Return the row of a blob, made where there is none; inside a transaction.

    Parameters
    ----------
    connection : Connection
        In a transaction.
    folder : Path
        The trail.
    digest : str
        Of the content, 64 hexadecimal digits.
    content : bytes
        What to keep.

    Returns
    -------
    int
        `blobs.id`.
    """
    key = bytes.fromhex(digest)
    found = connection.execute(FIND, (key,)).fetchone()
    is_large = len(content) > LARGEST_INSIDE_BYTES
    if is_large and (found is None or found[1] == "file"):
        # A sweep may have taken the file since write_large; now that we hold the lock it can't any more.
        _write_file(blob_path(folder, digest), content, is_durable=False)
    if found is not None:
        return int(found[0])
    encoding, kept = ("file", None) if is_large else _packed(content)
    return connection.insert(ADD, (key, len(content), encoding, kept, time_in(datetime.now(UTC))))


def find(connection: Connection, digest: str) -> int | None:
    """Return the row of a blob, or None where this trail does not hold it."""
    found = connection.execute(FIND, (bytes.fromhex(digest),)).fetchone()
    return int(found[0]) if found else None


def read(connection: Connection, folder: Path, digest: str) -> bytes:
    """Return the content of a digest.

    Parameters
    ----------
    connection : Connection
        Of the trail.
    folder : Path
        The trail.
    digest : str
        64 hexadecimal digits.

    Returns
    -------
    bytes
        The content, checked against the digest where it came from a file.

    Raises
    ------
    ArtifactNotFoundError
        If the trail holds no such content.
    TrailDamagedError
        If the file is gone or is not what it was.
    """
    found = connection.row(READ, (bytes.fromhex(digest),))
    if found is None:
        raise ArtifactNotFoundError(f"this trail holds no content with digest {digest[:12]}…; see: celltrail doctor")
    return _unpacked(folder, digest, found[0], found[1])


def read_row(connection: Connection, folder: Path, blob_id: int) -> bytes:
    """Return the content of a row of `blobs`; see `read`."""
    found = connection.row(READ_BY_ID, (blob_id,))
    if found is None:
        raise TrailDamagedError(
            f"{connection.path} misses content that it names (row {blob_id}); see: celltrail doctor"
        )
    return _unpacked(folder, found[0].hex(), found[1], found[2])


def small_text(encoding: str, content: bytes | None) -> str:
    """Return the text of a small blob's columns; empty for one that stands in a file."""
    if content is None:
        return ""
    return (zlib.decompress(content) if encoding == "zlib" else content).decode("utf-8", "surrogatepass")


def _packed(content: bytes) -> tuple[str, bytes]:
    if len(content) >= SMALLEST_PACKED_BYTES:
        small = _deflated(content)
        if len(small) < len(content):
            return "zlib", small
    return "raw", content


def _deflated(content: bytes) -> bytes:
    """Return content compressed, with a window no larger than it: the usual one takes 256 kB of memory each time.

    For the source of a cell that memory costs nine tenths of the time; any reader of zlib takes smaller windows
    (RFC 1950, section 2.2).
    """
    window = max(9, min(15, len(content).bit_length()))
    packing = zlib.compressobj(6, zlib.DEFLATED, window, min(8, window - 6))
    return packing.compress(content) + packing.flush()


def _unpacked(folder: Path, digest: str, encoding: str, content: bytes | None) -> bytes:
    if content is not None:
        return zlib.decompress(content) if encoding == "zlib" else content
    path = blob_path(folder, digest)
    try:
        found = path.read_bytes()
    except OSError as error:
        raise TrailDamagedError(f"{path} can't be read ({error.strerror}); see: celltrail doctor") from error
    if blake3(found).hexdigest() != digest:
        raise TrailDamagedError(f"{path} is not what was written; see: celltrail doctor")
    return found


def _write_file(path: Path, content: bytes, *, is_durable: bool) -> None:
    try:
        if os.stat(path).st_size == len(content):
            return  # else a power cut has left less of it than its name says
    except OSError:
        pass
    unfinished = path.with_name(f".{new_id()}")
    try:
        with _created(unfinished) as stream:
            stream.write(content)
            if is_durable:
                stream.flush()
                os.fsync(stream.fileno())
        os.replace(unfinished, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise TrailError(
            f"{len(content) / 1e6:.1f} MB could not be written to {path.parent} ({error.strerror}). "
            "Make room with: celltrail gc"
        ) from error


def _created(path: Path) -> io.BufferedWriter:
    try:
        return io.BufferedWriter(io.FileIO(path, "w"))
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        return io.BufferedWriter(io.FileIO(path, "w"))
