"""Classes of the notebook that lose their name while objects of theirs live on: their cell runs again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from celltrail.capture.touching.looks import Looks


class Classes:
    """Which classes were changed after they were made, by the names that they bear."""

    def __init__(self) -> None:
        self._changed: set[str] = set()

    def lose(
        self, before: Mapping[str, int], gone: Iterable[str], assigned: Iterable[str], looks: Looks
    ) -> tuple[set[str], set[str]]:
        """Find the objects whose class has lost its name, if it had been changed since it was made.

        From now on such a class counts as a part of each of its objects, so they are looked at anew.

        Parameters
        ----------
        before : mapping of str to int
            What each name was bound to before the cell.
        gone : iterable of str
            Names that are bound to something else by now, or to nothing.
        assigned : iterable of str
            Names to whose attributes the cell assigns.
        looks : Looks
            The last look at each variable.

        Returns
        -------
        tuple of (set of str, set of str)
            Names of the objects, and what was the name of their classes.
        """
        lost = {before[name]: name for name in gone if name in before}
        changed = (self._changed | {*assigned}) & {*lost.values()}
        self._changed -= changed
        found: set[str] = set()
        for name, picture in list(looks.pictures.items()):
            names = {lost[id(kind)] for kind in picture.classes if id(kind) in lost}
            if names:
                del looks.pictures[name]
            if names & changed:
                found.add(name)
        return found, changed if found else set()

    def change(self, names: Iterable[str], namespace: Mapping[str, Any]) -> None:
        """Take note of names that a cell has changed what they are bound to."""
        self._changed |= {name for name in names if isinstance(namespace.get(name), type)}
