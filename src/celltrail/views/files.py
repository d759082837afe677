"""Files, URLs and databases of a run: what to show of them, and how those of two runs differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from celltrail.domain.record import Keeping
from celltrail.domain.run import Run
from celltrail.views.facts import field
from celltrail.views.numbers import plural, signed_count, size_text
from celltrail.views.schema import Change, InputRow

File = Mapping[str, Any]
_SHOWN_DIGITS = 12
_SHOWN_TABLES = 3


def files_of(run: Run) -> list[dict[str, Any]]:
    """Return the files of a run that were read or written, in the order of first opening."""
    return list(field(run, "files") or ())


def file_rows(files: Sequence[File]) -> list[InputRow]:
    """Return what was read, as rows among the inputs."""
    return [
        {
            "name": str(row["path"]),
            "role": "read",
            "kind": _kind(row),
            "rows": row.get("details", {}).get("rows"),
            "columns": None,
            "digest": str(row.get("digest") or "")[:_SHOWN_DIGITS],
            "status": str(row.get("digest_status") or ""),
        }
        for row in files
        if row.get("mode") == "read"
    ]


def file_changes(before: Sequence[File], after: Sequence[File]) -> list[Change]:
    """Return how the files that two runs read differ.

    Parameters
    ----------
    before, after : sequence of mapping
        The fields of `domain.record.FileRecord`.

    Returns
    -------
    list of Change
        `data/train.csv changed, +17 571 rows`. Nothing is said of a file of which nothing comparable is known.
    """
    left, right = _read(before), _read(after)
    said = []
    for path, row in right.items():
        old = left.get(path)
        if old is None:
            said.append(f"{path} read, {_size(row)}" if left else "")
        elif is_same_file(old, row) is False:
            said.append(f"{path} changed{_moved(old, row)}")
    if right:
        said += [f"{path} not read any more" for path in left if path not in right]
    return [{"kind": "file", "name": "", "before": "", "after": words} for words in said if words]


def is_same_file(before: File, after: File) -> bool | None:
    """Say whether two records are of the same content; None where it can't be known.

    Digests are compared where both are there, else what a server says of its versions, else sizes, which can only
    tell that two contents differ.
    """
    if before.get("digest") and after.get("digest"):
        return bool(before["digest"] == after["digest"])
    old, new = before.get("details") or {}, after.get("details") or {}
    for name in ("etag", "last_modified"):
        if old.get(name) and new.get(name):
            return bool(old[name] == new[name])
    sizes = before.get("size_bytes"), after.get("size_bytes")
    return False if None not in sizes and sizes[0] != sizes[1] else None


def describe_file(row: File) -> str:
    """Say in one line what is known of a file: mode, number of rows or files, tables, why there is no digest.

    Parameters
    ----------
    row : mapping
        The fields of a `FileRecord`.

    Returns
    -------
    str
        `read, 51 lines, by digest only`.
    """
    details = row.get("details") or {}
    parts = [{"read": "read", "write": "written"}[str(row["mode"])]]
    if details.get("earlier"):
        parts.append("by an earlier cell")
    parts += [plural(details[name], name[:-1]) for name in ("files", "rows", "lines") if name in details][:1]
    tables = details.get("tables") or []
    if tables:
        more = f" and {len(tables) - _SHOWN_TABLES} more" if len(tables) > _SHOWN_TABLES else ""
        parts.append(f"{'table' if len(tables) == 1 else 'tables'} {', '.join(tables[:_SHOWN_TABLES])}{more}")
    status = row.get("digest_status")
    if status == Keeping.KEPT:
        parts.append("by digest only")
    else:
        parts.append(f"{_STATUS.get(str(status), str(status))}{_why(details)}")
    return ", ".join(parts)


_STATUS = {
    "pending": "its digest is being taken",
    "changed": "it changed before its digest could be taken",
    "not kept": "no digest",
    "unknown": "no digest",
}


def _why(details: Mapping[str, Any]) -> str:
    why = [str(details[name]) for name in ("reason", "maybe") if details.get(name)]
    return f" ({'; '.join(why)})" if why else ""


def _read(files: Sequence[File]) -> dict[str, File]:
    return {str(row["path"]): row for row in files if row.get("mode") == "read"}


def _moved(old: File, new: File) -> str:
    before, after = old.get("details") or {}, new.get("details") or {}
    for name in ("rows", "lines", "files"):
        if name in before and name in after and before[name] != after[name]:
            return f", {signed_count(after[name] - before[name])} {name}"
    sizes = old.get("size_bytes"), new.get("size_bytes")
    if None not in sizes and sizes[0] != sizes[1]:
        return f", {_size(old)} → {_size(new)}"
    return ""


def _size(row: File) -> str:
    size = row.get("size_bytes")
    return "size not known" if size is None else size_text(size)


def _kind(row: File) -> str:
    details = row.get("details") or {}
    if "files" in details:
        return "folder"
    if "tables" in details or "database" in details:
        return "database"
    return "URL" if "://" in str(row["path"]) else "file"
