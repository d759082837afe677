"""The outputs of a cell as a snapshot keeps them: pictures apart, tables without their rows, nothing huge."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from celltrail.analysis.source import bytes_digest
from celltrail.capture.tables import kept_table
from celltrail.domain.ids import Digest

_OWN_MIME = "application/vnd.celltrail."
_PICTURES = ("image/", "application/pdf")
_KEPT_ALONE_FROM = 2_000  # characters: below it, a blob of its own costs more than it saves
_MOST_CHARACTERS = 1_000_000  # of the outputs of one cell, pictures apart

Blobs = dict[Digest, bytes]


def kept_outputs(outputs: Sequence[Mapping[str, Any]], blobs: Blobs, *, keeps_tables: bool) -> Digest | None:
    """Put the outputs of a cell among the blobs.

    Parameters
    ----------
    outputs : sequence of mapping
        As nbformat 4 has them.
    blobs : dict of Digest to bytes
        Gets the outputs, and each picture by itself: a picture that is shown again is kept once.
    keeps_tables : bool
        Whether tables keep their rows.

    Returns
    -------
    Digest or None
        None for no outputs.
    """
    if not outputs:
        return None
    kept = [_kept(output, blobs, keeps_tables=keeps_tables) for output in outputs]
    text = json.dumps(kept, ensure_ascii=True)
    if len(text) > _MOST_CHARACTERS:
        line = f"[output of {len(text) / 1e6:.1f} MB was not kept]\n"
        text = json.dumps([{"output_type": "stream", "name": "stdout", "text": line}])
    return add_blob(text.encode(), blobs)


def restored_outputs(
    digest: str | None, read_blob: Callable[[Digest], bytes], draw: Callable[[str], dict[str, Any] | None] | None
) -> list[dict[str, Any]]:
    """Return the outputs of a cell as nbformat 4 has them.

    Parameters
    ----------
    digest : str or None
        From `kept_outputs`.
    read_blob : callable
        Gives the content of a digest.
    draw : callable or None
        Gives the MIME bundle of a run by its id: celltrail's own panels are drawn again. Without it, or where it
        gives None, one line stands in their place.

    Returns
    -------
    list of dict
        New dicts.
    """
    if digest is None:
        return []
    return [_restored(output, read_blob, draw) for output in json.loads(read_blob(Digest(digest)))]


def add_blob(data: bytes, blobs: Blobs) -> Digest:
    """Put content among the blobs and return its digest."""
    digest = bytes_digest(data)
    blobs[digest] = data
    return digest


def _kept(output: Mapping[str, Any], blobs: Blobs, *, keeps_tables: bool) -> dict[str, Any]:
    data = output.get("data")
    if not isinstance(data, Mapping):
        return dict(output)
    own = next((value for mime, value in data.items() if mime.startswith(_OWN_MIME)), None)
    if own is not None:
        run = own.get("run", {}).get("id") if isinstance(own, Mapping) else None
        return {"output_type": "celltrail", "run": run}
    kept: dict[str, Any] = dict(data)
    if not keeps_tables and (table := kept_table(data)) is not None:
        kept = {"text/plain": table}
    for mime, value in kept.items():
        text = _text(value)
        if mime.startswith(_PICTURES) and len(text) >= _KEPT_ALONE_FROM:
            kept[mime] = {"celltrail_blob": add_blob(text.encode(), blobs)}
    return {**output, "data": kept}


def _restored(
    output: dict[str, Any],
    read_blob: Callable[[Digest], bytes],
    draw: Callable[[str], dict[str, Any] | None] | None,
) -> dict[str, Any]:
    if output.get("output_type") == "celltrail":
        run = output.get("run")
        drawn = draw(run) if draw is not None and run else None
        line = {"text/plain": f"[panel of run {run}]"}
        return {"output_type": "display_data", "metadata": {}, "data": line if drawn is None else drawn}
    data = output.get("data")
    if isinstance(data, dict):
        for mime, value in data.items():
            if isinstance(value, dict) and set(value) == {"celltrail_blob"}:
                data[mime] = read_blob(value["celltrail_blob"]).decode()
    return output


def _text(value: Any) -> str:
    """Return a text that a notebook may hold as a list of lines."""
    if isinstance(value, list):
        return "".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""
