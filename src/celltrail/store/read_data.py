"""What went into a run and what came out: frames, files, artifacts, figures, outputs."""

from __future__ import annotations

import base64
import json
from typing import Any

from celltrail.domain.record import Keeping
from celltrail.store import blobs
from celltrail.store.data_facts import unpack_digests, unpack_profile
from celltrail.store.store import Store
from celltrail.store.values import json_out, text_out

INPUTS = """
SELECT n.text, o.text, i.fit, k.text, d.rows, d.columns_id, d.size_bytes, d.sampled_digest, d.digest,
  d.digest_status, d.column_digests_id, d.profile_id, d.reason, e.text,
  d.column_digests, d.profile
FROM inputs AS i
JOIN names AS n ON n.id = i.name_id
JOIN names AS o ON o.id = i.role_id
JOIN datasets AS d ON d.id = i.dataset_id
JOIN names AS k ON k.id = d.kind
LEFT JOIN names AS e ON e.id = i.derived_id
WHERE i.run_id = ? ORDER BY i.fit < 0, i.fit, i.position
"""
FILES = """
SELECT n.text, f.mode, f.size_bytes, f.modified_ns, f.digest, f.digest_status, f.details
FROM files AS f JOIN names AS n ON n.id = f.path_id WHERE f.run_id = ? ORDER BY f.position
"""
ARTIFACTS = """
SELECT a.global_id, a.name, a.kind, a.media_type, b.digest, a.size_bytes, a.status, a.reason, f.global_id, a.flavor,
  a.signature, a.details,
  EXISTS (SELECT 1 FROM pins AS p WHERE p.artifact_id = a.id AND p.why = 'kept')
FROM artifacts AS a
LEFT JOIN blobs AS b ON b.id = a.blob_id
LEFT JOIN fits AS f ON f.id = a.fit_id
WHERE a.run_id = ? ORDER BY a.position
"""
# In kept outputs this MIME type stands for pictures, which are kept apart: MIME type -> digest.
BLOB_MIME = "application/vnd.celltrail.blob"


def read_inputs(trail: Store, run: int, fit: int | None = None) -> list[dict[str, Any]]:
    """Return the frames and arrays that went in.

    Parameters
    ----------
    trail : Store
        The store.
    run : int
        Row of the run.
    fit : int, optional
        Only those of the fit at this position; -1: only those of metrics, or logged by hand.

    Returns
    -------
    list of dict
        The fields of `domain.record.DatasetRecord`.
    """
    return [_input(trail, row) for row in trail.db.rows(INPUTS, (run,)) if fit is None or row[2] == fit]


def read_files(trail: Store, run: int) -> list[dict[str, Any]]:
    """Return the files, URLs and queries that were read and written: the fields of `domain.record.FileRecord`."""
    return [
        {
            "path": text_out(path),
            "mode": mode,
            "size_bytes": size,
            "modified_ns": modified,
            "digest": digest.hex() if digest else None,
            "digest_status": Keeping(status),
            "details": json_out(details) if details else {},
        }
        for path, mode, size, modified, digest, status, details in trail.db.rows(FILES, (run,))
    ]


def read_artifacts(trail: Store, run: int) -> list[dict[str, Any]]:
    """Return what has content: the fields of `domain.record.ArtifactRecord`."""
    return [_artifact(row) for row in trail.db.rows(ARTIFACTS, (run,))]


def read_figures(trail: Store, run: int) -> list[bytes]:
    """Return the figures that were kept, in the order in which they were shown."""
    kept = [row for row in read_artifacts(trail, run) if row["kind"] == "figure" and row["digest"]]
    return [trail.read_blob(row["digest"]) for row in kept]


def read_outputs(trail: Store, run: int) -> list[dict[str, Any]]:
    """Return the outputs as nbformat has them, pictures in their places."""
    found: list[dict[str, Any]] = []
    for row in read_artifacts(trail, run):
        if row["kind"] == "output" and row["digest"] and row["media_type"].endswith("json"):
            text = trail.read_blob(row["digest"]).decode("utf-8", "surrogatepass")
            outputs = json.loads(text)
            found.extend(outputs if isinstance(outputs, list) else [outputs])
    return [_with_pictures(trail, output) for output in found]


def _with_pictures(trail: Store, output: dict[str, Any]) -> dict[str, Any]:
    data = output.get("data")
    if not isinstance(data, dict) or not isinstance(data.get(BLOB_MIME), dict):
        return output
    others = {mime: value for mime, value in data.items() if mime != BLOB_MIME}
    pictures = {
        mime: base64.b64encode(trail.read_blob(digest)).decode("ascii") for mime, digest in data[BLOB_MIME].items()
    }
    return {**output, "data": {**others, **pictures}}


def _artifact(row: Any) -> dict[str, Any]:
    artifact, name, kind, media_type, digest, size, status, reason, fit, flavor, signature, details, pinned = row
    return {
        "id": artifact,
        "name": text_out(name),
        "kind": kind,
        "media_type": media_type,
        "digest": digest.hex() if digest else None,
        "size_bytes": size,
        "status": Keeping(status),
        "reason": text_out(reason),
        "fit_id": fit,
        "flavor": flavor,
        "signature": signature,
        "details": json_out(details) if details else {},
        "is_pinned": bool(pinned),
    }


def _input(trail: Store, row: Any) -> dict[str, Any]:
    name, role, _, kind, rows, columns_id, size, sampled, digest, status, *rest = row
    digests_id, profile_id, reason, derived, digests, profile = rest
    columns = _json_blob(trail, columns_id)
    return {
        "name": text_out(name),
        "role": text_out(role),
        "kind": text_out(kind),
        "rows": rows,
        "columns": columns,
        "size_bytes": size,
        "sampled_digest": sampled,
        "digest": digest.hex() if digest else None,
        "digest_status": Keeping(status),
        "column_digests": unpack_digests(digests, columns) if digests else _json_blob(trail, digests_id),
        "profile": unpack_profile(profile, columns) if profile else _json_blob(trail, profile_id),
        "reason": text_out(reason),
        "derived_from": None if derived is None else json_out(text_out(derived)),
    }


def _json_blob(trail: Store, blob: int | None) -> Any:
    return None if blob is None else json_out(blobs.read_row(trail.db, trail.path, blob))
