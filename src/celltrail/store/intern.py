"""Short rows that repeat, found or made once: names, measures, targets, shapes.

What was looked up is remembered for the life of the connection, but only once the transaction that made it has been
committed: else a rollback would leave ids that mean nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import filterfalse
from typing import Any, TypeVar

from celltrail.store.connection import Connection
from celltrail.store.values import text_in

T = TypeVar("T")
Key = tuple[Any, ...] | str  # of a blob its digest alone: a notebook brings hundreds, at each run

# A session of thousands of cells may see as many cell ids and paths.
MOST_REMEMBERED = 20_000

FIND_NAME = "SELECT id FROM names WHERE text = ?"
ADD_NAME = "INSERT INTO names (text) VALUES (?)"
FIND_SHAPE = "SELECT id FROM shapes WHERE keys = ?"
ADD_SHAPE = "INSERT INTO shapes (keys) VALUES (?)"
FIND_MEASURE = """
SELECT id FROM measures WHERE key = ? AND function = ? AND ifnull(target, '') = ifnull(?, '')
  AND ifnull(greater_is_better, -1) = ifnull(?, -1)
"""
ADD_MEASURE = "INSERT INTO measures (key, function, target, greater_is_better) VALUES (?, ?, ?, ?)"
FIND_TARGET = """
SELECT id FROM targets WHERE digest = ? AND ifnull(rows, -1) = ifnull(?, -1)
  AND ifnull(positives, -1) = ifnull(?, -1)
"""
ADD_TARGET = "INSERT INTO targets (digest, rows, positives) VALUES (?, ?, ?)"
# Moved by triggers of the schema.
LAST_SWEEP = "SELECT value FROM trail WHERE key = 'last_sweep'"


class Interned:
    """Ids of rows that repeat; `commit` after the transaction, `rollback` where it failed."""

    def __init__(self) -> None:
        self._known: dict[Key, int] = {}
        self._new: dict[Key, int] = {}
        # By place in memory, with the object itself: while it lives here no other one takes its place.
        self._objects: dict[tuple[str, int], tuple[object, int]] = {}
        self._new_objects: dict[tuple[str, int], tuple[object, int]] = {}
        self._last_sweep: Any = None

    def name(self, connection: Connection, text: str) -> int:
        """Return the id of a short text."""
        return self._find(connection, (FIND_NAME, text_in(text)), ADD_NAME)

    def shape(self, connection: Connection, keys: str) -> int:
        """Return the id of the keys of a summary, as JSON."""
        return self._find(connection, (FIND_SHAPE, keys), ADD_SHAPE)

    def measure(
        self, connection: Connection, key: str, function: str, target: str | None, greater_is_better: bool | None
    ) -> int:
        """Return the id of what is measured."""
        asked = ("measure", key, function, target, greater_is_better)
        known = self._known.get(asked) or self._new.get(asked)
        if known is None:
            name = text_in(target) if target is not None else None
            direction = None if greater_is_better is None else int(greater_is_better)
            stored = (FIND_MEASURE, text_in(key), text_in(function), name, direction)
            known = self._new[asked] = self._find(connection, stored, ADD_MEASURE)
        return known

    def target(self, connection: Connection, digest: str, rows: int | None, positives: int | None) -> int:
        """Return the id of the data on which a measure was taken."""
        return self._find(connection, (FIND_TARGET, digest, rows, positives), ADD_TARGET)

    def once(self, key: Key, make: Callable[[], int]) -> int:
        """Return the id of any other row that never changes; `make` finds or makes it the first time."""
        known = self.known(key)
        if known is None:
            known = self._new[key] = make()
        return known

    def same(self, kind: str, value: object, make: Callable[[], int]) -> int:
        """Return the id of the row of this very object, which nobody changes; `make` finds or makes it."""
        key = (kind, id(value))
        found = self._objects.get(key) or self._new_objects.get(key)
        if found is None or found[0] is not value:
            found = self._new_objects[key] = (value, make())
        return found[1]

    def same_each(self, kind: str, values: Iterable[T], make: Callable[[T], int]) -> list[int]:
        """Return the ids of the rows of these very objects; see `same`."""
        ids = []
        for value in values:  # the cells of a notebook, at each run: no call for each
            key = (kind, id(value))
            found = self._objects.get(key) or self._new_objects.get(key)
            if found is None or found[0] is not value:
                found = self._new_objects[key] = (value, make(value))
            ids.append(found[1])
        return ids

    def known(self, key: Key) -> int | None:
        """Return the id of a row that this connection has seen, or None."""
        return self._known.get(key) or self._new.get(key)

    def unknown(self, keys: Iterable[str]) -> list[str]:
        """Return those of which this connection has seen no row in an earlier transaction."""
        return list(filterfalse(self._known.__contains__, keys))

    def forget_swept(self, connection: Connection) -> None:
        """Forget all where rows have been swept since the last look, by whatever process; inside a transaction."""
        found = connection.execute(LAST_SWEEP).fetchone()
        if found != self._last_sweep:
            self._known.clear()
            self._objects.clear()
            self._last_sweep = found

    def commit(self) -> None:
        """Remember what the transaction found and made."""
        self._known.update(self._new)
        self._objects.update(self._new_objects)
        self.rollback()
        for remembered in (self._known, self._objects):
            if len(remembered) > MOST_REMEMBERED:
                remembered.clear()

    def rollback(self) -> None:
        """Forget what the transaction found and made."""
        self._new.clear()
        self._new_objects.clear()

    def _find(self, connection: Connection, key: tuple[Any, ...], add: str) -> int:
        known = self._known.get(key) or self._new.get(key)
        if known is None:
            found = connection.execute(key[0], key[1:]).fetchone()
            known = self._new[key] = int(found[0]) if found else connection.insert(add, key[1:])
        return known
