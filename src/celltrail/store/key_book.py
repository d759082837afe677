"""What the names in a filter mean in this trail: which measures, parameters and tags they stand for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from celltrail.store.filter_tree import Key, filter_error, near_names
from celltrail.store.filter_values import ATTRIBUTES
from celltrail.store.values import text_in, text_out

MEASURES = "SELECT id, key FROM measures"
# From one name to the next by the index of values, however many rows each has.
PARAM_NAMES = """
WITH RECURSIVE p (id) AS (
  SELECT min(name_id) FROM params
  UNION ALL SELECT (SELECT min(q.name_id) FROM params AS q WHERE q.name_id > p.id) FROM p WHERE p.id IS NOT NULL)
SELECT n.id, n.text FROM p JOIN names AS n ON n.id = p.id
"""
TAG_NAMES = """
WITH RECURSIVE t (id) AS (
  SELECT min(name_id) FROM tags
  UNION ALL SELECT (SELECT min(q.name_id) FROM tags AS q WHERE q.name_id > t.id) FROM t WHERE t.id IS NOT NULL)
SELECT n.id, n.text FROM t JOIN names AS n ON n.id = t.id
"""
HAS_FIT = "SELECT 1 FROM fits WHERE name = ? LIMIT 1"


class Reader(Protocol):
    """What is needed of a connection."""

    def rows(self, sql: str, values: Any = ...) -> list[Any]: ...
    def row(self, sql: str, values: Any = ...) -> Any | None: ...


@dataclass(frozen=True, slots=True)
class MetricMeant:
    """Measures by id, of every fit or of the one so named."""

    measures: tuple[int, ...]
    fit: str | None = None


@dataclass(frozen=True, slots=True)
class ParamMeant:
    """Names by id; `fit` names the estimator, None stands for the only one that has the parameter."""

    names: tuple[int, ...]
    fit: str | None = None


@dataclass(frozen=True, slots=True)
class ParamsMeant:
    """All that a parameter's name may stand for; a run has it where one of them holds."""

    choices: tuple[ParamMeant, ...]


@dataclass(frozen=True, slots=True)
class TagMeant:
    """A tag by the id of its name."""

    name: int


@dataclass(frozen=True, slots=True)
class AttributeMeant:
    """An attribute of the run itself."""

    name: str


@dataclass(frozen=True, slots=True)
class NothingMeant:
    """A name that no run of this trail has, where the trail has no such thing at all."""


Meant = MetricMeant | ParamsMeant | TagMeant | AttributeMeant | NothingMeant


class KeyBook:
    """Finds out what the keys of one filter stand for.

    Parameters
    ----------
    connection : Reader
        The store.
    text : str
        The filter, for messages.
    """

    def __init__(self, connection: Reader, text: str) -> None:
        self._connection = connection
        self._text = text
        self._measures: dict[str, list[int]] | None = None
        self._param_texts: dict[int, str] | None = None
        self._tag_texts: dict[int, str] | None = None

    def look_up(self, key: Key) -> Meant:
        """Say what a key stands for.

        Parameters
        ----------
        key : Key
            As it was read.

        Returns
        -------
        Meant
            Measures, parameters, a tag or an attribute.

        Raises
        ------
        FilterError
            If the trail knows no such name, or the name may mean several; names near ones.
        """
        match key.kind:
            case "attribute":
                return AttributeMeant(key.name)
            case "metric":
                return self._metric(key) or self._unknown(key, "metric", self._measured())
            case "param":
                return self._param(key) or self._unknown(key, "parameter", self._params().values())
            case "tag":
                return self._tag(key) or self._unknown(key, "tag", self._tags().values())
        return self._bare(key)

    def _bare(self, key: Key) -> Meant:
        found = {"metrics": self._metric(key), "params": self._param(key), "tags": self._tag(key)}
        meant = {prefix: one for prefix, one in found.items() if one is not None}
        if len(meant) > 1:
            choices = " or ".join(f"{prefix}.{key.name}" for prefix in meant)
            raise filter_error(self._text, key.position, f"{key.name!r} may mean {choices}: write which.")
        if meant:
            return next(iter(meant.values()))
        known = [*self._measured(), *self._params().values(), *self._tags().values(), *ATTRIBUTES]
        problem = f"No attribute, metric, parameter or tag of this trail is called {key.name!r}."
        raise filter_error(self._text, key.position, problem, near=near_names(key.name, known))

    def _metric(self, key: Key) -> MetricMeant | None:
        measures = self._measured()
        if key.name in measures:
            return MetricMeant(tuple(measures[key.name]))
        fit, colon, rest = key.name.partition(":")
        if colon and self._connection.row(HAS_FIT, (text_in(fit),)):
            inner = self._metric(Key(key.kind, rest, key.position))
            return MetricMeant(inner.measures, fit) if inner else None
        matching = [one for one in measures if _is_short_for(key.name, one)]
        if len(matching) > 1:
            choices = ", ".join(sorted(matching)[:6])
            raise filter_error(self._text, key.position, f"{key.name!r} may mean several metrics: {choices}.")
        return MetricMeant(tuple(measures[matching[0]])) if matching else None

    def _param(self, key: Key) -> ParamsMeant | None:
        choices = []
        if everywhere := self._param_names(key.name):
            choices.append(ParamMeant(tuple(number for number, _ in everywhere)))
        for index, letter in enumerate(key.name):
            fit, rest = key.name[:index], key.name[index + 1 :]
            if letter in ".:" and self._connection.row(HAS_FIT, (text_in(fit),)):
                # With several fits a key is written `rf:max_depth`, or whole: `rf:rf.max_depth`.
                rest = rest.removeprefix(f"{fit}.") if letter == ":" else rest
                exact = [number for number, text in self._param_names(rest) if text == rest or letter == ":"]
                if exact:
                    choices.append(ParamMeant(tuple(exact), fit))
        return ParamsMeant(tuple(choices)) if choices else None

    def _param_names(self, name: str) -> list[tuple[int, str]]:
        """Find a parameter, or one inside a pipeline: `max_depth` stands for `randomforest__max_depth` too."""
        return [(row, text) for row, text in self._params().items() if text == name or text.endswith(f"__{name}")]

    def _tag(self, key: Key) -> TagMeant | None:
        return next((TagMeant(row) for row, text in self._tags().items() if text == key.name), None)

    def _params(self) -> dict[int, str]:
        if self._param_texts is None:
            self._param_texts = self._texts(PARAM_NAMES)
        return self._param_texts

    def _tags(self) -> dict[int, str]:
        if self._tag_texts is None:
            self._tag_texts = self._texts(TAG_NAMES)
        return self._tag_texts

    def _measured(self) -> dict[str, list[int]]:
        if self._measures is None:
            self._measures = {}
            for number, text in self._connection.rows(MEASURES):
                self._measures.setdefault(text_out(text), []).append(number)
        return self._measures

    def _texts(self, sql: str) -> dict[int, str]:
        return {int(row): text_out(text) for row, text in self._connection.rows(sql)}

    def _unknown(self, key: Key, what: str, known: Iterable[str]) -> Meant:
        names = list(known)
        if not names:
            return NothingMeant()
        near = near_names(key.name, names) or sorted(names)[:4]
        raise filter_error(self._text, key.position, f"No {what} of this trail is called {key.name!r}.", near=near)


def _is_short_for(name: str, key: str) -> bool:
    """Say whether a name is a metric's key with parts left out: `f1_score.y_test`, `f1_score`."""
    first, *rest = name.split(".")
    key_first, *key_rest = key.split(".")
    remaining = iter(key_rest)
    return first == key_first and all(part in remaining for part in rest)
