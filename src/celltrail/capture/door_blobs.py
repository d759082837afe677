"""How content passes the door: text in blobs is masked and gets the digest of what is kept; bytes that hold a known
secret are not kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Literal

from celltrail.analysis.source import bytes_digest
from celltrail.capture.door import Door
from celltrail.domain.ids import Digest
from celltrail.domain.record import ArtifactRecord, Keeping, RunRecord, ScoredTable, SnapshotRecord

Role = Literal["code", "json", "text"]
Blobs = dict[Digest, bytes]

HOLDS_SECRET = "it holds a value that is masked as a secret"
# A text file beyond this is kept whole or not at all: nobody logs so much text to read it.
_LONGEST_TEXT = 32 * 2**20
_DIGEST = re.compile(r"[0-9a-f]{64}")


def mask_blobs(
    blobs: Blobs, run: RunRecord | None, tables: list[ScoredTable], door: Door
) -> tuple[Blobs, RunRecord | None, list[ScoredTable]]:
    """Return the contents of a cell as they may be kept, and what names them with the digests that they have now.

    Parameters
    ----------
    blobs : dict of Digest to bytes
        What the cell brings; not changed.
    run : RunRecord or None
        The run that names them.
    tables : list of ScoredTable
        Tables of earlier runs, which name some too.
    door : Door
        The door.

    Returns
    -------
    blobs : dict of Digest to bytes
        The very same dict where nothing was masked.
    run : RunRecord or None
    tables : list of ScoredTable
        The very same records where nothing was.
    """
    unseen = door.unseen(blobs)
    if not unseen and not door.moved:
        return blobs, run, tables
    roles = _roles(run, tables, among={*unseen, *door.moved})
    kept: dict[Digest, bytes | None] = {}
    for digest in unseen:
        content = blobs[digest]
        masked = door.content(digest, content, partial(mask_content, role=roles.get(digest), door=door))
        if masked is not content:
            kept[digest] = masked
    # A digest that a snapshot took from an earlier reading of the file is known to the door, though not sent again.
    moved = {digest: door.moved[digest] for digest in roles if digest in door.moved and digest not in kept}
    if not kept and not moved:
        return blobs, run, tables
    contents, names = _renamed(blobs, kept, moved, door)
    dropped = {digest for digest, data in kept.items() if data is None}

    def named(artifact: ArtifactRecord) -> ArtifactRecord:
        return _artifact(artifact, names, dropped, contents)

    tables = [replace(table, artifact=named(table.artifact)) for table in tables]
    if run is not None:
        snapshot = _snapshot(run.snapshot, names) if run.snapshot is not None else None
        run = replace(run, artifacts=[named(artifact) for artifact in run.artifacts], snapshot=snapshot)
    return contents, run, tables


def mask_content(content: bytes, role: Role | None, door: Door) -> bytes | None:
    """Return content as it may be kept: the very same object, masked text, or None for bytes that hold a secret.

    Parameters
    ----------
    content : bytes
        Anything.
    role : {"code", "json", "text"} or None
        What the record says that it is; None: found out.
    door : Door
        The door.

    Returns
    -------
    bytes or None
    """
    text = as_text(content)
    if text is None:
        return None if door.holds_secret(content) else content
    if role == "code":
        kept = door.mask_code(text)
    elif (role == "json" or (role is None and text[:1] in "[{")) and door.may_hold(text):
        try:
            value = json.loads(text)
        except ValueError:
            kept = door.mask(text)
        else:
            masked = door.mask_json(value)
            kept = text if masked is value else json.dumps(masked, ensure_ascii=False, separators=(",", ":"))
    elif role == "json":
        kept = text
    else:
        kept = door.mask(text)
    return content if kept is text or kept == text else kept.encode("utf-8", "surrogatepass")


def as_text(content: bytes) -> str | None:
    """Return content as text; None for pictures, pickles and whatever else is none."""
    if len(content) > _LONGEST_TEXT or b"\0" in content[:4096]:
        return None
    try:
        return content.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return None


def _roles(run: RunRecord | None, tables: list[ScoredTable], among: set[Digest]) -> dict[Digest, Role]:
    """Return what some contents are; of a whole notebook only the cell that ran is new, as a rule."""
    roles: dict[Digest, Role] = {}
    for artifact in [*(run.artifacts if run is not None else ()), *(table.artifact for table in tables)]:
        if artifact.digest in among:
            is_code = artifact.name.endswith(".py")
            roles[artifact.digest] = "code" if is_code else "json" if artifact.media_type.endswith("json") else "text"
    for cell in run.snapshot.cells if run is not None and run.snapshot is not None else ():
        if (digest := cell.get("source")) in among:
            roles[digest] = "code" if cell.get("cell_type") == "code" else "text"
        for part in ("outputs", "attachments"):
            if (digest := cell.get(part)) in among:
                roles[digest] = "json"
    return roles


def _renamed(
    blobs: Blobs, kept: Mapping[Digest, bytes | None], moved: Mapping[Digest, Digest], door: Door
) -> tuple[Blobs, dict[str, str]]:
    """Return the contents by the digests that they have now, and those by the digests that they had."""
    names: dict[str, str] = {str(old): str(new) for old, new in moved.items()}
    names |= {str(old): bytes_digest(data) for old, data in kept.items() if data is not None}
    contents: Blobs = {}
    for digest, content in blobs.items():
        data = kept.get(digest, content)
        if data is not None:
            contents[Digest(names.get(digest, digest))] = data
    # Outputs name their pictures: where a picture's digest has moved, the digest of the outputs moves with it.
    for digest, content in list(contents.items()):
        if names and (text := as_text(content)) is not None and any(old in text for old in names):
            again = _with_names(text, names).encode("utf-8", "surrogatepass")
            del contents[digest]
            contents[bytes_digest(again)] = again
            names |= {old: bytes_digest(again) for old, new in names.items() if new == digest}
            names[digest] = bytes_digest(again)
    door.moved.update({Digest(old): Digest(new) for old, new in names.items()})
    return contents, names


def _with_names(text: str, names: Mapping[str, str]) -> str:
    return _DIGEST.sub(lambda found: names.get(found[0], found[0]), text)


def _artifact(
    artifact: ArtifactRecord, names: Mapping[str, str], dropped: set[Digest], contents: Blobs
) -> ArtifactRecord:
    if artifact.digest in dropped:
        advice = f"; celltrail.keep({artifact.name}) keeps it all the same" if artifact.kind == "model" else ""
        return replace(
            artifact,
            digest=None,
            size_bytes=None,
            status=Keeping.NOT_KEPT,
            reason=HOLDS_SECRET + advice,
            signature="",
            details={},
        )
    if artifact.digest is None or artifact.digest not in names:
        return artifact
    digest = Digest(names[artifact.digest])
    return replace(artifact, digest=digest, size_bytes=len(contents[digest]) if digest in contents else None)


def _snapshot(snapshot: SnapshotRecord, names: Mapping[str, str]) -> SnapshotRecord:
    def named(cell: dict[str, Any]) -> dict[str, Any]:
        found = {part: names[cell[part]] for part in ("source", "outputs", "attachments") if cell.get(part) in names}
        return {**cell, **found} if found else cell

    return replace(snapshot, cells=[named(cell) for cell in snapshot.cells])
