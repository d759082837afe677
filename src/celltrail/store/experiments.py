"""Which experiment a run belongs to.

By the name in its header, which is the trail's; else by notebook and cell; else, where the front end gives no cell
id that lasts, by the same source, and then by likeness, and the run says so. A copied cell or notebook forks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from celltrail.domain.ids import new_id
from celltrail.domain.record import ExperimentIdentity
from celltrail.store import likeness
from celltrail.store.connection import Connection
from celltrail.store.intern import Interned
from celltrail.store.notebooks import Notebook
from celltrail.store.values import text_in, text_out, time_in

BY_NAME = "SELECT id, name, is_named FROM experiments WHERE name = ? AND origin IS NULL"
BY_CELL = """
SELECT e.id, e.name, e.is_named FROM experiment_cells AS c JOIN experiments AS e ON e.id = c.experiment_id
WHERE c.notebook_id = ? AND c.cell_id = ?
"""
ADD = """
INSERT INTO experiments (global_id, name, is_named, notebook_id, parent_id, author, created_at)
VALUES (?, ?, ?, ?, ?, ?, ?)
"""
RENAME = "UPDATE experiments SET name = ?, is_named = ? WHERE id = ?"
LINK = """
INSERT INTO experiment_cells (notebook_id, cell_id, experiment_id) VALUES (?, ?, ?)
ON CONFLICT DO UPDATE SET experiment_id = excluded.experiment_id
"""
AUTO_NAMED = "SELECT name FROM experiments WHERE id = ? AND is_named = 0 AND parent_id IS NULL"
OTHER_RUNS = "SELECT 1 FROM runs WHERE experiment_id = ? AND id <> ? LIMIT 1"

NAMELESS = "cell"
_ENDINGS = re.compile(r"(Classifier|Regressor|Estimator|ClassifierCV|RegressorCV|CV|Cluster)$")
_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z]+[0-9]*|[0-9]+")


@dataclass(frozen=True, slots=True)
class Found:
    """An experiment, and what is to be said about how it was found."""

    id: int
    said: str = ""
    is_linked: bool = False  # the cell is on record as its cell


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for an experiment."""

    identity: ExperimentIdentity
    notebook: Notebook | None
    source_id: int
    session_id: int
    client: str
    author: str
    now: datetime


def find_experiment(connection: Connection, interned: Interned, asked: Asked) -> Found:
    """Return the experiment of a new run, made where there is none; inside a transaction.

    Parameters
    ----------
    connection : Connection
        In a transaction.
    interned : Interned
        Of the trail.
    asked : Asked
        The cell, its notebook, the session.

    Returns
    -------
    Found
        The experiment; `said` is a sentence where it was not found by name or cell.
    """
    cell = _cell(connection, interned, asked)
    name = asked.identity.name
    if name is not None:
        found = _by_header(connection, asked, cell, text_in(name))
    else:
        found = _by_cell(connection, asked, cell)
    if cell is not None and not found.is_linked:
        connection.execute(LINK, (*cell, found.id))
    return found


def refine_name(connection: Connection, experiment: int, run: int, estimator: str | None) -> None:
    """Name an experiment after the last estimator, while its first run is still under way; inside a transaction."""
    if estimator is None:
        return
    found = connection.execute(AUTO_NAMED, (experiment,)).fetchone()
    if found is None or connection.execute(OTHER_RUNS, (experiment, run)).fetchone():
        return
    base = default_name(estimator)
    if not re.fullmatch(re.escape(base) + r"(-\d+)?", found[0]):
        connection.execute(RENAME, (_free_name(connection, base), 0, experiment))


def default_name(estimator: str | None) -> str:
    """Return the name of an experiment that nobody named.

    Parameters
    ----------
    estimator : str or None
        Name of the class of the last estimator.

    Returns
    -------
    str
        In kebab case, without the word that says what kind of estimator it is.

    Examples
    --------
    >>> default_name("RandomForestClassifier")
    'random-forest'
    >>> default_name("LinearSVC")
    'linear-svc'
    """
    if not estimator:
        return NAMELESS
    stem = _ENDINGS.sub("", estimator) or estimator
    return "-".join(word.lower() for word in _WORDS.findall(stem)) or NAMELESS


def _by_header(connection: Connection, asked: Asked, cell: tuple[int, int] | None, name: str) -> Found:
    found = connection.execute(BY_NAME, (name,)).fetchone()
    if found:
        return Found(found[0])
    mine = connection.execute(BY_CELL, cell).fetchone() if cell else None
    if mine and not mine[2]:
        connection.execute(RENAME, (name, 1, mine[0]))
        return Found(mine[0], f"{text_out(mine[1])} is now {text_out(name)}")
    return Found(_add(connection, asked, name, is_named=True, parent=None))


def _by_cell(connection: Connection, asked: Asked, cell: tuple[int, int] | None) -> Found:
    notebook, cell_id = asked.notebook, asked.identity.cell_id
    is_lasting = cell is not None and not likeness.is_fleeting(cell_id)
    mine = connection.execute(BY_CELL, cell).fetchone() if cell else None
    if mine and (is_lasting or likeness.is_same_cell(connection, mine[0], asked.source_id, asked.session_id)):
        return Found(mine[0], is_linked=True)
    if notebook and notebook.copied_from and cell and is_lasting:
        origin = connection.execute(BY_CELL, (notebook.copied_from, cell[1])).fetchone()
        if origin:
            return _fork(connection, asked, origin[0], origin[1], is_named=bool(origin[2]))
    match = likeness.most_like(
        connection,
        likeness.Cell(
            notebook_id=notebook.id if notebook else None,
            cell_id=cell_id,
            present=frozenset(notebook.cell_ids) if notebook else frozenset(),
            source=asked.identity.source,
            source_id=asked.source_id,
            session_id=asked.session_id,
            estimator=asked.identity.estimator,
            runs_each_cell_once=asked.client in {"nbclient", "papermill"},
        ),
    )
    if match is None:
        name = _free_name(connection, default_name(asked.identity.estimator))
        return Found(_add(connection, asked, name, is_named=False, parent=None))
    if match.is_copy:
        return _fork(connection, asked, match.experiment, match.name, is_named=match.is_named)
    said = "" if match.is_exact else f"matched to {text_out(match.name)} by likeness of the code ({match.ratio:.0%})"
    return Found(match.experiment, said)


def _fork(connection: Connection, asked: Asked, parent: int, name: str, *, is_named: bool) -> Found:
    base = name if is_named or asked.identity.estimator is None else default_name(asked.identity.estimator)
    made = _add(connection, asked, _free_name(connection, base), is_named=False, parent=parent)
    return Found(made, f"forked from {text_out(name)}")


def _add(connection: Connection, asked: Asked, name: str, *, is_named: bool, parent: int | None) -> int:
    notebook = asked.notebook.id if asked.notebook else None
    return connection.insert(ADD, (new_id(), name, int(is_named), notebook, parent, asked.author, time_in(asked.now)))


def _free_name(connection: Connection, base: str) -> str:
    stem = re.sub(r"-\d+$", "", base) if connection.execute(BY_NAME, (base,)).fetchone() else base
    name, count = stem, 1
    while connection.execute(BY_NAME, (name,)).fetchone():
        count += 1
        name = f"{stem}-{count}"
    return name


def _cell(connection: Connection, interned: Interned, asked: Asked) -> tuple[int, int] | None:
    if asked.notebook is None or asked.identity.cell_id is None:
        return None
    return asked.notebook.id, interned.name(connection, asked.identity.cell_id)
