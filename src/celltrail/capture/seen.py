"""Has a fit seen these rows? By digest, by memory that a slice shares, or by the labels of a pandas index.

What a fit was given is remembered weakly: nothing of the user's is kept alive for it.
"""

from __future__ import annotations

import sys
import weakref
from typing import Any

from celltrail.analysis.pandas_parts import index_array
from celltrail.capture.subsets import Subset

# Comparing labels takes about 0.1 s for a million rows: more than a number is worth.
_MOST_LABELS = 200_000


class SeenRows:
    """The rows that one fit was trained on."""

    __slots__ = ("_digests", "_subsets", "_targets")

    def __init__(self) -> None:
        self._digests: set[str] = set()
        self._subsets: list[Subset] = []
        self._targets: list[weakref.ref[Any]] = []

    def add(self, value: Any, digest: str | None) -> None:
        """Take note of what went into the fit."""
        if digest is not None:
            self._digests.add(digest)
        if _column(value) is not None:
            self._targets = [*self._targets[-7:], weakref.ref(value)]

    def add_subset(self, subset: Subset) -> None:
        """Take note that rows were picked out of an array for the fit: `y[train]`."""
        self._subsets = [*self._subsets[-7:], subset]

    def holds_part(self, whole: Any, subset: Subset | None) -> bool:
        """Say whether what was picked out of an array was trained on.

        Parameters
        ----------
        whole : object
            The array out of which rows were picked.
        subset : Subset or None
            Which, where that is known.

        Returns
        -------
        bool
            True where the whole array was trained on, or rows of it that are among these.
        """
        if any(reference() is whole for reference in self._targets):
            return True
        return subset is not None and any(mine.shares_rows(subset) for mine in self._subsets)

    def holds(self, value: Any, digest: str | None) -> bool | None:
        """Say whether some of these rows were trained on; None where nothing is known of either.

        Parameters
        ----------
        value : object
            What is true, as it is scored.
        digest : str or None
            Its sampled digest.

        Returns
        -------
        bool or None
            True too where only some of the rows were seen: such a score is no score on unseen data.
        """
        if digest is None:
            return None
        if digest in self._digests:
            return True
        seen = [held for reference in self._targets if (held := reference()) is not None]
        return any(_shares_memory(held, value) or _shares_labels(held, value) for held in seen)


def _column(value: Any) -> Any:
    """Return the array of one column, where reading it runs no code of the user's; else None."""
    module = type(value).__module__.partition(".")[0]
    array = getattr(value, "_values", None) if module == "pandas" and getattr(value, "ndim", 0) == 1 else value
    is_plain = type(array).__module__ == "numpy" and getattr(array, "ndim", 0) == 1
    return array if is_plain else None


def _shares_memory(one: Any, other: Any) -> bool:
    numpy = sys.modules.get("numpy")
    left, right = _column(one), _column(other)
    if numpy is None or left is None or right is None or left.size == 0 or right.size == 0:
        return False
    try:
        return bool(numpy.shares_memory(left, right, max_work=10_000))
    except numpy.exceptions.TooHardError:
        return False


def _shares_labels(one: Any, other: Any) -> bool:
    """Say whether two columns of pandas have labels in common, and there the same values.

    Rows that are only counted from 0, as after `reset_index`, have no labels that tell.
    """
    pandas = sys.modules.get("pandas")
    if pandas is None or type(one) is not pandas.Series or type(other) is not pandas.Series:
        return False
    labels, asked = one.index, other.index
    if pandas.MultiIndex in (type(labels), type(asked)):
        return False
    if type(labels) is pandas.RangeIndex or len(labels) > _MOST_LABELS or len(asked) > _MOST_LABELS:
        return False
    # Copies of our own: to be asked leaves a hash table on an index.
    labels, asked = (pandas.Index(index_array(index), copy=False) for index in (labels, asked))
    if not (labels.is_unique and asked.is_unique) or labels.dtype != asked.dtype or one.dtype != other.dtype:
        return False
    places = labels.get_indexer(asked)
    common = places >= 0
    return bool(common.any() and (one._values[places[common]] == other._values[common]).all())
