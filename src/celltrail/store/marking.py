"""Which content is named: by a row of the tables, or inside other content.

Kept outputs name their pictures by digest, and cells their attachments; no foreign key can tell. So whatever looks
like a digest inside them is taken for one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from celltrail.store import blobs
from celltrail.store.store import Store

NAMED = "SELECT DISTINCT blob_id FROM blob_references WHERE blob_id IS NOT NULL"
NAMING = """
SELECT outputs_id FROM cell_versions WHERE outputs_id IS NOT NULL
UNION SELECT metadata_id FROM snapshots
UNION SELECT blob_id FROM artifacts WHERE kind = 'output' AND blob_id IS NOT NULL
"""
CELLS = "SELECT content FROM cell_versions WHERE length(content) > 64"
ROWS_OF = "SELECT id, digest FROM blobs"

_DIGEST = re.compile(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")


def named_blobs(trail: Store) -> set[int]:
    """Return the rows of `blobs` that anything names.

    Parameters
    ----------
    trail : Store
        The store; content that can't be read names nothing.

    Returns
    -------
    set of int
        All others may be swept.
    """
    named = {int(row) for (row,) in trail.db.rows(NAMED)}
    rows = {digest: int(row) for row, digest in trail.db.rows(ROWS_OF)}
    inside = _inside(trail, (row for (row,) in trail.db.rows(NAMING)))
    return named | {rows[digest] for digest in inside if digest in rows}


def digests_inside(content: bytes) -> set[str]:
    """Return what looks like a digest in kept outputs or in a cell."""
    return {found.decode("ascii") for found in _DIGEST.findall(content)}


def _inside(trail: Store, naming: Iterable[int]) -> set[bytes]:
    found: set[str] = set()
    for row in naming:
        try:
            found |= digests_inside(blobs.read_row(trail.db, trail.path, row))
        except OSError:
            continue  # damaged: `doctor` says so
    for (content,) in trail.db.rows(CELLS):
        found |= digests_inside(content.encode("utf-8", "surrogatepass"))
    return {bytes.fromhex(digest) for digest in found}
