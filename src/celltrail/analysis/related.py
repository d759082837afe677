"""How a frame or a series relates to another of the notebook: which rows of it, with which columns more or less.

Told from what is there, without a look at how it was made: the labels of the rows say which rows they are, and a
sample of the values (all of them where they are few) says that they are those. So `train_test_split`, `iloc`, a mask,
`drop` and `assign` are followed alike. Where labels or values do not fit, nothing is said.
"""

from __future__ import annotations

import itertools
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from celltrail.analysis import pandas_columns
from celltrail.analysis.canonical import NoCanonicalFormError
from celltrail.analysis.labels import label_text
from celltrail.analysis.pandas_parts import Parts, index_array, parts_of, taken
from celltrail.analysis.sampling import places

# Rules of thumb: what takes less than a millisecond, and is still evidence.
_SAMPLED_ROWS = 256
_SAMPLED_COLUMNS = 16
_LEAST_ROWS = 5
_MOST_CANDIDATES = 8
_MOST_NAMES = 1_000
_MOST_LABELS = 5_000_000
_MOST_HASHED = 50_000  # to look up labels that do not count evenly takes a hash table of all
_LONGEST_S = 0.005  # of the processor; then no further candidate is looked at
_NAMED_COLUMNS = 20


@dataclass(frozen=True, slots=True)
class Related:
    """Another frame that a frame is a part of, or a part of which it has."""

    name: str
    value: Any
    rows: int
    added: list[str]
    removed: list[str]
    changed: list[str]
    is_sample: bool  # not all values were compared


def related_to(value: Any, namespace: Mapping[str, Any]) -> Related | None:
    """Return the frame of which a frame or a series has rows and columns.

    Parameters
    ----------
    value : object
        What enters a call.
    namespace : mapping
        The user's variables.

    Returns
    -------
    Related or None
        The one that has most columns with it in common, of those the one with the fewest rows. None where there is
        none, or it can't be told without doubt.
    """
    pandas = sys.modules.get("pandas")
    if pandas is None or not _is_table(type(value), pandas):
        return None
    child, names = parts_of(value), _names(value)
    if names is None or child.rows < _LEAST_ROWS:
        return None
    found: list[tuple[tuple[int, int], Related]] = []
    started = time.thread_time()
    for name, candidate, is_earlier in itertools.islice(_candidates(value, namespace, pandas), _MOST_CANDIDATES):
        if time.thread_time() - started > _LONGEST_S:
            break
        parent_names = _names(candidate)
        if parts_of(candidate).rows == child.rows and not is_earlier:
            continue  # a later one with as many rows has more likely been made of this one
        if parent_names is None or not set(names) & set(parent_names):
            continue
        try:
            origin = _compared(name, candidate, child, names, parent_names)
        except NoCanonicalFormError:
            continue
        if origin is not None:
            same = len(set(names) & set(parent_names)) - len(origin.changed)
            found.append(((-same, origin.rows), origin))
    return min(found, key=lambda one: one[0])[1] if found else None


def as_record(origin: Related, digest: str | None) -> dict[str, Any]:
    """Return an origin as it is kept: the digest says whether two runs had the same one."""

    def short(names: list[str]) -> list[str] | int:
        return names if len(names) <= _NAMED_COLUMNS else len(names)

    return {
        "name": origin.name,
        "rows": origin.rows,
        "digest": digest,
        "added": short(origin.added),
        "removed": short(origin.removed),
        "changed": short(origin.changed),
        "by": "sample" if origin.is_sample else "values",
    }


def _is_table(kind: type, pandas: Any) -> bool:
    return pandas.DataFrame in kind.__mro__ or pandas.Series in kind.__mro__


def _candidates(value: Any, namespace: Mapping[str, Any], pandas: Any) -> Iterable[tuple[str, Any, bool]]:
    """Yield the other frames and series that have a name, each once, the newest first; and whether it is earlier."""
    seen = {id(value)}
    named = list(namespace.items())
    is_earlier = not any(one is value for _, one in named)
    for name, candidate in itertools.islice(reversed(named), _MOST_NAMES):
        is_earlier = is_earlier or candidate is value
        if not isinstance(name, str) or name.startswith("_") or id(candidate) in seen:
            continue
        if _is_table(type(candidate), pandas):
            seen.add(id(candidate))
            yield name, candidate, is_earlier


