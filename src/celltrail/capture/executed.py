"""The sources that a kernel has run: all of them, newest first, and each cell as it was run last."""

from __future__ import annotations

from collections import deque

# Sources of earlier cells that are searched for the constructor call of an estimator, and laid over the notebook that
# was saved. A rule of thumb: an afternoon.
_REMEMBERED = 500


class Executed:
    """What has run so far.

    Examples
    --------
    >>> executed = Executed()
    >>> executed.add("a", "x = 1")
    >>> executed.add("a", "x = 2")
    >>> executed.newest(), executed.latest()
    (['x = 2', 'x = 1'], [('a', 'x = 2')])
    """

    def __init__(self) -> None:
        self._sources: deque[str] = deque(maxlen=_REMEMBERED)
        self._latest: dict[tuple[bool, str], tuple[str | None, str]] = {}

    def add(self, cell_id: str | None, source: str) -> None:
        """Take note of a cell that has run; without an id, equal source is the same cell."""
        self._sources.appendleft(source)
        key = (cell_id is None, source if cell_id is None else cell_id)
        self._latest.pop(key, None)
        self._latest[key] = (cell_id, source)
        if len(self._latest) > _REMEMBERED:
            del self._latest[next(iter(self._latest))]

    def newest(self) -> list[str]:
        """Return the sources that were run, newest first."""
        return list(self._sources)

    def latest(self) -> list[tuple[str | None, str]]:
        """Return id and source of each cell, as it was run last, in the order of the last runs."""
        return list(self._latest.values())
