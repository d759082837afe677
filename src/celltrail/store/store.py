"""What every function of this room is given: the folder and the connection of an open trail.

`Trail` is this with the doors put in; it stands above the functions, and they know only what is here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from celltrail.store import blobs
from celltrail.store.connection import Connection
from celltrail.store.intern import Interned


class Store:
    """The open store of a trail.

    Attributes
    ----------
    path : Path
        The folder, `.celltrail`.
    base : Path
        The folder that holds it: paths below are kept relative to that.
    db : Connection
        The connection to `trail.db`.
    notices : list of str
        Sentences to say once: the trail had to go elsewhere, the disk is a network disk.
    interned : Interned
        Ids of short rows that this connection has seen.
    within_reach : dict of str to object
        Models of this process whose content was not kept, by artifact.
    """

    def __init__(self, path: Path, db: Connection, *, notices: list[str]) -> None:
        self.path = path
        self.base = path.parent
        self.db = db
        self.notices = notices
        self.interned = Interned()
        self.within_reach: dict[str, Any] = {}

    @property
    def is_read_only(self) -> bool:
        """Whether nothing may be changed through this trail."""
        return self.db.is_read_only

    def read_blob(self, digest: str) -> bytes:
        """Return the content of a digest.

        Parameters
        ----------
        digest : str
            64 hexadecimal digits.

        Returns
        -------
        bytes
            The content.

        Raises
        ------
        ArtifactNotFoundError
            If the trail holds no such content.
        """
        return blobs.read(self.db, self.path, digest)