def _names(obj: Any) -> list[str] | None:
    """Return the names of the columns; None where they do not tell the columns apart."""
    parts = parts_of(obj)
    if parts.labels is None:
        name = object.__getattribute__(obj, "_name")
        return None if name is None else [label_text(name)]
    try:
        names = [label_text(label) for label in parts.labels.tolist()]
    except NoCanonicalFormError:
        return None
    return names if len(set(names)) == len(names) else None


def _compared(name: str, candidate: Any, child: Parts, names: list[str], parent_names: list[str]) -> Related | None:
    import numpy as np

    parent = parts_of(candidate)
    if parent.rows < child.rows or (parent.rows == child.rows and set(parent_names) == set(names)):
        return None
    picked = np.array(places(child.rows, _SAMPLED_ROWS), "i8")
    rows = _rows_in(parent.index, child.index, picked)
    if rows is None:
        return None
    common = [one for one in names if one in set(parent_names)]
    shown = [common[place] for place in places(len(common), _SAMPLED_COLUMNS)]
    mine = pandas_columns.sampled_digests(child, [names.index(one) for one in shown], picked)
    theirs = pandas_columns.sampled_digests(parent, [parent_names.index(one) for one in shown], rows)
    changed = [one for one, left, right in zip(shown, mine, theirs, strict=True) if left != right]
    equal = [one for one in shown if one not in changed]
    if len(changed) >= len(equal) or not _tells(child, [names.index(one) for one in equal], picked):
        return None
    is_column = child.labels is None and parent.labels is not None
    return Related(
        name=f"{name}.{names[0]}" if is_column else name,
        value=candidate,
        rows=parent.rows,
        added=[one for one in names if one not in set(parent_names)],
        removed=[] if is_column else [one for one in parent_names if one not in set(names)],
        changed=changed,
        is_sample=len(picked) < child.rows or len(shown) < len(common),
    )


def _tells(child: Parts, shown: list[int], picked: Any) -> bool:
    """Say whether the values that agree are more than one value again and again: those agree with anything."""
    arrays = child.arrays()
    for place in shown:
        values = arrays[place].take(picked[:: max(1, len(picked) // 16)])
        if len({pandas_columns.digest(values[row : row + 1]) for row in range(len(values))}) > 1:
            return True
    return False


def _rows_in(parent: Any, child: Any, picked: Any) -> Any:
    """Return where the picked rows of the child are in the parent; None where a label is missing or not unique."""
    import pandas as pd

    if pd.MultiIndex in (type(parent), type(child)):
        return None
    if child is parent:
        return picked
    if isinstance(parent, pd.RangeIndex):
        return _rows_in_count(parent, child, picked)
    if len(parent) > _MOST_HASHED or len(child) > _MOST_HASHED:
        return None
    labels, values = index_array(child), index_array(parent)
    if values.dtype != labels.dtype:
        return None
    ours = pd.Index(values, copy=False)  # of our own: to be asked leaves a hash table on an index
    if not ours.is_unique:
        return None
    rows = ours.get_indexer(pd.Index(labels, copy=False))
    return rows[picked] if (rows >= 0).all() else None


def _rows_in_count(parent: Any, child: Any, picked: Any) -> Any:
    """Return where the picked rows are among rows that are counted one by one."""
    import pandas as pd

    if parent.step != 1 or (len(child) > _MOST_LABELS and not isinstance(child, pd.RangeIndex)):
        return None
    labels = taken(child, picked)
    if labels.dtype.kind not in "iu":
        return None
    if isinstance(child, pd.RangeIndex):
        ends = sorted((child[0], child[-1]))
    else:
        values = index_array(child)
        ends = [int(values.min()), int(values.max())]
    return labels - parent.start if ends[0] >= parent.start and ends[1] < parent.stop else None
