"""What a cell shows: displays by IPython's hook, streams and result from its history.

Tables are kept as header and shape, not as rows; pictures apart, by digest; celltrail's own panel not at all.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from celltrail.analysis.source import bytes_digest
from celltrail.capture.guard import guarded
from celltrail.capture.tables import displayed_object, kept_table, remember_table
from celltrail.capture.warned import nothing_warned_anew
from celltrail.domain.ids import ArtifactId, Digest, new_id
from celltrail.domain.record import ArtifactRecord

BLOB_MIME = "application/vnd.celltrail.blob"
"""Stands for a picture in the kept outputs: its value is the digest of the picture."""

OUTPUTS_MIME = "application/vnd.jupyter.outputs+json"
_OWN = "application/vnd.celltrail."
_PICTURES = ("image/png", "image/jpeg", "image/gif")
# One output of more text than this is cut, and the cut is said in its place. A rule of thumb: about 4,000 lines.
_MOST_TEXT = 256 * 1024


@dataclass(slots=True)
class Displays:
    """Listens to the displays of one cell, on the thread that runs it."""

    publisher: Any
    shown: list[dict[str, Any]] = field(default_factory=list)

    def start(self) -> None:
        """Begin to listen; where this front end has no hook, displays stay unknown."""
        if hasattr(self.publisher, "register_hook"):
            self.publisher.register_hook(self._hear)

    def stop(self) -> None:
        """Stop listening."""
        if hasattr(self.publisher, "unregister_hook"):
            self.publisher.unregister_hook(self._hear)

    def _hear(self, message: dict[str, Any]) -> dict[str, Any]:
        content = message.get("content", {})
        if message.get("header", {}).get("msg_type") == "display_data":
            data = content.get("data", {})
            if not any(mime.startswith(_OWN) for mime in data):
                with guarded("table", {}), nothing_warned_anew():
                    remember_table(data, displayed_object())
                self.shown.append({"data": dict(data), "metadata": dict(content.get("metadata", {}))})
        return message


def collect_outputs(
    displays: list[dict[str, Any]], history: list[Any], error: Mapping[str, Any] | None, *, keeps_tables: bool
) -> tuple[list[dict[str, Any]], dict[Digest, bytes]]:
    """Return the outputs of a cell as nbformat has them, and the pictures that they name.

    Parameters
    ----------
    displays : list of dict
        Data and metadata of each display.
    history : list
        IPython's own record of the execution: objects with `output_type` and `bundle`.
    error : mapping or None
        `ename`, `evalue` and `traceback` of the exception.
    keeps_tables : bool
        Whether tables keep their rows.

    Returns
    -------
    outputs : list of dict
    blobs : dict of digest to bytes
    """
    outputs: list[dict[str, Any]] = []
    for entry in list(history):
        bundle = entry.bundle
        if entry.output_type in ("out_stream", "err_stream"):
            name = "stdout" if entry.output_type == "out_stream" else "stderr"
            text = "".join(bundle.get("stream", ()))
            outputs.append({"output_type": "stream", "name": name, "text": _cut(text)})
    outputs += [{"output_type": "display_data", **shown} for shown in displays]
    for entry in list(history):
        if entry.output_type == "execute_result":
            outputs.append({"output_type": "execute_result", "data": dict(entry.bundle), "metadata": {}})
    if error is not None:
        outputs.append({"output_type": "error", **error})
    blobs: dict[Digest, bytes] = {}
    return [_kept(output, blobs, keeps_tables=keeps_tables) for output in outputs], blobs


def output_artifacts(
    outputs: list[dict[str, Any]], blobs: dict[Digest, bytes]
) -> tuple[list[ArtifactRecord], dict[Digest, bytes]]:
    """Return the artifacts that keep a run's outputs: one for all of them, and one for each figure."""
    if not outputs:
        return [], {}
    text = json.dumps(outputs, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    digest = bytes_digest(text)
    found = [ArtifactRecord(ArtifactId(new_id()), "outputs", "output", OUTPUTS_MIME, digest, len(text))]
    figures = [picture for output in outputs for picture in _pictures(output)]
    for number, (mime, figure) in enumerate(figures, start=1):
        name = f"figure-{number}.{mime.partition('/')[2]}"
        size = len(blobs[figure])
        found.append(ArtifactRecord(ArtifactId(new_id()), name, "figure", mime, figure, size))
    return found, {digest: text, **blobs}


def _pictures(output: Mapping[str, Any]) -> list[tuple[str, Digest]]:
    named = output.get("data", {}).get(BLOB_MIME, {})
    return [(mime, Digest(digest)) for mime, digest in named.items()]


def _kept(output: dict[str, Any], blobs: dict[Digest, bytes], *, keeps_tables: bool) -> dict[str, Any]:
    data = output.get("data")
    if data is None:
        return output
    if not keeps_tables and (table := kept_table(data)) is not None:
        return {**output, "data": {"text/plain": table}}
    kept: dict[str, Any] = {}
    pictures: dict[str, str] = {}
    for mime, value in data.items():
        if mime in _PICTURES and isinstance(value, (str, bytes)):
            content = _picture_bytes(value)
            if content is not None:
                digest = bytes_digest(content)
                blobs[digest] = content
                pictures[mime] = digest
        elif isinstance(value, str):
            kept[mime] = _cut(value)
        elif mime.endswith("json"):
            kept[mime] = value
    if pictures:
        kept[BLOB_MIME] = pictures
    return {**output, "data": kept}


def _picture_bytes(value: str | bytes) -> bytes | None:
    if isinstance(value, bytes):
        return value
    try:
        return base64.b64decode(value, validate=False)
    except (binascii.Error, ValueError):
        return None


def _cut(text: str) -> str:
    if len(text) <= _MOST_TEXT:
        return text
    return f"{text[:_MOST_TEXT]}\n… {len(text) - _MOST_TEXT} more characters were not kept"
