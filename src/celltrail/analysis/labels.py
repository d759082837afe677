"""Labels of columns, rows and levels as text and as JSON."""

from __future__ import annotations

import json
from typing import Any

from celltrail.analysis.canonical import NoCanonicalFormError


def label_text(label: Any) -> str:
    """Return a column's label as text: a string as it is, anything else as JSON of its parts."""
    return label if isinstance(label, str) else json.dumps(plain_label(label), ensure_ascii=False)


def plain_label(label: Any) -> Any:
    """Return a label as JSON can hold it; a tuple as a list."""
    if isinstance(label, tuple):
        return [plain_label(part) for part in label]
    if type(label).__module__ == "numpy" and hasattr(label, "item"):
        label = label.item()
    if label is None or type(label) in (bool, int, str):
        return label
    if type(label) is float:
        return None if label != label else label  # noqa: PLR0124
    if type(label).__module__.partition(".")[0] in ("pandas", "datetime", "decimal"):
        return str(label)
    raise NoCanonicalFormError(f"a label of class {type(label).__name__} has no canonical form")
