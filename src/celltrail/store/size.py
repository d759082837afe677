"""How much room a trail takes on its disk, by kind, and what of the disk is left."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from celltrail.store.store import Store

SIZES_BY_KIND = """
WITH uses (kind, blob_id) AS (
  SELECT CASE a.kind WHEN 'model' THEN 'models' ELSE 'outputs' END, a.blob_id FROM artifacts AS a
  WHERE a.blob_id IS NOT NULL
  UNION SELECT 'notebooks', source_id FROM cell_versions
  UNION SELECT 'notebooks', outputs_id FROM cell_versions
  UNION SELECT 'notebooks', metadata_id FROM snapshots
  UNION SELECT 'data facts', profile_id FROM datasets
  UNION SELECT 'data facts', columns_id FROM datasets
  UNION SELECT 'data facts', column_digests_id FROM datasets
)
SELECT u.kind, sum(CASE WHEN b.encoding = 'file' THEN b.size_bytes ELSE length(b.content) END)
FROM uses AS u JOIN blobs AS b ON b.id = u.blob_id GROUP BY u.kind
UNION ALL SELECT 'data facts', sum(ifnull(length(column_digests), 0) + ifnull(length(profile), 0)) FROM datasets
"""
# Telling them apart reads a row of each: beyond so many it takes longer than a person who asks in passing waits.
_MOST_TOLD_APART = 20_000
NEWEST_CONTENT = "SELECT ifnull(max(id), 0) FROM blobs"
ORDER = ("models", "outputs", "notebooks", "data facts")
# Below this a sweep could not help a full disk, and to speak of it would be a false alarm. A rule of thumb.
_WORTH_A_SWEEP_BYTES = 100_000_000


@dataclass(frozen=True, slots=True)
class Room:
    """A trail on its disk.

    Attributes
    ----------
    size_bytes : int
        Of the whole folder.
    free_bytes, disk_bytes : int
        Of the disk; 0 where it does not tell.
    """

    size_bytes: int
    free_bytes: int
    disk_bytes: int

    def is_short(self, *, most_bytes: float, least_free: float) -> bool:
        """Say whether it is time to sweep.

        Parameters
        ----------
        most_bytes : float
            Above this size it is, whatever the disk.
        least_free : float
            In [0, 1]: below this share of free disk it is, where a sweep could help.

        Returns
        -------
        bool
            Whether a person should be told.
        """
        if self.size_bytes > most_bytes:
            return True
        return self.is_disk_short(least_free) and self.size_bytes > _WORTH_A_SWEEP_BYTES

    def is_disk_short(self, least_free: float) -> bool:
        """Say whether less than a share of the disk is free."""
        return 0 < self.disk_bytes and self.free_bytes < least_free * self.disk_bytes


def room_of(folder: Path) -> Room:
    """Measure a trail and its disk; files that vanish meanwhile count nothing."""
    try:
        disk = shutil.disk_usage(folder)
    except OSError:
        return Room(folder_size(folder), 0, 0)
    return Room(folder_size(folder), disk.free, disk.total)


def folder_size(folder: Path) -> int:
    """Return how many bytes the files below a folder hold; files that vanish meanwhile count nothing."""
    total, folders = 0, [os.fspath(folder)]
    while folders:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    else:
                        total += _size(entry)
        except OSError:
            continue
    return total


def _size(entry: os.DirEntry[str]) -> int:
    try:
        return entry.stat(follow_symlinks=False).st_size
    except OSError:
        return 0


def is_quickly_told(trail: Store) -> bool:
    """Say whether a trail is small enough to be told by kind at once."""
    return int(trail.db.rows(NEWEST_CONTENT)[0][0]) <= _MOST_TOLD_APART


def sizes_by_kind(trail: Store, whole_bytes: int) -> dict[str, int]:
    """Return where the room of a trail goes.

    Parameters
    ----------
    trail : Store
        Open, also if only to read.
    whole_bytes : int
        Size of the whole trail.

    Returns
    -------
    dict of str to int
        Bytes of models, outputs, notebooks and data facts, those that there are; `runs` is all the rest: params,
        metrics, sources, environments, indexes.
    """
    found: dict[str, int] = {}
    for kind, size in trail.db.rows(SIZES_BY_KIND):
        found[kind] = found.get(kind, 0) + int(size or 0)
    sizes = {kind: found[kind] for kind in ORDER if found.get(kind)}
    return {**sizes, "runs": max(0, whole_bytes - sum(sizes.values()))}
