"""What differs between the data of two runs: columns, rows, values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from celltrail.views.numbers import count_text, shorten
from celltrail.views.schema import Change

Data = Mapping[str, Any]
_SHOWN_DIGITS = 8


def pairs(before: Sequence[Data], after: Sequence[Data]) -> list[tuple[Data, Data]]:
    """Return the data that two runs have in common, matched by name, else by the only one of a role."""
    by_name = {row["name"]: row for row in before}
    found = []
    for row in after:
        match = by_name.get(row["name"]) or _only(before, row.get("role"))
        if match is not None:
            found.append((match, row))
    return found


def _only(rows: Sequence[Data], role: str | None) -> Data | None:
    same = [row for row in rows if row.get("role") == role]
    return same[0] if len(same) == 1 else None


def is_same_content(before: Data, after: Data) -> bool | None:
    """Say whether two data sets hold the same; None while it can't be known.

    Full digests are compared with full ones and sampled with sampled: never across kinds.
    """
    for kind in ("digest", "sampled_digest"):
        if before.get(kind) and after.get(kind):
            return bool(before[kind] == after[kind])
    return None


def data_changes(before: Sequence[Data], after: Sequence[Data]) -> list[Change]:
    """Return how the data differs; columns before rows before values, each fact once.

    Parameters
    ----------
    before, after : sequence of mapping
        Inputs of two runs, as `facts.data_of` gives them.

    Returns
    -------
    list of Change
        A frame whose columns or rows changed is not reported again for its values, and `y_train` not again for
        the rows of `X_train`.
    """
    changes: list[Change] = []
    told: set[tuple[str, str, str]] = set()
    for left, right in pairs(before, after):
        for change in _between(left, right):
            fact = (change["kind"], change["before"], change["after"])
            if change["kind"] == "data" or fact not in told:
                told.add(fact)
                changes.append(change)
    return [*changes, *_gone_and_new(before, after)]


def _between(left: Data, right: Data) -> list[Change]:
    name = str(right["name"])
    found = [*_columns(name, left, right), *_rows(name, left, right)]
    if not found and is_same_content(left, right) is False:
        moved = _moved_columns(left, right)
        name = f"{name}.{moved[0]}" if len(moved) == 1 else f"{name} ({', '.join(moved)})" if moved else name
        found.append({"kind": "data", "name": name, "before": _digits(left), "after": _digits(right)})
    return found


def _moved_columns(left: Data, right: Data) -> list[str]:
    """Return the columns whose values differ: a few by name, the others counted; none where all or none do."""
    old, new = left.get("column_digests"), right.get("column_digests")
    if not isinstance(old, Mapping) or not isinstance(new, Mapping) or list(old) != list(new) or len(old) < 2:
        return []
    moved = [str(name) for name in old if old[name] != new[name]]
    if not moved:
        return ["index"]
    if len(moved) == len(old):
        return []
    return [shorten(name, 30) for name in moved] if len(moved) <= 3 else [f"{len(moved)} of {len(old)} columns"]


def derived_words(row: Data) -> str:
    """Say what a frame was made of: `80 % of the rows of X, +txn_hour`; empty where it is not known.

    Parameters
    ----------
    row : mapping
        An input of a run.

    Returns
    -------
    str
        One line.
    """
    origin = row.get("derived_from")
    if not isinstance(origin, Mapping):
        return ""
    whole, rows = origin.get("rows"), row.get("rows")
    part = ""
    if isinstance(whole, int) and isinstance(rows, int) and 0 < rows < whole:
        part = f"{count_text(rows)} of the {count_text(whole)} rows of "
    named = [(mark, origin.get(key)) for mark, key in (("+", "added"), ("−", "removed"), ("other ", "changed"))]
    moved = [f"{mark}{_few(columns)}" for mark, columns in named if columns]
    return ", ".join([f"{part}{origin.get('name')}", *moved])


def _few(columns: Any) -> str:
    if isinstance(columns, list) and len(columns) <= 3:
        return ", ".join(shorten(str(name), 30) for name in columns)
    return f"{columns if isinstance(columns, int) else len(columns)} columns"


def _columns(name: str, left: Data, right: Data) -> list[Change]:
    old, new = _types(left), _types(right)
    if old is None or new is None:
        return []
    removed, added = [one for one in old if one not in new], [one for one in new if one not in old]
    changes: list[Change] = []
    if removed or added:
        changes.append({"kind": "columns", "name": "columns", "before": "", "after": _moved(added, removed)})
    for column in new:
        if column in old and old[column] != new[column]:
            changes.append(
                {"kind": "data", "name": f"{name}.{column}", "before": old[column], "after": new[column]},
            )
    return changes


def _moved(added: Sequence[str], removed: Sequence[str]) -> str:
    """Write `+txn_hour, −amount`; counts where they are too many to read."""
    if len(added) + len(removed) > 4:
        counts = [f"{mark}{count_text(len(names))}" for mark, names in (("+", added), ("−", removed)) if names]
        return f"{' '.join(counts)} columns"
    return ", ".join([*(f"+{shorten(name, 30)}" for name in added), *(f"−{shorten(name, 30)}" for name in removed)])


def _rows(name: str, left: Data, right: Data) -> list[Change]:
    before, after = left.get("rows"), right.get("rows")
    if before is None or after is None or before == after:
        return []
    shared = _of_the_same(left, right)
    return [
        {"kind": "rows", "name": f"{name} rows{shared}", "before": count_text(before), "after": count_text(after)}
    ]


def _of_the_same(left: Data, right: Data) -> str:
    """Say of which frame both are a part, where it was the same for both."""
    old, new = left.get("derived_from"), right.get("derived_from")
    if not isinstance(old, Mapping) or not isinstance(new, Mapping) or not new.get("digest"):
        return ""
    return f" of the same {new.get('name')}" if old.get("digest") == new.get("digest") else ""


def _gone_and_new(before: Sequence[Data], after: Sequence[Data]) -> list[Change]:
    matched = pairs(before, after)
    gone = [row for row in before if not any(left is row for left, _ in matched)]
    new = [row for row in after if not any(right is row for _, right in matched)]
    return [
        *({"kind": "data", "name": str(row["name"]), "before": _shape(row), "after": ""} for row in gone),  # type: ignore[list-item]
        *({"kind": "data", "name": str(row["name"]), "before": "", "after": _shape(row)} for row in new),  # type: ignore[list-item]
    ]


def _shape(row: Data) -> str:
    columns = row.get("columns")
    parts = [count_text(row["rows"])] if row.get("rows") is not None else []
    parts += [count_text(len(columns))] if columns else []
    return " × ".join(parts) or str(row.get("kind", "data"))


def _types(row: Data) -> dict[str, str] | None:
    columns = row.get("columns")
    if not isinstance(columns, list):
        return None
    return {str(column[0]): str(column[1]) for column in columns if not isinstance(column, str)}


def _digits(row: Data) -> str:
    return str(row.get("digest") or row.get("sampled_digest") or "")[:_SHOWN_DIGITS]


def same_data(before: Sequence[Data], after: Sequence[Data]) -> list[str]:
    """Name what the data of two runs has in common: "data", or else "rows", "columns", "split".

    Parameters
    ----------
    before, after : sequence of mapping
        Inputs of two runs.

    Returns
    -------
    list of str
        `split` where every target kept its content although the features changed.
    """
    matched = pairs(before, after)
    if not matched or len(matched) != max(len(before), len(after)):
        return []
    contents = [is_same_content(left, right) for left, right in matched]
    if all(contents):
        return ["data"]
    words = []
    if all(left.get("rows") == right.get("rows") is not None for left, right in matched):
        words.append("rows")
    if all(_types(left) == _types(right) for left, right in matched) and any(_types(left) for left, _ in matched):
        words.append("columns")
    targets = [pair for pair in matched if str(pair[1].get("role", "")).startswith("y")]
    if targets and all(is_same_content(*pair) for pair in targets):
        words.append("split")
    return words
