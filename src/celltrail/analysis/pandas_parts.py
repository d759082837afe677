"""The parts of pandas' objects, read without a trace: columns as arrays, labels, index.

What a person would write leaves something behind on the object: `df.iloc[:, 0]` counts as a second owner of its
memory, for which the next write copies all of it; `index.is_unique` and `MultiIndex.nbytes` keep a hash table on the
index, `RangeIndex.take` (before pandas 2.2) an array of all its numbers. Therefore the block manager is read, whose
shape has held from pandas 1.5 to 3.0; a subclass is read as the frame that it is underneath, whatever it overrides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Parts:
    """A frame or a series: its labels, its index, and its values in the groups in which they lie in memory."""

    labels: Any  # Index of the columns; None for a series
    index: Any
    groups: list[tuple[list[int], Any]]  # places of the columns, and (columns, rows) or the array of one column

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.index)

    def arrays(self) -> list[Any]:
        """Return the columns in order, each an ndarray or an extension array of one dimension."""
        found: dict[int, Any] = {}
        for places, values in self.groups:
            for inner, place in enumerate(places):
                found[place] = values[inner] if values.ndim == 2 else values
        return [found[place] for place in range(len(found))]

    def dtypes(self) -> list[Any]:
        """Return the types of the columns in order."""
        found = {place: values.dtype for places, values in self.groups for place in places}
        return [found[place] for place in range(len(found))]

    def bytes(self) -> int:
        """Return the size of the values, without Python objects."""
        return sum(int(values.nbytes) for _, values in self.groups)


def parts_of(obj: Any) -> Parts:
    """Return the parts of a frame or a series.

    Parameters
    ----------
    obj : DataFrame or Series
        Of any subclass: nothing of it is called.

    Returns
    -------
    Parts
        Views of its memory. They keep it alive, and are no owners in the eyes of pandas' copy-on-write.
    """
    manager = object.__getattribute__(obj, "_mgr")
    axes = manager.axes
    if len(axes) == 1:
        arrays = [manager.blocks[0].values] if hasattr(manager, "blocks") else list(manager.arrays)
        return Parts(None, axes[0], [([0], plain_array(arrays[0]))])
    labels, index = axes
    if not hasattr(manager, "blocks"):  # option mode.data_manager = "array", up to pandas 2
        return Parts(labels, index, [([place], plain_array(one)) for place, one in enumerate(manager.arrays)])
    groups = [(block.mgr_locs.as_array.tolist(), plain_array(block.values)) for block in manager.blocks]
    return Parts(labels, index, groups)


def plain_array(values: Any) -> Any:
    """Return an array of a plain type as NumPy's own, others as they are."""
    import numpy as np

    return np.asarray(values) if isinstance(values.dtype, np.dtype) and values.dtype.kind in "mM" else values


def index_array(index: Any) -> Any:
    """Return the values of an index that is no `MultiIndex`, as an ndarray or an extension array."""
    import numpy as np
    import pandas as pd

    if isinstance(index, pd.RangeIndex):
        return np.arange(index.start, index.stop, index.step, dtype="i8")
    return plain_array(index._data)


def level_array(index: Any, level: int, picked: Any = None) -> Any:
    """Return the values of one level of a `MultiIndex`, or those at the picked places."""
    import pandas as pd

    codes = index._codes[level] if picked is None else index._codes[level][picked]
    return plain_array(pd.api.extensions.take(index_array(index._levels[level]), codes, allow_fill=True))


def taken(index: Any, picked: Any) -> Any:
    """Return some values of an index that is no `MultiIndex`, as an array."""
    import pandas as pd

    if isinstance(index, pd.RangeIndex):
        return index.start + index.step * picked
    return index_array(index).take(picked)
